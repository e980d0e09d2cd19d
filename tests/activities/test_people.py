"""The people of a session: who is in it, added and removed by hand, and who runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person, RoleGrant
from dsbs.activities import queries
from dsbs.activities.forms import names_in
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import Mode
from dsbs.activities.service import offering, registering
from dsbs.agenda.models import Commitment, CommitmentState
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from tests.activities.reading import read, words
from tests.activities.running import end_organiser, name_organiser
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock


def add(client: Client, session_id: int, people: str) -> str:
    """What the page says after these were added."""
    data = {"people": people}
    return read(words(client.post(f"/sessions/{session_id}/people", data=data, follow_redirects=True)))


def parts(person_id: int) -> Sequence[tuple[str, str]]:
    """As what a person's calendar has its entries, and how sure they are, the earliest first."""
    db.session.rollback()
    rows = db.session.scalars(
        select(Commitment).join(Commitment.slot).where(Commitment.person_id == person_id).order_by(Commitment.slot_id)
    )
    return [(row.part, row.state.value) for row in rows]


@pytest.mark.parametrize(
    ("pasted", "names"),
    [
        ("Britt Bauwens <britt@x.be>, Hugo Coppens <hugo@x.be>", ["britt@x.be", "hugo@x.be"]),
        ("Britt Bauwens <britt@x.be>\nHugo Coppens <hugo@x.be>\n", ["britt@x.be", "hugo@x.be"]),
        ("Bauwens, Britt <britt@x.be>; Coppens, Hugo <hugo@x.be>", ["britt@x.be", "hugo@x.be"]),
        ('"Bauwens, Britt" <britt@x.be>, "Coppens, Hugo" <hugo@x.be>', ["britt@x.be", "hugo@x.be"]),
        (
            "hugo@x.be, u0123456, Bauwens, Britt <britt@x.be>, ann@x.be",
            ["hugo@x.be", "u0123456", "britt@x.be", "ann@x.be"],
        ),
        ("britt@x.be<mailto:britt@x.be>", ["britt@x.be"]),
        ("<britt@x.be>,<hugo@x.be>", ["britt@x.be", "hugo@x.be"]),
        ("britt@x.be; u0123456  hugo@x.be\tbritt@x.be", ["britt@x.be", "u0123456", "hugo@x.be"]),
        ("Stan Appeldijks\tstan@x.be\tCardio 2\nCoppens, Zoé\tzoe@x.be", ["stan@x.be", "zoe@x.be"]),
        ("Stan Appeldijks\tu0123456\tCardio", ["u0123456"]),
        ("Stan\tAppeldijks", ["Stan Appeldijks"]),
        (" ,; \n <> ", []),
    ],
)
def test_a_list_pasted_from_a_mail_is_understood(pasted: str, names: list[str]) -> None:
    assert names_in(pasted) == names


