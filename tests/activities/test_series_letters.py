"""Who has several sessions of a series that change or are called off together gets one mail about all of them."""

from __future__ import annotations

from collections.abc import Sequence

import icalendar
import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.activities.service import following, offering, waiting
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import NotFound
from dsbs.mail.models import Message
from tests.activities.reading import letter, read
from tests.activities.running import name_organiser
from tests.activities.weekly import Weekly
from tests.support.cast import Cast
from tests.support.clock import Clock


@pytest.fixture
def weekly(app: Flask, cast: Cast, clock: Clock) -> Weekly:
    """Four Thursdays: 10, 17, 24 and 31 Dec 2026. Britt is in the first three, Hugo in the second."""
    made = Weekly(cast, clock)
    made.seat(cast.person("Britt Bauwens"), 0, 1, 2)
    made.seat(cast.person("Hugo Coppens"), 1)
    return made


def messages(*names: str) -> Sequence[Message]:
    """The letters of these names, by their recipients."""
    db.session.rollback()
    wanted = select(Message).where(Message.template.in_([f"activities/{name}" for name in names]))
    return db.session.scalars(wanted.order_by(Message.recipient_name, Message.id)).all()


def told(*names: str) -> list[tuple[str, str]]:
    """Who gets which of these letters."""
    return [(one.recipient_name, one.template.removeprefix("activities/")) for one in messages(*names)]


CHANGED = ("series_changed", "session_changed", "teaching_changed")
ENDED = ("series_called_off", "session_cancelled", "teaching_called_off")


def call_off(weekly: Weekly, place: int) -> None:
    """Call off one session and those that follow."""
    with write(by=SYSTEM, why="Called off", at=weekly.clock.now) as session:
        following.call_off_following(
            session, session_id=weekly.ids[place], reason="The room floods", drafts_too=False, now=weekly.clock.now
        )


def test_one_mail_to_who_has_several_and_the_usual_one_to_who_has_one(weekly: Weekly) -> None:
    weekly.change_from(0, meetings=weekly.meetings(0, hours=4))

    assert told(*CHANGED) == [("Britt Bauwens", "series_changed"), ("Hugo Coppens", "session_changed")]


def test_the_mail_lists_each_session_as_it_is_and_was(app: Flask, weekly: Weekly) -> None:
    weekly.change_from(1, meetings=weekly.meetings(1, hours=4))

    rendered = letter(app, messages("series_changed")[0])

    assert rendered.subject == "New time or place: Academic writing, 2 sessions"
    for text in (read(rendered.text), read(rendered.html)):
        assert "Thu 17 Dec 2026, 14:00–17:00, Room 1" in text
        assert "no longer: Thu 24 Dec 2026, 10:00–13:00, Room 1" in text
        assert "10 Dec" not in text


def test_its_calendar_moves_the_entries_that_are_there(app: Flask, weekly: Weekly) -> None:
    slots = [weekly.now(place).meetings[0].slot for place in (1, 2)]
    before = {slot.uid: slot.sequence for slot in slots}

    weekly.change_from(1, meetings=weekly.meetings(1, hours=4))

    events = icalendar.Calendar.from_ical(letter(app, messages("series_changed")[0]).calendar or "").walk("VEVENT")
    after = {str(event["UID"]): event["SEQUENCE"] for event in events}
    assert after == {uid: sequence + 1 for uid, sequence in before.items()}


def test_a_second_change_is_told_once_more(weekly: Weekly) -> None:
    for _turn in range(2):
        weekly.change_from(0, meetings=weekly.meetings(0, hours=1))

    assert len(messages("series_changed")) == 2


def test_who_teaches_them_reads_so_in_one_mail(app: Flask, weekly: Weekly, cast: Cast, clock: Clock) -> None:
    tess = cast.person("Tess Molendijks")
    for place in (0, 1):
        name_organiser(weekly.ids[place], tess, clock)

    weekly.change_from(0, meetings=weekly.meetings(0, hours=4))

    assert told(*CHANGED)[-1] == ("Tess Molendijks", "series_changed")
    assert "Thu 10 Dec 2026, 14:00–17:00, Room 1 (you teach it)" in read(
        letter(app, messages("series_changed")[1]).text
    )


def test_who_waits_for_them_reads_neither_where_to_join_nor_words_for_who_is_in(
    app: Flask, weekly: Weekly, cast: Cast, clock: Clock
) -> None:
    cis = cast.person("Cis Derde")
    with write(by=SYSTEM, why="Waits", at=clock.now) as session:
        for place in (0, 1):
            waiting.line_up(session, session_id=weekly.ids[place], people={cis.id: None}, ticket=1, now=clock.now)

    weekly.change_from(0, online_link="https://meet.school.example/one", mail_words="Bring your laptop")

    to_britt, to_cis = (letter(app, message) for message in messages("series_changed"))
    assert "another address: https://meet.school.example/one" in read(to_britt.text)
    assert "Bring your laptop" in read(to_britt.text)
    for text in (read(to_cis.text), read(to_cis.html)):
        assert "One now joins online at another address. It is for who has a seat." in text
        assert ("meet.school.example" in text, "laptop" in text) == (False, False)


def test_a_session_that_was_called_off_since_is_left_out(app: Flask, weekly: Weekly, clock: Clock) -> None:
    weekly.change_from(0, meetings=weekly.meetings(0, hours=4))
    with write(by=SYSTEM, why="Called off", at=clock.now) as session:
        offering.cancel_session(session, session_id=weekly.ids[1], reason="Ill", now=clock.now)

    assert "17 Dec" not in read(letter(app, messages("series_changed")[0]).text)


def test_nothing_is_left_to_say_when_all_were_called_off(app: Flask, weekly: Weekly) -> None:
    weekly.change_from(0, meetings=weekly.meetings(0, hours=4))
    call_off(weekly, 0)

    with pytest.raises(NotFound):
        letter(app, messages("series_changed")[0])


def test_calling_off_several_is_one_mail_with_the_reason_that_takes_them_from_her_calendar(
    app: Flask, weekly: Weekly
) -> None:
    call_off(weekly, 0)

    rendered = letter(app, messages("series_called_off")[0])

    assert told(*ENDED) == [("Britt Bauwens", "series_called_off"), ("Hugo Coppens", "session_cancelled")]
    assert rendered.subject == "Cancelled: Academic writing, 3 sessions"
    assert "Why: The room floods" in read(rendered.text)
    events = icalendar.Calendar.from_ical(rendered.calendar or "").walk("VEVENT")
    assert [str(event["STATUS"]) for event in events] == ["CANCELLED"] * 3
