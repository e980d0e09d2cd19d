"""Time that runs only while the school works."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dsbs.programmes.rules import OpenHours, is_working_day

BRUSSELS = ZoneInfo("Europe/Brussels")
_moments = st.integers(0, 364 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
_closed = st.frozensets(st.dates(date(2026, 1, 1), date(2027, 1, 31)), max_size=30)


def hours(closed: frozenset[date] = frozenset()) -> OpenHours:
    return OpenHours(time(8), time(20), closed, BRUSSELS)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 as the school's clocks show it; the 27th is a Friday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BRUSSELS)


def test_by_day_the_clock_runs_like_any_other() -> None:
    assert hours().after(at(24, 9), timedelta(hours=3)) == at(24, 12)


def test_the_clock_stands_still_at_night() -> None:
    assert hours().after(at(24, 19), timedelta(hours=3)) == at(25, 10)


def test_the_clock_stands_still_over_a_weekend() -> None:
    assert hours().after(at(27, 19), timedelta(hours=3)) == at(30, 10)


def test_the_clock_stands_still_on_a_closed_day() -> None:
    assert hours(frozenset({date(2026, 11, 30)})).after(at(27, 19), timedelta(hours=3)) == datetime(
        2026, 12, 1, 10, tzinfo=BRUSSELS
    )


def test_what_begins_at_night_counts_from_the_morning() -> None:
    assert hours().after(at(24, 23), timedelta(hours=12)) == at(25, 20)


def test_an_amount_that_ends_with_the_day_ends_there_and_not_on_the_next_morning() -> None:
    assert hours().after(at(24, 8), timedelta(hours=12)) == at(24, 20)


def test_a_day_of_twelve_hours_is_as_long_when_the_clocks_change() -> None:
    friday = datetime(2026, 10, 23, 12, tzinfo=BRUSSELS)
    assert hours().after(friday, timedelta(hours=12)) == datetime(2026, 10, 26, 12, tzinfo=BRUSSELS)


@given(start=_moments, minutes=st.integers(1, 6000), closed=_closed)
def test_the_clock_runs_for_exactly_the_amount(start: datetime, minutes: int, closed: frozenset[date]) -> None:
    end = hours(closed).after(start, timedelta(minutes=minutes))

    ran, day = timedelta(), start.astimezone(BRUSSELS).date()
    while day <= end.astimezone(BRUSSELS).date():
        opens, closes = (datetime.combine(day, moment, BRUSSELS).astimezone(UTC) for moment in (time(8), time(20)))
        if is_working_day(day, closed):
            ran += max(timedelta(), min(end, closes) - max(start, opens))
        day += timedelta(days=1)
    assert ran == timedelta(minutes=minutes)


@given(start=_moments, first=st.integers(1, 3000), more=st.integers(0, 3000), closed=_closed)
def test_two_amounts_one_after_the_other_end_where_their_sum_does(
    start: datetime, first: int, more: int, closed: frozenset[date]
) -> None:
    clock = hours(closed)
    midway = clock.after(start, timedelta(minutes=first))
    if more:
        assert clock.after(midway, timedelta(minutes=more)) == clock.after(start, timedelta(minutes=first + more))
