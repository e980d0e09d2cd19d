"""The journey of a person who wants a seat: page, post, page. The same for ours and for the floor."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.client import Connection, get, post
from benchmarks.servers import Web

AT_ONCE = 16

_TOKEN = re.compile(rb'name="(?:csrf_)?token" value="([^"]+)"')
#: What the page says in the end, and what that means.
_OUTCOMES = ((b"You have the seat", "seat"), (b"on the waiting list", "waiting"), (b"Full", "full"))


@dataclass(frozen=True)
class Crowd:
    """What became of a crowd: how many of each outcome, and how long the server worked and everybody waited."""

    outcomes: Counter[str]
    processor_seconds: float
    wall_seconds: float

    def __str__(self) -> str:
        told = ", ".join(f"{number} {outcome}" for outcome, number in sorted(self.outcomes.items()))
        return f"{told}; {self.processor_seconds:.2f} s processor, {self.wall_seconds:.2f} s wall"

    @property
    def people_a_second(self) -> float:
        """People for each second of the server's processor time."""
        return self.outcomes.total() / self.processor_seconds


def send_crowd(web: Web, page: str, target: str, cookies: Sequence[str], *, form: str = "") -> Crowd:
    """Let everybody ask once, sixteen at a time. ``form`` is what each sends beside her token."""
    before, began = web.processor_seconds(), time.perf_counter()
    ask: Callable[[str], str] = lambda cookie: _ask(web.port, page, target, cookie, form)  # noqa: E731
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = Counter(pool.map(ask, cookies))
    return Crowd(outcomes, web.processor_seconds() - before, time.perf_counter() - began)


def _ask(port: int, page: str, target: str, cookie: str, form: str) -> str:
    """One person: look at the page, press the button, read what it says."""
    connection = Connection(port)
    seen = connection.send(get(page, cookie))
    cookie = _kept(seen.header("set-cookie")) or cookie
    token = _TOKEN.search(seen.body)
    if token is None:
        return f"no form on the page ({seen.status})"
    name = "csrf_token" if b"csrf_token" in token.group(0) else "token"
    done = connection.send(post(target, f"{name}={token.group(1).decode()}{form}", cookie))
    cookie = _kept(done.header("set-cookie")) or cookie
    after = connection.send(get(page, cookie))
    connection.close()
    if (done.status, after.status) != (302, 200):
        return f"status {done.status}, {after.status}"
    return next((outcome for words, outcome in _OUTCOMES if words in after.body), "something else")


def _kept(header: str) -> str:
    return header.partition(";")[0]
