"""The delivery: claim, render, send, record. Each step in a transaction of its own, none open while the network is.

A process killed between claiming and recording leaves its messages claimed; they return ten minutes later. One that
was handed over but not recorded is sent twice then: at most one for each killed process, with one Message-ID.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from flask import Flask, current_app
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config import Settings
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Busy, NotFound
from dsbs.mail import queries, rules, service, transport
from dsbs.mail.composing import BadAddress, Sender, compose, deliverable
from dsbs.mail.outgoing import Outgoing
from dsbs.mail.rendering import render
from dsbs.mail.rules import MessageState, Reason
from dsbs.mail.transport import NotSent, Transport

BATCH = 20
#: A run stops claiming after this long; the next tick goes on.
RUN_TIME = timedelta(seconds=60)
#: What a slow server has left of a batch after this long is not begun: its claims lapse, and no message is sent by two.
BATCH_TIME = timedelta(minutes=2)
#: Ticks come every few seconds; that the worker works is written down less often.
NOTED_EVERY = timedelta(seconds=20)
#: How often what belongs to a claim is written anew while the database is busy (each attempt waits ten seconds).
RECORDING_ATTEMPTS = 6
WHY = "Delivered mail"

Clock = Callable[[], datetime]
Answer = TypeVar("Answer")
log = logging.getLogger(__name__)


def deliver(now: Clock) -> Counter[MessageState]:
    """Send what is due; return how many ended where.

    ``now`` is asked for each step, since a run lasts. Safe to run in any number of processes at once. Stops early when
    the mail server is out of reach.
    """
    return _deliver(now, lambda: None)


def run(now: Clock) -> Counter[MessageState]:
    """A tick of the worker: deliver, and say before each batch that it works."""
    return _deliver(now, lambda: _note_run(now()))


def _deliver(now: Clock, note_run: Callable[[], None]) -> Counter[MessageState]:
    counts: Counter[MessageState] = Counter()
    began = now()
    with transport.opened(_settings()) as way_out:
        while now() - began < RUN_TIME:
            note_run()
            batch = _claimed(now())
            if not batch:
                break
            if not _send(_written(batch, now, counts), way_out, now, counts):
                break
    return counts


def _note_run(now: datetime) -> None:
    last = queries.last_run(db.session())
    if last is None or abs(now - last) >= NOTED_EVERY:
        with write(by=SYSTEM, why=WHY, at=now) as session:
            service.note_run(session, now=now)


def _claimed(now: datetime) -> list[Outgoing]:
    # Most runs find nothing; then they should not hold up those who write.
    if not queries.anything_due(db.session(), now):
        return []
    with write(by=SYSTEM, why=WHY, at=now) as session:
        return [Outgoing.of(message) for message in service.claim(session, now=now, most=BATCH)]


def _written(batch: Sequence[Outgoing], now: Clock, counts: Counter[MessageState]) -> list[Outgoing]:
    """The messages that can be sent, with what they say, which is kept before any of them leaves."""
    ready = []
    for outgoing in batch:
        try:
            ready.append(_complete(outgoing, now()))
        except NotSent as not_sent:
            _record(outgoing, not_sent, now, counts)

    def keep(session: Session, moment: datetime) -> list[Outgoing]:
        return [
            one
            for one in ready
            if service.keep_rendered(session, message_id=one.id, claim=one.claim, rendered=one.written)
        ]

    return _kept(keep, now)


def _complete(outgoing: Outgoing, now: datetime) -> Outgoing:
    """The message with what it says. Raises ``NotSent`` where there is nothing to send, or nothing that is true yet."""
    if outgoing.tries > rules.MOST_TRIES:
        raise NotSent(Reason.CUT_OFF, "")
    if outgoing.rendered is not None:
        if outgoing.rendered.not_after is not None and now >= outgoing.rendered.not_after:
            raise NotSent(Reason.TOO_LATE, "")
        return outgoing
    try:
        return replace(outgoing, rendered=render(_app(), outgoing))
    except NotFound as error:
        raise NotSent(Reason.POINTLESS, "") from error
    except OperationalError as error:
        raise NotSent(Reason.UNREADABLE, "") from error
    except Exception as error:
        # Whatever one letter's defect is, the others go on.
        log.exception("Letter %s of message %s cannot be written", outgoing.template, outgoing.id)
        raise NotSent(Reason.UNWRITABLE, type(error).__name__) from error


def _send(batch: Sequence[Outgoing], way_out: Transport, now: Clock, counts: Counter[MessageState]) -> bool:
    """Send these; False when the mail server is out of reach, which is then true for all that are left."""
    began = now()
    out_of_reach: NotSent | None = None
    for outgoing in batch:
        if now() - began > BATCH_TIME:
            break
        not_sent = out_of_reach or _try_one(outgoing, way_out, now())
        if not_sent and not_sent.reason is Reason.UNREACHABLE:
            out_of_reach = not_sent
        _record(outgoing, not_sent, now, counts)
    return out_of_reach is None


def _try_one(outgoing: Outgoing, way_out: Transport, now: datetime) -> NotSent | None:
    try:
        mail = compose(outgoing, sender=Sender.of(_settings().mail_from), secret_of=secret_of(), now=now)
        way_out.send(mail, to=deliverable(outgoing.address), number=outgoing.id)
    except NotSent as not_sent:
        return not_sent
    except BadAddress:
        return NotSent(Reason.BAD_ADDRESS, "")
    except NotFound:
        return NotSent(Reason.POINTLESS, "")
    except OperationalError:
        return NotSent(Reason.UNREADABLE, "")
    except Exception as error:
        log.exception("Message %s cannot be sent", outgoing.id)
        return NotSent(Reason.UNWRITABLE, type(error).__name__)
    finally:
        db.session().rollback()  # the secrets were read from the database, and recording may wait for its lock
    return None


def _record(outgoing: Outgoing, not_sent: NotSent | None, now: Clock, counts: Counter[MessageState]) -> None:
    """Keep how the try ended."""

    def record(session: Session, moment: datetime) -> MessageState | None:
        return service.record(
            session,
            message_id=outgoing.id,
            claim=outgoing.claim,
            reason=not_sent.reason if not_sent else None,
            note=not_sent.note if not_sent else None,
            now=moment,
        )

    state = _kept(record, now)
    if state is None:
        log.warning("The claim on message %s has gone to another process", outgoing.id)
    else:
        counts[state] += 1


def _kept(keep: Callable[[Session, datetime], Answer], now: Clock) -> Answer:
    """Write down what was done under a claim; it must not be done again, so a busy database is asked more than once."""
    attempts_left = RECORDING_ATTEMPTS
    while True:
        attempts_left -= 1
        try:
            moment = now()
            with write(by=SYSTEM, why=WHY, at=moment) as session:
                return keep(session, moment)
        except Busy:
            if not attempts_left:
                raise


def secret_of() -> Callable[[int], str]:
    """What turns a signed link's id into its secret; accounts, which owns the links, says it."""
    return cast("Callable[[int], str]", current_app.extensions["dsbs.link_secret"])


def _settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])


def _app() -> Flask:
    return cast(Flask, cast(Any, current_app)._get_current_object())
