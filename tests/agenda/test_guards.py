"""What the database itself refuses, whoever writes: rows are written here as no service would write them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dsbs.agenda import guards, service
from dsbs.agenda.models import Slot, SlotState, Venue, Visibility
from dsbs.agenda.rules import Span
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Busy, Refused
from tests.agenda.conftest import Stage, at

THREADS = 16
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


def raw(venue: Venue, start: datetime, end: datetime, state: SlotState = SlotState.FIRM) -> Slot:
    """A slot as nobody checked it."""
    return Slot(
        venue_id=venue.id,
        venue_ours=venue.ours,
        start=start,
        end=end,
        state=state,
        firm_at=start,
        changed_at=start,
        kind="Meeting",
        title="Unchecked",
        visibility=Visibility.SCHOOL,
    )


def refusal_of(stage: Stage, act: Callable[[Session], object]) -> str:
    """What the database says when this is written; empty when it agrees."""
    try:
        with stage.writing() as session:
            act(session)
            session.flush()
    except IntegrityError as error:
        return str(error.orig)
    return ""


def test_a_room_of_ours_is_not_taken_twice(stage: Stage) -> None:
    venue = stage.venue()
    stage.slot(at(9), at(11), venue=venue)

    assert guards.TAKEN in refusal_of(stage, lambda session: session.add(raw(venue, at(10), at(12))))


def test_a_hold_takes_the_room_as_well(stage: Stage) -> None:
    venue = stage.venue()
    stage.slot(at(9), at(11), venue=venue, state=SlotState.HELD)

    assert guards.TAKEN in refusal_of(stage, lambda session: session.add(raw(venue, at(10), at(12))))


def test_a_cancelled_slot_leaves_the_room_free(stage: Stage) -> None:
    venue = stage.venue()
    slot = stage.slot(at(9), at(11), venue=venue)
    with stage.writing() as session:
        service.cancel_slots(session, slots=[slot])

    assert refusal_of(stage, lambda session: session.add(raw(venue, at(10), at(12)))) == ""


def test_a_room_elsewhere_may_be_asked_for_twice(stage: Stage) -> None:
    venue = stage.venue(ours=False)
    stage.slot(at(9), at(11), venue=venue)

    assert refusal_of(stage, lambda session: session.add(raw(venue, at(10), at(12)))) == ""


def test_a_time_without_a_room_may_overlap(stage: Stage) -> None:
    stage.slot(at(9), at(11))
    stage.slot(at(10), at(12))

    assert db.session.scalar(select(func.count()).select_from(Slot)) == 2


@pytest.mark.parametrize("change", ["start", "end", "room", "state"])
def test_no_change_brings_two_into_one_room(stage: Stage, change: str) -> None:
    venue, other = stage.venue(), stage.venue("Seminar room 4")
    stage.slot(at(9), at(11), venue=venue)
    slot = stage.slot(at(11), at(12), venue=other if change == "room" else venue, title="The one that changes")
    if change == "state":
        with stage.writing() as session:
            service.cancel_slots(session, slots=[slot])
            slot.start = at(10)

    def act(session: Session) -> None:
        match change:
            case "start":
                slot.start = at(10)
            case "end":
                slot.start, slot.end = at(8), at(9, 30)
            case "room":
                slot.start, slot.venue_id, slot.venue = at(10), venue.id, venue
            case _:
                slot.state = SlotState.FIRM

    assert guards.TAKEN in refusal_of(stage, act)


def test_a_room_that_becomes_ours_is_guarded_at_once(stage: Stage) -> None:
    venue = stage.venue(ours=False)
    stage.slot(at(9), at(11), venue=venue)
    stage.slot(at(10), at(12), venue=venue)

    assert guards.TAKEN in refusal_of(stage, lambda session: setattr(venue, "ours", True))


def test_a_slot_cannot_claim_that_a_room_of_ours_is_elsewhere(stage: Stage) -> None:
    venue = stage.venue()
    forged = raw(venue, at(9), at(11))
    forged.venue_ours = False

    assert "foreign key" in refusal_of(stage, lambda session: session.add(forged)).lower()


@pytest.mark.parametrize("more", [timedelta(), timedelta(minutes=1)])
def test_the_database_takes_fourteen_days_and_no_minute_more(stage: Stage, more: timedelta) -> None:
    venue = stage.venue()
    said = refusal_of(stage, lambda session: session.add(raw(venue, at(9), at(9) + timedelta(days=14) + more)))

    assert (guards.TOO_LONG in said) is bool(more)


def test_the_database_refuses_an_end_before_the_beginning(stage: Stage) -> None:
    venue = stage.venue()

    assert "ck_slot_ends_after_start" in refusal_of(stage, lambda session: session.add(raw(venue, at(11), at(9))))


def test_a_long_slot_is_seen_on_its_last_day(stage: Stage) -> None:
    venue = stage.venue()
    stage.slot(at(9), at(9) + timedelta(days=14), venue=venue)
    late = at(8) + timedelta(days=14)

    assert guards.TAKEN in refusal_of(stage, lambda session: session.add(raw(venue, late, late + timedelta(hours=2))))


halves = st.builds(
    lambda start, length: Span(
        MIDNIGHT + timedelta(minutes=30 * start), MIDNIGHT + timedelta(minutes=30 * (start + length))
    ),
    st.integers(0, 12),
    st.integers(1, 6),
)


@given(wanted=st.lists(halves, min_size=2, max_size=6))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_guard_and_the_rule_agree_on_what_overlaps(stage: Stage, wanted: list[Span]) -> None:
    venue = stage.venue(f"Room {db.session.scalar(select(func.count(Venue.id)))}")
    standing: list[Span] = []
    for span in wanted:
        said = refusal_of(stage, lambda session, span=span: session.add(raw(venue, span.start, span.end)))  # type: ignore[misc]
        assert (guards.TAKEN in said) is any(span.overlaps(other) for other in standing)
        if not said:
            standing.append(span)


def at_once(app: Flask, act: Callable[[int], str]) -> list[str]:
    """What sixteen threads say who do this at the same moment."""
    start = threading.Barrier(THREADS)
    answers: list[str] = []

    def one(number: int) -> None:
        with app.app_context():
            start.wait()
            answers.append(act(number))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()  # what this thread reads from here on is what the others wrote
    return answers


def test_of_sixteen_who_ask_for_one_room_exactly_one_has_it(app: Flask, stage: Stage) -> None:
    venue_id, now = stage.venue().id, stage.clock.now

    def ask(number: int) -> str:
        try:
            with write(by=SYSTEM, why="Test", at=now) as session:
                service.take_slot(
                    session,
                    venue=session.get(Venue, venue_id),
                    start=at(9) + timedelta(minutes=number),
                    end=at(11),
                    state=SlotState.FIRM,
                    kind="Meeting",
                    title=f"Asked by {number}",
                    endpoint=None,
                    subject_id=None,
                    now=now,
                )
        except Refused as refused:
            return refused.sentence
        return "taken"

    answers = at_once(app, ask)

    winner = db.session.scalars(select(Slot)).one()
    assert answers.count("taken") == 1
    assert winner.title.startswith("Asked by")
    # The others are told in words what stands there: none of them met the guard.
    assert {answer.split("%(title)s")[0] for answer in answers if answer != "taken"} == {"%(venue)s is taken by “"}


def test_the_guard_alone_lets_one_of_sixteen_through(app: Flask, stage: Stage) -> None:
    venue = stage.venue()
    venue_id = venue.id

    def ask(number: int) -> str:
        try:
            with write(by=SYSTEM, why="Test", at=at(8)) as session:
                session.add(raw(session.get_one(Venue, venue_id), at(9) + timedelta(minutes=number), at(11)))
        except (IntegrityError, Busy) as error:
            return type(error).__name__
        return "taken"

    answers = at_once(app, ask)

    assert answers.count("taken") == 1
    assert db.session.scalar(select(func.count()).select_from(Slot)) == 1
