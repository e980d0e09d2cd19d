"""A page as its reader and her browser have it."""

from __future__ import annotations

import html
import re

from werkzeug.test import TestResponse


def hidden(answer: TestResponse) -> dict[str, str]:
    """What a form of this page sends again by itself, without its token."""
    fields = [dict(re.findall(r'([a-z_]+)="([^"]*)"', field)) for field in re.findall(r"<input ([^>]*)>", answer.text)]
    found = {field["name"]: html.unescape(field["value"]) for field in fields if field["type"] == "hidden"}
    return {name: value for name, value in found.items() if name != "csrf_token"}
