"""To whom a message goes, as plain values: the outbox imports no person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipient:
    """A person as a message needs her: the row by id, and name, address and language as they are now.

    An empty ``address`` is allowed: the message is then kept, fails visibly, and can be sent again once she has one.
    """

    person_id: int
    name: str
    address: str
    language: str
