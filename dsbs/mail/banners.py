"""What an administrator must know about the mail on every page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

from flask import current_app
from flask_babel import gettext as _

from config import Settings
from dsbs.core import clock, dates
from dsbs.core.access import Viewer
from dsbs.core.db import db
from dsbs.core.template import Banner
from dsbs.mail import queries

#: A worker that works is heard of every few seconds, and before each batch of a delivery: two minutes.
SILENCE = timedelta(minutes=3)
#: How long a page trusts what an earlier one has read.
_TRUSTED = timedelta(seconds=15)
_CACHE = "dsbs.mail.last_run"


def banner(viewer: Viewer | None) -> Iterator[Banner]:
    """Tell administrators when mails wait because nobody delivers them; costs nobody else a query."""
    if viewer is None or not viewer.is_administrator:
        return
    settings = cast(Settings, current_app.config["SETTINGS"])
    if settings.in_production and settings.mail_url is None:
        yield "act", _("No mail server is configured: mails are kept as files. Set MAIL_URL to send them.")
    last = _last_run()
    if last is None:
        yield "act", _("Mails wait: the worker has not run yet. Start it, or look at its log.")
    elif clock.now() - last > SILENCE:
        yield (
            "stopped",
            _(
                "Mails wait: the worker was last heard of on %(moment)s. Start it, or see in its log why it waits.",
                moment=dates.moment(last),
            ),
        )


def _last_run() -> datetime | None:
    """When the outbox was last looked after, read from the database at most every quarter of a minute."""
    now = clock.now()
    kept: tuple[datetime, datetime | None] | None = current_app.extensions.get(_CACHE)
    # The clock may have been shifted either way since.
    if kept is None or abs(now - kept[0]) > _TRUSTED:
        kept = (now, queries.last_run(db.session()))
        current_app.extensions[_CACHE] = kept
    return kept[1]
