"""The training record of one person, and which meetings still wait for their ticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities import unticked
from dsbs.activities.attending import Outcome, Presence
from dsbs.activities.models import Activity, Meeting
from dsbs.activities.rules import Mode
from dsbs.activities.service import ticking
from dsbs.activities.training_record import Year, record_of
from dsbs.core.access import Grant, Role, Viewer
from dsbs.core.db import SYSTEM, db, write
from tests.activities.reading import read, words
from tests.activities.ticking import meetings_of, seat, tick
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.statements import questions

PRESENT, ABSENT, EXCUSED = Presence.PRESENT, Presence.ABSENT, Presence.EXCUSED
BEGINS = timedelta(days=16)


def credit(activity_id: int, number: str, *, clock: Clock) -> None:
    """Let an activity give so many credits."""
    with write(by=SYSTEM, why="Gave credits", at=clock.now) as session:
        session.get_one(Activity, activity_id).credits = Decimal(number)


def leen() -> Viewer:
    """A viewer who runs the whole school."""
    return Viewer(id=1, name="Leen", grants=frozenset({Grant(Role.ADMINISTRATOR)}))


def test_hours_and_credits_follow_from_what_was_ticked(app: Flask, cast: Cast, clock: Clock) -> None:
    course, ada = cast.course(meetings=2), cast.person("Ada Eerste")
    course_id = course.id
    credit(course.activity_id, "1.5", clock=clock)
    seat(course_id, ada, clock=clock)
    first, second = meetings_of(course_id)
    clock.advance(BEGINS)
    tick(first, {ada.id: PRESENT}, clock=clock)

    def entry() -> tuple[Outcome, Decimal | None, Decimal | None]:
        db.session.rollback()
        (found,) = record_of(db.session(), ada.id, now=clock.now).entries
        return found.outcome, found.hours, found.credits

    assert entry() == (Outcome.OPEN, Decimal("3.0"), Decimal(0))
    clock.advance(timedelta(weeks=1))
    tick(second, {ada.id: ABSENT}, clock=clock)
    assert entry() == (Outcome.PARTLY, Decimal("3.0"), Decimal(0))
    tick(second, {ada.id: PRESENT}, shown={ada.id: ABSENT}, clock=clock)
    assert entry() == (Outcome.ATTENDED, Decimal("6.0"), Decimal("1.5"))


def test_who_came_along_has_it_on_record_and_who_did_not_has_not(app: Flask, cast: Cast, clock: Clock) -> None:
    talk_id, ada, bea = cast.course(mode=Mode.OPEN, meetings=2).id, cast.person("Ada Eerste"), cast.person("Bea Tweede")
    first, _second = meetings_of(talk_id)
    clock.advance(BEGINS)
    with write(by=SYSTEM, why="Came along", at=clock.now) as session:
        own = session.get_one(Person, ada.id)
        ticking.add_at_door(session, meeting_id=first, people=[own], by_id=None, reason="", now=clock.now)
    clock.advance(timedelta(weeks=2))

    (entry,) = record_of(db.session(), ada.id, now=clock.now).entries

    assert (entry.outcome, entry.hours) == (Outcome.PARTLY, Decimal("3.0"))
    assert record_of(db.session(), bea.id, now=clock.now).entries == []


def test_years_are_those_in_which_sessions_ended(app: Flask, cast: Cast, clock: Clock) -> None:
    ada = cast.person("Ada Eerste")
    # The second meeting of the one is on the last day of the year, of the other a week later.
    for starts_in in (timedelta(days=30), timedelta(days=37)):
        course_id = cast.course(title=f"In {starts_in.days} days", starts_in=starts_in, meetings=2).id
        seat(course_id, ada, clock=clock)
    clock.move_to(datetime(2027, 2, 1, tzinfo=UTC))
    for meeting in db.session.scalars(select(Meeting.id)).all():
        tick(meeting, {ada.id: PRESENT}, clock=clock, reason="From the paper list")

    years = record_of(db.session(), ada.id, now=clock.now).years

    assert years == [Year(2027, 1, Decimal("6.0"), Decimal(0)), Year(2026, 1, Decimal("6.0"), Decimal(0))]


def test_a_record_is_one_question_however_long_it_is(app: Flask, cast: Cast, clock: Clock) -> None:
    ada = cast.person("Ada Eerste")
    for number in range(3):
        seat(cast.course(title=f"Course {number}", meetings=2).id, ada, clock=clock)
    clock.advance(timedelta(days=40))
    ada_id = ada.id

    with questions() as asked:
        assert len(record_of(db.session(), ada_id, now=clock.now).entries) == 3
    assert len(asked) == 1


def test_a_researcher_reads_on_her_page_what_each_session_was(
    app: Flask, client: Client, cast: Cast, clock: Clock
) -> None:
    ada = cast.researcher("Ada Eerste")
    for title, mark in (("Writing", PRESENT), ("Talking", ABSENT), ("Listening", EXCUSED), ("Waiting", None)):
        course_id = cast.course(title=title).id
        seat(course_id, ada, clock=clock)
        cast.now = clock.now
        (meeting,) = meetings_of(course_id)
        clock.advance(BEGINS)
        tick(meeting, {ada.id: mark}, clock=clock)
        clock.advance(timedelta(hours=4) - BEGINS)
    clock.advance(BEGINS)
    sign_in(client, db.session.get_one(Person, ada.id))

    mine, own = read(words(client.get("/my/activities"))), read(words(client.get("/me")))

    for said in ("Attended", "Missed", "Excused", "Not ticked yet"):
        assert said in mine.partition("in the past")[2]
        assert said in own.partition("Training attended")[2]
    assert "2026 1 6 0" in read(words(client.get("/me")).replace("<", " <"))


def test_what_is_not_ticked_through_waits_for_its_teacher(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, ada, bea = cast.course(meetings=2).id, cast.person("Ada Eerste"), cast.person("Bea Tweede")
    seat(course_id, ada, bea, clock=clock)
    first, _second = meetings_of(course_id)
    tess = Viewer(id=1, name="Tess", grants=frozenset({Grant(Role.ORGANISER, session_id=course_id)}))

    def left() -> list[tuple[int, int, int]]:
        db.session.rollback()
        found = unticked.meetings_organised(db.session(), viewer=tess, now=clock.now, most=9)
        return [(meeting.meeting_id, meeting.expected, meeting.noted) for meeting in found]

    clock.advance(BEGINS - timedelta(hours=2))
    assert left() == []
    clock.advance(timedelta(hours=1))
    assert left() == [(first, 2, 0)]
    tick(first, {ada.id: PRESENT}, clock=clock)
    assert left() == [(first, 2, 1)]
    tick(first, {bea.id: EXCUSED}, clock=clock)
    assert left() == []


def test_who_plans_is_told_of_meetings_that_are_over_and_have_no_tick_at_all(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    viewer, ada, bea = leen(), cast.person("Ada Eerste"), cast.person("Bea Tweede")
    bare, begun, empty = (cast.course(title=title).id for title in ("Bare", "Begun", "Empty"))
    talk = cast.course(title="Talk", mode=Mode.OPEN).id
    seat(bare, ada, clock=clock)
    seat(begun, ada, bea, clock=clock)
    clock.advance(BEGINS)
    tick(meetings_of(begun)[0], {ada.id: PRESENT}, clock=clock)

    def left() -> set[int]:
        db.session.rollback()
        found = unticked.meetings_looked_after(db.session(), viewer=viewer, now=clock.now, most=9)
        return {meeting.session_id for meeting in found}

    assert left() == set()
    clock.advance(timedelta(hours=3))
    assert left() == {bare, talk}
    assert empty not in left()
    clock.advance(timedelta(days=61))
    assert left() == set()
