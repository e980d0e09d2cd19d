"""The open mailbox of a demonstration: what would have left, with working links, for whoever tries the program.

Only outside production and only without a mail server; everywhere else these pages do not exist.
"""

from __future__ import annotations

from typing import cast

from flask import Response, current_app, render_template

from config import Settings
from dsbs.core.access import public
from dsbs.core.db import db
from dsbs.core.refusals import NotFound
from dsbs.mail import access, as_html, delivery, queries, words
from dsbs.mail.marks import revealed
from dsbs.mail.models import Message
from dsbs.mail.outgoing import Rendered, rendered_of

_MOST = 50


@public
def mailbox() -> str:
    """The latest messages to anybody."""
    _check_open()
    return render_template("mail/pages/mailbox.html", messages=queries.latest(db.session(), most=_MOST), words=words)


@public
def mailbox_message(message_id: int) -> Response:
    """One message as its recipient reads it."""
    message, rendered = _opened(message_id)
    text = _whole(message, rendered.text)
    page = render_template(
        "mail/pages/mailbox_message.html",
        message=message,
        subject=rendered.subject,
        paragraphs=words.paragraphs(text),
    )
    return Response(page, headers={"Referrer-Policy": "no-referrer"})


@public
def mailbox_html(message_id: int) -> Response:
    """The same as mail programs show it."""
    message, rendered = _opened(message_id)
    return as_html.answer(_whole(message, rendered.html))


def _opened(message_id: int) -> tuple[Message, Rendered]:
    _check_open()
    message = queries.message(db.session(), message_id)
    rendered = rendered_of(message)
    if rendered is None:
        raise NotFound
    return message, rendered


def _check_open() -> None:
    if not access.mailbox_is_open(cast(Settings, current_app.config["SETTINGS"])):
        raise NotFound


def _whole(message: Message, text: str) -> str:
    return revealed(text, ids=message.ids, secret_of=delivery.secret_of())
