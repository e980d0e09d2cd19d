"""Offering an activity: describing it, planning its sessions, publishing, changing, cancelling them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dsbs.activities import queries, records, standing
from dsbs.activities.attending import check_ticked_stay
from dsbs.activities.changes import ENDPOINT, whereabouts
from dsbs.activities.models import (
    Activity,
    ActivityProgramme,
    ActivitySession,
    Meeting,
    SeatReservation,
)
from dsbs.activities.rules import (
    MeetingPlan,
    Mode,
    RegistrationState,
    SessionPlan,
    SessionState,
    check_move,
    check_plan,
)
from dsbs.activities.rules.meetings import Times, paired
from dsbs.activities.rules.pools import Reservation
from dsbs.activities.rules.requirements import Requirement, check_requirements
from dsbs.activities.service import registering, teaching, waiting
from dsbs.activities.service.asking import write_requirements
from dsbs.activities.service.seating import ORGANISER, PART, locked, renumber
from dsbs.agenda import service as agenda
from dsbs.agenda.models import Slot, SlotState, Venue
from dsbs.core.refusals import N_, NotFound, Refused, Stale
from dsbs.history.recorder import RECORDED_BY
from dsbs.programmes import queries as programmes

ACTIVITY_CHANGED_SINCE = N_(
    "Somebody changed this activity while you were typing. What you typed is kept; look, then save again."
)
CHANGED_SINCE = N_(
    "Somebody changed this session while you were typing. What you typed is kept; look, then save again."
)


@dataclass(frozen=True, kw_only=True)
class ActivityText:
    """What an activity says of itself, and what it asks of who joins."""

    title: str
    kind: str
    language: str
    description: str
    hours: Decimal | None
    credits: Decimal | None
    programmes: Collection[int]
    requirements: Sequence[Requirement] = ()


def add_activity(session: Session, *, text: ActivityText) -> Activity:
    """Describe a new activity. It is seen in the catalogue once a session of it is published."""
    check_requirements(None, text.requirements)
    activity = Activity(offered_by=[], conditions=[])
    session.add(activity)
    _write_text(activity, text)
    session.flush()
    return activity


def edit_activity(session: Session, *, activity_id: int, revision: int, text: ActivityText, now: datetime) -> Activity:
    """Change what an activity says; its sessions and registrations stay, and calendars show the new title.

    Who is in a session or waits for it stays so, also when she would not meet new requirements. Sessions that are over
    keep the name that they had. Refused when somebody changed it since its ``revision``.
    """
    activity = _locked_activity(session, activity_id)
    if activity.revision != revision:
        raise Stale(ACTIVITY_CHANGED_SINCE, revision=activity.revision)
    activity.revision += 1
    check_requirements(activity_id, text.requirements)
    _write_text(activity, text)
    session.flush()
    for offered in queries.sessions_to_name(session, activity.id, now=now):
        _name_slots(session, offered)
    return activity


def _locked_activity(session: Session, activity_id: int) -> Activity:
    wanted = select(Activity).where(Activity.id == activity_id).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return found


def plan_session(
    session: Session, *, activity_id: int, plan: SessionPlan, now: datetime, series_id: int | None = None
) -> ActivitySession:
    """Plan a session as a draft: its rooms are held from now on, researchers do not see it yet.

    ``series_id`` is the series of this activity with which it is planned. Refused when a room is taken, the meetings
    overlap or the dates contradict each other.
    """
    activity = session.get(Activity, activity_id)
    if activity is None:
        raise NotFound
    check_plan(plan)
    offered = ActivitySession(
        activity=activity, series_id=series_id, state=SessionState.DRAFT, meetings=[], reservations=[]
    )
    _write_plan(offered, plan)
    session.add(offered)
    session.flush()
    for position, meeting in enumerate(_in_order(plan.meetings), start=1):
        _add_meeting(session, offered, meeting, position, now)
    session.flush()
    return offered


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What one session becomes. ``revision`` is the one that the person had before her."""

    session_id: int
    revision: int
    plan: SessionPlan


