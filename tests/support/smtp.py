"""A real SMTP server in a thread, which keeps what it is sent and refuses when told to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session

TRY_LATER = "451 4.3.0 Try again later"
NEVER = "550 5.1.1 No such mailbox"


class SmtpServer:
    """What arrived, in order, and how the next messages are answered."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.port = 0
        self._refusals: list[str] = []

    @property
    def url(self) -> str:
        """The address for ``MAIL_URL``."""
        return f"smtp://127.0.0.1:{self.port}"

    def fail_next(self, times: int = 1, *, answer: str = TRY_LATER) -> None:
        """Refuse the next messages with this answer instead of taking them."""
        self._refusals += [answer] * times

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the message, or refuse it. Called by aiosmtpd once the whole message has arrived."""
        if self._refusals:
            return self._refusals.pop(0)
        content = cast(bytes, envelope.original_content)
        self.messages.append(message_from_bytes(content, policy=policy.default))
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


@contextmanager
def smtp_server(port: int = 0) -> Iterator[SmtpServer]:
    """A server on a free port of this machine (or a given one, to come back on), stopped afterwards.

    Its event loop has a thread of its own: in the main one another runs already while a browser is open.
    """
    received = SmtpServer()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="smtp")
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(_listen(received, port), loop).result()
        yield received
        asyncio.run_coroutine_threadsafe(_close(server), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(received: SmtpServer, port: int) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(received, loop=loop, enable_SMTPUTF8=True), "127.0.0.1", port)
    received.port = server.sockets[0].getsockname()[1]
    return server


async def _close(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