def test_who_is_in_it_already_is_passed_over_and_named(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course_id = cast.course(programmes=["CARDIO"]).id
    for name in ("Ada Eerste", "Bea Tweede", "Cis Derde"):
        cast.person(name)
    add(client, course_id, "Ada Eerste <ada.eerste@school.example>")

    said = add(client, course_id, "ada.eerste@school.example, bea.tweede@school.example, cis.derde@school.example")

    assert "2 people added and told by mail" in said
    assert "In it already: Ada Eerste." in said


def test_a_removal_says_that_the_seat_is_free(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course_id = cast.course(programmes=["CARDIO"], capacity=2).id
    cast.person("Ada Eerste")
    add(client, course_id, "ada.eerste@school.example")
    (inside,) = queries.active_registrations(db.session(), course_id)
    address = f"/sessions/{course_id}/people/{inside.id}/remove"

    before = read(client.get(address))
    after = read(client.post(address, data={"reason": "Asked for it"}, follow_redirects=True))

    assert "Ada Eerste is told by mail. The seat is free for somebody else at once." in before
    assert "Ada Eerste is out and told by mail" in after
    assert "The seat is free for somebody else at once." in after


def test_a_removal_from_what_is_over_capacity_frees_no_seat(
    app: Flask, client: Client, cast: Cast, clock: Clock, roger: int
) -> None:
    course_id = cast.course(programmes=["CARDIO"], capacity=3).id
    for name in ("Ada Eerste", "Bea Tweede", "Cis Derde"):
        cast.person(name)
    add(client, course_id, "ada.eerste@school.example bea.tweede@school.example cis.derde@school.example")
    with write(by=SYSTEM, why="Smaller room", at=clock.now) as session:
        session.get_one(ActivitySession, course_id).capacity = 2
    first = queries.active_registrations(db.session(), course_id)[0]

    after = read(
        client.post(f"/sessions/{course_id}/people/{first.id}/remove", data={"reason": "Asked"}, follow_redirects=True)
    )

    assert "No seat is free by it: 2 are still in, for 2 seats." in after


def test_calling_off_what_nobody_registered_for_says_so(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course_id = cast.course(programmes=["CARDIO"]).id

    before = read(client.get(f"/sessions/{course_id}/call-off"))
    after = read(client.post(f"/sessions/{course_id}/call-off", data={"reason": "Ill"}, follow_redirects=True))

    assert "Nobody is registered, so nobody is told. This cannot be undone." in before
    assert "The session is called off" in after
    assert "Nobody was registered." in after


def test_a_session_that_was_called_off_still_says_who_was_in_it_then(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    course_id = cast.course(programmes=["CARDIO"]).id
    cast.person("Ada Eerste"), cast.person("Bea Tweede")
    add(client, course_id, "ada.eerste@school.example bea.tweede@school.example")
    taken_out = queries.active_registrations(db.session(), course_id)[0]
    client.post(f"/sessions/{course_id}/people/{taken_out.id}/remove", data={"reason": "Asked"})
    client.post(f"/sessions/{course_id}/call-off", data={"reason": "Ill"})

    page = read(client.get(f"/sessions/{course_id}/people"))
    exported = client.get(f"/sessions/{course_id}/people.csv").text

    assert "Registered when it was called off" in page
    assert ("Eerste, Ada" in page, "Tweede, Bea" in page, "Remove" in page) == (False, True, False)
    assert ("Eerste" in exported, "Tweede" in exported) == (False, True)


def test_who_was_added_with_a_reason_was_in_the_session_that_was_called_off(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    course_id, ada = cast.course(programmes=["CARDIO"]).id, cast.person("Ada Eerste", Role.RESEARCHER)
    client.post(f"/sessions/{course_id}/people", data={"people": ada.mail, "reason": "Asked by phone"})
    client.post(f"/sessions/{course_id}/call-off", data={"reason": "The speaker is ill"})

    assert "Eerste, Ada" in read(client.get(f"/sessions/{course_id}/people"))
    sign_in(client, db.session.get_one(Person, ada.id))
    own = read(client.get("/my/activities"))
    assert "The session was called off on" in own
    assert ("The speaker is ill" in own, "Asked by phone" in own) == (True, False)


def test_names_lead_to_the_person_where_the_viewer_may_go(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course_id = cast.course(programmes=["CARDIO"]).id
    ada, tess = cast.person("Ada Eerste"), cast.person("Tess Molendijks", Role.ORGANISER, session_id=course_id)
    add(client, course_id, "ada.eerste@school.example")

    sign_in(client, cast.person("Leen Smet", Role.ADMINISTRATOR))
    seen_by_leen = words(client.get(f"/sessions/{course_id}/people"))
    sign_in(client, tess)
    seen_by_tess = words(client.get(f"/sessions/{course_id}/people"))

    assert f'<th scope="row"><a href="/people/{ada.id}">Eerste, Ada</a></th>' in seen_by_leen
    assert f'href="/people/{tess.id}"' in seen_by_leen
    assert "Eerste" in seen_by_tess
    assert "/people/" not in seen_by_tess.replace(f"/sessions/{course_id}/people", "")


def test_an_organiser_has_the_meetings_in_her_calendar(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course_id, tess = cast.course(programmes=["CARDIO"], meetings=2).id, cast.person("Tess Molendijks")

    said = read(
        client.post(
            f"/sessions/{course_id}/organisers",
            data={"teacher-organiser": "Tess Molendijks <tess.molendijks@school.example>"},
            follow_redirects=True,
        )
    )

    assert "Tess Molendijks is a teacher of this session now" in said
    assert parts(tess.id) == [("organiser", "firm")] * 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("nobody@school.example", "Nobody is known by this mail address or personnel number."),
        ("", "Name somebody."),
        ("roger.meunier@school.example tess.molendijks@school.example", "Name one person at a time."),
        ("tess.molendijks@school.example", "Tess Molendijks holds this role already"),
    ],
)
def test_an_organiser_who_cannot_be_named_is_told_beside_the_field_and_stays_typed(
    app: Flask, client: Client, cast: Cast, roger: int, typed: str, sentence: str
) -> None:
    course_id = cast.course(programmes=["CARDIO"]).id
    cast.person("Tess Molendijks", Role.ORGANISER, session_id=course_id)

    page = words(client.post(f"/sessions/{course_id}/organisers", data={"teacher-organiser": typed}))

    beside = page.partition('id="teacher-organiser-error"')[2]
    assert sentence in beside.partition("</span></span>")[0]
    assert f'value="{typed}"' in beside.partition("</form>")[0]
    assert len(db.session.scalars(select(RoleGrant).where(RoleGrant.session_id == course_id)).all()) == 1


def test_who_no_longer_runs_a_session_has_it_in_her_calendar_no_more(
    app: Flask, client: Client, cast: Cast, clock: Clock, roger: int
) -> None:
    course_id, tess = cast.course(programmes=["CARDIO"]).id, cast.person("Tess Molendijks")
    grant_id = name_organiser(course_id, tess, clock)

    said = read(client.post(f"/sessions/{course_id}/organisers/{grant_id}/end", follow_redirects=True))

    assert "Tess Molendijks is no longer a teacher of this session" in said
    assert "Teacher since" not in said
    assert parts(tess.id) == [("organiser", "released")]


def test_meetings_that_she_gave_stay_in_an_organisers_calendar(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, tess = cast.course(meetings=2).id, cast.person("Tess Molendijks")
    grant_id = name_organiser(course_id, tess, clock)
    clock.move_to(clock.now + timedelta(days=20))

    end_organiser(course_id, grant_id, clock)

    assert parts(tess.id) == [("organiser", "firm"), ("organiser", "released")]


def test_a_meeting_that_is_added_comes_into_the_organisers_calendar(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, tess = cast.course().id, cast.person("Tess Molendijks")
    name_organiser(course_id, tess, clock)
    with write(by=SYSTEM, why="One more", at=clock.now) as session:
        offered = queries.session_in_full(session, course_id)
        plan = offering.plan_of(offered)
        step = timedelta(weeks=1)
        more = replace(plan.meetings[0], start=plan.meetings[0].start + step, end=plan.meetings[0].end + step)
        plan = replace(plan, meetings=[*plan.meetings, more])
        offering.edit_session(session, session_id=course_id, revision=1, plan=plan, now=clock.now)

    assert parts(tess.id) == [("organiser", "firm")] * 2


def test_a_session_that_is_called_off_leaves_the_organisers_calendar(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id, tess = cast.course().id, cast.person("Tess Molendijks")
    name_organiser(course_id, tess, clock)

    with write(by=SYSTEM, why="Called off", at=clock.now) as session:
        offering.cancel_session(session, session_id=course_id, reason="Ill", now=clock.now)

    assert parts(tess.id) == [("organiser", "released")]


def test_an_organiser_who_has_a_seat_as_well_keeps_the_one_when_the_other_goes(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    course_id, tess = cast.course().id, cast.person("Tess Molendijks")
    grant_id = name_organiser(course_id, tess, clock)
    seats = []
    for _ in range(2):
        with write(by=SYSTEM, why="Added", at=clock.now) as session:
            own = session.get_one(Person, tess.id)
            seats += registering.take_seats(session, session_id=course_id, people=[own], now=clock.now)
        if len(seats) == 1:
            with write(by=SYSTEM, why="Gave it back", at=clock.now) as session:
                own = session.get_one(Person, tess.id)
                registering.cancel(session, registration_id=seats[0], person=own, now=clock.now)
            assert parts(tess.id) == [("organiser", "firm")]

    end_organiser(course_id, grant_id, clock)

    assert parts(tess.id) == [("participant", "firm")]


def test_a_draft_with_an_organiser_can_be_thrown_away(app: Flask, cast: Cast, clock: Clock) -> None:
    draft_id, tess = cast.course(published=False).id, cast.person("Tess Molendijks")
    name_organiser(draft_id, tess, clock)

    with write(by=SYSTEM, why="Threw it away", at=clock.now) as session:
        offering.delete_draft(session, session_id=draft_id)

    assert db.session.scalars(select(RoleGrant).where(RoleGrant.person_id == tess.id)).all() == []


def test_planning_shows_the_next_meeting_of_a_running_course(
    app: Flask, client: Client, cast: Cast, clock: Clock, roger: int
) -> None:
    cast.course(title="Runs already", programmes=["CARDIO"], meetings=3, starts_in=timedelta(days=2))
    cast.course(title="Soon", programmes=["CARDIO"], starts_in=timedelta(days=7))
    clock.move_to(clock.now + timedelta(days=3))

    page = read(words(client.get("/activities/plan")).replace("<", " <"))

    rows = page[page.index("Soon") :]
    assert "Tue 1 Dec 2026" in rows[: rows.index("Runs already")]
    assert "Thu 3 Dec 2026" in rows[rows.index("Runs already") :]
    assert "26 Nov" not in page


def test_people_who_come_without_seats_are_added_without_a_word_of_seats(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    course_id = cast.course(programmes=["CARDIO"], mode=Mode.COUNT).id
    cast.person("Ada Eerste")
    add(client, course_id, "ada.eerste@school.example")
    (inside,) = queries.active_registrations(db.session(), course_id)
    address = f"/sessions/{course_id}/people/{inside.id}/remove"

    after = read(client.post(address, data={"reason": "Asked"}, follow_redirects=True))

    assert "Ada Eerste is out and told by mail" in after
    assert "seat is free" not in after
    assert parts(inside.person_id) == [("participant", CommitmentState.RELEASED.value)]
