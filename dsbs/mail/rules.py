"""How a message moves between its states, how long a try is put off, how long a claim holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum


class MessageState(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


class Reason(StrEnum):
    """Why a try did not end with the mail on its way."""

    UNREACHABLE = "unreachable"  # no mail server, or it broke off
    PUT_OFF = "put_off"  # the mail server asks to come back later
    REFUSED = "refused"  # the mail server will never take it
    BAD_ADDRESS = "bad_address"  # none, or one that no mail can be written to
    UNWRITABLE = "unwritable"  # the letter has a defect
    UNREADABLE = "unreadable"  # the database did not answer what the letter asked
    TOO_LATE = "too_late"  # what it says was true until a moment that has passed
    CUT_OFF = "cut_off"  # its process was killed, again and again
    POINTLESS = "pointless"  # what it speaks of is gone


#: After these another try makes sense.
PASSING = frozenset({Reason.UNREACHABLE, Reason.PUT_OFF, Reason.UNREADABLE})

#: After these it ends, but not as a failure.
_ENDS: Mapping[Reason, MessageState] = {
    Reason.POINTLESS: MessageState.WITHDRAWN,
    Reason.TOO_LATE: MessageState.MISSED,
}

#: From which state a message may go where. A claim that was cut off is claimed again: sending to sending.
MOVES: Mapping[MessageState, frozenset[MessageState]] = {
    MessageState.QUEUED: frozenset({MessageState.SENDING, MessageState.WITHDRAWN}),
    MessageState.SENDING: frozenset(MessageState),
    MessageState.FAILED: frozenset({MessageState.QUEUED}),
    MessageState.SENT: frozenset(),
    MessageState.MISSED: frozenset(),
    MessageState.WITHDRAWN: frozenset(),
}

#: A message in one of these still has to leave.
OPEN = frozenset({MessageState.QUEUED, MessageState.SENDING})

#: How long to wait after the first, second, ... try that did not succeed.
DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)
MOST_TRIES = len(DELAYS) + 1

#: A claim older than this belonged to a process that was killed; its message is sent by another.
CLAIM_LIFETIME = timedelta(minutes=10)


def may_move(before: MessageState, after: MessageState) -> bool:
    """Whether a message may go from one state to the other."""
    return after in MOVES[before]


def after_try(reason: Reason | None, *, tries: int, now: datetime) -> tuple[MessageState, datetime | None]:
    """Where a message stands after its latest try of this round, and when the next one is; no reason means sent."""
    if reason is None:
        return MessageState.SENT, None
    if reason in _ENDS:
        return _ENDS[reason], None
    again = next_try(tries=tries, now=now) if reason in PASSING else None
    return (MessageState.QUEUED, again) if again else (MessageState.FAILED, None)


def next_try(*, tries: int, now: datetime) -> datetime | None:
    """When to try again after so many tries of this round; None when it was the last one."""
    return now + DELAYS[tries - 1] if tries < MOST_TRIES else None


def claimed_before(now: datetime) -> datetime:
    """Claims made at this moment or earlier hold no longer."""
    return now - CLAIM_LIFETIME