def edit_session(session: Session, *, session_id: int, revision: int, plan: SessionPlan, now: datetime) -> int:
    """Change a session as ``edit_sessions`` does; gives how many are told."""
    moved = edit_sessions(session, [Edit(session_id=session_id, revision=revision, plan=plan)], now=now)
    return sum(tell_of_move(session, offered=offered, now=now) for offered in moved)


def edit_sessions(session: Session, edits: Sequence[Edit], *, now: datetime) -> Sequence[ActivitySession]:
    """Change sessions, all of them or none. Their meetings keep their calendar entries (same UID, SEQUENCE raised) as
    long as they last, and move together, so that one can go where another was. One whose time stays is the same one,
    whatever goes or comes before it.

    Locked are the sessions in the order of their ids, then venues, then slots. Refused for each as ``plan_session``
    is, when somebody changed it since its ``revision``, when it was cancelled, and when a meeting where people were
    ticked would go or move to another time. Neither a smaller capacity nor seats that are kept for a programme take
    anybody's seat; what is free by it is offered to who waits. What is offered already lapses with the end of
    registration or the beginning, where these are earlier now.

    Gives those whose time or place changed for who comes: published, unless they were and stay over. Whoever has a
    part in them is to be told, which is the caller's to do.
    """
    plans = {edit.session_id: edit for edit in sorted(edits, key=lambda edit: edit.session_id)}
    each = [(locked(session, id_), edit.plan) for id_, edit in plans.items()]
    for offered, plan in each:
        _check_edit(session, offered, plan, plans[offered.id].revision)
    before = {offered.id: (_place_and_time(offered), offered.ends_at <= now) for offered, _plan in each}
    to_number = [offered for offered, plan in each if (plan.mode is Mode.SEAT) is not (offered.mode is Mode.SEAT)]
    for offered, plan in each:
        # The history has the new revision with the plan, which may be flushed while it is written, and before the moves
        # that belong to it: the letter about them counts from there.
        offered.revision += 1
        _write_plan(offered, plan)
    session.flush()
    for offered in to_number:
        renumber(session, offered)
    _rearrange(session, [(offered, _in_order(plan.meetings)) for offered, plan in each], now)
    for offered, _plan in each:
        _name_slots(session, offered)
        waiting.shorten(session, offered=offered)
        waiting.serve(session, session_id=offered.id, now=now)
    return [offered for offered, _plan in each if _is_moved(offered, *before[offered.id], now)]


def tell_of_move(session: Session, *, offered: ActivitySession, besides: Collection[int] = (), now: datetime) -> int:
    """Tell everybody in a session, waiting for it or running it that its time or place changed. Gives how many.

    ``besides`` are the ids of those who are told otherwise.
    """
    inside = standing.states(session, offered.id)
    told = registering.tell_of_change(session, offered=offered, besides=besides, now=now)
    return told + teaching.tell_of_move(session, offered=offered, besides={*inside, *besides}, now=now)


def _check_edit(session: Session, offered: ActivitySession, plan: SessionPlan, revision: int) -> None:
    if offered.revision != revision:
        raise Stale(CHANGED_SINCE, revision=offered.revision)
    if offered.state is SessionState.CANCELLED:
        raise Refused(N_("This session was cancelled; copy it to offer it again."))
    check_plan(plan)
    check_ticked_meetings(session, offered, plan)


def _is_moved(offered: ActivitySession, stood: tuple[object, ...], was_over: bool, now: datetime) -> bool:
    is_over = was_over and offered.ends_at <= now
    return offered.state is not SessionState.DRAFT and not is_over and _place_and_time(offered) != stood


def with_its_deadline(session: Session, offered: ActivitySession, plan: SessionPlan, *, today: date) -> SessionPlan:
    """The plan; where free cancellation ended as the rules say and nobody changed that, it ends so for the new day."""
    worked_out = programmes.free_cancellation_end(session, offered.starts_at, today=today)
    if not plan.free_cancellation_until == offered.free_cancellation_until == worked_out:
        return plan
    first = min(meeting.start for meeting in plan.meetings)
    return replace(plan, free_cancellation_until=programmes.free_cancellation_end(session, first, today=today))


