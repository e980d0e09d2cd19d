"""Who can join, and the one reason why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs.activities.rules import (
    ACTIVE,
    REGISTRATION_MOVES,
    SENTENCES,
    MeetingPlan,
    Mode,
    Obstacle,
    Reason,
    RegistrationState,
    SessionFacts,
    SessionPlan,
    SessionState,
    check_move,
    check_plan,
    free_numbers,
    may_offer,
    moved_by,
    obstacle,
    refusal,
)
from dsbs.activities.rules.conditions import Candidate, Condition, ConditionKind, Record
from dsbs.activities.rules.requirements import Requirement
from dsbs.core.refusals import Refused
from tests.support.refusals import is_refused

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BRITT = Candidate(
    is_researcher=True, programmes=(1,), year=2, record=Record(attended=frozenset({5}), invited=frozenset({6}))
)
HOUR = timedelta(hours=1)
#: What is asked, and Britt does not meet.
OTHERS = Requirement((Condition(ConditionKind.PROGRAMMES, ids=(2, 3)),))
LATER = Requirement((Condition(ConditionKind.YEARS, first_year=3),))
FIRST = Requirement((Condition(ConditionKind.ATTENDED, ids=(7,)),))
ONCE = Requirement((Condition(ConditionKind.NOT_ATTENDED, ids=(5,)),))
INVITED = Requirement((Condition(ConditionKind.INVITED, ids=(7,)),))


def facts(**other: object) -> SessionFacts:
    values: dict[str, object] = {
        "state": SessionState.PUBLISHED,
        "mode": Mode.SEAT,
        "capacity": 30,
        "taken": 0,
        "waiting": 0,
        "opens_at": None,
        "closes_at": None,
        "starts_at": NOW + 48 * HOUR,
        "ends_at": NOW + 51 * HOUR,
    }
    return SessionFacts(**(values | other))  # type: ignore[arg-type]


def test_a_free_seat_in_a_published_session_can_be_taken() -> None:
    assert obstacle(facts(), BRITT, NOW) is None


@pytest.mark.parametrize(
    ("changed", "candidate", "expected"),
    [
        ({"state": SessionState.DRAFT}, BRITT, Obstacle.DRAFT),
        ({"state": SessionState.CANCELLED}, BRITT, Obstacle.CANCELLED),
        ({"starts_at": NOW - 3 * HOUR, "ends_at": NOW}, BRITT, Obstacle.OVER),
        ({"starts_at": NOW, "ends_at": NOW + HOUR}, BRITT, Obstacle.BEGUN),
        ({"mode": Mode.OPEN, "capacity": None}, BRITT, Obstacle.OPEN),
        ({}, Candidate(is_researcher=False, programmes=()), Obstacle.NOT_A_RESEARCHER),
        (
            {"requirements": (Requirement((Condition(ConditionKind.PROGRAMMES, ids=(2, 3)),)),)},
            BRITT,
            Requirement((Condition(ConditionKind.PROGRAMMES, ids=(2, 3)),)),
        ),
        (
            {"requirements": (Requirement((Condition(ConditionKind.YEARS, first_year=3),)),)},
            BRITT,
            Requirement((Condition(ConditionKind.YEARS, first_year=3),)),
        ),
        (
            {"requirements": (Requirement((Condition(ConditionKind.ATTENDED, ids=(7,)),)),)},
            BRITT,
            Requirement((Condition(ConditionKind.ATTENDED, ids=(7,)),)),
        ),
        (
            {"requirements": (Requirement((Condition(ConditionKind.NOT_ATTENDED, ids=(5,)),)),)},
            BRITT,
            Requirement((Condition(ConditionKind.NOT_ATTENDED, ids=(5,)),)),
        ),
        (
            {"requirements": (Requirement((Condition(ConditionKind.INVITED, ids=(7,)),)),)},
            BRITT,
            Requirement((Condition(ConditionKind.INVITED, ids=(7,)),)),
        ),
        ({"requirements": (Requirement((Condition(ConditionKind.APPROVAL),)),), "taken": 30}, BRITT, Obstacle.APPROVAL),
        ({"opens_at": NOW + timedelta(seconds=1)}, BRITT, Obstacle.NOT_YET),
        ({"closes_at": NOW}, BRITT, Obstacle.CLOSED),
        ({"taken": 30}, BRITT, Obstacle.FULL),
        ({"taken": 32}, BRITT, Obstacle.FULL),
    ],
)
def test_each_obstacle_is_found(changed: dict[str, object], candidate: Candidate, expected: Reason) -> None:
    assert obstacle(facts(**changed), candidate, NOW) == expected


def test_the_moment_of_opening_is_open_and_the_moment_of_closing_is_closed() -> None:
    assert obstacle(facts(opens_at=NOW), BRITT, NOW) is None
    assert obstacle(facts(closes_at=NOW + timedelta(microseconds=1)), BRITT, NOW) is None


def test_who_is_not_meant_is_not_told_that_it_is_full() -> None:
    assert obstacle(facts(requirements=(OTHERS,), taken=30), BRITT, NOW) is OTHERS


def test_sessions_without_seats_are_never_full() -> None:
    assert obstacle(facts(mode=Mode.COUNT, capacity=None, taken=500), BRITT, NOW) is None


@pytest.mark.parametrize("found", list(Obstacle))
def test_every_obstacle_has_a_sentence_with_its_values(found: Obstacle) -> None:
    refused = refusal(found, facts(opens_at=NOW, closes_at=NOW))
    assert refused.sentence == SENTENCES.get(found, refused.sentence)
    assert "None" not in str(refused)


@given(st.sets(st.integers(1, 60), max_size=40))
def test_the_lowest_free_number_is_free_and_none_below_it_is(taken: set[int]) -> None:
    number = next(free_numbers(taken))
    assert number not in taken
    assert set(range(1, number)) <= taken


@pytest.mark.parametrize("start", list(SessionState))
@pytest.mark.parametrize("to", list(SessionState))
def test_only_the_moves_of_the_table_are_made(start: SessionState, to: SessionState) -> None:
    allowed = {(SessionState.DRAFT, SessionState.PUBLISHED), (SessionState.PUBLISHED, SessionState.CANCELLED)}
    if (start, to) in allowed:
        check_move(start, to)
    else:
        with pytest.raises(Refused):
            check_move(start, to)


def plan(*meetings: tuple[int, int], **other: object) -> SessionPlan:
    spans = [MeetingPlan(start=NOW + start * HOUR, end=NOW + end * HOUR) for start, end in meetings]
    return SessionPlan(mode=Mode.SEAT, capacity=30, meetings=spans, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "meetings",
    [
        pytest.param([(10, 12), (12, 14)], id="back to back"),
        pytest.param([(13, 18)], id="across midnight"),
        pytest.param([(37, 42), (10, 12)], id="the later day first"),
        pytest.param([(0, 14)], id="the longest"),
    ],
)
def test_meetings_that_do_not_overlap_are_sound(meetings: list[tuple[int, int]]) -> None:
    assert not is_refused(check_plan, plan(*meetings))


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        (plan(), "meetings", "meets at least once"),
        (plan((10, 10)), "meetings", "ends before it begins"),
        (plan((10, 25)), "meetings", "longer than 14 hours"),
        (plan((10, 13), (12, 14)), "meetings", "overlap"),
        (plan((10, 12), opens_at=NOW + 10 * HOUR), "opens_at", "after the session has begun"),
        (plan((10, 12), closes_at=NOW + 11 * HOUR), "closes_at", "after the session has begun"),
        (plan((10, 12), opens_at=NOW + 5 * HOUR, closes_at=NOW + 4 * HOUR), "closes_at", "before it opens"),
        (plan((10, 12), free_cancellation_until=NOW + 11 * HOUR), "free_cancellation_until", "Free cancellation"),
        (SessionPlan(mode=Mode.SEAT, capacity=None, meetings=plan((1, 2)).meetings), "capacity", "how many seats"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused_beside_its_field(wrong: SessionPlan, field: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        check_plan(wrong)
    assert refused.value.field == field


def test_a_copy_keeps_the_times_of_the_clock_when_summer_time_begins() -> None:
    brussels = ZoneInfo("Europe/Brussels")
    before = datetime(2027, 3, 24, 9, 30, tzinfo=brussels)
    original = SessionPlan(
        mode=Mode.SEAT, capacity=5, meetings=[MeetingPlan(start=before, end=before + HOUR)], opens_at=NOW, closes_at=NOW
    )

    copied = moved_by(original, timedelta(days=7), brussels)

    assert copied.meetings[0].start.astimezone(brussels).isoformat() == "2027-03-31T09:30:00+02:00"
    assert copied.meetings[0].start - before == timedelta(days=7) - HOUR
    assert (copied.opens_at, copied.closes_at) == (None, None)


def test_who_comes_later_does_not_pass_who_waits_even_where_a_seat_is_free() -> None:
    assert obstacle(facts(taken=29, waiting=1), BRITT, NOW) is Obstacle.FULL


@pytest.mark.parametrize(
    ("other", "may"),
    [
        ({}, True),
        ({"closes_at": NOW + HOUR}, True),
        ({"closes_at": NOW}, False),
        ({"starts_at": NOW}, False),
        ({"state": SessionState.CANCELLED}, False),
        ({"mode": Mode.COUNT, "capacity": None}, False),
    ],
)
def test_a_seat_is_offered_only_while_one_may_register(other: dict[str, object], may: bool) -> None:
    assert may_offer(facts(**other), NOW) is may


def test_every_state_has_its_moves_and_an_ended_part_has_none() -> None:
    assert set(REGISTRATION_MOVES) == set(RegistrationState)
    assert {state for state, moves in REGISTRATION_MOVES.items() if moves} == ACTIVE
