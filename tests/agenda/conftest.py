"""The stage of the agenda's tests: people, programmes, rooms and times, written as the program writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from dsbs.accounts import queries as accounts
from dsbs.accounts import service as people
from dsbs.accounts.models import Person
from dsbs.agenda import service
from dsbs.agenda.models import Slot, SlotState, Venue, Visibility
from dsbs.agenda.service import VenueFacts
from dsbs.core.access import Role, Viewer
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Refused
from dsbs.programmes.models import Programme, Unit, UnitKind
from dsbs.programmes.rules import Mark
from tests.support.clock import Clock

BRUSSELS = ZoneInfo("Europe/Brussels")
TODAY = date(2026, 11, 24)


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    """This time of a day on the school's clocks, as a moment in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BRUSSELS).astimezone(UTC)


class Stage:
    """Makes what a test needs; every row is committed."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._programmes = 0

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A write scope of the program itself at the moment of the test's clock."""
        with write(by=SYSTEM, why="Test", at=self.clock.now) as session:
            yield session

    def person(self, name: str, *roles: Role, programme: Programme | None = None) -> Person:
        """Somebody with these roles since a year ago, in the programme where the role is held in one."""
        with self.writing() as session:
            person = people.add_person(
                session, given_name=name, family_name="Peeters", mail=f"{name.lower()}@school.example"
            )
            for role in roles:
                in_programme = role in {Role.COORDINATOR, Role.LEADER}
                people.grant(
                    session,
                    person=person,
                    role=role,
                    since=date(2025, 11, 1),
                    programme_id=programme.id if programme and in_programme else None,
                )
        return person

    def viewer(self, person: Person) -> Viewer:
        """The person as a page sees her."""
        found = accounts.viewer_of(
            db.session(), person_id=person.id, session_key=person.session_key, today=self.clock.now.date()
        )
        assert found is not None
        return found

    def programme(self, code: str = "CARDIO") -> Programme:
        """A programme with its faculty."""
        self._programmes += 1
        with self.writing() as session:
            faculty = Unit(
                kind=UnitKind.FACULTY,
                code=f"F{self._programmes}",
                name=f"Faculty {self._programmes}",
                mark=Mark.SOURCED,
            )
            session.add(faculty)
            session.flush()
            programme = Programme(
                code=code,
                name=f"Programme {code}",
                short_name=code.capitalize(),
                lead_faculty_id=faculty.id,
                lead_faculty_mark=Mark.SOURCED,
                colour=code,
                mark=Mark.SOURCED,
            )
            session.add(programme)
        return programme

    def venue(self, name: str = "Auditorium 3", *, ours: bool = True) -> Venue:
        """A room."""
        with self.writing() as session:
            return service.add_venue(session, facts=VenueFacts(name=name, ours=ours, building="Main building"))

    def slot(
        self,
        start: datetime,
        end: datetime,
        *,
        venue: Venue | None = None,
        title: str = "Heart failure",
        state: SlotState = SlotState.FIRM,
        programmes: tuple[Programme, ...] = (),
        visibility: Visibility = Visibility.SCHOOL,
        held_until: datetime | None = None,
        bound: tuple[Person, ...] = (),
        page: tuple[str, int] | tuple[None, None] = (None, None),
    ) -> Slot:
        """A slot, with these people bound to it as participants; ``page`` is the endpoint and id of what it is for."""
        programme_ids = [programme.id for programme in programmes]
        with self.writing() as session:
            slot = service.take_slot(
                session,
                venue=venue,
                start=start,
                end=end,
                state=state,
                kind="Guest lecture",
                title=title,
                endpoint=page[0],
                subject_id=page[1],
                now=self.clock.now,
                programme_ids=programme_ids,
                visibility=visibility,
                held_until=held_until,
            )
            for person in bound:
                service.bind_people(session, slot_ids=[slot.id], person_ids=[person.id], part="participant")
        return slot


@pytest.fixture
def stage(app: Flask, clock: Clock) -> Stage:
    """An empty stage, on Tue 24 Nov 2026 at 10:00 in Brussels."""
    return Stage(clock)


def refusal_of(stage: Stage, act: Callable[[Session], object]) -> Refused:
    """The refusal of a verb, in a write scope of its own."""
    with pytest.raises(Refused) as refused, stage.writing() as session:
        act(session)
    return refused.value
