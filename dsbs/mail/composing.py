"""From what a mail says to the mail itself: headers, text with its HTML twin, calendar entry."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from dsbs.mail.marks import revealed
from dsbs.mail.outgoing import Outgoing
from dsbs.mail.rendering import one_line

# Some servers on the way still take seven bits only.
_CTE = "quoted-printable"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_CALENDAR_NAME = "calendar.ics"


class BadAddress(ValueError):
    """No mail can be written to this address."""


@dataclass(frozen=True)
class Sender:
    """Who writes, as the settings name it: ``Doctoral School <doctoral.school@example.org>``."""

    name: str
    address: str

    @classmethod
    def of(cls, mail_from: str) -> Sender:
        """Read ``MAIL_FROM``."""
        name, address = parseaddr(mail_from)
        return cls(name, address)

    @property
    def domain(self) -> str:
        """The right part of the Message-IDs."""
        return self.address.rpartition("@")[2] or "localhost"


def compose(outgoing: Outgoing, *, sender: Sender, secret_of: Callable[[int], str], now: datetime) -> EmailMessage:
    """The mail as it leaves the house, with the secrets of its links put in. Raises ``BadAddress``."""

    def whole(text: str) -> str:
        return revealed(text, ids=outgoing.ids, secret_of=secret_of)

    rendered = outgoing.written
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(sender.name, addr_spec=sender.address)
    mail["To"] = _to(outgoing)
    mail["Subject"] = rendered.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{outgoing.message_id}@{sender.domain}>"
    if rendered.reply_to and rendered.reply_to.isascii():  # others would need servers that know how
        mail["Reply-To"] = Address(addr_spec=rendered.reply_to)
    # Says to vacation replies, in both dialects, that nobody waits for one.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if rendered.unsubscribe_url:
        mail["List-Unsubscribe"] = f"<{one_line(whole(rendered.unsubscribe_url))}>"
    mail.set_content(whole(rendered.text), cte=_CTE)
    mail.add_alternative(whole(rendered.html), subtype="html", cte=_CTE)
    if rendered.calendar:
        _add_calendar(mail, whole(rendered.calendar))
    mail["Content-Language"] = outgoing.language  # last: what names the content goes down with it into a part
    return mail


def deliverable(address: str) -> str:
    """The address as mail servers take it: its domain in ASCII. Raises ``BadAddress``."""
    local, _, domain = address.strip().rpartition("@")
    try:
        plain = domain.encode("idna").decode()
        # The left part may be of any script, where the mail server says so; its form is that of ASCII ones.
        Address(addr_spec=f"{_NOT_ASCII.sub('x', local)}@{plain}")
    except (UnicodeError, ValueError, IndexError, MessageError) as error:
        raise BadAddress(address) from error
    if not plain or not local.isprintable():
        raise BadAddress(address)
    return f"{local}@{plain}"


def _to(outgoing: Outgoing) -> Address:
    local, _, domain = deliverable(outgoing.address).rpartition("@")
    return Address(one_line(outgoing.name), username=local, domain=domain)


def _add_calendar(mail: EmailMessage, calendar: str) -> None:
    """The entry twice, since mail programs look in two places: as another form of the text, and as a file.

    PUBLISH shows it; nothing asks for an answer, which belongs to the button of the mail.
    """
    # Whatever writes it, lines end as the calendar format wants them.
    content = "\r\n".join(re.split(r"\r?\n", calendar.strip())).encode() + b"\r\n"
    shown = {"method": "PUBLISH", "charset": "utf-8"}
    mail.add_alternative(content, maintype="text", subtype="calendar", cte="base64", params=shown)
    mail.add_attachment(content, maintype="application", subtype="ics", cte="base64", filename=_CALENDAR_NAME)
