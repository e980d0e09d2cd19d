"""For whom an activity is: one kind of condition, one answer; and the seats that are kept for a programme."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs.activities.rules.conditions import (
    Candidate,
    Condition,
    ConditionKind,
    Record,
    meets,
    needs_record,
)
from dsbs.activities.rules.pools import Pool, Reservation, Room, check_reservations
from dsbs.core.refusals import Refused

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BRITT = Candidate(True, (1,), 2, Record(attended=frozenset({5}), invited=frozenset({6})))


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        (Condition(ConditionKind.PROGRAMMES, ids=(1, 2)), True),
        (Condition(ConditionKind.PROGRAMMES, ids=(2,)), False),
        (Condition(ConditionKind.YEARS, first_year=2, last_year=2), True),
        (Condition(ConditionKind.YEARS, first_year=1, last_year=1), False),
        (Condition(ConditionKind.YEARS, first_year=2), True),
        (Condition(ConditionKind.YEARS, first_year=3), False),
        (Condition(ConditionKind.ATTENDED, ids=(5, 7)), True),
        (Condition(ConditionKind.ATTENDED, ids=(7,)), False),
        (Condition(ConditionKind.NOT_ATTENDED, ids=(7,)), True),
        (Condition(ConditionKind.NOT_ATTENDED, ids=(5,)), False),
        (Condition(ConditionKind.INVITED, ids=(6,)), True),
        (Condition(ConditionKind.INVITED, ids=(5,)), False),
        (Condition(ConditionKind.APPROVAL), False),
    ],
)
def test_each_kind_of_condition_is_met_by_whom_it_means(condition: Condition, met: bool) -> None:
    assert meets(condition, BRITT) is met


@pytest.mark.parametrize("kind", [ConditionKind.ATTENDED, ConditionKind.NOT_ATTENDED, ConditionKind.INVITED])
def test_what_was_not_looked_up_meets_no_condition(kind: ConditionKind) -> None:
    condition = Condition(kind, ids=(5, 6))
    assert needs_record([condition])
    assert not meets(condition, Candidate(is_researcher=True, programmes=(1,), year=2))


def test_who_is_in_no_programme_is_in_no_year() -> None:
    assert not meets(Condition(ConditionKind.YEARS, first_year=1), Candidate(is_researcher=True, programmes=()))


# ---- Seats that are kept ----


def pool(programme: int = 1, *, seats: int = 5, taken: int = 0, waiting: int = 0) -> Pool:
    return Pool(programme, f"Programme {programme}", seats, NOW, taken, waiting)


@pytest.mark.parametrize(
    ("room", "programmes", "may"),
    [
        pytest.param(Room(5, 0, [pool()]), (1,), True, id="her own pool"),
        pytest.param(Room(5, 0, [pool()]), (2,), False, id="all that is free is kept for others"),
        pytest.param(Room(6, 0, [pool()]), (2,), True, id="one more is open"),
        pytest.param(Room(6, 1, [pool()]), (2,), False, id="somebody waits for it"),
        pytest.param(Room(5, 3, [pool()]), (1,), True, id="others wait for what is not kept for them"),
        pytest.param(Room(5, 3, [pool(waiting=1)]), (1,), False, id="one of her own waits"),
        pytest.param(Room(2, 0, [pool(taken=5)]), (2,), True, id="the pool is used up"),
        pytest.param(Room(1, 0, [pool(1), pool(2)]), (2,), True, id="fewer free than kept"),
        pytest.param(Room(0, 0, [pool()]), (1,), False, id="full"),
    ],
)
def test_who_comes_takes_what_is_open_or_kept_for_her_and_passes_nobody(
    room: Room, programmes: tuple[int, ...], may: bool
) -> None:
    assert room.may_take(programmes) is may


programmes = st.sampled_from([None, 1, 2, 3])
rooms = st.builds(
    Room,
    free=st.integers(0, 8),
    waiting=st.just(0),
    pools=st.tuples(
        st.builds(pool, st.just(1), seats=st.integers(1, 5), taken=st.integers(0, 6)),
        st.builds(pool, st.just(2), seats=st.integers(1, 5), taken=st.integers(0, 6)),
    ),
)


@given(rooms, st.lists(programmes, max_size=10))
def test_within_a_pool_nobody_passes_another_and_kept_seats_go_to_no_others(room: Room, line: list[int | None]) -> None:
    served = room.in_turn(line)

    assert len(served) <= room.free
    for programme in (None, 1, 2, 3):
        own = [place for place, of in enumerate(line) if of == programme]
        taken = [place for place in served if line[place] == programme]
        assert taken == own[: len(taken)]
    kept = {one.programme_id: one.kept for one in room.pools}
    of_open = sum(max(0, sum(line[place] == of for place in served) - kept.get(of or 0, 0)) for of in (None, 1, 2, 3))
    assert of_open <= room.open


@given(rooms, st.lists(programmes, max_size=10))
def test_nobody_is_left_in_line_who_could_have_a_seat(room: Room, line: list[int | None]) -> None:
    served = room.in_turn(line)
    left = [of for place, of in enumerate(line) if place not in served]
    pools = [
        Pool(one.programme_id, "", one.seats, NOW, one.taken + sum(line[p] == one.programme_id for p in served), 0)
        for one in room.pools
    ]
    then = Room(room.free - len(served), 0, pools)
    assert not any(then.may_take(() if of is None else (of,)) for of in left)


@pytest.mark.parametrize(
    ("reservations", "capacity", "words"),
    [
        ([Reservation(1, 6, NOW)], 5, "more seats than there are"),
        ([Reservation(1, 3, NOW), Reservation(2, 3, NOW)], 5, "more seats than there are"),
        ([Reservation(1, 1, NOW), Reservation(1, 1, NOW)], 5, "twice"),
        ([Reservation(1, 1, NOW.replace(hour=10))], 5, "until the session begins"),
        ([Reservation(1, 1, NOW)], None, "only where there are seats"),
    ],
)
def test_seats_that_cannot_be_kept_are_refused(
    reservations: list[Reservation], capacity: int | None, words: str
) -> None:
    with pytest.raises(Refused, match=words) as refused:
        check_reservations(reservations, capacity=capacity, first=NOW)
    assert refused.value.field == "kept"
