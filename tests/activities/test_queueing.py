"""What a coordinator decides about a line by hand: who is moved, who waits, and a capacity that rises for somebody."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from dsbs.accounts.models import Person
from dsbs.activities import queries, standing
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.rules import Edge, NotEnoughSeats, RegistrationState, dealt_anew
from dsbs.activities.rules.conditions import Candidate
from dsbs.activities.service import making_room, queueing, registering
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import NotFound, Refused
from dsbs.mail.models import Message
from tests.activities.reading import letter, read, words
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock

#: Two whom the stage does not know yet, as they are pasted.
TWO = "eva.vijfde@school.example fien.zesde@school.example"
RESEARCHER = Candidate(is_researcher=True, programmes=())


class Full:
    """A course of CARDIO with one seat, which Ada has, and three who wait: Bea, Cis and Dora."""

    def __init__(self, cast: Cast, clock: Clock, **course: object) -> None:
        self.clock = clock
        self.id = cast.course(capacity=1, programmes=["CARDIO"], **course).id  # type: ignore[arg-type]
        names = ("Ada Eerste", "Bea Tweede", "Cis Derde", "Dora Vierde")
        self.people = {name.partition(" ")[0]: cast.person(name, Role.RESEARCHER).id for name in names}
        self.parts = {name: self._ask(person_id) for name, person_id in self.people.items()}

    def _ask(self, person_id: int) -> int:
        with write(by=SYSTEM, why="Asked", at=self.clock.now) as session:
            person = session.get_one(Person, person_id)
            return registering.register(
                session,
                session_id=self.id,
                person=person,
                candidate=RESEARCHER,
                now=self.clock.now,
                or_wait=True,
            ).registration_id

    def move(self, name: str, before: str | Edge) -> None:
        place = before if isinstance(before, Edge) else self.parts[before]
        with write(by=SYSTEM, why="Moved", at=self.clock.now) as session:
            queueing.move(
                session, session_id=self.id, registration_id=self.parts[name], before=place, now=self.clock.now
            )

    def line(self) -> list[str]:
        db.session.rollback()
        names = {part: name for name, part in self.parts.items()}
        return [names[part] for part in standing.line(db.session(), self.id)]

    def seats(self) -> list[tuple[str, int | None]]:
        db.session.rollback()
        return [(part.person.given_name, part.number) for part in queries.active_registrations(db.session(), self.id)]

    def capacity(self) -> int | None:
        db.session.rollback()
        return db.session.get_one(ActivitySession, self.id).capacity

    def page(self, name: str, what: str) -> str:
        return f"/sessions/{self.id}/people/{self.parts[name]}{what}"


@pytest.fixture
def full(app: Flask, cast: Cast, clock: Clock, client: Client) -> Full:
    """The full course; Roger, who coordinates CARDIO, looks."""
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    return Full(cast, clock)


@given(st.data())
def test_those_who_wait_hold_the_same_tickets_among_them_whoever_is_moved(data: st.DataObject) -> None:
    tickets = data.draw(st.lists(st.integers(1, 50), min_size=1, max_size=8, unique=True))
    line = dict(enumerate(tickets))
    moved = data.draw(st.sampled_from(list(line)))
    before = data.draw(st.sampled_from([*Edge, *(one for one in line if one != moved)]))

    after = {**line, **dealt_anew(line, moved, before=before)}

    assert sorted(after.values()) == sorted(tickets)
    order, was = (sorted(one, key=one.__getitem__) for one in (after, line))
    assert [one for one in order if one != moved] == [one for one in was if one != moved]
    at = order.index(moved)
    assert {Edge.FRONT: at == 0, Edge.END: at == len(order) - 1}.get(before, order[at + 1 : at + 2] == [before])


@pytest.mark.parametrize(
    ("name", "before", "line"),
    [
        ("Dora", Edge.FRONT, ["Dora", "Bea", "Cis"]),
        ("Dora", "Cis", ["Bea", "Dora", "Cis"]),
        ("Bea", Edge.END, ["Cis", "Dora", "Bea"]),
    ],
)
def test_who_is_moved_stands_there_and_the_others_keep_their_order(
    full: Full, name: str, before: str | Edge, line: list[str]
) -> None:
    full.move(name, before)
    assert full.line() == line


def test_who_was_moved_to_the_front_is_offered_the_next_seat_and_who_comes_later_is_last(
    full: Full, clock: Clock, cast: Cast
) -> None:
    full.move("Dora", Edge.FRONT)
    with write(by=SYSTEM, why="Gave it back", at=clock.now) as session:
        ada = session.get_one(Person, full.people["Ada"])
        registering.cancel(session, registration_id=full.parts["Ada"], person=ada, now=clock.now)

    assert full.seats()[0] == ("Dora", 1)
    assert full.line() == ["Bea", "Cis"]


@pytest.mark.parametrize(
    ("name", "before", "sentence"),
    [
        ("Bea", Edge.FRONT, "the place already"),
        ("Bea", "Bea", "the place already"),
        ("Bea", "Cis", "the place already"),
        ("Ada", Edge.FRONT, "waits no longer"),
        ("Bea", "Ada", "waits no longer"),
    ],
)
def test_a_move_that_moves_nobody_is_refused(full: Full, name: str, before: str | Edge, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        full.move(name, before)


def test_nobody_is_moved_through_another_session(full: Full, cast: Cast, clock: Clock) -> None:
    other = cast.course().id
    with pytest.raises(NotFound), write(by=SYSTEM, why="Moved", at=clock.now) as session:
        queueing.move(session, session_id=other, registration_id=full.parts["Bea"], before=Edge.END, now=clock.now)


def test_nobody_is_told_by_mail_of_a_move(full: Full) -> None:
    before = len(db.session.scalars(select(Message)).all())
    full.move("Dora", Edge.FRONT)
    assert len(db.session.scalars(select(Message)).all()) == before


def test_two_who_move_the_same_line_at_once_leave_every_ticket_once(app: Flask, full: Full) -> None:
    start = threading.Barrier(2)

    def move(name: str) -> None:
        start.wait()
        with app.app_context():
            full.move(name, Edge.FRONT)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(move, ("Cis", "Dora")))

    assert full.line() in (["Cis", "Dora", "Bea"], ["Dora", "Cis", "Bea"])
    assert list(standing.line(db.session(), full.id).values()) == [1, 2, 3]


def test_a_move_by_a_coordinator_is_told_with_its_reason_to_who_asks_why(full: Full, client: Client) -> None:
    data = {"before": "front", "reason": "Needs it for her defence"}
    said = read(client.post(full.page("Dora", "/move"), data=data, follow_redirects=True))

    assert "Dora Vierde has place 1 now" in said
    hers, passed = (read(client.get(full.page(name, ""))) for name in ("Dora", "Bea"))
    assert "Joined the waiting list with ticket 3, 2 people before." in hers
    assert "Moved from place 3 to place 1. By Roger Meunier: “Needs it for her defence”" in hers
    assert "Dora Vierde was moved, so place 1 became place 2. By Roger Meunier" in passed
    changes = read(client.get(f"/sessions/{full.id}/changes").get_data(as_text=True).replace("<", " <"))
    assert "Ticket of Dora Vierde: 3 → 1" in changes


def test_a_move_without_a_reason_is_refused_beside_the_field(full: Full, client: Client) -> None:
    page = words(client.post(full.page("Dora", "/move"), data={"before": "front", "reason": ""}))
    assert "Say why; it stands in the history." in page.partition('id="reason-error"')[2].partition("</span></span>")[0]
    assert full.line() == ["Bea", "Cis", "Dora"]


@pytest.mark.parametrize("sent", ["", "-1", "99999999999999", "nobody"])
def test_a_place_that_nobody_has_is_refused(full: Full, client: Client, sent: str) -> None:
    page = read(client.post(full.page("Dora", "/move"), data={"before": sent, "reason": "Asked"}))
    assert "Whoever was to come next waits no longer." in page


def add(client: Client, full: Full, people: str, **typed: object) -> str:
    answer = client.post(f"/sessions/{full.id}/people", data={"people": people, **typed}, follow_redirects=True)
    return words(answer)


def test_too_few_seats_leave_the_choice_and_what_was_typed(full: Full, cast: Cast, client: Client) -> None:
    cast.person("Eva Vijfde"), cast.person("Fien Zesde")

    page = add(client, full, TWO, reason="Late")

    assert "You named 2, and 0 of 1 seats are free. Nobody was added." in read(page)
    assert re.findall(r'name="instead" value="(\w+)">(.*?)<', page) == [
        ("raise", "Raise to 3 seats and give them one"),
        ("wait", "Put them on the waiting list"),
    ]
    assert ("eva.vijfde@school.example fien.zesde@school.example</textarea>" in page, 'value="Late"' in page) == (
        True,
    ) * 2


def test_a_raised_capacity_seats_them_and_says_who_raised_it_and_why(full: Full, cast: Cast, client: Client) -> None:
    cast.person("Eva Vijfde"), cast.person("Fien Zesde")

    said = read(
        add(
            client,
            full,
            TWO,
            reason="Late",
            instead="raise",
            enough=3,
        )
    )

    assert "2 people added and told by mail" in said
    assert "There are 3 seats now." in said
    assert "3 seats, raised from 1 by Roger Meunier on Tue 24 Nov 2026, 10:00: “Late”" in said
    assert full.seats()[:3] == [("Ada", 1), ("Eva", 2), ("Fien", 3)]
    assert full.line() == ["Bea", "Cis", "Dora"]
    assert "Eva Vijfde was given a seat at once; place 1 stays. By Roger Meunier: “Late”" in read(
        client.get(full.page("Bea", ""))
    )


def test_more_seats_than_were_on_the_page_are_not_made(full: Full, cast: Cast, client: Client) -> None:
    cast.person("Eva Vijfde"), cast.person("Fien Zesde")

    page = add(client, full, TWO, reason="Late", instead="raise", enough=2)

    assert "Raise to 3 seats and give them one" in page
    assert re.findall(r'name="enough"[^>]*value="(\d+)"', page) == ["3"]
    assert full.capacity() == 1


def test_a_room_that_is_too_small_is_said_and_left_to_the_coordinator(
    cast: Cast, clock: Clock, client: Client, app: Flask
) -> None:
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    full = Full(cast, clock, venue=cast.venue("Booth", capacity=1))
    cast.person("Eva Vijfde")

    page = read(add(client, full, "eva.vijfde@school.example"))

    assert "Booth holds one person." in page
    assert "Raise to 2 seats all the same and give them one" in page


@pytest.mark.parametrize("instead", ["raise", "wait"])
def test_going_beyond_the_seats_needs_a_reason_and_the_choice_stays(
    full: Full, cast: Cast, client: Client, instead: str
) -> None:
    cast.person("Eva Vijfde")

    page = add(client, full, "eva.vijfde@school.example", instead=instead, enough=2)

    assert "Say why; it stands in the history." in page
    assert "Raise to 2 seats and give them one" in page
    assert (full.capacity(), len(full.line())) == (1, 3)


def test_who_is_put_on_the_list_stands_at_its_end_and_reads_who_did_it(
    app: Flask, full: Full, cast: Cast, client: Client
) -> None:
    eva = cast.person("Eva Vijfde")

    said = read(add(client, full, "eva.vijfde@school.example", reason="By phone", instead="wait", enough=2))

    assert "1 person waits and is told by mail" in said
    db.session.rollback()
    own = db.session.scalars(select(Registration).where(Registration.person_id == eva.id)).one()
    assert (own.state, own.ticket) == (RegistrationState.WAITING, 4)
    text = letter(app, db.session.scalars(select(Message).where(Message.person_id == eva.id)).one()).text
    assert "Roger Meunier has put you on the waiting list" in text
    assert "Why: By phone" in text
    assert "Joined the waiting list with ticket 4, 3 people before. By Roger Meunier: “By phone”" in read(
        client.get(f"/sessions/{full.id}/people/{own.id}")
    )


def test_seats_that_are_left_go_to_the_first_named_and_the_others_wait(cast: Cast, clock: Clock, app: Flask) -> None:
    course_id = cast.course(capacity=2).id
    ids = [cast.person(f"Person Number{n}").id for n in range(3)]
    with write(by=SYSTEM, why="Added", at=clock.now) as session:
        people = [session.get_one(Person, one) for one in ids]
        done = making_room.add_or_line_up(session, session_id=course_id, people=people, reason="Late", now=clock.now)

    assert ([one.id for one in done.seated], [one.id for one in done.waiting]) == (ids[:2], ids[2:])


def test_two_coordinators_who_raise_at_once_leave_as_many_seats_as_people(app: Flask, cast: Cast, clock: Clock) -> None:
    course_id = cast.course(capacity=1).id
    people = [cast.person(f"Person Number{n}").id for n in range(5)]
    start = threading.Barrier(len(people))

    def raise_for(person_id: int) -> bool:
        start.wait()
        with app.app_context():
            try:
                with write(by=SYSTEM, why="Raised", at=clock.now) as session:
                    one = [session.get_one(Person, person_id)]
                    making_room.add_with_more_seats(
                        session, session_id=course_id, people=one, most=2, reason="Late", now=clock.now
                    )
            except NotEnoughSeats:
                return False
            return True

    with ThreadPoolExecutor(len(people)) as pool:
        seated = list(pool.map(raise_for, people))

    assert sum(seated) == 2
    db.session.rollback()
    assert [part.number for part in queries.active_registrations(db.session(), course_id)] == [1, 2]
    assert db.session.get_one(ActivitySession, course_id).capacity == 2


def test_who_waits_is_given_a_seat_at_once_and_the_page_says_what_that_takes(full: Full, client: Client) -> None:
    before = words(client.get(full.page("Cis", "/seat")))
    enough = re.search(r'name="enough"[^>]*value="(\d+)"', before)
    said = read(
        client.post(
            full.page("Cis", "/seat"), data={"reason": "Teaches it next year", "enough": "2"}, follow_redirects=True
        )
    )

    assert enough is not None
    assert enough.group(1) == "2"
    assert "The session then has 2 seats." in before
    assert "Cis Derde has a seat and is told by mail" in said
    assert (full.seats()[1], full.line(), full.capacity()) == (("Cis", 2), ["Bea", "Dora"], 2)


def test_who_left_the_list_meanwhile_is_given_no_seat(full: Full, client: Client, clock: Clock) -> None:
    with write(by=SYSTEM, why="Left", at=clock.now) as session:
        cis = session.get_one(Person, full.people["Cis"])
        registering.cancel(session, registration_id=full.parts["Cis"], person=cis, now=clock.now)

    page = read(client.post(full.page("Cis", "/seat"), data={"reason": "Asked", "enough": "2"}))

    assert "This person waits no longer." in page
    assert full.capacity() == 1
