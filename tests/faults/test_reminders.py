"""What can go wrong while people are reminded, with real processes on both engines."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Settings
from dsbs.core.db import db
from dsbs.mail.models import Message
from dsbs.reminders.models import Reminder
from dsbs.reminders.rules import State
from tests.mail.processes import running
from tests.reminders.ledger import people_with_an_offer

OFFERS = 60


@pytest.fixture
def offers(app: Flask) -> int:
    """So many people are to be reminded of an offer that lapses in a few hours."""
    return len(people_with_an_offer(OFFERS, now=datetime.now(UTC)))


def _counts() -> tuple[dict[State, int], int]:
    """How many reminders stand where, and how many mails there are."""
    db.session().rollback()
    stand = dict(db.session().execute(select(Reminder.state, func.count()).group_by(Reminder.state)).all())
    return stand, db.session().scalar(select(func.count()).select_from(Message)) or 0


def test_several_sweeps_at_once_remind_everybody_exactly_once(offers: int, settings: Settings) -> None:
    with ExitStack() as stack:
        started = [stack.enter_context(running(settings, "flask", "reminders", "sweep")) for _ in range(3)]
        assert [process.wait(120) for process in started] == [0, 0, 0]

    assert _counts() == ({State.QUEUED: offers}, offers)


@pytest.mark.long
@pytest.mark.parametrize("after", [0.8, 1.2, 1.6, 2.0, 2.4])
def test_a_sweep_that_is_killed_at_any_moment_is_finished_by_the_next(
    offers: int, settings: Settings, after: float
) -> None:
    with running(settings, "flask", "reminders", "sweep") as process:
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    with running(settings, "flask", "reminders", "sweep") as process:
        assert process.wait(120) == 0

    assert _counts() == ({State.QUEUED: offers}, offers)
