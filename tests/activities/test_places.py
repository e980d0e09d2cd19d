"""The place that who waits reads: played forward by the rule that offers seats, and equal to what is offered then."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from random import Random

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person
from dsbs.activities import places
from dsbs.activities.rules import RegistrationState, SessionFacts
from dsbs.activities.rules.places import Keeping, Place, kept_for_others, places_in
from dsbs.activities.rules.pools import Pool, Reservation, Room
from dsbs.activities.service.registering import Part
from dsbs.activities.standing import facts_of
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.mail.models import Message
from tests.activities.line import answer, ask, registration, resize
from tests.activities.reading import letter, read
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import START, Clock
from tests.support.statements import questions

UNTIL = START + timedelta(days=9)
NEURO, CANCER = 2, 3


def pool(programme_id: int = NEURO, *, seats: int = 2, taken: int = 0) -> Pool:
    name = {NEURO: "Neuro", CANCER: "Cancer"}[programme_id]
    return Pool(programme_id, name, seats, UNTIL, taken, waiting=0)


# ---- What is worked out ----


def test_without_kept_seats_the_place_is_that_of_the_ticket() -> None:
    assert places_in([None, NEURO, None], Room(0, 3)) == [Place(number, number) for number in (1, 2, 3)]


def test_the_next_seats_that_are_kept_go_to_their_programme_first() -> None:
    kept = Keeping(("Neuro",), UNTIL, next=2)
    assert places_in([None, NEURO, None], Room(0, 3, [pool()])) == [
        Place(2, 1, kept),
        Place(1, 2, kept),
        Place(3, 3, kept),
    ]


@pytest.mark.parametrize(
    ("free", "pools", "own", "kept"),
    [
        pytest.param(0, [pool()], (), Keeping(("Neuro",), UNTIL, next=2), id="the next to come free"),
        pytest.param(4, [pool()], (CANCER,), Keeping(("Neuro",), UNTIL), id="among the free ones"),
        pytest.param(0, [pool(), pool(CANCER)], (CANCER,), Keeping(("Neuro",), UNTIL, next=2), id="not her own"),
        pytest.param(0, [pool()], (NEURO,), None, id="for her own alone"),
        pytest.param(0, [pool(taken=2)], (), None, id="all of them taken"),
    ],
)
def test_who_has_no_place_yet_reads_of_seats_that_are_kept_for_others(
    free: int, pools: list[Pool], own: tuple[int, ...], kept: Keeping | None
) -> None:
    assert kept_for_others(Room(free, 0, pools), own) == kept


def test_of_fewer_kept_seats_than_are_wanted_the_rest_waits_in_its_turn() -> None:
    line = [None, NEURO, NEURO, NEURO]
    assert [place.place for place in places_in(line, Room(0, 4, [pool()]))] == [3, 1, 2, 4]


def test_a_kept_seat_that_is_given_back_goes_to_its_programme() -> None:
    kept = Keeping(("Neuro",), UNTIL)
    assert places_in([None, NEURO], Room(0, 2, [pool(taken=2)])) == [
        Place(1, 1, kept),
        Place(2, 2, kept, given_back=1),
    ]


def test_who_has_taken_more_than_is_kept_gives_back_what_is_open() -> None:
    assert places_in([None, NEURO], Room(0, 2, [pool(taken=3)])) == [Place(1, 1), Place(2, 2)]


programmes = st.sampled_from([None, NEURO, CANCER])
rooms = st.builds(
    Room,
    free=st.integers(-2, 0),
    waiting=st.just(0),
    pools=st.tuples(
        st.builds(pool, st.just(NEURO), seats=st.integers(1, 4), taken=st.integers(0, 5)),
        st.builds(pool, st.just(CANCER), seats=st.integers(1, 4), taken=st.integers(0, 5)),
    ),
)


@given(rooms, st.lists(programmes, max_size=8))
def test_everybody_has_a_place_of_her_own_and_nobody_of_ones_pool_passes(room: Room, line: list[int | None]) -> None:
    found = [place.place for place in places_in(line, room)]

    assert sorted(found) == list(range(1, len(line) + 1))
    for programme in (None, NEURO, CANCER):
        own = [place for place, of in zip(found, line, strict=True) if of == programme]
        assert own == sorted(own)


# ---- What is offered then ----


class Full:
    """A full session with people of these programmes in it and in its line, by code, and seats that are kept."""

    def __init__(self, cast: Cast, clock: Clock, seated: list[str], line: list[str], kept: dict[str, int]) -> None:
        self.cast, self.clock, self.codes = cast, clock, dict[int, str]()
        day = timedelta(days=40 + next(_DAYS))
        self.course_id = cast.course(capacity=len(seated), starts_in=day, programmes=["CARDIO"]).id
        there = {person.family_name: person.id for person in db.session.scalars(select(Person))}
        self.names = (there.get(f"Number{n}") or cast.person(f"Person Number{n}").id for n in count())
        self.seated = [self.come(code) for code in seated]
        resize(self.course_id, len(seated), clock, reservations=[self.kept(*one) for one in kept.items()])
        self.line = [self.come(code) for code in line]

    def kept(self, code: str, seats: int) -> Reservation:
        return Reservation(self.cast.programme(code).id, seats, UNTIL)

    def come(self, code: str) -> Part:
        part = ask(self.course_id, next(self.names), self.clock, self.cast.programme(code).id)
        self.codes[part.registration_id] = code
        return part

    def give_back(self, part: Part) -> list[int]:
        """One gives her seat back; who is offered one then, by her place in the line from 0."""
        before = self.offered()
        answer("cancel", part.registration_id, registration(part.registration_id).person_id, self.clock)
        return [at for at in self.offered() if at not in before]

    def offered(self) -> list[int]:
        states = [registration(part.registration_id).state for part in self.line]
        return [at for at, state in enumerate(states) if state is RegistrationState.OFFERED]

    def facts(self) -> SessionFacts:
        db.session.rollback()
        return facts_of(db.session(), self.course_id, now=self.clock.now)

    def programmes(self, parts: list[Part]) -> list[int | None]:
        return [self.cast.programme(self.codes[part.registration_id]).id for part in parts]


#: Nobody has two of these sessions on one day.
_DAYS = count()
codes = st.sampled_from(["CARDIO", "NEURO", "CANCER"])


def test_offers_are_made_in_the_order_that_was_foretold(app: Flask, cast: Cast, clock: Clock) -> None:
    @settings(max_examples=8, deadline=None, database=None)
    @given(
        st.lists(codes, min_size=2, max_size=4),
        st.lists(codes, min_size=1, max_size=4),
        st.dictionaries(codes, st.integers(1, 2), max_size=2).filter(lambda kept: sum(kept.values()) <= 2),
        st.randoms(use_true_random=False),
    )
    def holds(seated: list[str], line: list[str], kept: dict[str, int], random: Random) -> None:
        full = Full(cast, clock, seated, line, kept)
        givers = random.sample(full.seated, len(full.seated))
        foretold = full.facts().room.offered(full.programmes(full.line), full.programmes(givers))

        assert [at for part in givers for at in full.give_back(part)] == foretold

    holds()


def test_the_place_that_she_reads_is_that_in_which_she_is_offered_a_seat(app: Flask, cast: Cast, clock: Clock) -> None:
    full = Full(cast, clock, ["CARDIO"] * 5, ["CARDIO", "NEURO", "CANCER", "NEURO", "CARDIO"], {"NEURO": 2})
    found = places.places_of(db.session(), full.course_id, full.facts())
    foretold = [found[part.registration_id].place for part in full.line]

    order = [at for part in full.seated for at in full.give_back(part)]

    assert foretold == [3, 1, 4, 2, 5]
    assert [order.index(at) + 1 for at in range(5)] == foretold


# ---- What is said of it ----


@pytest.fixture
def kept(app: Flask, cast: Cast, clock: Clock) -> Full:
    """All seats are taken by Cardio, and two of them kept for Neuro since; Cardio, then Neuro wait."""
    return Full(cast, clock, ["CARDIO"] * 3, ["CARDIO", "NEURO"], {"NEURO": 2})


def person_of(part: Part) -> Person:
    return registration(part.registration_id).person


NEXT = "The next 2 seats that come free are kept for Neuro until Thu 3 Dec 2026, 10:00: that is why "


@pytest.mark.parametrize(
    ("who", "place", "why"),
    [
        (0, "Full, 2 waiting, you are second", f"{NEXT}1 person who came later comes first."),
        (1, "Full, 2 waiting, you are first", f"{NEXT}1 person who waits longer comes later."),
    ],
)
def test_the_page_of_the_session_says_the_place_and_why(
    client: Client, cast: Cast, kept: Full, who: int, place: str, why: str
) -> None:
    person = person_of(kept.line[who])
    with write(by=SYSTEM, why="Named", at=cast.now) as session:
        accounts.grant(session, person=session.merge(person), role=Role.RESEARCHER, since=cast.today)
    sign_in(client, person)

    page = read(client.get(f"/sessions/{kept.course_id}"))

    assert place in page
    assert f"A seat that is free for you is offered by mail. {why}" in page
    assert "Nobody who comes later passes you" not in page


def test_the_mail_says_the_place_as_it_is_written_and_why(app: Flask, kept: Full) -> None:
    told = db.session.scalars(select(Message).where(Message.template == "activities/waiting").order_by(Message.id))

    first, second = [letter(app, message).text for message in told]

    assert "As this mail is written you are second in line." in first
    assert "As this mail is written you are first in line." in second
    assert "that is why 1 person who came later comes first." in " ".join(first.split())


def test_who_joins_is_told_the_place_in_the_order_of_offers(cast: Cast, clock: Clock, kept: Full) -> None:
    assert [part.place for part in (*kept.line, kept.come("NEURO"), kept.come("CARDIO"))] == [1, 1, 2, 4]


def test_coordinators_read_the_order_of_offers_and_why(client: Client, cast: Cast, kept: Full) -> None:
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    first, second = kept.line
    names = [person_of(part).sorted_name for part in kept.line]

    people = read(client.get(f"/sessions/{kept.course_id}/people"))
    steps = read(client.get(f"/sessions/{kept.course_id}/people/{first.registration_id}"))

    line = people[people.index("Waiting list") :]
    assert line.index(names[1]) < line.index(names[0])
    assert "The next 2 seats that come free are kept for Neuro until Thu 3 Dec 2026, 10:00." in people
    before = person_of(second).name
    assert f"Now second in the order in which seats are offered, after {before}. {NEXT}1 person who came later" in steps


def test_once_the_seats_are_open_to_all_the_place_is_that_of_the_ticket(
    client: Client, cast: Cast, clock: Clock, kept: Full
) -> None:
    clock.move_to(UNTIL)
    assert [place.place for place in places.places_of(db.session(), kept.course_id, kept.facts()).values()] == [1, 2]


def test_where_no_seats_are_kept_the_page_asks_nothing_more(client: Client, cast: Cast, clock: Clock) -> None:
    def asked(kept: dict[str, int]) -> int:
        full = Full(cast, clock, ["CARDIO"] * 2, ["CARDIO"] * 3, kept)
        person = person_of(full.line[2])
        sign_in(client, person)
        client.get(f"/sessions/{full.course_id}")
        with questions() as seen:
            client.get(f"/sessions/{full.course_id}")
        return len(seen)

    assert asked({"NEURO": 1}) - asked({}) == 2
