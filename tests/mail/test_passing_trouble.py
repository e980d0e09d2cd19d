"""Trouble that passes costs no mail: a full disk, a busy database, a claim that went to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from dsbs.core.feature import Feature
from dsbs.core.refusals import Busy
from dsbs.mail import service
from dsbs.mail.rules import CLAIM_LIFETIME, DELAYS, MessageState, Reason
from tests.mail.conftest import LETTERS, NOW, Post, plain
from tests.support.smtp import SmtpServer


def _say(post: Post, letter: Callable[..., Mapping[str, object]]) -> None:
    """Have the plain letter filled in another way."""
    others = [feature for feature in post.app.extensions["dsbs.features"] if feature.name != "trial"]
    trial = Feature(name="trial", letters={**LETTERS, "trial/plain": letter})
    post.app.extensions["dsbs.features"] = (*others, trial)


def test_a_disk_that_takes_no_mail_is_tried_again(post: Post, tmp_path: Path) -> None:
    blocked = tmp_path / "mail"
    blocked.write_text("A file where the folder should be")
    post.queue()

    assert post.deliver() == {MessageState.QUEUED: 1}
    assert [step.reason for step in post.message().steps] == [Reason.UNREACHABLE]

    blocked.unlink()
    assert post.deliver(NOW + DELAYS[0]) == {MessageState.SENT: 1}


def test_a_letter_that_finds_the_database_busy_is_written_later(post: Post, smtp_server: SmtpServer) -> None:
    def busy(**ids: int) -> Mapping[str, object]:
        raise OperationalError("SELECT 1", {}, Exception("database is locked"))

    post.queue()
    _say(post, busy)
    assert post.deliver() == {MessageState.QUEUED: 1}
    assert [step.reason for step in post.message().steps] == [Reason.UNREADABLE]

    _say(post, plain)
    assert post.deliver(NOW + DELAYS[0]) == {MessageState.SENT: 1}


def test_a_mail_whose_words_are_no_longer_true_misses_its_time(post: Post, smtp_server: SmtpServer) -> None:
    true_until = NOW + DELAYS[0] + DELAYS[1]
    _say(post, lambda **ids: {**plain(), "not_after": true_until})
    for key in "ab":
        post.queue(key)
    smtp_server.fail_next(3)
    assert post.deliver() == {MessageState.QUEUED: 2}

    assert post.deliver(true_until - timedelta(seconds=1)) == {MessageState.QUEUED: 1, MessageState.SENT: 1}
    assert post.deliver(true_until + DELAYS[1]) == {MessageState.MISSED: 1}

    assert [step.reason for step in post.message("a").steps][-1] is Reason.TOO_LATE
    assert len(smtp_server.messages) == 1


def test_what_was_never_tried_is_written_as_things_stand_then(post: Post, smtp_server: SmtpServer) -> None:
    _say(post, lambda **ids: {**plain(), "not_after": NOW + timedelta(days=2)})
    post.queue()

    assert post.deliver(NOW + timedelta(days=1)) == {MessageState.SENT: 1}


def test_a_busy_database_costs_no_claims(post: Post, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def busy_once(*args: Any, **facts: Any) -> bool:
        asked.append(facts)
        if len(asked) == 1:
            raise Busy
        return keep_rendered(*args, **facts)

    keep_rendered = service.keep_rendered
    monkeypatch.setattr(service, "keep_rendered", busy_once)
    for key in "ab":
        post.queue(key)

    assert post.deliver() == {MessageState.SENT: 2}


def test_a_mail_whose_claim_has_gone_to_somebody_else_is_left_alone(post: Post, smtp_server: SmtpServer) -> None:
    post.queue()

    def slow(**ids: int) -> Mapping[str, object]:
        later = NOW + CLAIM_LIFETIME
        with post.writing(later) as session:
            service.claim(session, now=later, most=1)
        return plain()

    _say(post, slow)
    assert post.deliver() == {}
    assert smtp_server.messages == []
    assert post.message().state is MessageState.SENDING
