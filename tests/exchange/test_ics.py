"""Calendars, read back with the library that wrote them and line by line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from dsbs.exchange.ics import Event, calendar

BRUSSELS = ZoneInfo("Europe/Brussels")


def event(**changed: object) -> Event:
    values: dict[str, object] = {
        "uid": "slot-1@dsbs",
        "sequence": 0,
        "stamp": datetime(2026, 11, 1, 9, tzinfo=UTC),
        "start": datetime(2026, 12, 3, 13, tzinfo=UTC),
        "end": datetime(2026, 12, 3, 15, tzinfo=UTC),
        "title": "Statistics",
    }
    return Event(**(values | changed))  # type: ignore[arg-type]


def read(text: str) -> icalendar.Calendar:
    return icalendar.Calendar.from_ical(text)


def test_an_entry_is_read_back_as_it_was_written() -> None:
    title = "Gene, cell; tissue \\ \N{DNA DOUBLE HELIX} “Łódź”"
    entry = event(
        title=title, place="Room 1, 2nd floor", description="Bring:\n- a laptop", url="https://x.example/a?b=1"
    )
    found = read(calendar("Mine", [entry], "PUBLISH")).events[0]
    assert [str(found[name]) for name in ("summary", "location", "description", "url", "uid", "status")] == [
        title,
        "Room 1, 2nd floor",
        "Bring:\n- a laptop",
        "https://x.example/a?b=1",
        "slot-1@dsbs",
        "CONFIRMED",
    ]
    assert (found.start, found.end) == (
        datetime(2026, 12, 3, 14, tzinfo=BRUSSELS),
        datetime(2026, 12, 3, 16, tzinfo=BRUSSELS),
    )
    assert (found["sequence"], found.DTSTAMP) == (0, datetime(2026, 11, 1, 9, tzinfo=UTC))


def test_a_mail_publishes_and_a_feed_names_no_method() -> None:
    assert read(calendar("Mine", [event()], "PUBLISH"))["method"] == "PUBLISH"
    assert "method" not in read(calendar("Mine", [event()]))


def test_a_calendar_carries_its_name_and_how_often_to_ask() -> None:
    lines = calendar("Programme: Cardio, all", []).split("\r\n")
    assert "X-WR-CALNAME:Programme: Cardio\\, all" in lines
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT15M" in lines


@pytest.mark.parametrize(
    ("changed", "status"),
    [({}, "CONFIRMED"), ({"tentative": True}, "TENTATIVE"), ({"cancelled": True, "tentative": True}, "CANCELLED")],
)
def test_the_status_says_whether_it_takes_place(changed: dict[str, object], status: str) -> None:
    assert read(calendar("Mine", [event(**changed)])).events[0]["status"] == status


def test_lines_are_folded_at_75_octets_and_end_in_cr_lf() -> None:
    text = calendar("Mine", [event(description="Čeština " * 100)])
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert "\n" not in text.replace("\r\n", "")


def test_the_same_events_give_the_same_text() -> None:
    assert calendar("Mine", [event()]) == calendar("Mine", [event()])


@pytest.mark.parametrize(
    "start",
    [
        datetime(2027, 3, 28, 0, 30, tzinfo=UTC),  # 01:30, half an hour before the clocks go forward
        datetime(2027, 3, 28, 1, 0, tzinfo=UTC),  # 03:00, just after
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # 02:30 in summer time
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # 02:30 again, in winter time
        datetime(2026, 12, 31, 22, 30, tzinfo=UTC),  # across midnight and the year
    ],
)
def test_moments_survive_the_clock_changes(start: datetime) -> None:
    end = start + timedelta(hours=2)
    found = read(calendar("Mine", [event(start=start, end=end)])).events[0]
    assert (found.start.astimezone(UTC), found.end.astimezone(UTC)) == (start, end)


def test_the_time_zone_changes_at_one_in_utc_on_the_last_sundays() -> None:
    zone = read(calendar("Mine", [event()])).timezones[0].to_tz()
    for moment in (datetime(2027, 3, 28, 0, 59), datetime(2027, 3, 28, 1), datetime(2027, 10, 31, 0, 59)):  # noqa: DTZ001
        aware = moment.replace(tzinfo=UTC)
        assert aware.astimezone(zone).replace(tzinfo=None) == aware.astimezone(BRUSSELS).replace(tzinfo=None)
