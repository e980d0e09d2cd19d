"""The catalogue: which sessions are to come, and what each means for the viewer.

What is offered is kept in memory (``offers``); who is in what is counted now, by one query, whatever the number of
rows. The filters are applied here: each shows how many it would leave, and who can join is for the rules alone to say.
What is to come in one school are some hundred rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from dsbs.accounts.rules import folded
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.offers import Offer, offers_to_come
from dsbs.activities.rules import (
    SEATED,
    Mode,
    Obstacle,
    Reason,
    RegistrationState,
    SessionFacts,
    SessionState,
    obstacle,
)
from dsbs.activities.rules.conditions import Candidate
from dsbs.activities.rules.pools import Pool
from dsbs.activities.rules.requirements import Requirement
from dsbs.activities.standing import pools_of

PAGE = 60

#: Who is in a session: how many are, how many wait, the viewer's own registration, where it stands, until when.
_People = tuple[int, int, int | None, RegistrationState | None, datetime | None]

Value = TypeVar("Value", int, str)


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


@dataclass(frozen=True)
class Listing:
    """One session to come, with how many are in it or wait, and what it means for the viewer.

    ``state`` is where her own part stands, if she has one, ``offered_until`` when a seat that is offered to her lapses.
    What it means is worked out when it is asked.
    """

    offer: Offer
    taken: int
    waiting: int
    registration_id: int | None
    state: RegistrationState | None
    offered_until: datetime | None
    pools: tuple[Pool, ...]
    candidate: Candidate
    now: datetime

    @cached_property
    def facts(self) -> SessionFacts:
        """What the rules know of the session."""
        return self.offer.facts(self.taken, self.waiting, self.pools)

    @cached_property
    def obstacle(self) -> Reason | None:
        """Why the viewer cannot join, if so."""
        return obstacle(self.facts, self.candidate, self.now)

    @property
    def joinable(self) -> bool:
        """Whether the viewer can come: by taking a seat or asking for one, by telling, or by just walking in."""
        if self.registration_id is not None:
            return False
        return self.obstacle in (None, Obstacle.OPEN) or (self.obstacle is Obstacle.APPROVAL and self.has_room)

    @property
    def has_room(self) -> bool:
        """Whether another person would fit in: the viewer, or somebody for whom no seat is kept."""
        return self.offer.mode is not Mode.SEAT or self.facts.room.may_take(self.candidate.programmes)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One page of the catalogue: what is shown, how many match of all to come, how many each filter would leave."""

    listings: Sequence[Listing]
    matching: int
    total: int
    kinds: Mapping[str, int]
    languages: Mapping[str, int]
    programmes: Mapping[int, int]
    joinable: int
    free: int
    mine: int


def listings(session: Session, *, viewer_id: int, candidate: Candidate, now: datetime) -> Sequence[Listing]:
    """All published sessions that are not over, by their next meeting. One query, two where seats are kept."""
    people = _people(session, viewer_id, now)
    offered = [offer for offer in offers_to_come(session, now.date()) if offer.ends_at > now]
    keep = [offer.id for offer in offered if offer.keeps_seats(now)]
    pools = pools_of(session, keep, now=now) if keep else {}
    found = [
        Listing(offer, *people.get(offer.id, _NOBODY), pools.get(offer.id, ()), candidate, now) for offer in offered
    ]
    return sorted(found, key=lambda listing: listing.offer.next_meeting(now).start)


def requirements_to_come(session: Session, now: datetime) -> Iterator[Requirement]:
    """What all published sessions that are not over ask of who joins."""
    return (requirement for offer in offers_to_come(session, now.date()) for requirement in offer.requirements)


def narrowed(found: Sequence[Listing], wanted: Wanted, *, show: int = PAGE) -> Catalogue:
    """Those of the sessions that match what is wanted. ``show`` limits the rows, not the counts."""
    asked = [listing for listing in found if _is_asked_for(listing.offer, wanted)]
    matching = [listing for listing in asked if _matches(listing, wanted)]
    return Catalogue(
        listings=matching[:show],
        matching=len(matching),
        total=len(found),
        kinds=_counts(found, asked, lambda offer: (offer.kind,)),
        languages=_counts(found, asked, lambda offer: (offer.language,)),
        programmes=_counts(found, asked, lambda offer: offer.programmes),
        joinable=sum(listing.joinable for listing in asked),
        free=sum(listing.has_room for listing in asked),
        mine=sum(listing.registration_id is not None for listing in asked),
    )


def coming(
    session: Session, *, viewer_id: int, candidate: Candidate, wanted: Wanted, now: datetime, show: int = PAGE
) -> Catalogue:
    """The published sessions that are not over and match what is wanted, by their next meeting."""
    return narrowed(listings(session, viewer_id=viewer_id, candidate=candidate, now=now), wanted, show=show)


_NOBODY: _People = (0, 0, None, None, None)

_WAITS = Registration.state == RegistrationState.WAITING
_IS_SEATED = Registration.state.in_(SEATED)
_IS_OWN = Registration.person_id == bindparam("viewer_id")
#: How many people are in each session to come and wait for it, and the viewer's own part.
_PEOPLE = (
    select(
        Registration.session_id,
        func.count(case((_IS_SEATED, 1))),
        func.count(case((_WAITS, 1))),
        func.max(case((_IS_OWN, Registration.id))),
        func.max(case((_IS_OWN, Registration.state))),
        func.max(case((_IS_OWN, Registration.offered_until))),
    )
    .join(ActivitySession, ActivitySession.id == Registration.session_id)
    .where(
        Registration.ended_at.is_(None),
        ActivitySession.state == SessionState.PUBLISHED,
        ActivitySession.ends_at > bindparam("now"),
    )
    .group_by(Registration.session_id)
)


def _people(session: Session, viewer_id: int, now: datetime) -> Mapping[int, _People]:
    rows = session.execute(_PEOPLE, {"viewer_id": viewer_id, "now": now})
    return {session_id: tuple(people) for session_id, *people in rows}


def _counts(
    found: Sequence[Listing], asked: Sequence[Listing], values: Callable[[Offer], Iterable[Value]]
) -> Mapping[Value, int]:
    """How many of those asked for have each value that any session to come has."""
    counts = dict.fromkeys((value for listing in found for value in values(listing.offer)), 0)
    for listing in asked:
        for value in values(listing.offer):
            counts[value] += 1
    return counts


def _is_asked_for(offer: Offer, wanted: Wanted) -> bool:
    """Whether it lies in the period and holds all of the words, in its title, its label or the name of a venue."""
    if wanted.first is not None and offer.ends_at <= wanted.first:
        return False
    if wanted.last is not None and offer.starts_at >= wanted.last:
        return False
    if not wanted.words:
        return True
    text = _text_of(offer)
    return all(folded(word) in text for word in wanted.words)


def _text_of(offer: Offer) -> str:
    venues = (meeting.venue for meeting in offer.meetings if meeting.venue)
    return folded("\n".join([offer.title, offer.label, *venues]))


def _matches(listing: Listing, wanted: Wanted) -> bool:
    offer = listing.offer
    return (
        (not wanted.kinds or offer.kind in wanted.kinds)
        and (not wanted.languages or offer.language in wanted.languages)
        and (not wanted.programmes or not wanted.programmes.isdisjoint(offer.programmes))
        and (not wanted.free_only or listing.has_room)
        and (not wanted.joinable_only or listing.joinable)
        and (not wanted.mine_only or listing.registration_id is not None)
    )
