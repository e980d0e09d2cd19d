"""The journey that everything is built for: sign in from a mail, find a course, take a seat, have it in the calendar.

A real browser, a real worker with its beat and broker, a real SMTP server, both engines.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from dsbs.activities import queries
from dsbs.activities.models import ActivitySession
from dsbs.core.db import db
from tests.browser.letterbox import calendar_of, link_in, mail_about, text_of
from tests.support.cast import Cast
from tests.support.smtp import SmtpServer

pytestmark = pytest.mark.browser


@pytest.fixture
def course(app: Flask) -> ActivitySession:
    """A course of two days in a room, with thirty seats."""
    cast = Cast(datetime.now(UTC).replace(microsecond=0))  # calendars count in seconds
    cast.researcher("Britt Bauwens", "CARDIO")
    return cast.course(title="Scientific writing", meetings=2, venue=cast.venue("Room 02.114"))


def test_a_researcher_signs_in_by_mail_takes_a_seat_and_has_it_in_her_calendar(
    app: Flask, course: ActivitySession, page: Page, smtp_server: SmtpServer, worker: None
) -> None:
    course_id, first = course.id, course.starts_at
    page.goto("/sign-in")
    page.locator("#mail").fill("britt.bauwens@school.example")
    page.get_by_role("button", name="Send me a link").click()
    page.goto(link_in(mail_about(smtp_server, "your link"), "/sign-in/with/"))
    page.get_by_role("button", name=re.compile("Sign in as Britt")).click()
    expect(page.get_by_text("Britt Bauwens").first).to_be_visible()

    page.get_by_role("link", name="Activities").first.click()
    page.get_by_role("link", name="Scientific writing").click()
    page.get_by_role("button", name="Take a seat").click()

    expect(page.get_by_role("status")).to_contain_text("You have the seat")
    expect(page.get_by_text("29 of 30 seats free")).to_be_visible()
    confirmation = mail_about(smtp_server, "You have a seat: Scientific writing")
    events = calendar_of(confirmation).walk("VEVENT")
    assert [event.decoded("DTSTART") for event in events] == [first, first + timedelta(weeks=1)]
    assert [str(event["LOCATION"]) for event in events] == ["Room 02.114"] * 2
    assert "answering it reaches nobody" in " ".join(text_of(confirmation).split())

    page.goto("/my/activities")
    page.get_by_role("button", name="Give the seat back").click()

    expect(page.get_by_role("status")).to_contain_text("You gave the seat back")
    goodbye = calendar_of(mail_about(smtp_server, "You gave your seat back")).walk("VEVENT")
    assert [str(event["STATUS"]) for event in goodbye] == ["CANCELLED"] * 2
    assert [event["UID"] for event in goodbye] == [event["UID"] for event in events]
    assert all(later["SEQUENCE"] > sooner["SEQUENCE"] for later, sooner in zip(goodbye, events, strict=True))
    db.session.rollback()
    assert queries.active_registrations(db.session(), course_id) == []
