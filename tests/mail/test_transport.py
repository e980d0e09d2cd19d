"""The way out, against mail servers of every temper."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from dsbs.mail.rules import Reason
from dsbs.mail.transport import NotSent, Server

SENDER = "doctoral.school@school.example"
TO = "britt@school.example"


class Answers:
    """How a server answers each command, None meaning that it agrees; and what it has taken, by connection."""

    def __init__(self, **answers: str | None) -> None:
        self.answers = answers
        self.connections: dict[object, int] = {}

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender, or not."""
        envelope.mail_from = address
        return self.answers.get("mail") or "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the recipient, or not."""
        if answer := self.answers.get("rcpt"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take the mail; hang up afterwards where that is wanted."""
        self.connections[session.peer] = self.connections.get(session.peer, 0) + 1
        if "hang_up" in self.answers and server.transport:
            server.loop.call_later(0.05, server.transport.close)
        return self.answers.get("data") or "250 OK"


@contextmanager
def listening(answers: Answers, **options: object) -> Iterator[str]:
    """Such a server; its address for ``MAIL_URL`` without the scheme and who signs in."""
    # All of it in the thread: where a browser was opened before, this one has a loop that runs already.
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    starting = loop.create_server(lambda: SMTP(answers, loop=loop, **options), "127.0.0.1", 0)  # type: ignore[arg-type]
    server = asyncio.run_coroutine_threadsafe(starting, loop).result()
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _mail() -> EmailMessage:
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["Subject"] = "Seat 4"
    mail.set_content("Hello\n")
    return mail


def _send(url: str, times: int = 1) -> None:
    server = Server(url, SENDER)
    try:
        for number in range(times):
            server.send(_mail(), to=TO, number=number)
    finally:
        server.close()


@pytest.mark.parametrize(
    ("command", "answer", "reason"),
    [
        ("rcpt", "550 5.1.1 No such mailbox", Reason.REFUSED),
        ("rcpt", "450 4.2.1 Mailbox busy", Reason.PUT_OFF),
        ("rcpt", "421 4.3.2 Closing", Reason.PUT_OFF),
        ("data", "554 5.7.1 Not wanted", Reason.REFUSED),
        ("data", "452 4.3.1 Disk full", Reason.PUT_OFF),
        ("mail", "553 5.7.1 Sender unknown", Reason.PUT_OFF),
    ],
)
def test_an_answer_is_kept_with_what_it_means(command: str, answer: str, reason: Reason) -> None:
    with listening(Answers(**{command: answer})) as address, pytest.raises(NotSent) as refusal:
        _send(f"smtp://{address}")
    assert (refusal.value.reason, refusal.value.note) == (reason, answer)


def test_many_mails_go_through_one_connection() -> None:
    answers = Answers()
    with listening(answers) as address:
        _send(f"smtp://{address}", times=5)
    assert list(answers.connections.values()) == [5]


def test_a_server_that_hangs_up_after_each_mail_is_called_again() -> None:
    answers = Answers(hang_up="yes")
    with listening(answers) as address:
        server = Server(f"smtp://{address}", SENDER)
        for number in range(3):
            server.send(_mail(), to=TO, number=number)
            time.sleep(0.2)
        server.close()
    assert list(answers.connections.values()) == [1, 1, 1]


def test_a_refused_mail_does_not_spoil_the_next_one() -> None:
    answers = Answers(rcpt="550 No")
    with listening(answers) as address:
        server = Server(f"smtp://{address}", SENDER)
        with pytest.raises(NotSent):
            server.send(_mail(), to=TO, number=1)
        answers.answers = {}
        server.send(_mail(), to=TO, number=2)
        server.close()
    assert list(answers.connections.values()) == [1]


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_what_must_go_encrypted_never_goes_in_the_clear(scheme: str) -> None:
    answers = Answers()
    with listening(answers) as address, pytest.raises(NotSent) as refusal:
        _send(f"{scheme}://{address}")
    assert (refusal.value.reason, answers.connections) == (Reason.UNREACHABLE, {})


def _check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    known = data == LoginPassword(b"school", b"p@ss:word")
    return AuthResult(success=known, handled=known)


@pytest.mark.parametrize(("password", "taken"), [("p%40ss%3Aword", 1), ("wrong", 0)])
def test_name_and_password_come_from_the_address_and_are_told_to_nobody_else(password: str, taken: int) -> None:
    answers, told = Answers(), ""
    options = {"authenticator": _check, "auth_require_tls": False}
    with listening(answers, **options) as address:
        try:
            _send(f"smtp://school:{password}@{address}")
        except NotSent as refusal:
            told = f"{refusal.reason} {refusal.note}"
    assert len(answers.connections) == taken
    assert (told.startswith("unreachable 535"), password in told) == (not taken, False)
