"""Pages and letters as their reader sees them."""

from __future__ import annotations

import html
import re

from flask import Flask
from werkzeug.test import TestResponse

from dsbs.mail.models import Message
from dsbs.mail.outgoing import Outgoing, Rendered
from dsbs.mail.rendering import render


def words(answer: TestResponse) -> str:
    """The page as it was sent."""
    return answer.get_data(as_text=True)


def read(page: TestResponse | str) -> str:
    """What stands on a page, without its tags and with plain blanks."""
    text = page if isinstance(page, str) else words(page)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())


def letter(app: Flask, message: Message) -> Rendered:
    """What a queued message would say if it left now."""
    return render(
        app,
        Outgoing(
            id=message.id,
            claim="claim",
            tries=1,
            message_id=message.message_id,
            name=message.recipient_name,
            address=message.recipient_address or "",
            language=message.language,
            template=message.template,
            ids=message.ids,
            rendered=None,
        ),
    )
