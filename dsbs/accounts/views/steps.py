"""Steps that several pages of signing in take alike."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import current_app, redirect, request, session, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from config import Settings
from dsbs.accounts.models import Person
from dsbs.accounts.rules import own_path

#: Longer than it takes to find a person, make a link and queue a mail, also on a busy day.
ANSWER_SECONDS = 0.25


@contextmanager
def answer_in_fixed_time() -> Iterator[None]:
    """Let the block take the same time whatever it does, so that the time does not tell who is known."""
    ends = time.monotonic() + ANSWER_SECONDS
    try:
        yield
    finally:
        time.sleep(max(0.0, ends - time.monotonic()))


def wanted_path() -> str | None:
    """The page of ours that the visitor was on the way to when she was asked to sign in."""
    return own_path(request.args.get("next"))


def to_page(path: str | None) -> Response:
    """Go on to this page of ours, else to the start page."""
    return redirect(own_path(path) or url_for("home.start"))


def network_address() -> str:
    """Where the request comes from, as the counters know it."""
    return request.remote_addr or ""


def browser_mark() -> str:
    """What tells this browser from others for a minute, without being a secret of either."""
    generate_csrf()
    return hashlib.sha256(str(session["csrf_token"]).encode()).hexdigest()


def words_of(person: Person) -> tuple[str, ...]:
    """What anybody could guess a person's password from."""
    mail = person.mail or ""
    return (person.given_name, person.family_name, mail, mail.partition("@")[0], person.personnel_number or "")


def where_mails_go() -> dict[str, object]:
    """Whether mails leave the house, and where they can be read in the program: never in production."""
    settings = cast(Settings, current_app.config["SETTINGS"])
    leave = settings.mail_url is not None
    is_open = not leave and not settings.in_production and "mail.mailbox" in current_app.view_functions
    return {"leave": leave, "mailbox": url_for("mail.mailbox") if is_open else None}
