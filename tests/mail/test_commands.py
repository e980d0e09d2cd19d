"""``flask mail``."""

from __future__ import annotations

from tests.mail.conftest import Post
from tests.support.clock import Clock


def _said(post: Post, command: str) -> str:
    return post.app.test_cli_runner().invoke(args=["mail", command]).output


def test_delivering_by_hand_says_what_ended_where(post: Post, sqlite_app: object, clock: Clock) -> None:
    post.queue("a")
    post.queue("b", letter="gone")
    assert _said(post, "deliver") == "sent\t1\nwithdrawn\t1\n"
    assert _said(post, "deliver") == "Nothing is due.\n"


def test_the_status_counts_and_says_when_the_worker_ran(post: Post, sqlite_app: object, clock: Clock) -> None:
    post.queue("a")
    assert _said(post, "status") == "queued\t1\nlast run\tnever\n"
