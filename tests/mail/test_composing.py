"""The mail as it leaves the house."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import icalendar
import pytest

from dsbs.mail.composing import BadAddress, Sender, compose, deliverable
from dsbs.mail.marks import mark
from dsbs.mail.outgoing import Outgoing, Rendered
from tests.mail.conftest import CALENDAR, NOW

SENDER = Sender.of("Doctoral School <doctoral.school@school.example>")
OUTGOING = Outgoing(
    id=1,
    claim="c",
    tries=1,
    message_id="0123456789abcdef",
    name="Britt Bauwens",
    address="britt@school.example",
    language="en",
    template="trial/plain",
    ids={"link": 17},
    rendered=Rendered(
        subject="Seat 4", text=f"Open /l/{mark(17)} 🧬\n", html=f"<p>/l/{mark(17)}</p>", calendar=CALENDAR
    ),
)


def _read(outgoing: Outgoing = OUTGOING) -> EmailMessage:
    """The mail as another program reads it from the wire."""
    mail = compose(outgoing, sender=SENDER, secret_of=lambda link: f"secret{link}", now=NOW)
    return cast(EmailMessage, message_from_bytes(mail.as_bytes(), policy=default))


def _saying(**changes: object) -> Outgoing:
    return replace(OUTGOING, rendered=replace(OUTGOING.written, **changes))  # type: ignore[arg-type]


def test_the_headers_say_who_to_whom_what_and_that_a_program_wrote_it() -> None:
    headers = dict(_read().items())
    del headers["Content-Type"]
    assert headers == {
        "From": "Doctoral School <doctoral.school@school.example>",
        "To": "Britt Bauwens <britt@school.example>",
        "Subject": "Seat 4",
        "Date": "Tue, 24 Nov 2026 09:00:00 +0000",
        "Message-ID": "<0123456789abcdef@school.example>",
        "Content-Language": "en",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
    }


def test_text_comes_first_then_html_then_the_calendar_and_the_calendar_again_as_a_file() -> None:
    assert [(part.get_content_type(), part.get_filename()) for part in _read().walk()] == [
        ("multipart/mixed", None),
        ("multipart/alternative", None),
        ("text/plain", None),
        ("text/html", None),
        ("text/calendar", None),
        ("application/ics", "calendar.ics"),
    ]


def test_without_a_calendar_there_are_two_parts() -> None:
    assert [part.get_content_type() for part in _read(_saying(calendar=None)).walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_the_calendar_is_published_and_reads_back_whole() -> None:
    parts = [part for part in _read().walk() if part.get_content_type() in ("text/calendar", "application/ics")]
    assert parts[0].get_params() == [("text/calendar", ""), ("method", "PUBLISH"), ("charset", "utf-8")]
    for part in parts:
        content = cast(bytes, part.get_payload(decode=True))
        read = icalendar.Calendar.from_ical(content)
        assert (read["METHOD"], read.events[0]["SUMMARY"]) == ("PUBLISH", "Scientific writing é 🧬")
        assert content.count(b"\n") == content.count(b"\r\n")


def test_secrets_stand_in_the_mail_only_as_it_leaves() -> None:
    bodies = [part.get_content() for part in _read(_saying(calendar=None)).walk() if not part.is_multipart()]
    assert bodies == ["Open /l/secret17 🧬\r\n", "<p>/l/secret17</p>\r\n"]


def test_the_way_to_fewer_mails_is_named_where_there_is_one() -> None:
    assert _read()["List-Unsubscribe"] is None
    assert (
        _read(_saying(unsubscribe_url="https://school.example/me"))["List-Unsubscribe"] == "<https://school.example/me>"
    )


@pytest.mark.parametrize(
    "name",
    [
        "Britt\r\nBcc: everybody@school.example",
        "Britt\nX: y",
        "Britt\x00\x0b\x85",
        '"Britt" <other@school.example>, x',
        "مريم الزهراء \u202e",
        "Zoë 🧬, von der, Straße; @ ()",
    ],
)
def test_no_name_adds_a_header_or_a_recipient(name: str) -> None:
    mail = _read(replace(OUTGOING, name=name))
    assert [address.addr_spec for address in mail["To"].addresses] == ["britt@school.example"]
    assert len(mail.keys()) == len(_read().keys())


@pytest.mark.parametrize(
    "address", ["", "britt", "@school.example", "britt@", "b ritt@school.example", "b\r\nBcc: x@y.example"]
)
def test_an_address_that_is_none_is_said_to_be_so(address: str) -> None:
    with pytest.raises(BadAddress):
        compose(replace(OUTGOING, address=address), sender=SENDER, secret_of=str, now=NOW)


def test_a_domain_of_another_script_is_written_as_servers_take_it() -> None:
    assert deliverable("zoë@schöl.example") == "zoë@xn--schl-7qa.example"


def test_long_lines_are_broken_for_the_way_and_whole_again_at_the_end() -> None:
    long = "a" * 5000
    mail = compose(_saying(text=long + "\n", calendar=None), sender=SENDER, secret_of=str, now=NOW)
    assert max(len(line) for line in mail.as_bytes().split(b"\r\n")) <= 78
    read = cast(EmailMessage, message_from_bytes(mail.as_bytes(), policy=default))
    body = read.get_body(("plain",))
    assert body is not None
    assert body.get_content() == long + "\r\n"


@pytest.mark.parametrize(
    ("reply_to", "header"), [("roger@school.example", "roger@school.example"), ("rogér@school.example", None)]
)
def test_an_answer_goes_to_who_wrote_where_every_server_can_carry_it(reply_to: str, header: str | None) -> None:
    assert _read(_saying(reply_to=reply_to))["Reply-To"] == header
