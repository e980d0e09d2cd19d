"""What changed, in words: of a session, an activity, an enrolment and a venue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person, RoleGrant
from dsbs.activities import queries
from dsbs.activities.attending import Presence
from dsbs.activities.rules.requirements import Requirement
from dsbs.activities.service import offering, registering, teaching
from dsbs.activities.service.offering import ActivityText
from dsbs.agenda import service as agenda
from dsbs.agenda.models import Venue
from dsbs.agenda.rules import Equipment
from dsbs.core.access import Role
from dsbs.core.db import db, write
from dsbs.enrolments import queries as enrolments
from dsbs.enrolments import service as enrolment_service
from dsbs.enrolments.models import Enrolment
from dsbs.enrolments.rules import Facts, SuspensionKind, Track
from dsbs.enrolments.service import Suspended, digest_of, would_move
from tests.activities.ticking import meetings_of, seat, tick
from tests.home.reading import queries_of, words_of
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock


@pytest.fixture
def leen(cast: Cast, client: Client) -> Person:
    """Runs the school, and looks."""
    person = cast.person("Leen Adams", Role.ADMINISTRATOR)
    sign_in(client, person)
    return person


@contextmanager
def later(clock: Clock, who: Person, why: str) -> Iterator[Session]:
    """Somebody changes something an hour after whatever was changed before."""
    clock.move_to(clock.now + timedelta(hours=1))
    with write(by=who.actor, why=why, at=clock.now) as session:
        yield session


def told(client: Client, path: str) -> list[tuple[str, list[str]]]:
    """What a page tells: why, with what changed then; the newest first."""
    page = client.get(path).text.partition("<h1>")[2]
    changes = re.findall(r"<p><b>(.*?)</b>.*?<ul class=\"small\">(.*?)</ul>", page, re.DOTALL)
    return [(words_of(why), [words_of(row) for row in re.findall(r"<li>(.*?)</li>", rows)]) for why, rows in changes]


def test_a_session_tells_when_it_was_planned_and_shown(client: Client, cast: Cast, leen: Person) -> None:
    course = cast.course(venue=cast.venue("Room 1"))
    ((why, rows),) = told(client, f"/sessions/{course.id}/changes")
    assert (why, rows) == (
        "Set the stage",
        [
            "State: Draft",
            "How one takes part: Seats: a fixed number of places",
            "Seats: 30",
            "Meeting: Thu 10 Dec 2026, 10:00–13:00, Room 1",
            "State: Draft → Published",
        ],
    )


def test_a_session_tells_who_was_ticked_in_one_line_and_each_change_of_it_in_its_own(
    client: Client, cast: Cast, clock: Clock, leen: Person
) -> None:
    course_id, ada, bea = cast.course().id, cast.person("Ada Eerste").id, cast.person("Bea Tweede").id
    seat(course_id, *(db.session.get_one(Person, one) for one in (ada, bea)), clock=clock)
    (meeting,) = meetings_of(course_id)
    clock.advance(timedelta(days=16))
    tick(meeting, {bea: Presence.PRESENT, ada: Presence.PRESENT}, clock=clock)
    clock.advance(timedelta(minutes=5))
    tick(meeting, {ada: None, bea: Presence.ABSENT}, shown=dict.fromkeys((ada, bea), Presence.PRESENT), clock=clock)

    first, second, *_before = told(client, f"/sessions/{course_id}/changes")

    assert second[1] == ["Present on Thu 10 Dec: Ada Eerste, Bea Tweede"]
    assert sorted(first[1]) == [
        "Ada Eerste on Thu 10 Dec: Present, removed",
        "Bea Tweede on Thu 10 Dec: Present → Absent",
    ]


def test_a_session_tells_from_where_to_where_its_meetings_moved(
    client: Client, cast: Cast, clock: Clock, leen: Person
) -> None:
    course_id, hall = cast.course(venue=cast.venue("Room 1"), meetings=2).id, cast.venue("Hall")
    for change in ("moved", "one less"):
        with later(clock, leen, change) as session:
            offered = queries.session_in_full(session, course_id)
            plan = offering.plan_of(offered)
            first, *rest = plan.meetings
            day = timedelta(days=1)
            moved = replace(first, start=first.start + day, end=first.end + day, venue_id=hall.id)
            plan = replace(plan, meetings=[moved, *rest] if change == "moved" else [first])
            offering.edit_session(session, session_id=course_id, revision=offered.revision, plan=plan, now=clock.now)

    assert told(client, f"/sessions/{course_id}/changes")[:2] == [
        ("one less", ["Meeting: Thu 17 Dec 2026, 10:00–13:00, Room 1, removed"]),
        ("moved", ["Meeting: Thu 10 Dec 2026, 10:00–13:00, Room 1 → Fri 11 Dec 2026, 10:00–13:00, Hall"]),
    ]


def test_a_session_tells_who_came_and_went_and_why(client: Client, cast: Cast, clock: Clock, leen: Person) -> None:
    course_id, britt, hugo = cast.course().id, cast.person("Britt Bauwens"), cast.person("Hugo Coppens")
    with later(clock, leen, "Added by hand: on a list") as session:
        people = [session.get_one(Person, person.id) for person in (britt, hugo)]
        registering.add(session, session_id=course_id, people=people, reason="on a list", now=clock.now)
        ids = [registration.id for registration in queries.active_registrations(session, course_id)]
    with later(clock, britt, "Gave the seat back") as session:
        registering.cancel(session, registration_id=ids[0], person=session.get_one(Person, britt.id), now=clock.now)
    with later(clock, leen, "Removed from a session") as session:
        registering.remove(
            session, registration_id=ids[1], session_id=course_id, reason="Has done it before", now=clock.now
        )

    assert told(client, f"/sessions/{course_id}/changes")[:3] == [
        ("Removed from a session", ["Removed: Hugo Coppens", "Reason: Has done it before"]),
        ("Gave the seat back", ["Seat given back: Britt Bauwens"]),
        ("Added by hand: on a list", ["Registered: Britt Bauwens, seat 1", "Registered: Hugo Coppens, seat 2"]),
    ]


def test_a_reason_is_told_as_it_was_typed(client: Client, cast: Cast, clock: Clock, leen: Person) -> None:
    course_id, typed = cast.course().id, "Called off: 50% ill, %(name)s too <i>today</i> & tomorrow"
    with later(clock, leen, typed) as session:
        offering.cancel_session(session, session_id=course_id, reason=typed, now=clock.now)

    page = client.get(f"/sessions/{course_id}/changes").text

    assert "<b>Called off: 50% ill, %(name)s too &lt;i&gt;today&lt;/i&gt; &amp; tomorrow</b>" in page


def test_a_session_tells_who_ran_it_also_when_that_is_gone(
    client: Client, cast: Cast, clock: Clock, leen: Person
) -> None:
    course_id, tess = cast.course().id, cast.person("Tess Molendijks")
    with later(clock, leen, "Named a teacher") as session:
        person = session.get_one(Person, tess.id)
        grant = teaching.name_organiser(session, session_id=course_id, person=person, today=cast.today)
        grant_id = grant.id
    with later(clock, leen, "Ended a teacher's part") as session:
        teaching.end_organiser(session, session_id=course_id, grant_id=grant_id, now=clock.now, today=clock.now.date())

    assert told(client, f"/sessions/{course_id}/changes")[:2] == [
        ("Ended a teacher's part", ["Teacher: Tess Molendijks, removed"]),
        ("Named a teacher", ["Teacher: Tess Molendijks"]),
    ]


def test_a_history_keeps_apart_two_roles_that_had_the_same_id(
    sqlite_app: Flask, client: Client, cast: Cast, clock: Clock, leen: Person
) -> None:
    course_id, tess, hugo = cast.course().id, cast.person("Tess Molendijks"), cast.person("Hugo Coppens")
    with later(clock, leen, "Named a teacher") as session:
        person = session.get_one(Person, tess.id)
        gone = teaching.name_organiser(session, session_id=course_id, person=person, today=cast.today).id
    with later(clock, leen, "Ended a teacher's part") as session:
        teaching.end_organiser(session, session_id=course_id, grant_id=gone, now=clock.now, today=cast.today)
    with later(clock, leen, "Gave a role") as session:
        person = session.get_one(Person, hugo.id)
        given = accounts.grant(session, person=person, role=Role.READER, since=cast.today).id
    with later(clock, leen, "Ended a role") as session:
        accounts.end_grant(session, grant=session.get_one(RoleGrant, given), on=cast.today)

    assert given == gone
    whys = [
        [why for why, _rows in told(client, path)]
        for path in (f"/sessions/{course_id}/changes", f"/people/{tess.id}", f"/people/{hugo.id}")
    ]
    assert whys == [
        ["Ended a teacher's part", "Named a teacher", "Set the stage"],
        ["Ended a teacher's part", "Named a teacher", "Set the stage"],
        ["Ended a role", "Gave a role", "Set the stage"],
    ]


def test_a_session_that_was_called_off_tells_why(client: Client, cast: Cast, clock: Clock, leen: Person) -> None:
    course_id = cast.course().id
    with later(clock, leen, "Called off: Ill") as session:
        offering.cancel_session(session, session_id=course_id, reason="Ill", now=clock.now)

    assert told(client, f"/sessions/{course_id}/changes")[0] == (
        "Called off: Ill",
        ["State: Published → Cancelled", "Meeting: Thu 10 Dec 2026, 10:00–13:00, removed"],
    )


def test_the_address_of_an_online_session_is_not_told(client: Client, cast: Cast, clock: Clock, leen: Person) -> None:
    course_id = cast.course().id
    with later(clock, leen, "Put it online") as session:
        plan = replace(
            offering.plan_of(queries.session_in_full(session, course_id)), online_link="https://meet.example"
        )
        offering.edit_session(session, session_id=course_id, revision=1, plan=plan, now=clock.now)

    page = client.get(f"/sessions/{course_id}/changes").text

    assert ("Online link: changed" in page, "meet.example" in page) == (True, False)


def test_an_activity_tells_its_words_and_who_offers_it(client: Client, cast: Cast, clock: Clock, leen: Person) -> None:
    course = cast.course(programmes=["CARDIO"])
    text = ActivityText(
        title="Writing well",
        kind="skills_academic",
        language="nl",
        description="Other words.",
        hours=Decimal("7.5"),
        credits=None,
        programmes=[cast.programme("NEURO").id],
        requirements=[Requirement((cast.only("NEURO"),))],
    )
    with later(clock, leen, "Changed an activity") as session:
        offering.edit_activity(session, activity_id=course.activity_id, revision=1, text=text, now=clock.now)

    assert told(client, f"/activities/{course.activity_id}/changes")[0] == (
        "Changed an activity",
        [
            "Title: Scientific writing → Writing well",
            "Spoken in: English → Nederlands",
            "Description: changed",
            "Hours: 6 → 7.5",
            "Offered by: Cardio, removed",
            "Offered by: Neuro",
            "Requirement 1, researchers of: Neuro",
        ],
    )


def test_an_enrolment_tells_names_and_days(client: Client, cast: Cast, clock: Clock, leen: Person) -> None:
    britt, leon = cast.researcher("Britt Bauwens"), cast.person("Leon Colman", Role.SUPERVISOR)
    enrolment_id = db.session.scalars(select(Enrolment.id).where(Enrolment.person_id == britt.id)).one()
    with later(clock, leen, "Corrected an enrolment") as session:
        found = enrolments.enrolment_to_edit(session, enrolment_id)
        facts = Facts(
            programme_id=cast.programme("NEURO").id,
            department_id=found.department_id,
            supervisor_id=leon.id,
            co_supervisor_ids=(),
            start=found.start,
            until=date(2027, 9, 30),
            track=Track.SIX_YEARS,
            employment_percentage=Decimal(60),
            funding_end=None,
            joint_partner="",
            project_title=found.project_title,
        )
        enrolment_service.edit_enrolment(
            session, enrolment=found, revision=found.revision, facts=facts, today=cast.today
        )

    (why, rows), _ = told(client, f"/enrolments/{enrolment_id}/changes")

    assert why == "Corrected an enrolment"
    assert any(row.startswith("Mid-term evaluation: due:") for row in rows)
    cardio, neuro = cast.programme("CARDIO").name, cast.programme("NEURO").name
    assert sorted(row for row in rows if ": due:" not in row) == sorted(
        [
            f"Programme: {cardio} → {neuro}",
            "Track: Four-year track → Six-year track",
            "Employment: 100% → 60%",
            "Last day: Thu 30 Sep 2027",
            "Supervisor: Nicole Coenen, removed",
            "Supervisor: Leon Colman",
        ]
    )


def test_a_venue_tells_what_is_known_of_it(client: Client, cast: Cast, clock: Clock, leen: Person) -> None:
    room_id = cast.venue("Room 1").id
    facts = agenda.VenueFacts(
        name="Room 2", capacity=None, ours=True, equipment=frozenset({Equipment.PROJECTOR, Equipment.WHITEBOARD})
    )
    with later(clock, leen, "Changed a venue") as session:
        agenda.edit_venue(session, venue=session.get_one(Venue, room_id), facts=facts)

    assert told(client, f"/venues/{room_id}/changes")[0] == (
        "Changed a venue",
        ["Name: Room 1 → Room 2", "Seats: 30, removed", "Equipment: Projector, Whiteboard"],
    )


def test_the_page_of_each_leads_to_what_changed_for_who_may_see_it(client: Client, cast: Cast) -> None:
    britt = cast.researcher("Britt Bauwens", "CARDIO")
    course = cast.course(programmes=["CARDIO"], venue=cast.venue())
    enrolment_id = db.session.scalars(select(Enrolment.id).where(Enrolment.person_id == britt.id)).one()
    pages = [f"/sessions/{course.id}", f"/activities/{course.activity_id}", f"/enrolments/{enrolment_id}", "/venues/1"]
    linked = {}
    for person in (
        britt,
        cast.supervisor(),
        cast.person("Dirk Reader", Role.READER),
        cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"),
    ):
        sign_in(client, person)
        linked[person.given_name] = [f'href="{page}/changes"' in client.get(page).text for page in pages]

    assert linked == {
        "Britt": [False, False, True, False],
        "Nicole": [False, False, False, False],
        "Dirk": [True, False, True, False],
        "Roger": [True, True, True, True],
    }


def _change_seats(cast: Cast, clock: Clock, leen: Person, course_id: int, times: int) -> None:
    """So many people come, and the number of seats changes as often."""
    for number in range(times):
        person = cast.person(f"Ada Number{course_id}-{number}")
        with later(clock, leen, f"Change {number}") as session:
            found = queries.session_in_full(session, course_id)
            found.capacity = 400 + (found.capacity or 0) % 2 + 1
            own = session.get_one(Person, person.id)
            registering.take_seats(session, session_id=course_id, people=[own], now=cast.now)


def test_a_history_asks_as_often_for_three_changes_as_for_three_hundred(
    sqlite_app: Flask, client: Client, cast: Cast, clock: Clock, leen: Person
) -> None:
    course_id = cast.course(capacity=400).id
    path = f"/sessions/{course_id}/changes"
    _change_seats(cast, clock, leen, course_id, 3)
    client.get(path)
    few = queries_of(client, path)
    with_many = cast.course(capacity=400, starts_in=timedelta(days=60)).id
    _change_seats(cast, clock, leen, with_many, 300)
    path = f"/sessions/{with_many}/changes"
    client.get(path)

    assert queries_of(client, path) == few
    pages = [[why for why, _rows in told(client, f"{path}?page={page}")] for page in (1, 3, 4)]
    assert [len(page) for page in pages] == [100, 100, 1]
    assert (pages[0][0], pages[1][-1]) == ("Change 299", "Change 0")
    assert "95 earlier changes" in client.get(path).text


def test_an_enrolment_tells_its_suspensions_without_their_reason_and_the_dates_that_moved(
    client: Client, cast: Cast, clock: Clock, leen: Person
) -> None:
    britt = cast.researcher("Britt Bauwens")
    enrolment_id = db.session.scalars(select(Enrolment.id).where(Enrolment.person_id == britt.id)).one()
    start = db.session.get_one(Enrolment, enrolment_id).start
    days = Suspended(
        first_day=start + timedelta(days=10), last_day=start + timedelta(days=19), kind=SuspensionKind.ILLNESS
    )
    with later(clock, leen, "Recorded a suspension") as session:
        found = enrolments.enrolment_to_edit(session, enrolment_id)
        seen = digest_of(would_move(session, enrolment=found, days=days))
        enrolment_service.suspend(session, enrolment=found, days=days, seen=seen, now=clock.now)
    (why, rows), *_ = told(client, f"/enrolments/{enrolment_id}/changes")
    assert why == "Recorded a suspension"
    assert rows[:2] == ["Suspension: first day: Thu 4 Dec 2025", "Suspension: last day: Sat 13 Dec 2025"]
    assert any(re.fullmatch("Research integrity course: due: .+ → .+", row) for row in rows)
    assert "llness" not in client.get(f"/enrolments/{enrolment_id}/changes").text
