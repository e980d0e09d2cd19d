"""Reading when somebody else's calendar is busy: what recurs, whole days, time zones, files that are none."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs.core.refusals import Refused
from dsbs.exchange import busy, unrolling
from dsbs.exchange.busy import Busy, busy_times
from dsbs.exchange.unrolling import Reason, Unreadable, unrolled
from tests.support.calendars import calendar, event

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
BRUSSELS = ZoneInfo("Europe/Brussels")


def read(data: bytes) -> list[Busy]:
    return [Busy(*found) for found in unrolled(data, now=NOW, zone=BRUSSELS)]


def sent(data: bytes) -> list[Busy]:
    """The same as who sends it is answered, by a process of its own."""
    return list(busy_times(data, now=NOW, zone=BRUSSELS))


def test_an_entry_is_busy_from_its_start_to_its_end() -> None:
    found = read(calendar(event("DTSTART:20261130T100000Z", "DTEND:20261130T110000Z", "SUMMARY:Choir")))

    assert found == [Busy(datetime(2026, 11, 30, 10, tzinfo=UTC), datetime(2026, 11, 30, 11, tzinfo=UTC), "Choir")]


def test_a_weekly_entry_keeps_its_hour_of_the_clock_through_the_year() -> None:
    rule = ("DTSTART;TZID=Europe/Brussels:20260901T190000", "DURATION:PT2H", "RRULE:FREQ=WEEKLY")

    found = read(calendar(event(*rule)))

    assert {one.start.astimezone(BRUSSELS).hour for one in found} == {19}
    assert {one.start.hour for one in found} == {17, 18}
    assert found[0].start >= NOW
    assert found[-1].start <= NOW + unrolling.AHEAD


def test_what_repeats_for_ever_ends_after_500_times() -> None:
    found = read(calendar(event("DTSTART:20200901T190000", "DTEND:20200901T200000", "RRULE:FREQ=DAILY")))

    assert len(found) == unrolling.MOST_TIMES
    first, *_, last = (one.start.astimezone(BRUSSELS).date() for one in found)
    assert (last - first).days == unrolling.MOST_TIMES - 1


def test_a_date_that_was_taken_out_is_left_out() -> None:
    series = event(
        "DTSTART:20261201T100000Z", "DTEND:20261201T110000Z", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261202T100000Z"
    )

    assert [one.start.day for one in read(calendar(series))] == [1, 3]


def test_a_day_without_a_time_is_busy_from_midnight_to_midnight_of_the_school() -> None:
    (found,) = read(calendar(event("DTSTART;VALUE=DATE:20261225")))

    assert (found.start, found.end) == (
        datetime(2026, 12, 24, 23, tzinfo=UTC),
        datetime(2026, 12, 25, 23, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("head", "hour"), [("", 9), ("X-WR-TIMEZONE:America/New_York\r\n", 15), ("X-WR-TIMEZONE:No/Where\r\n", 9)]
)
def test_a_time_without_a_zone_is_meant_by_the_calendar_s_own(head: str, hour: int) -> None:
    (found,) = read(calendar(event("DTSTART:20261130T100000", "DTEND:20261130T110000"), head=head))

    assert found.start.hour == hour


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_what_takes_no_time_is_left_out(line: str) -> None:
    assert read(calendar(event("DTSTART:20261130T100000Z", "DTEND:20261130T110000Z", line))) == []


def test_what_is_over_is_left_out_and_what_still_goes_on_is_not() -> None:
    over = event("DTSTART:20261124T070000Z", "DTEND:20261124T090000Z")
    on = event("DTSTART:20261124T080000Z", "DTEND:20261124T100000Z")

    assert [one.end.hour for one in read(calendar(over, on))] == [10]


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\x00", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n"])
def test_a_file_that_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(data)

    assert unreadable.value.reason is Reason.NO_CALENDAR


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=3", "FREQ=HOURLY", "FREQ=DAILY;BYSECOND=1,2,3"])
def test_what_repeats_within_the_day_is_refused(rule: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(calendar(event("DTSTART:20261130T100000Z", "DTEND:20261130T100100Z", f"RRULE:{rule}")))

    assert unreadable.value.reason is Reason.TOO_OFTEN


def test_a_file_too_large_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        sent(b"x" * (busy.MOST_BYTES + 1))

    assert refused.value.sentence == busy.TOO_LARGE


def test_a_file_that_is_sent_gives_the_same_times_with_their_titles() -> None:
    data = calendar(event("DTSTART:20261130T100000Z", "DTEND:20261130T110000Z", "SUMMARY:Chœur", "RRULE:FREQ=WEEKLY"))

    assert sent(data) == read(data)
    assert sent(data)[0].title == "Chœur"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"hello", busy.NO_CALENDAR),
        (calendar(event("DTSTART:20261130T100000Z", "RRULE:FREQ=HOURLY")), busy.TOO_OFTEN),
        (calendar(*["BEGIN:VEVENT\r\nEND:VEVENT\r\n"] * (unrolling.MOST_EVENTS + 1)), busy.TOO_MANY),
    ],
)
def test_a_file_that_is_not_read_is_refused_with_its_reason(data: bytes, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        sent(data)

    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("start", "rule"),
    [("20260901", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), ("00010101", "FREQ=DAILY")],
    ids=["days that never come", "two thousand years"],
)
def test_rules_that_take_for_ever_are_given_up(start: str, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "SECONDS", 1)
    endless = (event(f"DTSTART:{start}T100000Z", "DURATION:PT1H", f"SUMMARY:{n}", f"RRULE:{rule}") for n in range(100))

    with pytest.raises(Refused) as refused:
        sent(calendar(*endless))

    assert refused.value.sentence == busy.TOO_HARD


@given(st.binary(max_size=300))
def test_whatever_the_bytes_the_answer_is_times_or_a_refusal(data: bytes) -> None:
    try:
        found = read(calendar(data.decode("latin-1")))
    except Unreadable:
        return
    assert len(found) <= unrolling.MOST_TIMES
