"""What calendar programs read, as two libraries read it that have no part in writing it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
import vobject
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.queries import person_by_mail
from dsbs.agenda import service
from dsbs.agenda.models import Commitment, CommitmentState, Slot, SlotState, Visibility
from dsbs.agenda.service import Move
from dsbs.core.db import db
from tests.agenda.conftest import BRUSSELS, TODAY, Stage, at
from tests.support.client import Client
from tests.support.statements import questions


@pytest.fixture
def address(stage: Stage) -> str:
    """The address of Britt's feed."""
    britt = stage.person("Britt")
    with stage.writing() as session:
        key = service.open_feed(session, person=britt)
    return f"/calendar/{key}.ics"


def britts(stage: Stage, *args: Any, **kwargs: Any) -> Slot:
    """A slot in Britt's calendar."""
    britt = person_by_mail(db.session(), "britt@school.example")
    assert britt is not None
    return stage.slot(*args, bound=(britt,), **kwargs)


def entries(client: Client, address: str) -> list[icalendar.Event]:
    """The events of a feed as icalendar reads them, oldest first."""
    answer = client.get(address)
    assert answer.status_code == 200
    return list(icalendar.Calendar.from_ical(answer.text).walk("VEVENT"))


def test_a_feed_holds_what_the_person_is_bound_to(stage: Stage, client: Client, address: str) -> None:
    slot = britts(stage, at(16), at(17), venue=stage.venue(), title="Clonal haematopoiesis; the heart, failing")
    stage.slot(at(9), at(10), title="Not hers")

    (entry,) = entries(client, address)

    assert (str(entry["summary"]), str(entry["location"])) == (
        "Clonal haematopoiesis; the heart, failing",
        "Auditorium 3, Main building",
    )
    assert (str(entry["uid"]), entry["sequence"], str(entry["status"])) == (slot.uid, 0, "CONFIRMED")
    assert (entry["dtstart"].dt, entry["dtend"].dt) == (at(16), at(17))


def test_another_library_reads_the_same(stage: Stage, client: Client, address: str) -> None:
    britts(stage, at(16), at(17), title="Clonal haematopoiesis; the heart, failing")

    calendar = vobject.readOne(client.get(address).text)

    assert calendar.vevent.summary.value == "Clonal haematopoiesis; the heart, failing"
    assert calendar.vevent.dtstart.value.astimezone(UTC) == at(16)
    assert calendar.vevent.dtend.value.astimezone(UTC) == at(17)


