"""Waiting and answering an offer, on the pages: what is shown, what a link alone can do, what stays as it was."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts import links
from dsbs.accounts.models import Person, SignedLink
from dsbs.activities import queries
from dsbs.activities.letters import changed
from dsbs.activities.models import Registration
from dsbs.activities.rules import OFFER_LINK, RegistrationState
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.mail import service as mail
from dsbs.mail.outgoing import Outgoing
from dsbs.mail.rendering import render
from tests.activities.reading import read, words
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock

JOIN = {"or_wait": "yes"}


class Stage:
    """A course of CARDIO with one seat, which Hugo has; Britt and Ines wait for it, in this order."""

    def __init__(self, app: Flask, cast: Cast) -> None:
        self.app = app
        self.course_id = cast.course(capacity=1, programmes=["CARDIO"]).id
        self.hugo, self.britt, self.ines = (
            cast.researcher(name, "CARDIO") for name in ("Hugo Coppens", "Britt Bauwens", "Ines Grasbergen")
        )
        for person in (self.hugo, self.britt, self.ines):
            self.as_one(person).post(f"/sessions/{self.course_id}/register", data=JOIN)

    def as_one(self, person: Person) -> Client:
        """This person, signed in on a device of her own."""
        client: Client = self.app.test_client()  # type: ignore[assignment]
        sign_in(client, db.session.get_one(Person, person.id))
        return client

    def page(self, person: Person) -> str:
        """The session as this person sees it."""
        return read(self.as_one(person).get(f"/sessions/{self.course_id}"))

    def part(self, person: Person) -> Registration:
        """The latest part of this person in the course."""
        db.session.rollback()
        wanted = select(Registration).where(Registration.person_id == person.id).order_by(Registration.id.desc())
        return db.session.scalars(wanted).first()  # type: ignore[return-value]

    def free_the_seat(self) -> None:
        """Hugo gives his seat back, so that Britt is asked."""
        self.as_one(self.hugo).post(f"/registrations/{self.part(self.hugo).id}/cancel")

    def link(self) -> str:
        """The path of the link in the mail about the latest offer."""
        db.session.rollback()
        wanted = select(SignedLink).where(SignedLink.purpose == OFFER_LINK).order_by(SignedLink.id.desc())
        link = db.session.scalars(wanted).first()
        assert link is not None
        return f"/offers/{links.token_of(link)}"


@pytest.fixture
def stage(app: Flask, cast: Cast) -> Stage:
    """One seat and two who wait for it."""
    return Stage(app, cast)


def test_who_joins_reads_her_place_at_once(stage: Stage) -> None:
    again = stage.as_one(stage.ines).post(f"/registrations/{stage.part(stage.ines).id}/cancel", follow_redirects=True)
    assert "You left the waiting list" in words(again)

    joined = stage.as_one(stage.ines).post(f"/sessions/{stage.course_id}/register", data=JOIN, follow_redirects=True)

    assert "All seats are taken: you are second on the waiting list" in words(joined)


def test_a_session_tells_who_waits_her_place(stage: Stage) -> None:
    assert "Full, 2 waiting, you are first" in stage.page(stage.britt)
    assert "Full, 2 waiting, you are second" in stage.page(stage.ines)


def test_an_offer_is_shown_with_its_end_and_both_answers(stage: Stage) -> None:
    stage.free_the_seat()

    page = stage.page(stage.britt)

    assert "A seat is offered to you" in page
    assert "Then it goes to the next in line." in page
    assert ("Take the seat" in page, "Leave it to the next" in page) == (True, True)


def test_an_offer_is_the_first_thing_on_the_start_page_and_stands_among_ones_activities(stage: Stage) -> None:
    stage.free_the_seat()
    client = stage.as_one(stage.britt)

    assert "A seat is offered to you" in read(client.get("/"))
    assert "A seat is offered to you" in read(client.get("/my/activities"))


def test_the_seat_is_taken_on_the_page(stage: Stage) -> None:
    stage.free_the_seat()
    part = stage.part(stage.britt)

    answer = stage.as_one(stage.britt).post(f"/registrations/{part.id}/accept", follow_redirects=True)

    assert "You have the seat" in words(answer)
    assert stage.part(stage.britt).state is RegistrationState.REGISTERED


def test_looking_at_the_link_changes_nothing(stage: Stage) -> None:
    stage.free_the_seat()

    answer = stage.app.test_client().get(stage.link())

    assert "A seat is offered to Britt Bauwens" in words(answer)
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert stage.part(stage.britt).state is RegistrationState.OFFERED


def test_the_seat_is_taken_by_the_link_alone_and_then_says_so(stage: Stage) -> None:
    stage.free_the_seat()
    link = stage.link()

    answer = stage.app.test_client().post(f"{link}/accept", follow_redirects=True)

    assert "Britt Bauwens has the seat" in words(answer)
    assert stage.part(stage.britt).state is RegistrationState.REGISTERED


def test_a_second_answer_by_the_link_reads_how_it_stands(stage: Stage) -> None:
    stage.free_the_seat()
    link = stage.link()
    stage.app.test_client().post(f"{link}/decline")

    late = stage.app.test_client().post(f"{link}/accept")

    assert late.status_code == 409
    assert "The seat went to the next in line" in words(late)
    assert stage.part(stage.ines).state is RegistrationState.OFFERED


def test_a_link_opened_while_somebody_else_is_signed_in_says_whose_answer_it_is(stage: Stage) -> None:
    stage.free_the_seat()

    page = words(stage.as_one(stage.ines).get(stage.link()))

    assert "On this device Ines Grasbergen is signed in; the answer here is that of Britt Bauwens." in page


def test_a_forged_link_opens_nothing(stage: Stage) -> None:
    stage.free_the_seat()
    link = stage.link()

    forged = link[:-1] + ("A" if link[-1] != "A" else "B")

    client = stage.app.test_client()
    assert (client.get(forged).status_code, client.post(f"{forged}/accept").status_code) == (404, 404)
    assert stage.part(stage.britt).state is RegistrationState.OFFERED


def test_a_link_that_lapsed_says_when(stage: Stage, clock: Clock) -> None:
    stage.free_the_seat()
    link, until = stage.link(), stage.part(stage.britt).offered_until
    assert until is not None
    clock.move_to(until)

    assert "This offer lapsed on" in words(stage.app.test_client().get(link))


def test_a_link_opens_nothing_for_who_was_deactivated(stage: Stage, clock: Clock) -> None:
    stage.free_the_seat()
    link = stage.link()
    with write(by=SYSTEM, why="Left", at=clock.now) as session:
        session.get_one(Person, stage.britt.id).active = False
    visitor: Client = stage.app.test_client()  # type: ignore[assignment]

    page, answer = words(visitor.get(link)), visitor.post(f"{link}/accept")

    assert ("Take the seat" in page, "This offer stands no longer" in page) == (False, True)
    assert (answer.status_code, "You can no longer sign in here" in words(answer)) == (409, True)
    assert stage.part(stage.britt).state is RegistrationState.OFFERED


def test_a_coordinator_reads_who_waits_in_which_order(stage: Stage, cast: Cast) -> None:
    roger = cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")

    page = read(stage.as_one(roger).get(f"/sessions/{stage.course_id}/people"))

    line = page.partition("Waiting list")[2]
    assert line.index("Bauwens, Britt") < line.index("Grasbergen, Ines")
    assert "Coppens, Hugo" not in line.partition("Add people by hand")[0]


def test_a_mail_about_an_offer_carries_the_link_and_no_calendar(stage: Stage, clock: Clock) -> None:
    stage.free_the_seat()
    with write(by=SYSTEM, why="Delivered", at=clock.now) as session:
        claimed = mail.claim(session, now=clock.now, most=50)
        offered = next(message for message in claimed if message.template == "activities/seat_offered")
        outgoing = Outgoing.of(offered)

    rendered = render(stage.app, outgoing)

    assert rendered.subject.startswith("A seat is free for you until")
    assert "/offers/link-" in rendered.text
    assert rendered.calendar is None


def test_who_waits_is_told_that_a_session_moves_without_a_calendar_entry(stage: Stage) -> None:
    part = queries.registration_in_full(db.session(), stage.part(stage.ines).id)
    assert part.state is RegistrationState.WAITING
    with stage.app.test_request_context():
        assert changed(registration_id=part.id, revision=part.session.revision)["calendar"] is None
