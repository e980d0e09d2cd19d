"""What changed in a series: in itself, in the plans and teachers of its sessions, and what was written to all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.accounts.queries import names_of
from dsbs.activities.changes import Move, moves_of
from dsbs.activities.rules import SessionState
from dsbs.activities.rules.rhythms import RHYTHM_WORDS
from dsbs.activities.series import begin_of_sessions
from dsbs.core import clock, dates
from dsbs.core.refusals import N_
from dsbs.history.models import Change
from dsbs.history.queries import made_with, page_of_changes
from dsbs.home.history import session as sessions
from dsbs.home.history.telling import Column, Row, Told, coming_or_going, made_as, named, rows_of_columns, told_page

_COLUMNS = {"rhythm": Column(N_("It comes back"), named(RHYTHM_WORDS))}


def history_of_series(session: Session, series_id: int, *, page: int) -> Told:
    """A page of what changed in a series. Each session is called by its day; who came and went stands in its own.

    Ten queries, however many sessions and changes.
    """
    begins = begin_of_sessions(session, series_id)
    planned = made_with(session, "activity_session", column="series_id", values=[series_id])
    ids = {*begins, *(made.subject_id for made in planned)}
    grants = made_with(session, "role_grant", column="session_id", values=ids)
    known = _Known(
        series_id=series_id,
        begins=begins,
        planned=planned,
        moves=moves_of(session, ids),
        grants=grants,
        names=names_of(session, {change.values["person_id"][1] for change in grants}),
        written=made_with(session, "session_message", column="series_id", values=[series_id]),
    )
    along = {
        "activity_session": ids,
        "slot": {move.slot_id for move in known.moves.values()},
        "role_grant": {change.subject_id for change in grants},
        "session_message": {change.subject_id for change in known.written},
    }
    return told_page(page_of_changes(session, "session_series", series_id, along=along, page=page), known.rows_of)


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What is looked up of a series to tell its changes in words; ``begins`` are its sessions as they are now."""

    series_id: int
    begins: Mapping[int, datetime]
    planned: Sequence[Change]
    moves: Mapping[int, Move]
    grants: Sequence[Change]
    names: Mapping[int, str]
    written: Sequence[Change]

    def rows_of(self, change: Change) -> list[Row]:
        """One change in words; none of what is another series', of which a row had the same id."""
        match change.subject:
            case "activity_session":
                return self._of_session(change)
            case "slot":
                move = self.moves.get(change.id)
                # What a session was planned with stands in its own history.
                is_told = move is not None and move.session_id in self.begins and change.action != "insert"
                return _on(self._day_of(move.session_id), sessions.of_meeting(move)) if move and is_told else []
            case "role_grant":
                grant = made_as(change, self.grants)
                name, session_id = self.names.get(grant.get("person_id", 0), ""), grant.get("session_id", 0)
                is_told = session_id in self.begins
                return _on(self._day_of(session_id), sessions.of_organiser(change, name)) if is_told else []
            case "session_message":
                return _of_message(change, made_as(change, self.written))
            case _:
                return rows_of_columns(change, _COLUMNS)

    def _of_session(self, change: Change) -> list[Row]:
        """A session that was planned or thrown away as one line; of one that changed each column."""
        made = made_as(change, self.planned)
        if change.subject_id not in self.begins and made.get("series_id") != self.series_id:
            return []
        day = self._day_of(change.subject_id, made.get("starts_at"))
        if change.action == "update":
            return _on(day, [*rows_of_columns(change, sessions.COLUMNS), *sessions.reason(change, "cancelled_because")])
        state = change.values["state"][0 if change.action == "delete" else 1]
        return [coming_or_going(change, day, _(sessions.STATES[SessionState(state)]))]

    def _day_of(self, session_id: int, planned_for: str | None = None) -> str:
        """The day on which a session is now; of one that is gone the day for which it was planned."""
        begin = self.begins.get(session_id) or (datetime.fromisoformat(planned_for) if planned_for else None)
        return dates.day(clock.local(begin).date()) if begin else _("Session")


def _on(day: str, rows: Iterable[Row]) -> list[Row]:
    return [(_("%(day)s, %(what)s", day=day, what=what), before, after) for what, before, after in rows]


def _of_message(change: Change, made: Mapping[str, object]) -> list[Row]:
    """A message once it was sent, by what it was about; drafts tell nothing."""
    if "sent_at" not in change.values or change.action != "update":
        return []
    return [(_("Message to everybody"), "", str(made.get("subject", "")))]
