"""When a reminder leaves, on plain values: any offset, any day, any closures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs.mail.rules import MessageState
from dsbs.programmes.rules import is_working_day
from dsbs.reminders.rules import (
    MOVES,
    Cadence,
    Reported,
    SchoolTime,
    Shown,
    State,
    Step,
    Unit,
    Unused,
    Window,
    may_come_from,
    shown_as,
    spells,
    why_unused,
)

BRUSSELS = ZoneInfo("Europe/Brussels")
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
CLOSED = st.frozensets(DAYS, max_size=30)
STEPS = st.builds(Step, st.integers(-40, 40), st.sampled_from([Unit.DAYS, Unit.WEEKS, Unit.WORKING_DAYS]))
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(STEPS, DAYS, CLOSED)
def test_every_day_belongs_to_the_one_day_on_which_it_is_reminded_of(
    step: Step, due: date, closed: frozenset[date]
) -> None:
    first, last = step.due_days(step.leaves_on(due, closed), closed)

    assert first <= due < last
    assert all(
        step.leaves_on(first + timedelta(days=number), closed) == step.leaves_on(due, closed)
        for number in range((last - first).days)
    )


@given(STEPS, DAYS, st.integers(1, 30), CLOSED)
def test_spells_follow_each_other_without_a_gap(step: Step, first: date, days: int, closed: frozenset[date]) -> None:
    school = SchoolTime(closed, BRUSSELS)
    found = list(spells(step, first, first + timedelta(days=days), school))

    assert all(one.last == other.first and one.leaves_at < other.leaves_at for one, other in pairwise(found))


@given(st.integers(-20, 20).filter(bool), DAYS, CLOSED)
def test_a_step_in_working_days_leaves_on_one(offset: int, due: date, closed: frozenset[date]) -> None:
    assert is_working_day(Step(offset, Unit.WORKING_DAYS).leaves_on(due, closed), closed)


@given(STEPS, MOMENTS, CLOSED)
def test_a_step_in_days_leaves_at_eight_by_the_clocks_of_the_school(
    step: Step, due: datetime, closed: frozenset[date]
) -> None:
    local = step.leaves_at(due, SchoolTime(closed, BRUSSELS)).astimezone(BRUSSELS)

    assert (local.hour, local.minute) == (8, 0)


@given(st.integers(-72, 72), MOMENTS)
def test_a_step_in_hours_leaves_so_many_hours_away(offset: int, due: datetime) -> None:
    step = Step(offset, Unit.HOURS)

    assert step.leaves_at(due, SchoolTime((), BRUSSELS)) == due + timedelta(hours=offset)
    assert step.cadence is Cadence.FREQUENT


@given(STEPS, MOMENTS, st.integers(0, 10), st.integers(0, 30 * 24), CLOSED)
def test_a_look_takes_in_all_since_the_one_before_and_all_that_is_still_useful(
    step: Step, now: datetime, useful: int, silent: int, closed: frozenset[date]
) -> None:
    school = SchoolTime(closed, BRUSSELS)
    window = Window(step, now, now - timedelta(hours=silent), useful, school)
    leaves = {spell.leaves_at for spell in window.spells()}
    first = min(window.noted_from, window.useful_from)
    everything = {spell.leaves_at for spell in spells(step, date(2025, 10, 1), date(2028, 1, 1), school)}

    assert {moment for moment in everything if first < moment <= now} <= leaves
    assert window.useful_from <= window.in_time_from <= now


def test_a_first_look_takes_in_nothing_that_is_of_no_use_any_more() -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    window = Window(Step(-1, Unit.DAYS), now, None, 3, SchoolTime((), BRUSSELS))

    assert window.noted_from == now
    assert window.useful_from == datetime(2026, 11, 20, 23, tzinfo=UTC)


@pytest.mark.parametrize(("hour", "decent"), [(6, False), (7, True), (18, True), (19, False)])
def test_decent_hours_are_those_of_the_school(hour: int, decent: bool) -> None:
    school = SchoolTime((), BRUSSELS)

    assert school.is_decent(datetime(2026, 11, 24, hour, 30, tzinfo=UTC)) is decent


def test_what_has_left_is_only_ever_taken_back() -> None:
    assert MOVES[State.QUEUED] == {State.WITHDRAWN}
    assert may_come_from(State.QUEUED) == [State.DUE]
    assert all(not MOVES[state] for state in (State.MISSED, State.SUPERSEDED, State.WITHDRAWN))


REPORTED = Reported({"registered"}, {"confirmed"}, {"tomorrow"}, dated=False)


@pytest.mark.parametrize(
    ("reported", "changed", "why"),
    [
        (REPORTED, {}, None),
        (None, {}, Unused.OCCASION),
        (REPORTED, {"unit": "school_week"}, Unused.UNIT),
        (Reported({"registered"}, {"confirmed"}, {"tomorrow"}, dated=True), {"unit": "hours"}, Unused.UNIT),
        (REPORTED, {"audience": ("speaker",)}, Unused.AUDIENCE),
        (REPORTED, {"audience": ("speaker", "registered")}, None),
        (REPORTED, {"condition": "whenever"}, Unused.CONDITION),
        (REPORTED, {"letter": "yesterday"}, Unused.LETTER),
    ],
)
def test_a_rule_that_asks_for_what_nobody_knows_is_not_in_use(
    reported: Reported | None, changed: dict[str, object], why: Unused | None
) -> None:
    rule = {"unit": "days", "audience": ("registered",), "condition": "confirmed", "letter": "tomorrow", **changed}

    assert why_unused(reported, **rule) is why  # type: ignore[arg-type]


@given(st.sampled_from(State), st.none() | st.sampled_from(MessageState))
def test_a_reminder_is_shown_as_sent_only_when_its_mail_has_left(state: State, mail: MessageState | None) -> None:
    assert (shown_as(state, mail) is Shown.SENT) == (state is State.QUEUED and mail is MessageState.SENT)
