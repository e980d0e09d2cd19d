"""The way out: a mail server by ``MAIL_URL``, or files in the data folder while none is configured."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from config import Settings
from dsbs.core.written import write_once
from dsbs.mail.composing import Sender
from dsbs.mail.rules import Reason

TIMEOUT_SECONDS = 20
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class NotSent(Exception):
    """The mail has not left: why, and what the mail server said."""

    def __init__(self, reason: Reason, note: str) -> None:
        super().__init__(f"{reason}: {note}")
        self.reason = reason
        self.note = note


class Transport(Protocol):
    """Something that takes mails away."""

    def send(self, mail: EmailMessage, *, to: str, number: int) -> None:
        """Send one mail to one address. ``number`` is the message's own. Raises ``NotSent``."""
        ...


def opened(settings: Settings) -> AbstractContextManager[Transport]:
    """The way out that the settings name, for one run of the delivery. Connects when the first mail is sent."""
    if settings.mail_url is None:
        return contextlib.nullcontext(Folder(settings.mail_folder))
    return _connected(settings.mail_url, Sender.of(settings.mail_from).address)


class Folder:
    """Mails as files that any mail program opens; a mail sent twice is one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, mail: EmailMessage, *, to: str, number: int) -> None:
        """Write the mail to ``<number>-<address>.eml``, whole or not at all."""
        name, content = re.sub(r"[^a-z0-9.@_-]", "_", to.lower())[:80], mail.as_bytes()
        try:
            # The mails hold working links: like a mailbox, the folder is for its owner only.
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(self._path / f"{number:08d}-{name}.eml", content)
        except OSError as error:
            # A full disk is for somebody to empty; then the mail leaves.
            raise NotSent(Reason.UNREACHABLE, _told(error)) from error


class Server:
    """A mail server: one connection for many mails, made when it is needed and again when it was lost."""

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender
        self._connection: smtplib.SMTP | None = None

    def send(self, mail: EmailMessage, *, to: str, number: int) -> None:
        """Hand the mail over; when this returns, the server has taken it."""
        connection = self._connection = self._ready()
        try:
            connection.send_message(mail, self._sender, [to])
        except smtplib.SMTPRecipientsRefused as error:
            raise _answer(*error.recipients[to], lasting=Reason.REFUSED) from error
        except smtplib.SMTPDataError as error:
            raise _answer(error.smtp_code, error.smtp_error, lasting=Reason.REFUSED) from error
        except smtplib.SMTPNotSupportedError as error:
            raise NotSent(Reason.BAD_ADDRESS, str(error)) from error
        except smtplib.SMTPResponseException as error:
            # It refuses the sender, not the recipient: a matter of set-up, which can be mended.
            raise _answer(error.smtp_code, error.smtp_error, lasting=Reason.PUT_OFF) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(Reason.UNREACHABLE, _told(error)) from error

    def close(self) -> None:
        """Take leave, if there is still somebody to take leave of."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                connection.quit()

    def _ready(self) -> smtplib.SMTP:
        """A connection that answers: servers hang up after some time, or after so many mails."""
        if self._connection is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if self._connection.noop()[0] == 250:
                    return self._connection
            self.close()
        try:
            return self._signed_in(self._reached())
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(Reason.UNREACHABLE, _told(error)) from error

    def _reached(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "", self._url.port or _PORTS[self._url.scheme]
        if self._url.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
        return smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)

    def _signed_in(self, connection: smtplib.SMTP) -> smtplib.SMTP:
        try:
            if self._url.scheme == "smtp+starttls":
                connection.starttls(context=ssl.create_default_context())
            if self._url.username:
                connection.login(unquote(self._url.username), unquote(self._url.password or ""))
        except (smtplib.SMTPException, OSError):
            connection.close()
            raise
        return connection


@contextlib.contextmanager
def _connected(url: str, sender: str) -> Iterator[Transport]:
    server = Server(url, sender)
    try:
        yield server
    finally:
        server.close()


def _answer(code: int, said: bytes | str, *, lasting: Reason) -> NotSent:
    """What a server's answer means: 5xx is its last word, anything else an invitation to come back."""
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    return NotSent(lasting if 500 <= code < 600 else Reason.PUT_OFF, f"{code} {words}")


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error, lasting=Reason.PUT_OFF).note
    return str(error) or type(error).__name__
