"""Spans, days, free times, on plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs.agenda.rules import (
    Span,
    check_apart,
    check_span,
    days_as_span,
    days_touched,
    free_times,
    midnight,
    place_of,
    working_hours,
)
from dsbs.core.refusals import Refused
from tests.agenda.conftest import BRUSSELS, TODAY, at
from tests.support.refusals import is_refused

ZERO = datetime(2026, 11, 24, tzinfo=UTC)


def minutes(start: int, end: int) -> Span:
    return Span(ZERO + timedelta(minutes=start), ZERO + timedelta(minutes=end))


spans = st.builds(lambda start, length: minutes(start, start + length), st.integers(0, 120), st.integers(1, 60))


@given(spans, spans)
def test_two_spans_overlap_exactly_when_they_share_a_minute(one: Span, other: Span) -> None:
    def covered(span: Span) -> set[int]:
        first, last = ((moment - ZERO) // timedelta(minutes=1) for moment in (span.start, span.end))
        return set(range(first, last))

    assert one.overlaps(other) is bool(covered(one) & covered(other))


def test_one_that_begins_as_the_other_ends_does_not_overlap_it() -> None:
    assert not Span(at(9), at(10)).overlaps(Span(at(10), at(11)))


@pytest.mark.parametrize(("start", "end"), [(at(10), at(10)), (at(10), at(9))])
def test_a_span_without_time_in_it_is_refused(start: datetime, end: datetime) -> None:
    with pytest.raises(Refused) as refused:
        check_span(Span(start, end))

    assert refused.value.field == "end"


def test_fourteen_days_are_taken_and_a_minute_more_is_refused() -> None:
    longest, longer = (Span(ZERO, ZERO + timedelta(days=14, minutes=more)) for more in (0, 1))

    assert [is_refused(check_span, longest), is_refused(check_span, longer)] == [False, True]


def test_spans_share_a_room_back_to_back_but_not_for_a_minute() -> None:
    touching, overlapping = ([Span(at(10), at(11)), Span(at(9), at(10, minute))] for minute in (0, 1))

    assert [is_refused(check_apart, touching), is_refused(check_apart, overlapping)] == [False, True]


def test_a_long_span_that_holds_a_short_one_is_found() -> None:
    with pytest.raises(Refused):
        check_apart([Span(at(9), at(17)), Span(at(10), at(11)), Span(at(12), at(13))])


@given(st.lists(spans, max_size=8))
def test_free_and_taken_times_together_make_the_whole(taken: list[Span]) -> None:
    whole = minutes(30, 150)
    free = free_times(taken, whole)

    for minute in range(30, 150):
        here = minutes(minute, minute + 1)
        assert any(span.overlaps(here) for span in free) is not any(span.overlaps(here) for span in taken)


def test_what_ends_at_midnight_does_not_touch_the_next_day() -> None:
    assert days_touched(Span(at(22), midnight(date(2026, 11, 25), BRUSSELS)), BRUSSELS) == [TODAY]


def test_what_crosses_midnight_touches_both_days() -> None:
    span = Span(at(22), at(2, day=date(2026, 11, 25)))

    assert days_touched(span, BRUSSELS) == [TODAY, date(2026, 11, 25)]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2027, 3, 28), 23), (date(2026, 10, 25), 25), (date(2026, 11, 24), 24)]
)
def test_a_day_is_as_long_as_its_clocks_make_it(day: date, hours: int) -> None:
    span = days_as_span(day, day, BRUSSELS)

    assert span.end - span.start == timedelta(hours=hours)


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2026, 10, 25)])
def test_working_hours_are_ten_on_the_days_that_change_the_clocks(day: date) -> None:
    hours = working_hours(day, BRUSSELS)

    assert hours.start.astimezone(BRUSSELS).hour == 8
    assert hours.end - hours.start == timedelta(hours=10)


@pytest.mark.parametrize(
    ("room", "building", "written"),
    [
        ("Room 02.114", "Main building", "Room 02.114, Main building"),
        ("Room 02.114", "", "Room 02.114"),
        ("Room 02.114", None, "Room 02.114"),
        ("City library, upper room", "City Library", "City library, upper room"),
        ("Mainhall", "Main", "Mainhall, Main"),
        ("Room (a)", "Wing (a)", "Room (a), Wing (a)"),
    ],
)
def test_a_building_is_left_out_where_the_room_says_it(room: str, building: str | None, written: str) -> None:
    assert place_of(room, building) == written
