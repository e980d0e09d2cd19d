"""Who takes part in what: nobody is in two places at once, before being enrolled, or twice in the same course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities import standing
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import Mode
from dsbs.activities.service import registering, waiting
from dsbs.core import clock
from dsbs.core.access import Role
from dsbs.demonstration.people import People
from dsbs.demonstration.publishing import announced_at
from dsbs.enrolments.queries import programme_ids_of

#: How many are reckoned with where nobody counts seats.
EXPECTED = 40
#: So many come too late for a session that is full.
_WAITING = 4
#: People take their seats until then, as long as giving them back is free.
_DECIDED = timedelta(days=10)
_SOON, _WEEK = timedelta(weeks=3), timedelta(weeks=1)

#: Where the shown researcher has a seat already, this week, and where she was. She keeps most seats to take.
_SHOWN_TAKES = {"Clonal haematopoiesis and the failing heart", "Statistics with R", "Heart failure journal club"}
_SHOWN_TOOK = {"Giving a talk that people remember", "Research integrity"}


class Seats:
    """Fills sessions one after the other, and remembers where everybody is."""

    def __init__(self, random: Random, people: People, now: datetime) -> None:
        self._random, self._people, self._now = random, people, now
        self._busy: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
        self._took: dict[int, set[int]] = defaultdict(set)

    def fill(self, session: Session, made: ActivitySession, *, programmes: Sequence[str], filling: float) -> None:
        """Let researchers of these programmes, then others, take this share of the seats; more of what comes soon."""
        if made.mode is Mode.OPEN:
            return
        is_far = made.starts_at > self._now + _SOON
        share = filling * self._random.uniform(0.3, 0.8) if is_far else filling
        registered = self._registered_at(made)
        spans = [(meeting.slot.start, meeting.slot.end) for meeting in made.meetings]
        free = (
            person
            for person in self._candidates(made, programmes)
            if self._people.enrolled_since[person.id] <= clock.local(registered).date()
            and person.id not in self._took[made.activity_id]
            and not any(begin < until and start < end for begin, end in spans for start, until in self._busy[person.id])
        )
        wanted = max(1, round((made.capacity or EXPECTED) * share))
        chosen = [person for person, _ in zip(free, range(wanted), strict=False)]
        for person in chosen:
            self._busy[person.id] += spans
        if made.activity.kind != "seminar_series":
            self._took[made.activity_id].update(person.id for person in chosen)
        registering.take_seats(session, session_id=made.id, people=chosen, now=registered)
        if len(chosen) == made.capacity and self._now < made.starts_at:
            too_late = [person.id for person, _ in zip(free, range(_WAITING), strict=False)]
            enrolled = programme_ids_of(session, too_late, clock.local(registered).date())
            line = {person_id: enrolled.get(person_id) for person_id in too_late}
            ticket = standing.next_ticket(session, made.id)
            waiting.line_up(session, session_id=made.id, people=line, ticket=ticket, now=registered)

    def _registered_at(self, made: ActivitySession) -> datetime:
        opened = announced_at(made, self._now)
        return opened + (min(self._now, made.starts_at - _DECIDED) - opened) * self._random.random()

    def _candidates(self, made: ActivitySession, programmes: Sequence[str]) -> Iterator[Person]:
        shown = self._people.shown[Role.RESEARCHER]
        if self._takes(made):
            yield shown
        near = [person for code in programmes for person in self._people.researchers[code]]
        far = [person for code, group in self._people.researchers.items() if code not in programmes for person in group]
        for group in [near] if made.activity.conditions else [near, far]:
            yield from (person for person in self._random.sample(group, len(group)) if person is not shown)

    def _takes(self, made: ActivitySession) -> bool:
        """Whether the shown researcher takes a seat."""
        is_this_week = self._now < made.starts_at < self._now + _WEEK
        title = made.activity.title
        return (is_this_week and title in _SHOWN_TAKES) or (made.ends_at < self._now and title in _SHOWN_TOOK)
