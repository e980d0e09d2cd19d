"""A claimed message as plain values: what its delivery works with while no transaction is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from dsbs.mail.models import Message


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """What a message says, in its recipient's language; marks stand in place of the secrets of signed links.

    ``not_after`` is the moment (aware UTC) from which it is no longer true; None: it stays so.
    """

    subject: str
    text: str
    html: str
    calendar: str | None = None
    unsubscribe_url: str | None = None
    reply_to: str | None = None
    not_after: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A message under a claim. ``rendered`` is empty until its first try has worked out what it says."""

    id: int
    claim: str
    tries: int
    message_id: str
    name: str
    address: str
    language: str
    template: str
    ids: Mapping[str, int]
    rendered: Rendered | None

    @property
    def written(self) -> Rendered:
        """What it says, once that is worked out; asking before is a defect."""
        if self.rendered is None:
            raise ValueError(f"Message {self.id} is not rendered yet")
        return self.rendered

    @classmethod
    def of(cls, message: Message) -> Self:
        """The values of a message that is claimed."""
        assert message.claim is not None  # noqa: S101 - the database says so of every message that is being sent
        return cls(
            id=message.id,
            claim=message.claim,
            tries=message.tries,
            message_id=message.message_id,
            name=message.recipient_name,
            address=message.recipient_address,
            language=message.language,
            template=message.template,
            ids=message.ids,
            rendered=rendered_of(message),
        )


def rendered_of(message: Message) -> Rendered | None:
    """What a message says, None before its first try."""
    if message.subject is None or message.text is None or message.html is None:
        return None
    return Rendered(
        subject=message.subject,
        text=message.text,
        html=message.html,
        calendar=message.calendar,
        unsubscribe_url=message.unsubscribe_url,
        reply_to=message.reply_to,
        not_after=message.not_after,
    )
