"""What it means to have been there: from when people are ticked, and what a session counts for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs.activities.attending import (
    Attended,
    Outcome,
    Presence,
    check_open,
    check_ticked_stay,
    credits_of,
    hours_of,
    needs_reason,
    outcome,
)
from tests.support.refusals import is_refused

BRUSSELS = ZoneInfo("Europe/Brussels")
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRESENT, ABSENT, EXCUSED = Presence.PRESENT, Presence.ABSENT, Presence.EXCUSED

marks = st.sampled_from([PRESENT, ABSENT, EXCUSED, None])


def meetings(*noted: Presence | None, lengths: tuple[int, ...] = ()) -> list[Attended]:
    """A meeting a day with these marks, of three hours each unless said otherwise."""
    days = (START + timedelta(days=number) for number in range(len(noted)))
    long = lengths or (3,) * len(noted)
    return [Attended(day, day + hours * HOUR, mark) for day, hours, mark in zip(days, long, noted, strict=True)]


@pytest.mark.parametrize(
    ("noted", "found"),
    [
        ([PRESENT], Outcome.ATTENDED),
        ([PRESENT, EXCUSED], Outcome.ATTENDED),
        ([PRESENT, ABSENT], Outcome.PARTLY),
        ([PRESENT, ABSENT, EXCUSED], Outcome.PARTLY),
        ([ABSENT], Outcome.MISSED),
        ([ABSENT, EXCUSED], Outcome.MISSED),
        ([EXCUSED, EXCUSED], Outcome.EXCUSED),
        ([PRESENT, None], Outcome.OPEN),
        ([None], Outcome.OPEN),
    ],
)
def test_what_a_session_was_follows_from_all_of_its_meetings(noted: list[Presence | None], found: Outcome) -> None:
    assert outcome(noted) is found


@given(st.lists(marks, min_size=1, max_size=8))
def test_the_order_of_meetings_changes_nothing(noted: list[Presence | None]) -> None:
    assert outcome(noted) is outcome(noted[::-1])


def test_hours_are_shared_by_the_length_of_the_meetings() -> None:
    assert hours_of(Decimal(9), meetings(PRESENT, ABSENT, lengths=(2, 4))) == Decimal("3.0")


def test_an_excused_meeting_gives_no_hours_and_takes_no_credits() -> None:
    course = meetings(PRESENT, EXCUSED)

    assert (hours_of(Decimal(6), course), credits_of(Decimal(2), course)) == (Decimal("3.0"), Decimal(2))


def test_credits_are_for_who_attended_in_full() -> None:
    assert credits_of(Decimal(2), meetings(PRESENT, ABSENT)) == 0


def test_what_gives_no_hours_or_credits_gives_none() -> None:
    assert (hours_of(None, meetings(PRESENT)), credits_of(None, meetings(PRESENT))) == (None, None)


@given(st.lists(st.tuples(marks, st.integers(1, 14)), min_size=1, max_size=8), st.integers(1, 200))
def test_nobody_has_more_hours_than_the_activity_and_who_was_at_every_meeting_has_all(
    course: list[tuple[Presence | None, int]], given_hours: int
) -> None:
    noted, lengths = zip(*course, strict=True)

    had = hours_of(Decimal(given_hours), meetings(*noted, lengths=lengths))

    assert had is not None
    assert 0 <= had <= given_hours
    assert (had == given_hours) >= (set(noted) == {PRESENT})


def test_people_are_ticked_from_an_hour_before_a_meeting_on() -> None:
    assert is_refused(check_open, START, START - HOUR - timedelta(seconds=1))
    assert not is_refused(check_open, START, START - HOUR)


def test_a_reason_is_needed_once_the_day_of_the_meeting_is_over_at_the_school() -> None:
    midnight = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)  # in Brussels

    assert not needs_reason(START, midnight - timedelta(seconds=1), BRUSSELS)
    assert needs_reason(START, midnight, BRUSSELS)


def spans(*begins: int) -> list[tuple[datetime, datetime]]:
    """Meetings of three hours, each so many hours after the first."""
    return [(START + hours * HOUR, START + (hours + 3) * HOUR) for hours in begins]


@pytest.mark.parametrize(
    ("before", "after", "ticked", "refused"),
    [
        (spans(0, 24), spans(0), {0}, False),  # what is to come falls
        (spans(0, 24), spans(24), {0}, True),  # the ticked one falls
        (spans(0, 24), spans(24), {1}, False),  # the first falls, the ticked one stays where it is
        (spans(0, 24), spans(1, 24), {0, 1}, False),  # one is corrected, the other stays
        (spans(0, 24), spans(24, 48), {0}, True),  # the ticked one would become the last
        (spans(0), spans(1), {0}, False),  # its time is corrected
        (spans(0), spans(3), {0}, True),  # nobody who was there was there then
        (spans(0), spans(100), set(), False),
    ],
)
def test_a_meeting_where_people_were_ticked_stays(
    before: list[tuple[datetime, datetime]],
    after: list[tuple[datetime, datetime]],
    ticked: set[int],
    refused: bool,
) -> None:
    assert is_refused(check_ticked_stay, before, after, ticked) is refused
