"""Taking a part in a session at the time of something else: shown first, taken all the same, told to others."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities import standing
from dsbs.activities.models import Registration
from dsbs.activities.rules import RegistrationState
from dsbs.agenda import service as agenda
from dsbs.agenda.models import Slot, SlotState, Visibility
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from tests.activities.reading import read
from tests.activities.running import name_organiser
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.statements import questions

JOIN = {"or_wait": "yes"}


class Stage:
    """Britt is in Flow cytometry; Scientific writing is at the same time, with one seat."""

    def __init__(self, app: Flask, cast: Cast, clock: Clock) -> None:
        self.app, self.cast, self.clock = app, cast, clock
        self.britt, self.hugo = cast.researcher("Britt Bauwens"), cast.researcher("Hugo Coppens")
        self.first_id = cast.course(title="Flow cytometry", venue=cast.venue("Room 2"), programmes=["CARDIO"]).id
        self.course_id = cast.course(capacity=1, programmes=["CARDIO"]).id
        self.register(self.britt, self.first_id)

    def as_one(self, person: Person) -> Client:
        """This person, signed in on a device of her own."""
        client: Client = self.app.test_client()  # type: ignore[assignment]
        sign_in(client, db.session.get_one(Person, person.id))
        return client

    def register(self, person: Person, session_id: int, **form: str) -> str:
        """Press the button of a list; the page that she reads then."""
        address = f"/sessions/{session_id}/register"
        return read(self.as_one(person).post(address, data={**JOIN, **form}, follow_redirects=True))

    def slots_of(self, session_id: int) -> str:
        """The slots of a session, as a page sends them back."""
        db.session.rollback()
        return "-".join(map(str, standing.slot_ids(db.session(), session_id)))

    def part(self, person: Person, session_id: int) -> Registration | None:
        """The latest part of this person in a session."""
        db.session.rollback()
        wanted = select(Registration).where(Registration.person_id == person.id, Registration.session_id == session_id)
        return db.session.scalars(wanted.order_by(Registration.id.desc())).first()

    def people(self) -> str:
        """The list of people as the coordinator reads it."""
        roger = self.cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")
        return read(self.as_one(roger).get(f"/sessions/{self.course_id}/people"))

    def bind(self, person: Person, title: str, visibility: Visibility) -> None:
        """Something else in her calendar at the time of the course."""
        start = self.clock.now + timedelta(days=16)
        with write(by=SYSTEM, why="Test", at=self.clock.now) as session:
            slot = agenda.take_slot(
                session,
                venue=None,
                start=start,
                end=start + timedelta(hours=1),
                state=SlotState.FIRM,
                now=self.clock.now,
                visibility=visibility,
                kind="Defence",
                title=title,
                endpoint=None,
                subject_id=None,
            )
            agenda.bind_people(session, slot_ids=[slot.id], person_ids=[person.id], part="participant")


@pytest.fixture
def stage(app: Flask, cast: Cast, clock: Clock) -> Stage:
    """Two courses at one time."""
    return Stage(app, cast, clock)


def test_who_is_elsewhere_at_that_time_reads_it_before_anything_is_written(stage: Stage) -> None:
    asked = stage.register(stage.britt, stage.course_id)

    assert "You are in Flow cytometry, Thu 10 Dec 2026, 10:00–13:00, Room 2, at that time." in asked
    assert "Take the seat all the same Keep what I have" in asked
    assert stage.part(stage.britt, stage.course_id) is None


def test_who_takes_the_seat_all_the_same_has_both_and_that_she_knew_stays_written(stage: Stage) -> None:
    done = stage.register(stage.britt, stage.course_id, knows=stage.slots_of(stage.first_id))

    part = stage.part(stage.britt, stage.course_id)
    assert "You have the seat" in done
    assert part is not None
    assert part.knew_of == [
        {"title": "Flow cytometry", "start": "2026-12-10T09:00:00+00:00", "end": "2026-12-10T12:00:00+00:00"}
    ]
    assert "Knew that it clashes with Flow cytometry, Thu 10 Dec 2026, 10:00–13:00" in stage.people()


def test_the_file_of_people_says_of_what_she_knew(stage: Stage) -> None:
    stage.register(stage.britt, stage.course_id, knows=stage.slots_of(stage.first_id))
    roger = stage.cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")

    sent = stage.as_one(roger).get(f"/sessions/{stage.course_id}/people.csv").data.decode("utf-8-sig")

    row = next(csv.DictReader(io.StringIO(sent), delimiter=";"))
    assert row["Knew that it clashes with"] == "Flow cytometry, Thu 10 Dec 2026, 10:00–13:00"


def test_what_came_between_the_page_and_the_button_is_asked_about(stage: Stage) -> None:
    knew = stage.slots_of(stage.first_id)
    stage.bind(stage.britt, "Jury of Ines", Visibility.SCHOOL)

    asked = stage.register(stage.britt, stage.course_id, knows=knew)

    assert "You are in Jury of Ines" in asked
    assert stage.part(stage.britt, stage.course_id) is None


@pytest.mark.parametrize("sent", ["x", "-", "٣", "9" * 5000, "1-" * 5000])
def test_a_bent_list_of_what_she_knew_is_no_knowledge(stage: Stage, sent: str) -> None:
    assert "You are in Flow cytometry" in stage.register(stage.britt, stage.course_id, knows=sent)


def test_who_joins_the_list_is_asked_as_well(stage: Stage) -> None:
    stage.register(stage.hugo, stage.course_id)

    asked = stage.register(stage.britt, stage.course_id)
    stage.register(stage.britt, stage.course_id, knows=stage.slots_of(stage.first_id))

    part = stage.part(stage.britt, stage.course_id)
    assert "Join the list all the same" in asked
    assert part is not None
    assert (part.state, part.knew_of is None) == (RegistrationState.WAITING, False)


def test_who_accepts_an_offer_is_asked_as_well_and_that_she_knew_is_kept(stage: Stage) -> None:
    stage.register(stage.hugo, stage.course_id)
    stage.register(stage.britt, stage.course_id, knows=stage.slots_of(stage.first_id))
    stage.bind(stage.britt, "Jury of Ines", Visibility.SCHOOL)
    taken, waits = stage.part(stage.hugo, stage.course_id), stage.part(stage.britt, stage.course_id)
    assert taken is not None
    assert waits is not None
    address = f"/registrations/{waits.id}/accept"
    stage.as_one(stage.hugo).post(f"/registrations/{taken.id}/cancel")

    asked = stage.as_one(stage.britt).post(address)
    words = read(asked)
    knows = asked.get_data(as_text=True).split('name="knows" value="')[1].split('"')[0]
    stage.as_one(stage.britt).post(address, data={"knows": knows})

    part = stage.part(stage.britt, stage.course_id)
    assert "Jury of Ines" in words
    assert part is not None
    assert (part.state, [one["title"] for one in part.knew_of or ()]) == (
        RegistrationState.REGISTERED,
        ["Flow cytometry", "Jury of Ines"],
    )


def test_the_session_says_so_beside_the_button_which_then_asks_no_more(stage: Stage) -> None:
    page = stage.as_one(stage.britt).get(f"/sessions/{stage.course_id}")

    assert "You have something else at that time You are in Flow cytometry" in read(page)
    assert f"register?knows={stage.slots_of(stage.first_id)}" in page.get_data(as_text=True)


def test_who_is_free_reads_nothing_of_clashes_and_nothing_more_is_asked(stage: Stage) -> None:
    client = stage.as_one(stage.hugo)
    client.get(f"/sessions/{stage.course_id}")

    with questions() as asked:
        page = read(client.get(f"/sessions/{stage.course_id}"))

    assert "something else" not in page
    assert not any("of_id" in question for question in asked)


def test_meetings_that_only_touch_are_no_clash(stage: Stage) -> None:
    next_id = stage.cast.course(starts_in=timedelta(days=16, hours=3)).id

    assert "You have the seat" in stage.register(stage.britt, next_id)


def test_what_others_may_not_know_is_said_to_herself_alone(stage: Stage) -> None:
    stage.bind(stage.hugo, "Jury of Ines", Visibility.PRIVATE)

    asked = stage.register(stage.hugo, stage.course_id)
    knows = _private_slot(stage)
    stage.register(stage.hugo, stage.course_id, knows=knows)
    people = stage.people()

    assert "You are in Jury of Ines" in asked
    assert "Knew that it clashes with something else, Thu 10 Dec 2026, 10:00–11:00" in people
    assert "Jury" not in people


def _private_slot(stage: Stage) -> str:
    return str(db.session.scalars(select(Slot.id).where(Slot.visibility == Visibility.PRIVATE)).one())


def test_a_teacher_reads_what_she_teaches(stage: Stage) -> None:
    name_organiser(stage.first_id, stage.hugo, stage.clock)

    assert "You teach Flow cytometry" in stage.register(stage.hugo, stage.course_id)


def test_her_own_list_says_which_dates_clash(stage: Stage) -> None:
    stage.register(stage.britt, stage.course_id, knows=stage.slots_of(stage.first_id))

    page = read(stage.as_one(stage.britt).get("/my/activities"))

    assert "You are in Flow cytometry" in page
    assert "You are in Scientific writing" in page


def test_who_is_added_in_spite_of_something_else_is_named_before_and_after(stage: Stage) -> None:
    leen = stage.as_one(stage.cast.person("Leen Desmet", Role.ADMINISTRATOR))
    address = f"/sessions/{stage.course_id}/people"
    found: Mapping[str, str] = {"wanted": "Bauwens", "look_up": "Look up"}

    before = read(leen.post(address, data=found))
    after = read(leen.post(address, data={"ticked": str(stage.britt.id)}, follow_redirects=True))

    assert "Bauwens Britt" in before.replace(",", "")
    assert "at that time in Flow cytometry, Thu 10 Dec 2026, 10:00–13:00" in before
    assert (
        "At that time they have something else: Britt Bauwens (Flow cytometry, Thu 10 Dec 2026, 10:00–13:00)" in after
    )
    assert "Clashes with Flow cytometry" in after
