"""The catalogue: which sessions are to come, as plain rows for one page.

Four queries, whatever the number of rows: the sessions with their seats, the programmes that offer them, and the
meetings and places of those shown. Words and days are filtered by the database. Kind, programme, language and "can I
join" are filtered here: each filter shows how many it would leave, and who can join is for the rules alone to say. What
is to come in one school are some hundred rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from dsbs.activities.models import Activity, ActivityProgramme, ActivitySession, Meeting, Registration
from dsbs.activities.queries import seats_taken
from dsbs.activities.rules import Candidate, Mode, Obstacle, SessionFacts, SessionState, obstacle
from dsbs.agenda.models import Slot, Venue

PAGE = 60


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the catalogue is narrowed to. An empty set means everything; ``first`` and ``last`` are UTC, half-open."""

    words: tuple[str, ...] = ()
    first: datetime | None = None
    last: datetime | None = None
    programmes: frozenset[int] = frozenset()
    kinds: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    free_only: bool = False
    joinable_only: bool = False
    mine_only: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """One meeting of a session: when, in which venue of the list if any."""

    start: datetime
    end: datetime
    venue: str | None


@dataclass(slots=True)
class Listing:
    """One session as the catalogue lists it, with what it means for the viewer."""

    id: int
    title: str
    label: str
    kind: str
    language: str
    online: bool
    facts: SessionFacts
    registration_id: int | None
    obstacle: Obstacle | None
    meetings: list[Place] = field(default_factory=list)

    @property
    def joinable(self) -> bool:
        """Whether the viewer can come: by taking a seat, by telling, or by just walking in."""
        return self.registration_id is None and self.obstacle in (None, Obstacle.OPEN)

    @property
    def has_room(self) -> bool:
        """Whether another person would fit in."""
        return self.facts.mode is not Mode.SEAT or self.facts.free > 0

    def next_meeting(self, now: datetime) -> Place:
        """The meeting that is on or comes next, the last one when all are over."""
        return next((meeting for meeting in self.meetings if meeting.end > now), self.meetings[-1])

    def number_of(self, meeting: Place) -> int:
        """Which of the session's meetings this is, from 1."""
        return self.meetings.index(meeting) + 1


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One page of the catalogue: what is shown, how many match, and how many each filter would leave."""

    listings: Sequence[Listing]
    matching: int
    total: int
    kinds: Mapping[str, int]
    languages: Mapping[str, int]
    programmes: Mapping[int, int]
    joinable: int
    free: int
    mine: int


def coming(
    session: Session, *, viewer_id: int, candidate: Candidate, wanted: Wanted, now: datetime, show: int = PAGE
) -> Catalogue:
    """The published sessions that are not over and match what is wanted, by their next meeting.

    ``show`` limits the rows, not the counts.
    """
    listings = list(_listings(session, viewer_id, candidate, wanted, now))
    matching = [listing for listing in listings if _matches(listing, wanted)]
    _add_meetings(session, matching)
    matching.sort(key=lambda listing: listing.next_meeting(now).start)
    return Catalogue(
        listings=matching[:show],
        matching=len(matching),
        total=len(listings),
        kinds=Counter(listing.kind for listing in listings),
        languages=Counter(listing.language for listing in listings),
        programmes=Counter(id for listing in listings for id in listing.facts.programmes),
        joinable=sum(listing.joinable for listing in listings),
        free=sum(listing.has_room for listing in listings),
        mine=sum(listing.registration_id is not None for listing in listings),
    )


def _listings(
    session: Session, viewer_id: int, candidate: Candidate, wanted: Wanted, now: datetime
) -> Iterator[Listing]:
    rows = session.execute(_sessions(viewer_id, wanted, now)).all()
    offered_by = _programmes_of(session, {row.activity_id for row in rows})
    for row in rows:
        facts = SessionFacts(
            row.state,
            row.mode,
            row.audience,
            offered_by[row.activity_id],
            row.capacity,
            row.taken,
            row.opens_at,
            row.closes_at,
            row.starts_at,
            row.ends_at,
        )
        why_not = obstacle(facts, candidate, now)
        yield Listing(
            row.id, row.title, row.label, row.kind, row.language, row.online, facts, row.registration_id, why_not
        )


def _sessions(viewer_id: int, wanted: Wanted, now: datetime) -> Select[*tuple[Any, ...]]:
    mine = and_(
        Registration.session_id == ActivitySession.id,
        Registration.person_id == viewer_id,
        Registration.ended_at.is_(None),
    )
    columns = (
        *_SESSION_COLUMNS,
        ActivitySession.online_link.is_not(None).label("online"),
        seats_taken().label("taken"),
        Registration.id.label("registration_id"),
    )
    return (
        select(*columns)
        .join(ActivitySession.activity)
        .outerjoin(Registration, mine)
        .where(ActivitySession.state == SessionState.PUBLISHED, ActivitySession.ends_at > now, *_narrowed(wanted))
        .order_by(ActivitySession.starts_at, ActivitySession.id)
    )


_SESSION_COLUMNS = (
    ActivitySession.id,
    ActivitySession.activity_id,
    ActivitySession.label,
    ActivitySession.state,
    ActivitySession.mode,
    ActivitySession.capacity,
    ActivitySession.opens_at,
    ActivitySession.closes_at,
    ActivitySession.starts_at,
    ActivitySession.ends_at,
    Activity.title,
    Activity.kind,
    Activity.language,
    Activity.audience,
)


def _narrowed(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.first is not None:
        yield ActivitySession.ends_at > wanted.first
    if wanted.last is not None:
        yield ActivitySession.starts_at < wanted.last
    for word in wanted.words:
        yield or_(
            Activity.title.icontains(word, autoescape=True),
            ActivitySession.label.icontains(word, autoescape=True),
            exists().where(
                Meeting.session_id == ActivitySession.id,
                Meeting.slot_id == Slot.id,
                Slot.venue_id == Venue.id,
                Venue.name.icontains(word, autoescape=True),
            ),
        )


def _matches(listing: Listing, wanted: Wanted) -> bool:
    return (
        (not wanted.kinds or listing.kind in wanted.kinds)
        and (not wanted.languages or listing.language in wanted.languages)
        and (not wanted.programmes or not wanted.programmes.isdisjoint(listing.facts.programmes))
        and (not wanted.free_only or listing.has_room)
        and (not wanted.joinable_only or listing.joinable)
        and (not wanted.mine_only or listing.registration_id is not None)
    )


def _programmes_of(session: Session, activity_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = session.execute(
        select(ActivityProgramme.activity_id, ActivityProgramme.programme_id).where(
            ActivityProgramme.activity_id.in_(activity_ids)
        )
    )
    for activity_id, programme_id in rows:
        found[activity_id].add(programme_id)
    return defaultdict(frozenset, {activity_id: frozenset(ids) for activity_id, ids in found.items()})


def _add_meetings(session: Session, listings: Sequence[Listing]) -> None:
    by_id = {listing.id: listing for listing in listings}
    rows = session.execute(
        select(Meeting.session_id, Slot.start, Slot.end, Venue.name)
        .join(Meeting.slot)
        .outerjoin(Venue, Slot.venue_id == Venue.id)
        .where(Meeting.session_id.in_(by_id))
        .order_by(Meeting.session_id, Meeting.position)
    )
    for session_id, start, end, venue in rows:
        by_id[session_id].meetings.append(Place(start, end, venue))
