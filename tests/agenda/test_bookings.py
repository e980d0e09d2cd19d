"""Bookings elsewhere that no longer fit: noted when a slot leaves, settled when those who run the venue know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.agenda import service, venue_queries
from dsbs.agenda.models import Slot, Venue, VoidBooking
from dsbs.agenda.service import Confirmation, Move
from dsbs.core.access import Role
from dsbs.core.db import db
from tests.agenda.conftest import TODAY, Stage, at, refusal_of
from tests.support.client import Client, sign_in

NEXT = TODAY + timedelta(days=7)


class Hall:
    """A hall elsewhere that confirmed a slot next week from 9 to 11."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.venue = stage, stage.venue("Town hall", ours=False)
        self.programme = stage.programme()
        self.slot_id = stage.slot(at(9, day=NEXT), at(11, day=NEXT), venue=self.venue, programmes=(self.programme,)).id
        self.answer("R 12")

    def slot(self, session: Session) -> Slot:
        return session.get_one(Slot, self.slot_id)

    def answer(self, reference: str) -> None:
        with self.stage.writing() as session:
            answer = Confirmation(on=TODAY, reference=reference, by="Ms Hall")
            service.confirm_venue(session, slot=self.slot(session), asked_on=TODAY, confirmation=answer, today=TODAY)

    def move(self, hour: int, venue: Venue | None = None) -> None:
        with self.stage.writing() as session:
            to = session.merge(venue or self.venue)
            move = Move(slot=self.slot(session), venue=to, start=at(hour, day=NEXT), end=at(hour + 2, day=NEXT))
            service.move_slots(session, moves=[move], now=self.stage.clock.now)

    def cancel(self) -> None:
        with self.stage.writing() as session:
            service.cancel_slots(session, slots=[self.slot(session)])

    def void(self) -> Sequence[VoidBooking]:
        db.session.rollback()
        return db.session.scalars(select(VoidBooking).order_by(VoidBooking.id)).all()

    def open(self) -> list[str | None]:
        """The references of what is still to settle."""
        return [booking.reference for booking in self.void() if booking.settled_on is None]


@pytest.fixture
def hall(stage: Stage) -> Hall:
    """What was confirmed."""
    return Hall(stage)


def test_what_moves_after_it_was_confirmed_leaves_a_booking_to_settle(hall: Hall) -> None:
    hall.move(14)

    (booking,) = hall.void()
    assert (booking.venue_id, booking.start, booking.reference, booking.confirmed_by) == (
        hall.venue.id,
        at(9, day=NEXT),
        "R 12",
        "Ms Hall",
    )


def test_what_is_called_off_leaves_one_too(hall: Hall) -> None:
    hall.cancel()

    assert hall.open() == ["R 12"]


def test_what_nobody_was_asked_for_leaves_none(hall: Hall, stage: Stage) -> None:
    unasked = stage.slot(at(9, day=NEXT), at(11, day=NEXT), venue=hall.venue)
    with stage.writing() as session:
        service.cancel_slots(session, slots=[session.get_one(Slot, unasked.id)])

    assert hall.void() == []


def test_the_answer_for_the_new_time_settles_the_old_one(hall: Hall) -> None:
    hall.move(14)

    hall.answer("R 13")

    assert [(one.settled_by, one.settled_reference) for one in hall.void()] == [("Ms Hall", "R 13")]


def test_the_answer_of_another_venue_settles_nothing_here(hall: Hall, stage: Stage) -> None:
    hall.move(14, stage.venue("City library", ours=False))

    hall.answer("L 1")

    assert hall.open() == ["R 12"]


def test_what_comes_back_is_confirmed_as_it_was(hall: Hall) -> None:
    hall.move(14)
    hall.move(9)

    db.session.rollback()
    slot = hall.slot(db.session())
    assert (slot.reference, slot.confirmed_by, hall.void()) == ("R 12", "Ms Hall", [])


def test_what_was_given_up_there_does_not_come_back(hall: Hall, stage: Stage) -> None:
    hall.move(14)
    (booking,) = hall.void()
    with stage.writing() as session:
        own = venue_queries.void_booking(session, booking.id, lock=True)
        service.settle_booking(session, booking=own, on=TODAY, by="Ms Hall", reference="", today=TODAY)
    hall.move(9)

    db.session.rollback()
    assert hall.slot(db.session()).reference is None


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (1, "This day is still to come. Write down the day of the answer."),
        (-1, "The answer comes before the asking. Check the day."),
    ],
)
def test_a_day_that_cannot_be_is_refused(hall: Hall, stage: Stage, days: int, sentence: str) -> None:
    hall.cancel()
    (booking,) = hall.void()

    day = TODAY + timedelta(days=days)

    refused = refusal_of(
        stage,
        lambda session: service.settle_booking(
            session, booking=session.merge(booking), on=day, by="Ms Hall", reference="", today=TODAY
        ),
    )

    assert (str(refused), refused.field) == (sentence, "on")


def test_a_coordinator_writes_down_who_cancelled_it_and_it_is_off_the_list(
    hall: Hall, stage: Stage, client: Client
) -> None:
    hall.cancel()
    (booking,) = hall.void()
    sign_in(client, stage.person("Roger", Role.COORDINATOR, programme=hall.programme))
    before = client.get("/venues/rebook").get_data(as_text=True)
    answer = {"on": TODAY.isoformat(), "by": "Ms Hall", "reference": "C 1"}

    after = client.post(f"/bookings/{booking.id}/settle", data=answer, follow_redirects=True).get_data(as_text=True)
    again = client.post(f"/bookings/{booking.id}/settle", data=answer).get_data(as_text=True)

    assert "R 12" in before
    assert ("Town hall knows" in after, "Nothing to rebook" in after) == (True, True)
    assert "Ms Hall cancelled it on Tue 24 Nov 2026." in again


def test_what_is_not_of_ones_own_programme_is_not_on_the_list(hall: Hall, stage: Stage) -> None:
    hall.cancel()
    other = stage.person("Vanessa", Role.COORDINATOR, programme=stage.programme("NEURO"))

    found = venue_queries.bookings_to_settle(db.session(), stage.viewer(other), now=stage.clock.now)

    assert list(found) == []
