"""Who can join a session, and the one reason why not. Plain values in, a word or a refusal out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import count, pairwise

from dsbs.activities.rules.conditions import Candidate
from dsbs.activities.rules.pools import Pool, Reservation, Room, check_reservations
from dsbs.activities.rules.requirements import Requirement, needs_approval, sentence_for, unmet
from dsbs.core.refusals import N_, Refused

#: What a signed link is for that answers the offer of a seat, and one that gives a seat back.
OFFER_LINK, SEAT_LINK = "seat_offer", "held_seat"


class Mode(StrEnum):
    """How one takes part in a session."""

    OPEN = "open"
    COUNT = "count"
    SEAT = "seat"


class SessionState(StrEnum):
    """Where a session stands; ``SESSION_MOVES`` has the moves."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class RegistrationState(StrEnum):
    """Where one person's part stands.

    Who asked for what the coordinator approves has ``withdrawn``, was ``refused``, or was not answered before the
    session began (``expired``). Who waited has ``left`` the list, who had a seat has ``cancelled``.
    """

    REQUESTED = "requested"
    WAITING = "waiting"
    OFFERED = "offered"
    REGISTERED = "registered"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    EXPIRED = "expired"
    DECLINED = "declined"
    LAPSED = "lapsed"
    LEFT = "left"
    CANCELLED = "cancelled"
    REMOVED = "removed"
    CALLED_OFF = "called_off"


#: Who has a seat, or is asked whether she still wants it: it is nobody else's.
SEATED = frozenset({RegistrationState.OFFERED, RegistrationState.REGISTERED})
#: Whose part has not ended.
ACTIVE = SEATED | {RegistrationState.WAITING, RegistrationState.REQUESTED}

_ENDED_BY_OTHERS = {RegistrationState.REMOVED, RegistrationState.CALLED_OFF}
_NOWHERE: frozenset[RegistrationState] = frozenset()
REGISTRATION_MOVES: Mapping[RegistrationState, frozenset[RegistrationState]] = {
    RegistrationState.REQUESTED: frozenset(
        {
            RegistrationState.WAITING,
            RegistrationState.REGISTERED,
            RegistrationState.WITHDRAWN,
            RegistrationState.REFUSED,
            RegistrationState.EXPIRED,
            *_ENDED_BY_OTHERS,
        }
    ),
    RegistrationState.WAITING: frozenset(
        {RegistrationState.OFFERED, RegistrationState.REGISTERED, RegistrationState.LEFT, *_ENDED_BY_OTHERS}
    ),
    RegistrationState.OFFERED: frozenset(
        {RegistrationState.REGISTERED, RegistrationState.DECLINED, RegistrationState.LAPSED, *_ENDED_BY_OTHERS}
    ),
    RegistrationState.REGISTERED: frozenset({RegistrationState.CANCELLED, *_ENDED_BY_OTHERS}),
    **dict.fromkeys(set(RegistrationState) - ACTIVE, _NOWHERE),
}

SESSION_MOVES = {
    SessionState.DRAFT: frozenset({SessionState.PUBLISHED}),
    SessionState.PUBLISHED: frozenset({SessionState.CANCELLED}),
    SessionState.CANCELLED: frozenset(),
}


class Obstacle(StrEnum):
    """Why one cannot join, most final first: the first that holds is the one that is told.

    What is asked of who joins and she does not meet comes after ``NOT_A_RESEARCHER``; it is a ``Requirement``.
    """

    DRAFT = "draft"
    CANCELLED = "cancelled"
    OVER = "over"
    BEGUN = "begun"
    OPEN = "open"
    NOT_A_RESEARCHER = "not_a_researcher"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    APPROVAL = "approval"
    FULL = "full"


#: Why somebody cannot join.
Reason = Obstacle | Requirement

