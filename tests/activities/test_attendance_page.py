"""The list at the door: what it shows, what is sent, what is said, and who may tick."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.attending import Presence
from dsbs.activities.rules import Mode
from dsbs.core.access import Role
from dsbs.core.db import db
from tests.activities.reading import read, words
from tests.activities.running import name_organiser
from tests.activities.ticking import marks_at, meetings_of, seat, tick
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.statements import questions

BEGINS = timedelta(days=16)


class Course:
    """A course of CARDIO with two people in it, its first meeting beginning now; Tess teaches it and is signed in."""

    def __init__(self, cast: Cast, client: Client, clock: Clock) -> None:
        self.client, self.clock = client, clock
        self.id = cast.course(programmes=["CARDIO"], meetings=2, capacity=3).id
        self.ada, self.bea = cast.researcher("Ada Eerste").id, cast.researcher("Bea Tweede").id
        seat(self.id, *(db.session.get_one(Person, one) for one in (self.ada, self.bea)), clock=clock)
        self.first, self.second = meetings_of(self.id)
        tess = cast.person("Tess Molendijks")
        name_organiser(self.id, tess, clock)
        self.tess = tess.id
        clock.advance(BEGINS)
        sign_in(client, db.session.get_one(Person, self.tess))

    @property
    def address(self) -> str:
        """The page of the first meeting."""
        return f"/sessions/{self.id}/attendance?meeting={self.first}"

    def save(self, marks: Mapping[int, str], *, shown: Mapping[int, str] | None = None, **more: str) -> str:
        """Send the page with these marks, which showed nobody ticked unless said so; what it answers."""
        data = {f"mark-{one}": mark for one, mark in marks.items()}
        data |= {f"was-{one}": (shown or {}).get(one, "") for one in marks}
        return words(self.client.post(self.address, data={**data, **more}, follow_redirects=True))

    def add(self, people: str, **more: str) -> str:
        """Note these people as present; what the page answers."""
        address = f"/sessions/{self.id}/attendance/add?meeting={self.first}"
        return words(self.client.post(address, data={"people": people, **more}, follow_redirects=True))


@pytest.fixture
def course(app: Flask, cast: Cast, client: Client, clock: Clock) -> Course:
    """See ``Course``."""
    return Course(cast, client, clock)


def test_what_was_ticked_is_saved_and_counted(course: Course) -> None:
    page = course.save({course.ada: "present", course.bea: "excused"})

    assert "Saved: 1 present, 1 excused" in read(page)
    assert marks_at(course.first) == {course.ada: "present", course.bea: "excused"}
    assert f'name="mark-{course.ada}" value="present" checked' in page


def test_all_the_others_are_present_by_one_button(course: Course) -> None:
    page = course.save({course.ada: "absent", course.bea: ""}, others="present")

    assert "Saved: 1 present, 1 absent" in read(page)
    assert marks_at(course.first) == {course.ada: "absent", course.bea: "present"}


def test_a_mark_of_somebody_else_is_told_and_kept(course: Course) -> None:
    tick(course.first, {course.ada: Presence.EXCUSED}, clock=course.clock)

    page = read(course.save({course.ada: "absent", course.bea: "present"}))

    assert "Somebody else ticked meanwhile, and that stays: Ada Eerste (excused)." in page
    assert marks_at(course.first) == {course.ada: "excused", course.bea: "present"}


def test_all_the_others_leaves_alone_whom_somebody_else_ticked_absent(course: Course) -> None:
    tick(course.first, {course.ada: Presence.ABSENT}, clock=course.clock)

    course.save({course.ada: "", course.bea: ""}, others="present")

    assert marks_at(course.first) == {course.ada: "absent", course.bea: "present"}


def test_a_page_that_was_not_changed_writes_nothing(course: Course) -> None:
    assert "Nothing was changed" in read(course.save({course.ada: "", course.bea: ""}))
    assert marks_at(course.first) == {}


def test_without_a_reason_a_later_day_keeps_what_was_ticked_on_the_page(course: Course) -> None:
    course.clock.advance(timedelta(days=1))

    page = course.save({course.ada: "present"})

    beside = page.partition('id="reason-error"')[2].partition("</span></span>")[0]
    assert "The day of this meeting is over: say why you tick now." in beside
    assert f'name="mark-{course.ada}" value="present" checked' in page
    assert f'name="was-{course.ada}" value=""' in page
    assert marks_at(course.first) == {}


def test_a_reason_is_kept_and_shown(course: Course) -> None:
    course.clock.advance(timedelta(days=1))

    assert "From the paper list" in read(course.save({course.ada: "present"}, reason="From the paper list"))


def test_looking_for_a_name_saves_what_is_ticked_and_shows_who_is_called_so(course: Course) -> None:
    page = read(course.save({course.ada: "present"}, q="tweede"))

    assert "Saved: 1 present, 1 not ticked" in page
    assert ("Tweede, Bea" in page, "Eerste, Ada" in page) == (True, False)


@pytest.mark.parametrize("sent", [{"was-x": ""}, {"was-1": "here"}, {"was-99999999999999999999": ""}])
def test_what_no_page_sends_is_refused(course: Course, sent: dict[str, str]) -> None:
    assert course.client.post(course.address, data=sent).status_code == 404


def test_the_page_before_the_door_opens_says_when(course: Course) -> None:
    page = read(course.client.get(f"/sessions/{course.id}/attendance?meeting={course.second}"))

    assert "Nobody can be there yet" in page
    assert "From Thu 17 Dec 2026, 9:00 on" in page


def test_the_page_opens_at_the_meeting_that_is_on(course: Course) -> None:
    course.clock.advance(timedelta(days=7))

    page = words(course.client.get(f"/sessions/{course.id}/attendance"))

    assert f'meeting={course.second}" aria-current="page"' in page.replace("&amp;", "&")


def test_a_teacher_adds_who_stands_at_the_door_by_her_address(course: Course, cast: Cast) -> None:
    cis = cast.researcher("Cis Derde").id

    page = read(course.add("cis.derde@school.example"))

    assert "1 person noted as present" in page
    assert "1 of them was not registered, and is now; a mail says so." in page
    assert marks_at(course.first) == {cis: "present"}
    assert len(queries.active_registrations(db.session(), course.id)) == 3


def test_who_finds_no_seat_is_not_noted_and_stays_typed(course: Course, cast: Cast) -> None:
    cast.researcher("Cis Derde"), cast.researcher("Dora Vierde")

    page = course.add("cis.derde@school.example, dora.vierde@school.example")

    assert "You named 2, and 1 of 3 seats are free." in read(page)
    assert "dora.vierde@school.example</textarea>" in page
    assert marks_at(course.first) == {}


def test_an_open_session_notes_whoever_comes(app: Flask, cast: Cast, client: Client, clock: Clock) -> None:
    talk_id, ada = cast.course(programmes=["CARDIO"], mode=Mode.OPEN).id, cast.researcher("Ada Eerste")
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    clock.advance(BEGINS)

    before = read(client.get(f"/sessions/{talk_id}/attendance"))
    address = f"/sessions/{talk_id}/attendance/add"
    after = read(client.post(address, data={"people": "Ada Eerste"}, follow_redirects=True))

    assert "Nobody is on the list" in before
    assert "1 person noted as present" in after
    assert marks_at(meetings_of(talk_id)[0]) == {ada.id: "present"}


def test_a_reader_sees_the_list_and_ticks_nobody(course: Course, cast: Cast) -> None:
    sign_in(course.client, cast.person("Dirk Reader", Role.READER))

    page = words(course.client.get(course.address))

    assert "Not ticked" in read(page)
    assert 'type="radio"' not in page
    assert course.client.post(course.address, data={f"was-{course.ada}": ""}).status_code == 404


def test_the_list_asks_as_often_for_three_hundred_people_as_for_three(
    app: Flask, cast: Cast, client: Client, clock: Clock
) -> None:
    sign_in(client, cast.person("Leen Desmet", Role.ADMINISTRATOR))
    asked = {}
    for count in (3, 300):
        course_id = cast.course(title=f"For {count}", capacity=count).id
        with cast.at_once():
            people = [cast.person(f"Ada Nummer{count}x{number}") for number in range(count)]
        seat(course_id, *people, clock=clock)
        clock.advance(BEGINS)
        client.get(f"/sessions/{course_id}/attendance")
        with questions() as sent:
            assert f"{count} not ticked" in read(client.get(f"/sessions/{course_id}/attendance"))
        asked[count] = len(sent)
        cast.now = clock.now

    assert asked[3] == asked[300]
