"""What changed in a session: its plan, its meetings, who is in it, who runs it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.accounts.queries import names_of
from dsbs.activities import queries, records
from dsbs.activities.attending import Presence
from dsbs.activities.changes import MOVED, Move, Whereabouts, moves_of
from dsbs.activities.offers import labels
from dsbs.activities.records import Noted
from dsbs.activities.rules import Mode, RegistrationState, SessionState
from dsbs.core import clock, dates
from dsbs.core.refusals import N_
from dsbs.history.models import Change
from dsbs.history.queries import made_with, page_of_changes
from dsbs.home.history.telling import (
    Column,
    Row,
    Told,
    coming_or_going,
    day,
    made_as,
    moment,
    named,
    number,
    rows_of_columns,
    told_page,
)

STATES = {
    SessionState.DRAFT: N_("Draft"),
    SessionState.PUBLISHED: N_("Published"),
    SessionState.CANCELLED: N_("Cancelled"),
}
_MODES = {
    Mode.SEAT: N_("Seats: a fixed number of places"),
    Mode.COUNT: N_("Tell us: no limit, but we count"),
    Mode.OPEN: N_("Open: come along and check in"),
}
COLUMNS = {
    "state": Column(N_("State"), named(STATES)),
    "label": Column(N_("Name of this session")),
    "mode": Column(N_("How one takes part"), named(_MODES)),
    "capacity": Column(N_("Seats"), number),
    # The address itself is for participants only.
    "online_link": Column(N_("Online link"), None),
    "mail_words": Column(N_("Words for the mails")),
    "opens_at": Column(N_("Registration opens"), moment),
    "closes_at": Column(N_("Registration closes"), moment),
    "free_cancellation_until": Column(N_("Free cancellation until"), moment),
}
_KEPT = {"seats": Column(N_("Seats"), number), "until": Column(N_("Until"), moment)}
_UNTIL = {"until": Column(N_("Last day"), day)}
_STEPS = {
    RegistrationState.REQUESTED: N_("Asked for a seat"),
    RegistrationState.WITHDRAWN: N_("Request taken back"),
    RegistrationState.REFUSED: N_("Request refused"),
    RegistrationState.EXPIRED: N_("Request ended without an answer"),
    RegistrationState.WAITING: N_("On the waiting list"),
    RegistrationState.OFFERED: N_("Seat offered"),
    RegistrationState.REGISTERED: N_("Registered"),
    RegistrationState.DECLINED: N_("Offered seat left to the next"),
    RegistrationState.LAPSED: N_("Offer lapsed"),
    RegistrationState.LEFT: N_("Left the waiting list"),
    RegistrationState.CANCELLED: N_("Seat given back"),
    RegistrationState.REMOVED: N_("Removed"),
    RegistrationState.CALLED_OFF: N_("Called off for"),
}

_PRESENCES = {Presence.PRESENT: N_("Present"), Presence.ABSENT: N_("Absent"), Presence.EXCUSED: N_("Excused")}


def history_of_session(session: Session, session_id: int, *, page: int) -> Told:
    """A page of what changed in a session and in all that belongs to it. Eleven queries, however much that is."""
    moves = moves_of(session, [session_id])
    people = queries.names_of_registrations(session, session_id)
    noted = records.noted_in_session(session, session_id)
    made = made_with(session, "role_grant", column="session_id", values=[session_id])
    kept = made_with(session, "seat_reservation", column="session_id", values=[session_id])
    names = names_of(session, {change.values["person_id"][1] for change in made})
    along = {
        "slot": {move.slot_id for move in moves.values()},
        "registration": people.keys(),
        "attendance": noted.keys(),
        "role_grant": {change.subject_id for change in made},
        "seat_reservation": {change.subject_id for change in kept},
    }

    ticked: set[str] = set()

    def rows_of(change: Change) -> list[Row]:
        match change.subject:
            case "slot":
                return of_meeting(moves.get(change.id))
            case "registration":
                return _of_registration(change, people[change.subject_id])
            case "attendance":
                rows = _of_attendance(change, noted[change.subject_id])
                ticked.update(what for what, before, _after in rows if not before)
                return rows
            case "role_grant":
                grant = made_as(change, made)
                return of_organiser(change, names[grant["person_id"]]) if grant.get("session_id") == session_id else []
            case "seat_reservation":
                return _of_kept_seats(session, change, made_as(change, kept))
            case _:
                return [*rows_of_columns(change, COLUMNS), *reason(change, "cancelled_because")]

    found = told_page(page_of_changes(session, "activity_session", session_id, along=along, page=page), rows_of)
    return replace(
        found, changes=[replace(change, rows=_named_together(change.rows, ticked)) for change in found.changes]
    )


def of_meeting(move: Move | None) -> list[Row]:
    if move is None or move.was == move.now:
        return []
    return [(_("Meeting"), _said_place(move.was), _said_place(move.now))]


def _said_place(place: Whereabouts | None) -> str:
    if place is None:
        return ""
    return ", ".join(part for part in (dates.span(place.start, place.end), place.where) if part)


def _of_registration(change: Change, name: str) -> list[Row]:
    if change.action == MOVED:
        before, after = map(number, change.values["ticket"])
        return [(_("Ticket of %(name)s", name=name), before, after)]
    state = change.values.get("state")
    step = [(_(_STEPS[RegistrationState(state[1])]), "", _with_place(change, name))] if state else []
    return [*step, *reason(change, "reason")]


def _with_place(change: Change, name: str) -> str:
    """The person with the seat or the ticket that she was given."""
    seat, ticket = (change.values.get(column, [None, None])[1] for column in ("number", "ticket"))
    if seat:
        return _("%(name)s, seat %(number)d", name=name, number=seat)
    return _("%(name)s, ticket %(number)d", name=name, number=ticket) if ticket else name


def reason(change: Change, column: str) -> list[Row]:
    """The reason that was given, where the history does not say it as the cause of the whole change."""
    given = change.values.get(column, [None, None])[1]
    return [(_("Reason"), "", given)] if given and given not in change.why else []


def _of_attendance(change: Change, noted: Noted) -> list[Row]:
    """What was ticked first as one line for each mark; what was changed later as what it was and is."""
    before, after = (_presence(value) for value in change.values.get("mark", (None, None)))
    if before == after:
        return []
    on = dates.day_month(clock.local(noted.start).date())
    if before:
        return [(_("%(name)s on %(day)s", name=noted.name, day=on), before, after)]
    return [(_("%(mark)s on %(day)s", mark=after, day=on), "", noted.name)]


def _presence(value: str | None) -> str:
    return _(_PRESENCES[Presence(value)]) if value else ""


def _named_together(rows: Sequence[Row], ticked: Collection[str]) -> list[Row]:
    """The rows that say ``ticked`` of somebody as one for all of these names, in the order of the alphabet."""
    names: dict[str, list[str]] = {what: [] for what, _before, _after in rows if what in ticked}
    for what, _before, after in rows:
        if what in ticked:
            names[what].append(after)
    kept = [row for row in rows if row[0] not in ticked]
    return [*kept, *((what, "", ", ".join(sorted(named))) for what, named in names.items())]


def _of_kept_seats(session: Session, change: Change, reservation: Mapping[str, Any]) -> list[Row]:
    rows, names = rows_of_columns(change, _KEPT), {label.id: label.short_name for label in labels(session).programmes}
    programme = names.get(reservation.get("programme_id", 0), "")
    return [(_("Kept for %(programme)s: %(what)s", programme=programme, what=what), *sides) for what, *sides in rows]


def of_organiser(change: Change, name: str) -> list[Row]:
    if change.action == "update":
        rows = rows_of_columns(change, _UNTIL)
        return [(_("Teacher %(name)s, last day", name=name), before, after) for _what, before, after in rows]
    return [coming_or_going(change, _("Teacher"), name)]