SENTENCES = {
    Obstacle.DRAFT: N_("This session is not published yet."),
    Obstacle.CANCELLED: N_("This session was cancelled."),
    Obstacle.OVER: N_("This session is over."),
    Obstacle.BEGUN: N_("This session has begun."),
    Obstacle.OPEN: N_("No seat is needed: come along and check in at the door."),
    Obstacle.NOT_A_RESEARCHER: N_("Seats are for PhD researchers of the school. A coordinator can add you by hand."),
    Obstacle.NOT_YET: N_("Registration opens on %(opens)s."),
    Obstacle.CLOSED: N_("Registration closed on %(closed)s. Ask the coordinator whether a seat is left."),
    Obstacle.APPROVAL: N_("The coordinator decides who takes part. Ask for a seat, and you are told by mail."),
    Obstacle.FULL: N_("All %(capacity)d seats are taken. One that is given back is offered to who waits longest."),
}


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What the rules need to know of a session. Moments are aware UTC.

    ``taken`` counts who is in it, those to whom a seat is offered included; ``waiting`` who waits for one. ``pools``
    are the seats that are kept for a programme now.
    """

    state: SessionState
    mode: Mode
    capacity: int | None
    taken: int
    waiting: int
    opens_at: datetime | None
    closes_at: datetime | None
    starts_at: datetime
    ends_at: datetime
    requirements: tuple[Requirement, ...] = ()
    pools: tuple[Pool, ...] = ()

    @property
    def free(self) -> int:
        """How many seats are left; none when over capacity."""
        return max((self.capacity or 0) - self.taken, 0)

    @property
    def offers_end(self) -> datetime:
        """Until when free seats are offered and can be taken: the end of registration, or the beginning."""
        return self.starts_at if self.closes_at is None else min(self.closes_at, self.starts_at)

    @property
    def room(self) -> Room:
        """What is free, for whom."""
        return Room((self.capacity or 0) - self.taken, self.waiting, self.pools)


@dataclass(frozen=True, kw_only=True)
class MeetingPlan:
    """When and where one meeting is. Moments are aware UTC, half-open; without a venue it is online or still open."""

    start: datetime
    end: datetime
    venue_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class SessionPlan:
    """All that a coordinator decides about a session. ``free_cancellation_until`` is worked out when left open."""

    mode: Mode
    capacity: int | None
    meetings: Sequence[MeetingPlan]
    label: str = ""
    online_link: str | None = None
    mail_words: str | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    free_cancellation_until: datetime | None = None
    reservations: Sequence[Reservation] = ()


#: Longer than any course day. An end at or before the start is past midnight, so 14:00 to 12:00 comes out here.
LONGEST_MEETING = timedelta(hours=14)


def check_plan(plan: SessionPlan) -> None:
    """Refuse a plan whose dates contradict each other, or that has seats without a number."""
    _check_meetings(sorted(plan.meetings, key=lambda meeting: meeting.start))
    if plan.mode is Mode.SEAT and not plan.capacity:
        raise Refused(N_("Say how many seats there are."), field="capacity")
    first = min(meeting.start for meeting in plan.meetings)
    check_reservations(plan.reservations, capacity=plan.capacity if plan.mode is Mode.SEAT else None, first=first)
    if plan.opens_at and plan.closes_at and plan.opens_at >= plan.closes_at:
        raise Refused(N_("Registration closes before it opens. Choose a later moment."), field="closes_at")
    if plan.opens_at and plan.opens_at >= first:
        raise Refused(N_("Registration opens after the session has begun. Choose an earlier moment."), field="opens_at")
    if plan.closes_at and plan.closes_at > first:
        raise Refused(
            N_("Registration closes after the session has begun. Choose an earlier moment."), field="closes_at"
        )
    if plan.free_cancellation_until and plan.free_cancellation_until > first:
        raise Refused(
            N_("Free cancellation ends after the session has begun. Choose an earlier moment."),
            field="free_cancellation_until",
        )


def _check_meetings(meetings: Sequence[MeetingPlan]) -> None:
    if not meetings:
        raise Refused(N_("A session meets at least once: give a day and a time."), field="meetings")
    for meeting in meetings:
        if meeting.start >= meeting.end:
            raise Refused(N_("A meeting ends before it begins. Give a later end."), field="meetings")
        if meeting.end - meeting.start > LONGEST_MEETING:
            raise Refused(
                N_("A meeting lasts longer than 14 hours. Check its end, or make one meeting for each day."),
                field="meetings",
            )
    if any(later.start < earlier.end for earlier, later in pairwise(meetings)):
        raise Refused(N_("Two meetings of this session overlap. Give them different times."), field="meetings")


def moved_by(plan: SessionPlan, amount: timedelta, zone: tzinfo) -> SessionPlan:
    """The same plan so many days later, at the same times of the clocks in ``zone``.

    What was promised to people (opening, closing, free cancellation) stays behind; until when seats are kept moves.
    """

    def later(moment: datetime) -> datetime:
        return (moment.astimezone(zone) + amount).astimezone(UTC)

    meetings = [replace(meeting, start=later(meeting.start), end=later(meeting.end)) for meeting in plan.meetings]
    kept = [replace(reservation, until=later(reservation.until)) for reservation in plan.reservations]
    return replace(
        plan, meetings=meetings, opens_at=None, closes_at=None, free_cancellation_until=None, reservations=kept
    )


def obstacle(session: SessionFacts, candidate: Candidate, now: datetime) -> Reason | None:
    """The one reason why this person cannot join now, or None when she can."""
    return closed_to_all(session, now) or _not_for(session, candidate) or _not_now(session, candidate, now)


def closed_to_all(session: SessionFacts, now: datetime) -> Obstacle | None:
    """Why nobody can take a seat, whoever she is, or None."""
    if session.state is not SessionState.PUBLISHED:
        return Obstacle(session.state.value)
    if now >= session.ends_at:
        return Obstacle.OVER
    if session.mode is Mode.OPEN:
        return Obstacle.OPEN
    return Obstacle.BEGUN if now >= session.starts_at else None


def _not_for(session: SessionFacts, candidate: Candidate) -> Reason | None:
    return unmet(session.requirements, candidate) if candidate.is_researcher else Obstacle.NOT_A_RESEARCHER


def _not_now(session: SessionFacts, candidate: Candidate, now: datetime) -> Obstacle | None:
    if session.opens_at is not None and now < session.opens_at:
        return Obstacle.NOT_YET
    if session.closes_at is not None and now >= session.closes_at:
        return Obstacle.CLOSED
    if needs_approval(session.requirements, candidate):
        return Obstacle.APPROVAL
    # Who comes later never passes somebody who waits.
    return Obstacle.FULL if session.mode is Mode.SEAT and not session.room.may_take(candidate.programmes) else None


def may_offer(session: SessionFacts, now: datetime) -> bool:
    """Whether a free seat may be offered to who waits: not once registration is closed or the session has begun."""
    return session.state is SessionState.PUBLISHED and session.mode is Mode.SEAT and now < session.offers_end


#: A session that begins within this time leaves less time to answer an offer.
SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OfferTime:
    """How long an offered seat is held: ``usual``, or ``late`` when the session begins in under seven days.

    None is as long as a seat can be taken. ``after`` counts on by the clock that stands still while the school does not
    work.
    """

    usual: timedelta | None
    late: timedelta | None
    after: Callable[[datetime, timedelta], datetime]


def offered_until(session: SessionFacts, time: OfferTime, now: datetime) -> datetime:
    """Until when a seat that is offered now can be taken: never beyond the end of registration or the beginning."""
    lasts = time.late if session.starts_at - now < SOON else time.usual
    return session.offers_end if lasts is None else min(session.offers_end, time.after(now, lasts))


def check_registration_move(now: RegistrationState, to: RegistrationState) -> None:
    """Refuse a move of a registration that the table does not allow."""
    if to not in REGISTRATION_MOVES[now]:
        raise Refused(_WHY_NOT_MOVED.get(now, N_("This registration has ended already.")))


#: What is said to whoever tries a move that the table does not have. An ended part without a line has ended.
_WHY_NOT_MOVED = {
    RegistrationState.REQUESTED: N_("The coordinator has not decided about this request yet."),
    RegistrationState.REFUSED: N_("This request was refused already."),
    RegistrationState.EXPIRED: N_("The session has begun, so this request has ended."),
    RegistrationState.WAITING: N_("No seat is offered here yet."),
    RegistrationState.OFFERED: N_("This seat is only offered so far: take it, or leave it to the next."),
    RegistrationState.REGISTERED: N_("You are registered already."),
    RegistrationState.DECLINED: N_("You left this seat to the next in line. Join the waiting list again if you want."),
    RegistrationState.LAPSED: N_("This offer has lapsed. Join the waiting list again if you want."),
}


def refusal(found: Reason, session: SessionFacts) -> Refused:
    """Why somebody cannot join in words, with the moments and numbers of which they speak."""
    if isinstance(found, Requirement):
        return sentence_for(found)
    if found is Obstacle.FULL and session.free and session.pools:
        return Refused(
            N_("The free seats are kept for %(names)s until %(until)s. Then they are offered to who waits longest."),
            names=", ".join(pool.programme for pool in session.pools if pool.kept),
            until=max(pool.until for pool in session.pools),
        )
    if found is Obstacle.FULL and session.capacity == 1:
        return Refused(N_("The only seat is taken. If it is given back, it is offered to who waits longest."))
    return Refused(SENTENCES[found], opens=session.opens_at, closed=session.closes_at, capacity=session.capacity)


class NotEnoughSeats(Refused):
    """A coordinator named more people without a seat than are free; so many seats would be ``enough`` for all."""

    def __init__(self, session: SessionFacts, wanted: int) -> None:
        super().__init__(
            N_("You named %(wanted)d, and %(free)d of %(capacity)d seats are free. Nobody was added."),
            field="people",
            free=session.free,
            capacity=session.capacity,
            wanted=wanted,
        )
        self.enough = session.taken + wanted


class Edge(StrEnum):
    """The two ends of a waiting list."""

    FRONT = "front"
    END = "end"


def dealt_anew(line: Mapping[int, int], moved: int, *, before: int | Edge) -> Mapping[int, int]:
    """The tickets that change when one of those who wait is moved in the line; none when she stands there already.

    ``line`` has the ticket of each registration that waits; ``moved`` and ``before`` are two of them. Who is in the
    line hold the same tickets as before among them, so that none is ever new, and none is given twice.
    """
    others = [one for one in sorted(line, key=line.__getitem__) if one != moved]
    places = {Edge.FRONT: 0, Edge.END: len(others)}
    place = places[before] if isinstance(before, Edge) else others.index(before)
    order = [*others[:place], moved, *others[place:]]
    return {one: ticket for one, ticket in zip(order, sorted(line.values()), strict=True) if line[one] != ticket}


def free_numbers(taken: Collection[int]) -> Iterator[int]:
    """The seat numbers that nobody holds, the lowest first, without end.

    The caller holds the session's lock and takes no more of them than there are free seats.
    """
    held = set(taken)
    return (number for number in count(1) if number not in held)


def check_move(now: SessionState, to: SessionState) -> None:
    """Refuse a move of a session's state that the table does not allow."""
    if to not in SESSION_MOVES[now]:
        sentences = {
            SessionState.DRAFT: N_("This session is a draft: publish it first."),
            SessionState.PUBLISHED: N_("This session is published already."),
            SessionState.CANCELLED: N_("This session was cancelled; copy it to offer it again."),
        }
        raise Refused(sentences[now])