def publish_session(
    session: Session,
    *,
    session_id: int,
    free_cancellation_until: datetime | None,
    besides: Collection[int] = (),
    now: datetime,
) -> ActivitySession:
    """Show a draft to researchers: its rooms become firm, and its free-cancellation deadline a promise.

    ``free_cancellation_until`` comes from the registration rules of today; one set by hand stays. Who runs it is told,
    but for those ``besides``, who are told otherwise.
    """
    offered = locked(session, session_id)
    check_move(offered.state, SessionState.PUBLISHED)
    if now >= offered.ends_at:
        raise Refused(N_("This session is over already. Give it a date to come first."))
    offered.state = SessionState.PUBLISHED
    if offered.mode is not Mode.OPEN and offered.free_cancellation_until is None:
        offered.free_cancellation_until = free_cancellation_until
    for meeting in offered.meetings:
        agenda.make_firm(session, slot=meeting.slot)
    session.flush()
    teaching.tell_who_teaches(session, offered=offered, besides=besides, now=now)
    return offered


def cancel_session(
    session: Session, *, session_id: int, reason: str, besides: Collection[int] = (), now: datetime
) -> int:
    """Call a published session off: rooms are free, everybody in it is told once. Gives how many were told.

    ``besides`` are the ids of those who are told otherwise. It leaves the calendars of those who run it, too, and they
    are told. Refused when people were ticked at one of its meetings, which took place then.
    """
    offered = locked(session, session_id)
    check_move(offered.state, SessionState.CANCELLED)
    if records.ticked_meeting_ids(session, offered.id):
        raise Refused(N_("People were ticked at this session, so it took place. Take away what is to come."))
    told = registering.end_all(session, offered=offered, besides=besides, now=now)
    organisers = queries.bound_as(session, offered.id, part=ORGANISER)
    offered.state = SessionState.CANCELLED
    offered.cancelled_because = reason
    slots = [meeting.slot for meeting in offered.meetings]
    agenda.release_people(session, slot_ids=[slot.id for slot in slots], person_ids=organisers)
    agenda.cancel_slots(session, slots=slots)
    inside = {registration.person_id for registration in told}
    return len(told) + teaching.tell_of_calling_off(session, offered=offered, besides={*inside, *besides}, now=now)


def delete_draft(session: Session, *, session_id: int) -> None:
    """Throw a draft away; its rooms are free again. Refused for a session that researchers have seen."""
    offered = locked(session, session_id)
    if offered.state is not SessionState.DRAFT:
        raise Refused(N_("Researchers have seen this session. Cancel it, so that they are told."))
    slots = [meeting.slot for meeting in offered.meetings]
    for grant in queries.grants_on(session, offered.id):
        session.delete(grant)
    session.flush()
    session.delete(offered)
    session.flush()
    agenda.cancel_slots(session, slots=slots)


def check_ticked_meetings(session: Session, offered: ActivitySession, plan: SessionPlan) -> None:
    """Refuse a plan by which a meeting where people were ticked would go or move to another time."""
    ticked = records.ticked_meeting_ids(session, offered.id)
    check_ticked_stay(
        _times_of(meeting.slot for meeting in offered.meetings),
        _times_of(_in_order(plan.meetings)),
        {place for place, meeting in enumerate(offered.meetings) if meeting.id in ticked},
    )


def _write_text(activity: Activity, text: ActivityText) -> None:
    activity.title = text.title
    activity.kind = text.kind
    activity.language = text.language
    activity.description = text.description
    activity.hours = text.hours
    activity.credits = text.credits
    kept = [offer for offer in activity.offered_by if offer.programme_id in text.programmes]
    known = {offer.programme_id for offer in kept}
    activity.offered_by = kept + [ActivityProgramme(programme_id=id) for id in sorted(set(text.programmes) - known)]
    write_requirements(activity, text.requirements)