@pytest.mark.parametrize("day", [date(2027, 3, 27), date(2027, 3, 28), date(2027, 10, 30), date(2027, 10, 31)])
def test_both_libraries_read_the_days_around_a_change_of_the_clocks_right(
    sqlite_app: Flask, stage: Stage, client: Client, address: str, day: date
) -> None:
    start, end = at(23, day=day), at(9, day=day + timedelta(days=1))
    britts(stage, start, end)
    text = client.get(address).text

    (entry,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    other = vobject.readOne(text).vevent
    assert (entry["dtstart"].dt, entry["dtend"].dt) == (start, end)
    assert (other.dtstart.value.astimezone(UTC), other.dtend.value.astimezone(UTC)) == (start, end)


def test_the_hour_that_comes_twice_keeps_its_length(stage: Stage, client: Client, address: str) -> None:
    first = datetime(2027, 10, 31, 2, 30, tzinfo=BRUSSELS).astimezone(UTC)
    britts(stage, first, first + timedelta(hours=1))

    (entry,) = entries(client, address)

    assert entry["dtend"].dt.astimezone(UTC) - entry["dtstart"].dt.astimezone(UTC) == timedelta(hours=1)


def test_a_moved_entry_keeps_its_identity_and_is_newer(stage: Stage, client: Client, address: str) -> None:
    slot = britts(stage, at(16), at(17))
    (before,) = entries(client, address)
    with stage.writing() as session:
        service.move_slots(session, moves=[Move(slot=slot, venue=None, start=at(18), end=at(19))], now=at(10))

    (after,) = entries(client, address)

    assert (after["uid"], after["sequence"], after["dtstart"].dt) == (before["uid"], before["sequence"] + 1, at(18))


def test_what_is_cancelled_is_told_for_thirty_days(stage: Stage, client: Client, address: str) -> None:
    slot = britts(stage, at(16, day=date(2027, 3, 1)), at(17, day=date(2027, 3, 1)))
    cancelled_at = stage.clock.now
    with stage.writing() as session:
        service.cancel_slots(session, slots=[slot])

    (entry,) = entries(client, address)
    assert (str(entry["status"]), entry["sequence"]) == ("CANCELLED", 1)
    stage.clock.move_to(cancelled_at + timedelta(days=30))
    assert entries(client, address) == []


def test_who_was_released_as_the_slot_was_cancelled_is_told_so_too(stage: Stage, client: Client, address: str) -> None:
    slot = britts(stage, at(16), at(17))
    with stage.writing() as session:
        service.release_people(session, slot_ids=[slot.id], person_ids=[_bound_to(slot)])
        service.cancel_slots(session, slots=[slot])

    assert [str(entry["status"]) for entry in entries(client, address)] == ["CANCELLED"]


def test_who_gave_up_before_does_not_hear_of_the_cancellation(stage: Stage, client: Client, address: str) -> None:
    slot = britts(stage, at(16), at(17))
    with stage.writing() as session:
        service.release_people(session, slot_ids=[slot.id], person_ids=[_bound_to(slot)])
    stage.clock.advance(timedelta(hours=1))
    with stage.writing() as session:
        service.cancel_slots(session, slots=[slot])

    assert entries(client, address) == []


def _bound_to(slot: Slot) -> int:
    return db.session.scalars(select(Commitment.person_id).where(Commitment.slot_id == slot.id)).one()


def test_what_is_only_held_is_tentative(stage: Stage, client: Client, address: str) -> None:
    britts(stage, at(16), at(17), state=SlotState.HELD)

    assert [str(entry["status"]) for entry in entries(client, address)] == ["TENTATIVE"]


def test_an_entry_links_to_its_page(stage: Stage, client: Client, address: str) -> None:
    slot, venue = britts(stage, at(16), at(17)), stage.venue()
    with stage.writing():
        slot.endpoint, slot.subject_id = "agenda.venue", venue.id

    (entry,) = entries(client, address)

    assert str(entry["url"]) == f"http://localhost/venues/{venue.id}"


def test_a_program_that_has_it_gets_304(stage: Stage, client: Client, address: str) -> None:
    slot = britts(stage, at(16), at(17))
    first = client.get(address)
    stage.clock.advance(timedelta(hours=1))

    by_tag = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    by_date = client.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert [(answer.status_code, answer.data) for answer in (by_tag, by_date)] == [(304, b""), (304, b"")]

    with stage.writing() as session:
        service.rename_slot(session, slot=slot, title="New title", programme_ids=[])
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    assert client.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 200


def test_a_renamed_room_reaches_programs_that_ask_by_date(stage: Stage, client: Client, address: str) -> None:
    venue = stage.venue()
    britts(stage, at(16), at(17), venue=venue)
    first = client.get(address)
    stage.clock.advance(timedelta(hours=1))
    with stage.writing() as session:
        service.edit_venue(session, venue=venue, facts=service.VenueFacts(name="Aula", ours=True))

    assert client.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 200


def test_an_entry_that_vanishes_reaches_programs_that_ask_by_date(stage: Stage, client: Client, address: str) -> None:
    britts(stage, at(16), at(17))
    slot = britts(stage, at(18), at(19))
    first = client.get(address)
    stage.clock.advance(timedelta(hours=1))
    with stage.writing() as session:
        service.release_people(session, slot_ids=[slot.id], person_ids=[_bound_to(slot)])

    assert client.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 200


def test_the_feed_says_how_long_it_may_be_kept_and_tells_nobody_its_address(
    stage: Stage, client: Client, address: str
) -> None:
    headers = client.get(address).headers

    assert (headers["Content-Type"], headers["Cache-Control"], headers["Referrer-Policy"]) == (
        "text/calendar; charset=utf-8",
        "private, max-age=900",
        "no-referrer",
    )


def test_five_hundred_entries_take_as_many_queries_as_one(stage: Stage, client: Client, address: str) -> None:
    venue = stage.venue(ours=False)
    britts(stage, at(16), at(17), venue=venue)
    with questions() as few:
        assert len(entries(client, address)) == 1
    person_id, one_hour = _bound_to(db.session.get_one(Slot, 1)), timedelta(hours=1)
    with stage.writing() as session:
        slots = [
            Slot(
                venue_id=venue.id, venue_ours=False, start=at(9) + number * one_hour, end=at(10) + number * one_hour,
                state=SlotState.FIRM, firm_at=at(9), changed_at=at(9), kind="Lecture", title=f"Lecture {number}",
                visibility=Visibility.SCHOOL,
            )
            for number in range(499)
        ]  # fmt: skip
        session.add_all(slots)
        session.flush()
        for slot in slots:
            session.add(
                Commitment(
                    slot_id=slot.id,
                    person_id=person_id,
                    part="participant",
                    state=CommitmentState.FIRM,
                    changed_at=at(9),
                )
            )
    with questions() as many:
        assert len(entries(client, address)) == 500

    assert len(many) == len(few)


def test_a_new_address_kills_the_old_one(stage: Stage, client: Client, address: str) -> None:
    with stage.writing() as session:
        britt = person_by_mail(session, "britt@school.example")
        assert britt is not None
        new = service.open_feed(session, person=britt)

    assert [client.get(path).status_code for path in (address, f"/calendar/{new}.ics")] == [404, 200]


def test_the_address_of_who_was_deactivated_is_dead(stage: Stage, client: Client, address: str) -> None:
    with stage.writing() as session:
        britt = person_by_mail(session, "britt@school.example")
        assert britt is not None
        britt.active = False

    assert client.get(address).status_code == 404


@pytest.mark.parametrize("forge", [lambda key: key[:-1] + "x", lambda key: key.swapcase(), lambda key: key[:-1] + "'"])
def test_a_forged_address_leads_nowhere(sqlite_app: Flask, client: Client, address: str, forge: Any) -> None:
    key = address.removeprefix("/calendar/").removesuffix(".ics")

    assert client.get(f"/calendar/{forge(key)}.ics").status_code == 404


def test_the_hash_that_is_kept_opens_nothing(stage: Stage, client: Client, address: str) -> None:
    britt = person_by_mail(db.session(), "britt@school.example")
    assert britt is not None
    assert britt.feed_key is not None

    assert client.get(f"/calendar/{britt.feed_key[:32]}.ics").status_code == 404
    assert client.get(f"/calendar/{britt.feed_key}.ics").status_code == 404


def test_the_public_feed_of_a_programme_holds_what_everybody_may_see(stage: Stage, client: Client) -> None:
    cardio, neuro = stage.programme("CARDIO"), stage.programme("NEURO")
    for visibility in Visibility:
        stage.slot(at(9), at(10), title=visibility.value, programmes=(cardio,), visibility=visibility)
    stage.slot(at(9), at(10), title="of another", programmes=(neuro,), visibility=Visibility.PUBLIC)
    stage.slot(at(9), at(10), title="held", programmes=(cardio,), visibility=Visibility.PUBLIC, state=SlotState.HELD)

    assert [str(entry["summary"]) for entry in entries(client, "/programmes/CARDIO/calendar.ics")] == ["public"]


def test_a_hold_given_up_was_never_announced(stage: Stage, client: Client) -> None:
    cardio = stage.programme("CARDIO")
    hold = stage.slot(at(9), at(10), programmes=(cardio,), visibility=Visibility.PUBLIC, state=SlotState.HELD)
    firm = stage.slot(at(9), at(10), title="Announced", programmes=(cardio,), visibility=Visibility.PUBLIC)
    with stage.writing() as session:
        for slot in (hold, firm):
            service.cancel_slots(session, slots=[slot])

    assert [
        (str(entry["summary"]), str(entry["status"])) for entry in entries(client, "/programmes/CARDIO/calendar.ics")
    ] == [("Announced", "CANCELLED")]


def test_a_programme_without_entries_has_an_empty_feed(stage: Stage, client: Client) -> None:
    stage.programme("CARDIO")

    answer = client.get("/programmes/CARDIO/calendar.ics")

    assert (answer.status_code, "BEGIN:VEVENT" in answer.text, "Last-Modified" in answer.headers) == (200, False, False)
    assert vobject.readOne(answer.text).name == "VCALENDAR"


def test_an_unknown_programme_has_no_feed(client: Client) -> None:
    assert client.get("/programmes/NOWHERE/calendar.ics").status_code == 404


def test_what_was_long_ago_is_left_out(stage: Stage, client: Client, address: str) -> None:
    old, recent = TODAY - timedelta(days=91), TODAY - timedelta(days=89)
    britts(stage, at(9, day=old), at(10, day=old), title="Old")
    britts(stage, at(9, day=recent), at(10, day=recent), title="Recent")

    assert [str(entry["summary"]) for entry in entries(client, address)] == ["Recent"]
