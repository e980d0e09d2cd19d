"""Pages as their reader sees them: their words, and what stands beside fields."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from werkzeug.test import TestResponse


class _Words(HTMLParser):
    """What a page says, tag by tag."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.said.append(" ".join(data.split()))


def words(answer: TestResponse) -> list[str]:
    """The texts of a page, in their order."""
    reader = _Words()
    reader.feed(answer.text)
    return reader.said


def errors(answer: TestResponse) -> list[str]:
    """The sentences beside the fields of a form that was sent back."""
    reader = _Words()
    reader.feed(" ".join(re.findall(r'<span class="field-error".*?<span>(.*?)</span>', answer.text, re.DOTALL)))
    return reader.said