def _write_plan(offered: ActivitySession, plan: SessionPlan) -> None:
    meetings = _in_order(plan.meetings)
    offered.label = plan.label
    offered.mode = plan.mode
    offered.capacity = plan.capacity if plan.mode is Mode.SEAT else None
    offered.online_link = plan.online_link
    offered.mail_words = plan.mail_words
    offered.opens_at = plan.opens_at
    offered.closes_at = plan.closes_at
    offered.free_cancellation_until = plan.free_cancellation_until
    offered.starts_at = meetings[0].start
    offered.ends_at = max(meeting.end for meeting in meetings)
    _write_reservations(offered, plan.reservations if plan.mode is Mode.SEAT else ())


def _write_reservations(offered: ActivitySession, reservations: Sequence[Reservation]) -> None:
    """Keep so many seats from now on. One that is kept longer than before is to be merged once more."""
    there = {row.programme_id: row for row in offered.reservations}
    for wanted in reservations:
        row = there.pop(wanted.programme_id, None)
        if row is None:
            row = SeatReservation(programme_id=wanted.programme_id)
            offered.reservations.append(row)
        if row.until != wanted.until:
            row.until, row.merged_at = wanted.until, None
        row.seats = wanted.seats
    for row in there.values():
        offered.reservations.remove(row)


def _in_order(meetings: Sequence[MeetingPlan]) -> list[MeetingPlan]:
    return sorted(meetings, key=lambda meeting: meeting.start)


def _add_meeting(
    session: Session, offered: ActivitySession, plan: MeetingPlan, position: int, now: datetime
) -> Meeting:
    slot = agenda.take_slot(
        session,
        venue=_venue(session, plan.venue_id),
        start=plan.start,
        end=plan.end,
        state=SlotState.HELD if offered.state is SessionState.DRAFT else SlotState.FIRM,
        kind=_kind_name(session, offered.activity),
        place=_place(offered),
        title=_slot_title(offered),
        endpoint=ENDPOINT,
        subject_id=offered.id,
        programme_ids=[offer.programme_id for offer in offered.activity.offered_by],
        now=now,
    )
    meeting = Meeting(slot=slot, position=position)
    offered.meetings.append(meeting)
    return meeting


def _place_and_time(offered: ActivitySession) -> tuple[object, ...]:
    """What people plan by: when and where each meeting is, and where one joins online."""
    return offered.online_link, *(whereabouts(meeting.slot) for meeting in offered.meetings)


def _rearrange(session: Session, each: Sequence[tuple[ActivitySession, Sequence[MeetingPlan]]], now: datetime) -> None:
    """Bring the meetings to the plans: some stay or move (``paired``), surplus ones fall, missing ones are added."""
    becoming = [(offered, _becoming(offered, plans)) for offered, plans in each]
    for offered, pairs in becoming:
        kept = [meeting for _plan, meeting in pairs]
        for meeting in [one for one in offered.meetings if one not in kept]:
            _take_away(session, offered, meeting)
    moves = [
        agenda.Move(slot=meeting.slot, venue=_venue(session, plan.venue_id), start=plan.start, end=plan.end)
        for _offered, pairs in becoming
        for plan, meeting in pairs
        if meeting is not None
        and (meeting.slot.start, meeting.slot.end, meeting.slot.venue_id) != (plan.start, plan.end, plan.venue_id)
    ]
    agenda.move_slots(session, moves=moves, now=now)
    for offered, pairs in becoming:
        _put_in_order(session, pairs)
        _add_meetings(session, offered, pairs, now)
        offered.meetings.sort(key=lambda meeting: meeting.position)


#: The meetings of a plan in order of time, each with the one that becomes it, None where it is added.
_Pairs = Sequence[tuple[MeetingPlan, Meeting | None]]


def _becoming(offered: ActivitySession, plans: Sequence[MeetingPlan]) -> _Pairs:
    places = paired(_times_of(meeting.slot for meeting in offered.meetings), _times_of(plans))
    return [
        (plan, None if place is None else offered.meetings[place]) for plan, place in zip(plans, places, strict=True)
    ]


def _times_of(meetings: Iterable[Slot | MeetingPlan]) -> list[Times]:
    return [(meeting.start, meeting.end) for meeting in meetings]


