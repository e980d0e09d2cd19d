"""A page as its reader and her browser have it."""

from __future__ import annotations

import html
import re

from werkzeug.test import TestResponse


def hidden(answer: TestResponse) -> dict[str, str]:
    """What a form of this page sends again by itself, without its token."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answer.text)
    return {name: html.unescape(value) for name, value in found if name != "csrf_token"}
