"""Counting failed sign-ins and asked-for mails, in the store that all processes share.

Per account (the address typed, known or not) few, per network address many: a whole campus can sit behind one. Without
the store each process counts in its own memory, and administrators see a banner.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TypeVar, cast

from flask import Flask, current_app
from flask_babel import gettext as _
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from config import Settings
from dsbs.core.access import Viewer
from dsbs.core.refusals import N_, Refused
from dsbs.core.template import Banner

WINDOW_MINUTES = 15
FAILURES_PER_ACCOUNT = RateLimitItemPerMinute(5, WINDOW_MINUTES, namespace="sign-in-failures-account")
FAILURES_PER_ADDRESS = RateLimitItemPerMinute(100, WINDOW_MINUTES, namespace="sign-in-failures-address")
MAILS_PER_ACCOUNT = RateLimitItemPerMinute(5, WINDOW_MINUTES, namespace="sign-in-mails-account")
MAILS_PER_ADDRESS = RateLimitItemPerMinute(100, WINDOW_MINUTES, namespace="sign-in-mails-address")

_Answer = TypeVar("_Answer")
_log = logging.getLogger(__name__)


class TooMany(Refused):
    """Too many tries; the answer carries the status 429."""


class Attempts:
    """The counters of one application. The moments are the store's own: a shifted clock frees nobody."""

    #: The store is asked again after so many seconds; until then no page waits for it.
    RETRY_SECONDS = 10
    #: A store that does not answer in this time is taken as gone.
    PATIENCE_SECONDS = 0.5

    def __init__(self, url: str) -> None:
        self._url = url
        self._ask_again_at = 0.0
        self._asked_at = 0.0

    @property
    def is_shared(self) -> bool:
        """Whether the shared store answered lately; asks it when it was not asked for a while."""
        if time.monotonic() - self._asked_at > self.RETRY_SECONDS:
            self._count(lambda counters: counters.storage.get("sign-in-banner"))
        return time.monotonic() >= self._ask_again_at

    def begin_password(self, mail: str, address: str) -> None:
        """Count a try as failed before the password is looked at, so that tries side by side cannot slip through.

        Raises ``TooMany`` after five in fifteen minutes for this account, or a hundred from this network address.
        """
        if not self._count(lambda counters: counters.test(FAILURES_PER_ADDRESS, _network(address))):
            raise TooMany(_TOO_MANY_HERE, minutes=WINDOW_MINUTES)
        if not self._count(lambda counters: counters.hit(FAILURES_PER_ACCOUNT, _account(mail))):
            raise TooMany(_TOO_MANY_TRIES, field="password", minutes=WINDOW_MINUTES)

    def password_failed(self, address: str) -> None:
        """The password was wrong: count it for the network address too."""
        self._count(lambda counters: counters.hit(FAILURES_PER_ADDRESS, _network(address)))

    def signed_in(self, mail: str) -> None:
        """A success, by whatever way, forgets the failures of the account."""
        self._count(lambda counters: counters.clear(FAILURES_PER_ACCOUNT, _account(mail)))

    def begin_mail(self, mail: str, address: str) -> None:
        """Count a mail asked for. Raises ``TooMany`` when nobody could want so many."""
        if not self._count(lambda counters: counters.hit(MAILS_PER_ADDRESS, _network(address))):
            raise TooMany(_TOO_MANY_HERE, minutes=WINDOW_MINUTES)
        if not self._count(lambda counters: counters.hit(MAILS_PER_ACCOUNT, _account(mail))):
            raise TooMany(_TOO_MANY_MAILS, field="mail", minutes=WINDOW_MINUTES)

    def _count(self, action: Callable[[MovingWindowRateLimiter], _Answer]) -> _Answer:
        if time.monotonic() >= self._ask_again_at:
            try:
                self._asked_at = time.monotonic()
                return action(self._shared)
            except StorageError:
                self._ask_again_at = time.monotonic() + self.RETRY_SECONDS
                _log.warning("The store of sign-in counters does not answer; counting in memory")
        return action(self._own)

    @cached_property
    def _shared(self) -> MovingWindowRateLimiter:
        patience = self.PATIENCE_SECONDS
        storage = RedisStorage(
            self._url, wrap_exceptions=True, socket_timeout=patience, socket_connect_timeout=patience
        )
        return MovingWindowRateLimiter(storage)

    @cached_property
    def _own(self) -> MovingWindowRateLimiter:
        return MovingWindowRateLimiter(MemoryStorage())


_TOO_MANY_TRIES = N_(
    "That were too many tries for this address. Wait %(minutes)d minutes, or have a sign-in link sent to you now."
)
_TOO_MANY_MAILS = N_(
    "Several mails are on their way to this address already. Look among unwanted mail too, "
    "or try again in %(minutes)d minutes."
)
_TOO_MANY_HERE = N_("Too many people tried from your network just now. Try again in %(minutes)d minutes.")


def init_app(app: Flask) -> None:
    """Give the application its counters."""
    app.extensions["dsbs.attempts"] = Attempts(cast(Settings, app.config["SETTINGS"]).redis_url)


def counters() -> Attempts:
    """The counters of the running application."""
    return cast(Attempts, current_app.extensions["dsbs.attempts"])


def banner(viewer: Viewer | None) -> Iterator[Banner]:
    """What administrators read on every page while the shared store, which is the broker, is gone.

    What it means for the sign-in only: that mails wait is told by the mail, when they do.
    """
    if viewer is not None and viewer.is_administrator and not counters().is_shared:
        yield (
            "act",
            _("The broker (REDIS_URL) is out of reach: until it is back, each process counts failed sign-ins alone."),
        )


def _account(mail: str) -> str:
    """The account as the store names it: addresses of people do not lie about in it."""
    return hashlib.sha256(mail.strip().lower().encode()).hexdigest()[:32]


def _network(address: str) -> str:
    """One household or machine: an IPv4 address as it is, of IPv6 the half that a provider hands out."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return address if known.version == 4 else str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
