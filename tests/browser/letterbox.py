"""The mails of a journey as their readers find them: by the words of the subject, with the links and the calendar."""

from __future__ import annotations

import re
import time
from email.message import EmailMessage

import icalendar

from tests.support.smtp import SmtpServer

PATIENCE_SECONDS = 120


def mail_about(received: SmtpServer, words: str, *, to: str = "") -> EmailMessage:
    """The mail whose subject holds these words, to this address if one is given; waited for."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        for message in mails_about(received, words):
            if to in str(message["To"]):
                return message
        time.sleep(0.1)
    raise AssertionError(f"No mail about {words!r}; there are {[str(m['Subject']) for m in received.messages]}")


def mails_about(received: SmtpServer, words: str) -> list[EmailMessage]:
    """All mails so far whose subject holds these words."""
    return [message for message in list(received.messages) if words in str(message["Subject"])]


def text_of(message: EmailMessage) -> str:
    """What the mail says to a reader of plain text."""
    body = message.get_body(preferencelist=("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(message: EmailMessage, path: str) -> str:
    """The address in the mail that leads to this path."""
    found = re.search(rf"http://\S+{path}\S+", text_of(message))
    assert found is not None, text_of(message)
    return found.group()


def calendar_of(message: EmailMessage) -> icalendar.Calendar:
    """The calendar that came with the mail."""
    part = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    assert part.get_param("method") == "PUBLISH"
    return icalendar.Calendar.from_ical(part.get_payload(decode=True))
