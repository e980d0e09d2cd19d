"""The calendar of a venue elsewhere: claimed by one reader, replaced as a whole, shown, and asked about in planning."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.agenda import reading, service, venue_queries
from dsbs.agenda.models import BusyTime, Venue, VenueReading
from dsbs.agenda.rules import Span
from dsbs.agenda.service import VenueFacts
from dsbs.core.access import Role
from dsbs.core.db import db
from dsbs.core.refusals import Refused
from dsbs.exchange import fetching
from dsbs.history.models import Change
from tests.agenda.conftest import Stage
from tests.support.calendars import calendar, event
from tests.support.client import Client, sign_in

URL = "https://hall.example/calendar.ics?key=secret"
CHOIR = event("DTSTART:20261126T090000Z", "DTEND:20261126T110000Z", "SUMMARY:Choir")
BAND = event("DTSTART:20261127T090000Z", "DTEND:20261127T110000Z", "SUMMARY:Band")


class Hall:
    """A hall elsewhere with a calendar, and a server that gives what the test puts there."""

    def __init__(self, stage: Stage, name: str = "Town hall") -> None:
        self.stage, self.name, self.venue_id = stage, name, stage.venue(name, ours=False).id
        self.served: bytes | Refused = calendar(CHOIR)
        self.asked: list[str] = []
        self.edit(calendar_url=URL)

    def edit(self, **changes: object) -> None:
        facts = {"name": self.name, "building": "Main building", "ours": False, **changes}
        with self.stage.writing() as session:
            service.edit_venue(session, venue=self.venue(session), facts=VenueFacts(**facts))  # type: ignore[arg-type]

    def venue(self, session: Session) -> Venue:
        return venue_queries.venue(session, self.venue_id)

    def get(self, url: str) -> bytes:
        self.asked.append(url)
        if isinstance(self.served, Refused):
            raise self.served
        return self.served

    def read(self) -> int:
        db.session.rollback()
        return reading.read_calendars(lambda: self.stage.clock.now, get=self.get)

    def titles(self) -> list[str]:
        db.session.rollback()
        return list(db.session.scalars(select(BusyTime.title).order_by(BusyTime.start)))

    def state(self) -> VenueReading | None:
        db.session.rollback()
        return venue_queries.reading_of(db.session(), self.venue_id)


@pytest.fixture
def hall(stage: Stage) -> Hall:
    """A hall whose calendar was not read yet."""
    return Hall(stage)


def test_a_calendar_is_read_at_once_and_then_once_an_hour(hall: Hall) -> None:
    first, second = hall.read(), hall.read()
    hall.stage.clock.move_to(hall.stage.clock.now + venue_queries.READ_EVERY)

    assert (first, second, hall.read(), hall.asked) == (1, 0, 1, [URL, URL])


def test_each_reading_takes_the_place_of_the_one_before(hall: Hall) -> None:
    hall.read()
    hall.served = calendar(BAND)
    hall.stage.clock.move_to(hall.stage.clock.now + venue_queries.READ_EVERY)
    hall.read()

    assert hall.titles() == ["Band"]


def test_what_fails_is_written_down_and_what_was_known_stays(hall: Hall) -> None:
    hall.read()
    hall.served = Refused(fetching.NO_ANSWER)
    hall.stage.clock.move_to(hall.stage.clock.now + venue_queries.READ_EVERY)
    hall.read()

    state = hall.state()
    assert state is not None
    assert (hall.titles(), state.failure, state.tried_at > (state.read_at or state.tried_at)) == (
        ["Choir"],
        fetching.NO_ANSWER,
        True,
    )


def test_what_nobody_foresaw_is_written_down_and_the_next_venue_is_read(hall: Hall, stage: Stage) -> None:
    other = Hall(stage, "City hall")

    def get(url: str) -> bytes:
        if not hall.asked:
            hall.asked.append(url)
            raise ValueError("Invalid IPv6 URL")
        return calendar(CHOIR)

    db.session.rollback()
    read = reading.read_calendars(lambda: stage.clock.now, get=get)

    broken, sound = hall.state(), other.state()
    assert broken is not None
    assert sound is not None
    assert (read, broken.failure, sound.failure, hall.titles()) == (1, reading.BROKEN, None, ["Choir"])


def test_of_two_readers_one_reads(hall: Hall) -> None:
    with hall.stage.writing() as session:
        first = service.claim_reading(session, venue_id=hall.venue_id, now=hall.stage.clock.now)
    with hall.stage.writing() as session:
        second = service.claim_reading(session, venue_id=hall.venue_id, now=hall.stage.clock.now)

    assert (first, second) == (URL, None)


def test_what_was_read_at_an_address_that_was_changed_meanwhile_is_left(hall: Hall) -> None:
    def get(url: str) -> bytes:
        db.session.rollback()
        hall.edit(calendar_url="https://hall.example/other.ics")
        return hall.get(url)

    db.session.rollback()
    reading.read_calendars(lambda: hall.stage.clock.now, get=get)

    assert (hall.titles(), hall.state()) == ([], None)


@pytest.mark.parametrize("changes", [{"calendar_url": None}, {"calendar_url": URL, "ours": True}])
def test_without_its_calendar_a_venue_has_no_busy_times(hall: Hall, changes: dict[str, object]) -> None:
    hall.read()
    hall.edit(**changes)

    assert (hall.titles(), hall.state(), hall.read()) == ([], None, 0)


def test_the_history_does_not_repeat_the_address(hall: Hall) -> None:
    told = db.session.scalars(select(Change).where(Change.subject == "venue", Change.action == "update")).all()

    assert [change for change in told if "secret" in str(change.values)] == []
    assert any("calendar_url" in change.values for change in told)


def test_a_file_is_taken_over_and_the_page_shows_when_the_venue_is_busy(hall: Hall, client: Client) -> None:
    hall.edit(calendar_url=None)
    sign_in(client, hall.stage.person("Roger", Role.COORDINATOR, programme=hall.stage.programme()))
    address = f"/venues/{hall.venue_id}"

    sent = {"calendar": (BytesIO(calendar(CHOIR)), "hall.ics")}
    after = client.post(f"{address}/calendar", data=sent, follow_redirects=True).get_data(as_text=True)

    assert "1 busy time is known now." in after
    assert "Busy elsewhere: Choir" in after
    assert "hall.ics" in after


def test_a_file_that_is_no_calendar_is_refused_in_words(hall: Hall, client: Client) -> None:
    hall.edit(calendar_url=None)
    sign_in(client, hall.stage.person("Roger", Role.COORDINATOR, programme=hall.stage.programme()))

    sent = {"calendar": (BytesIO(b"no"), "hall.ics")}
    after = client.post(f"/venues/{hall.venue_id}/calendar", data=sent, follow_redirects=True)

    assert "This is no iCalendar file." in after.get_data(as_text=True)


def test_a_file_does_not_outdo_an_address(hall: Hall) -> None:
    with pytest.raises(Refused) as refused, hall.stage.writing() as session:
        service.take_file(session, venue=hall.venue(session), name="hall.ics", times=[], now=hall.stage.clock.now)

    assert "Take the address out first." in str(refused.value)


def test_busy_times_meet_what_overlaps_them_and_not_what_touches_them(hall: Hall) -> None:
    hall.read()
    (choir,) = db.session.scalars(select(BusyTime)).all()
    hour = timedelta(hours=1)

    def met(start: int, end: int) -> bool:
        span = Span(choir.start + start * hour, choir.start + end * hour)
        return bool(venue_queries.busy_at(db.session(), [(hall.venue_id, span)]))

    assert [met(-1, 0), met(-1, 1), met(0, 2), met(1, 3), met(2, 3)] == [False, True, True, True, False]


def test_the_page_says_why_a_calendar_was_not_read(app: Flask, hall: Hall, client: Client) -> None:
    hall.served = Refused(fetching.NOT_PUBLIC)
    hall.read()
    sign_in(client, hall.stage.person("Roger", Role.COORDINATOR, programme=hall.stage.programme()))

    page = client.get(f"/venues/{hall.venue_id}").get_data(as_text=True)

    assert "This address is not on the public internet." in page
    assert "secret" not in page
