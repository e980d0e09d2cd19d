"""The journey of a seat: given back, offered to who waits, left to the next, taken, moved, and reminded of.

A real browser with a window for each person, a real worker with its beat and broker, a real SMTP server, both engines.
The clock of the data folder stands where the test puts it, for the program and for the worker.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from dsbs.accounts.models import Person
from dsbs.activities.models import ActivitySession
from dsbs.activities.service import registering
from dsbs.core import clock
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, write
from tests.browser.letterbox import calendar_of, link_in, mail_about, mails_about
from tests.mail.processes import send_ticks
from tests.support.browser import Trouble, sign_in_browser
from tests.support.cast import Cast
from tests.support.clock import START
from tests.support.smtp import SmtpServer

pytestmark = [pytest.mark.browser, pytest.mark.long]

DESK, PHONE = (1280, 800), (390, 844)
#: The day before the session as it was moved to Fri 11 Dec 2026, when reminders leave.
DAY_BEFORE = datetime(2026, 12, 10, 8, 30, tzinfo=UTC)

Window = Callable[[Person | None, tuple[int, int]], Page]


@pytest.fixture
def cast(app: Flask) -> Cast:
    """Builds people and courses on the day on which the journey begins."""
    _put_clock(START)
    return Cast(START)


@pytest.fixture
def course(cast: Cast) -> ActivitySession:
    """A session on Thu 10 Dec 2026 with two seats, one of them Hugo's."""
    hugo, course = cast.researcher("Hugo Coppens"), cast.course(capacity=2, programmes=["CARDIO"], venue=cast.venue())
    with write(by=SYSTEM, why="Set the stage", at=START) as session:
        own = session.get_one(Person, hugo.id)
        registering.add(session, session_id=course.id, people=[own], reason="", now=START)
    return course


@pytest.fixture
def window(app: Flask, browser: Browser, live_server: str) -> Iterator[Window]:
    """Opens a window for somebody who is signed in, or for whoever has its address; none of them may trouble."""
    trouble = Trouble(live_server)
    with ExitStack() as stack:

        def opened(person: Person | None, size: tuple[int, int]) -> Page:
            width, height = size
            context = stack.enter_context(
                browser.new_context(base_url=live_server, locale="en-GB", viewport={"width": width, "height": height})
            )
            if person is not None:
                sign_in_browser(context, app, person, live_server)
            page = context.new_page()
            trouble.watch(page)
            return page

        yield opened
    assert trouble.found == []


def _put_clock(moment: datetime) -> None:
    """Shift the clock of the program and of its worker to this moment; it goes on from there."""
    clock.set_shift(moment - datetime.now(UTC))


def _press(page: Page, name: str, says: str) -> None:
    """Press the button of this name; the page that comes says these words."""
    page.get_by_role("button", name=name).click()
    expect(page.locator("body")).to_contain_text(says)


def _move_to_friday(page: Page) -> None:
    """As the coordinator does it: who is told is said before anything is saved."""
    page.get_by_role("link", name="Change", exact=True).click()
    meeting = page.get_by_role("group", name="Meeting 1")
    meeting.get_by_label("Day").fill("2026-12-11")
    _press(page, "Save", "Look at this first")
    expect(page.locator("main")).to_contain_text("3 people will be told by mail: registered, waiting or teaching.")
    expect(page.locator("main")).to_contain_text("Nothing is saved yet")
    _press(page, "Change it", "3 people are told by mail of the new time or place.")


def _event(message: EmailMessage) -> tuple[str, int, datetime]:
    """The only event of the calendar in a mail: its UID, its SEQUENCE, when it begins."""
    (event,) = calendar_of(message).walk("VEVENT")
    return str(event["UID"]), int(event["SEQUENCE"]), event.decoded("DTSTART")


def test_a_seat_that_is_given_back_goes_down_the_list_and_whoever_has_it_is_told_of_what_comes(
    app: Flask,
    cast: Cast,
    course: ActivitySession,
    window: Window,
    smtp_server: SmtpServer,
    worker: None,
) -> None:
    ada, bea, cleo = (cast.researcher(name) for name in ("Ada Eerste", "Bea Tweede", "Cleo Derde"))
    roger = cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")
    path, first = f"/sessions/{course.id}", course.starts_at
    of_ada, of_bea, of_cleo = window(ada, DESK), window(bea, PHONE), window(cleo, DESK)
    for page in (of_ada, of_bea, of_cleo):
        page.goto(path)

    _press(of_ada, "Take a seat", "You have the seat")
    _press(of_bea, "Take a seat", "All seats are taken: you are first on the waiting list")
    of_cleo.reload()
    _press(of_cleo, "Join the waiting list", "you are second on the waiting list")
    _press(of_ada, "Give the seat back", "You gave the seat back")

    answering = window(None, PHONE)  # the mail is read on a phone where nobody is signed in
    answering.goto(link_in(mail_about(smtp_server, "A seat is free for you", to="bea.tweede"), "/offers/"))
    expect(answering.locator("main")).to_contain_text("A seat is offered to Bea Tweede")
    _press(answering, "Leave it to the next", "The seat went to the next in line")
    answering.goto(link_in(mail_about(smtp_server, "A seat is free for you", to="cleo.derde"), "/offers/"))
    _press(answering, "Take the seat", "Cleo Derde has the seat")
    of_ada.goto(path)
    _press(of_ada, "Join the waiting list", "you are first on the waiting list")

    had = {
        "cleo.derde": _event(mail_about(smtp_server, "You have a seat", to="cleo.derde")),
        "hugo.coppens": _event(mail_about(smtp_server, "You were added", to="hugo.coppens")),
    }
    of_roger = window(roger, DESK)
    of_roger.goto(path)
    _move_to_friday(of_roger)
    moved = {name: mail_about(smtp_server, "New time or place", to=name) for name in (*had, "ada.eerste")}
    for name, (uid, sequence, start) in had.items():
        new_uid, new_sequence, new_start = _event(moved[name])
        assert (new_uid, start, (new_start - start).days) == (uid, first, 1)
        assert new_sequence > sequence
    assert [part for part in moved["ada.eerste"].walk() if part.get_content_type() == "text/calendar"] == []

    _put_clock(DAY_BEFORE)
    send_ticks(app, "reminders.sweep", 2)
    for name in had:
        mail_about(smtp_server, "Tomorrow at 10:00: Scientific writing", to=name)
    of_cleo.goto(path)
    expect(of_cleo.locator("main")).to_contain_text("You have a seat")

    told = {words: [str(mail["To"]) for mail in mails_about(smtp_server, words)] for words in ("New time", "Tomorrow")}
    assert {words: len(names) for words, names in told.items()} == {"New time": 3, "Tomorrow": 2}
    assert not re.search("bea", " ".join(map(str, told.values())), re.IGNORECASE)