def _take_away(session: Session, offered: ActivitySession, meeting: Meeting) -> None:
    """Take away a meeting where nobody is ticked (any more); of ticks that were taken back the history knows."""
    for taken_back in records.noted_at_meeting(session, meeting.id).values():
        session.delete(taken_back)
    session.flush()
    agenda.cancel_slots(session, slots=[meeting.slot])
    offered.meetings.remove(meeting)


def _put_in_order(session: Session, pairs: _Pairs) -> None:
    """Give the meetings that there are their places in the plan; those that are added find theirs free."""
    placed = ((place, meeting) for place, (_plan, meeting) in enumerate(pairs, start=1) if meeting is not None)
    moved = {place: meeting for place, meeting in placed if meeting.position != place}
    if not moved:
        return
    # Place by place one would be held twice for a while; nobody ever holds a negative one.
    session.execute(
        update(Meeting)
        .where(Meeting.id.in_([meeting.id for meeting in moved.values()]))
        .values(position=-Meeting.position)
        .execution_options(synchronize_session=False, **{RECORDED_BY: "edit_sessions"})
    )
    for place, meeting in moved.items():
        meeting.position = place
    session.flush()


def _add_meetings(session: Session, offered: ActivitySession, pairs: _Pairs, now: datetime) -> None:
    """Add the meetings that nothing becomes, with everybody who is bound to the others."""
    if all(meeting is not None for _plan, meeting in pairs):
        return
    organisers = queries.bound_as(session, offered.id, part=ORGANISER)
    added = [
        _add_meeting(session, offered, plan, place, now)
        for place, (plan, meeting) in enumerate(pairs, start=1)
        if meeting is None
    ]
    session.flush()
    slot_ids, states = [meeting.slot_id for meeting in added], standing.states(session, offered.id)
    for firm, wanted in ((True, RegistrationState.REGISTERED), (False, RegistrationState.OFFERED)):
        people = [person_id for person_id, state in states.items() if state is wanted]
        agenda.bind_people(session, slot_ids=slot_ids, person_ids=people, part=PART, firm=firm)
    agenda.bind_people(session, slot_ids=slot_ids, person_ids=organisers, part=ORGANISER)


def _name_slots(session: Session, offered: ActivitySession) -> None:
    kind, place = _kind_name(session, offered.activity), _place(offered)
    for meeting in offered.meetings:
        agenda.rename_slot(
            session,
            slot=meeting.slot,
            kind=kind,
            place=place,
            title=_slot_title(offered),
            programme_ids=[offer.programme_id for offer in offered.activity.offered_by],
        )


def _slot_title(offered: ActivitySession) -> str:
    return f"{offered.activity.title}: {offered.label}" if offered.label else offered.activity.title


def _kind_name(session: Session, activity: Activity) -> str:
    return programmes.activity_kind_names(session).get(activity.kind, activity.kind)


def _place(offered: ActivitySession) -> str:
    """What a calendar prints where there is no venue; the address itself is for participants only."""
    return "Online" if offered.online_link else ""


def _venue(session: Session, venue_id: int | None) -> Venue | None:
    if venue_id is None:
        return None
    venue = session.get(Venue, venue_id)
    if venue is None:
        raise Refused(N_("This venue is not known. Choose one of the list."), field="venue")
    return venue


def plan_of(offered: ActivitySession) -> SessionPlan:
    """The session as it stands, in the shape in which it was planned."""
    return SessionPlan(
        mode=offered.mode,
        capacity=offered.capacity,
        label=offered.label,
        online_link=offered.online_link,
        mail_words=offered.mail_words,
        opens_at=offered.opens_at,
        closes_at=offered.closes_at,
        free_cancellation_until=offered.free_cancellation_until,
        meetings=[
            MeetingPlan(start=meeting.slot.start, end=meeting.slot.end, venue_id=meeting.slot.venue_id)
            for meeting in offered.meetings
        ],
        reservations=[Reservation(row.programme_id, row.seats, row.until) for row in offered.reservations],
    )
