"""Who may join, as researchers read it and coordinators set it; requests, invitations and kept seats on their pages."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities.models import Invitation, Registration, SeatReservation
from dsbs.activities.rules import RegistrationState
from dsbs.activities.rules.conditions import Condition, ConditionKind
from dsbs.activities.rules.pools import Reservation
from dsbs.core.access import Role
from dsbs.core.db import db
from dsbs.mail.models import Message
from tests.activities.reading import letter, read
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.statements import questions

APPROVAL, INVITED = Condition(ConditionKind.APPROVAL), Condition(ConditionKind.INVITED)


def sign_in_roger(cast: Cast, client: Client) -> None:
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))


def test_a_session_lists_its_conditions_and_when_what_is_missing_is_given(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    first = cast.course(title="Research integrity", starts_in=timedelta(days=3))
    asked = [
        cast.only("CARDIO", "NEURO"),
        Condition(ConditionKind.YEARS, first_year=2),
        Condition(ConditionKind.ATTENDED, ids=(first.activity_id,)),
    ]
    course = cast.course(conditions=asked)

    page = read(client.get(f"/sessions/{course.id}"))

    assert "Not for you Attend “Research integrity” first." in page
    assert "Researchers of Cardio or Neuro You meet this." in page
    assert "Researchers from year 2 of their track on You meet this." in page
    assert "Those who attended “Research integrity” You do not meet this. next on Fri 27 Nov 2026, 10:00" in page


def test_who_does_not_meet_a_condition_is_refused_with_its_sentence(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    course = cast.course(conditions=[Condition(ConditionKind.YEARS, first_year=3, last_year=4)])

    answer = client.post(f"/sessions/{course.id}/register", data={"or_wait": "yes"}, follow_redirects=True)

    assert "This is for researchers in years 3 to 4 of their track." in read(answer)
    assert db.session.scalars(select(Registration)).all() == []


def test_the_catalogue_asks_one_thing_more_where_conditions_need_it(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    def asked() -> int:
        client.get("/activities")
        with questions() as seen:
            client.get("/activities")
        return len(seen)

    cast.course(title="For all")
    plain = asked()
    for number in range(3):
        cast.course(title=f"Once {number}", conditions=[Condition(ConditionKind.NOT_ATTENDED)])
    with_record = asked()
    kept = [Reservation(cast.programme("NEURO").id, 1, cast.now + timedelta(days=9))]
    for number in range(3):
        cast.course(title=f"Kept {number}", reservations=kept)

    assert (with_record - plain, asked() - plain) == (1, 2)


def test_who_asks_sees_it_everywhere_and_the_coordinator_says_yes(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    course = cast.course(programmes=["CARDIO"], conditions=[APPROVAL])
    asked = read(client.post(f"/sessions/{course.id}/register", follow_redirects=True))
    assert "You asked for a seat" in asked
    assert "Waiting for the coordinator" in asked
    for page in ("/", "/my/activities", "/activities"):
        assert "Waiting for the coordinator" in read(client.get(page))
    part = db.session.scalars(select(Registration)).one()

    sign_in_roger(cast, client)
    assert "1 asks for a seat" in read(client.get("/"))
    assert "Waiting for your answer" in read(client.get(f"/sessions/{course.id}/people"))
    yes = client.post(f"/sessions/{course.id}/people/{part.id}/approve", follow_redirects=True)

    assert "Britt Bauwens is approved and told by mail" in read(yes)
    db.session.rollback()
    assert db.session.get_one(Registration, part.id).state is RegistrationState.REGISTERED
    told = db.session.scalars(select(Message).where(Message.template == "activities/approved")).one()
    assert "you have the seat" in letter(app, told).text


def test_who_is_refused_reads_the_reason(app: Flask, client: Client, cast: Cast, britt: int) -> None:
    course = cast.course(programmes=["CARDIO"], conditions=[APPROVAL])
    client.post(f"/sessions/{course.id}/register")
    part = db.session.scalars(select(Registration)).one()
    sign_in_roger(cast, client)
    address = f"/sessions/{course.id}/people/{part.id}/refuse"

    assert "Say why" in read(client.post(address, data={"reason": ""}))
    client.post(address, data={"reason": "It is for clinicians"})

    told = db.session.scalars(select(Message).where(Message.template == "activities/refused")).one()
    assert "Why: It is for clinicians" in letter(app, told).text


def test_a_coordinator_sets_conditions_on_the_form_of_the_activity(app: Flask, client: Client, cast: Cast) -> None:
    sign_in_roger(cast, client)
    other = cast.course(title="Research integrity", programmes=["CARDIO"])
    activity_id = cast.course(programmes=["CARDIO"]).activity_id
    cardio = str(cast.programme("CARDIO").id)
    text = {"title": "Writing", "kind": "phd_course", "language": "en", "programmes": cardio, "revision": "1"}
    asked = {
        "requirements-0-one_of-0-kind": "programmes",
        "requirements-0-one_of-0-programmes": cardio,
        "requirements-0-one_of-1-kind": "invited",
        "requirements-1-one_of-0-kind": "years",
        "requirements-1-one_of-0-first_year": "1",
        "requirements-1-one_of-0-last_year": "2",
        "requirements-1-one_of-1-kind": "approval",
        "requirements-2-one_of-0-kind": "attended",
        "requirements-2-one_of-0-attended": str(other.activity_id),
        "requirements-3-one_of-0-kind": "not_attended",
        "requirements-4-one_of-0-kind": "",
    }

    wrong = client.post(
        f"/activities/{activity_id}/edit", data={**text, **asked, "requirements-1-one_of-0-first_year": "3"}
    )
    client.post(f"/activities/{activity_id}/edit", data={**text, **asked})

    assert "The last year comes before the first." in read(wrong)
    page = read(client.get(f"/activities/{activity_id}"))
    for words in (
        "Researchers who are invited, or researchers of Cardio",
        "Researchers in years 1 to 2 of their track, or those whom the coordinator approves",
        "Those who attended “Research integrity”",
        "Those who have not attended it yet",
    ):
        assert words in page
    again = client.get(f"/activities/{activity_id}/edit").text
    assert f'<option selected value="{other.activity_id}">Research integrity</option>' in again


def test_a_coordinator_makes_the_list_of_invited_people_and_mails_it_once(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    course = cast.course(title="Round table", programmes=["CARDIO"], conditions=[INVITED])
    assert "This is by invitation." in read(client.get(f"/sessions/{course.id}"))
    sign_in_roger(cast, client)
    page = f"/activities/{course.activity_id}/invitations"

    added = client.post(page, data={"people": "britt.bauwens@school.example"}, follow_redirects=True)
    mailed = client.post(f"{page}/mail", follow_redirects=True)
    again = client.post(f"{page}/mail", follow_redirects=True)

    assert "1 person is on the list now" in read(added)
    assert "Mail the invitation to 1 person" in read(added)
    assert "1 person is invited by mail" in read(mailed)
    assert "Everybody on the list was told already" in read(again)
    told = db.session.scalars(select(Message)).one()
    assert "You are invited: Round table" in letter(app, told).subject
    invitation = db.session.scalars(select(Invitation)).one()
    client.post(f"{page}/{invitation.id}/remove")
    assert "Nobody yet" in read(client.get(page))


def test_an_invited_researcher_takes_a_seat(app: Flask, client: Client, cast: Cast, britt: int) -> None:
    course = cast.course(programmes=["CARDIO"], conditions=[INVITED])
    sign_in_roger(cast, client)
    client.post(f"/activities/{course.activity_id}/invitations", data={"people": "britt.bauwens@school.example"})

    sign_in(client, db.session.get_one(Person, britt))
    assert "You have the seat" in read(client.post(f"/sessions/{course.id}/register", follow_redirects=True))


def test_seats_are_kept_on_the_form_of_the_session_and_said_on_its_page(
    app: Flask, client: Client, cast: Cast, clock: Clock
) -> None:
    sign_in_roger(cast, client)
    course = cast.course(programmes=["CARDIO"], capacity=8)
    form = {
        "revision": "1",
        "mode": "seat",
        "capacity": "8",
        "meetings-0-day": "2026-12-10",
        "meetings-0-start": "09:00",
        "meetings-0-end": "12:30",
        "meetings-0-venue": "0",
        "kept-0-programme": str(cast.programme("CANCER").id),
        "kept-0-seats": "5",
        "kept-0-until": "2026-12-01T12:00",
    }

    missing = read(client.post(f"/sessions/{course.id}/edit", data={**form, "kept-0-until": ""}))
    too_many = read(client.post(f"/sessions/{course.id}/edit", data={**form, "kept-0-seats": "9"}))
    client.post(f"/sessions/{course.id}/edit", data=form)

    assert "Say until when they are kept." in missing
    assert "You keep more seats than there are: 8." in too_many
    assert db.session.scalars(select(SeatReservation.seats)).all() == [5]
    assert "5 of them are kept for Cancer until Tue 1 Dec 2026, 12:00." in read(client.get(f"/sessions/{course.id}"))


def test_who_finds_only_kept_seats_may_wait_and_reads_until_when(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    kept = [Reservation(cast.programme("NEURO").id, 2, cast.now + timedelta(days=9))]
    course = cast.course(capacity=2, reservations=kept)

    page = read(client.get(f"/sessions/{course.id}"))

    assert "Join the waiting list" in page
    assert "The free seats are kept for Neuro until Thu 3 Dec 2026, 10:00." in page
