"""What a page says, read as a person would: its steps, its sections, and how often it asked the database."""

from __future__ import annotations

import re
from html import unescape

from tests.support.client import Client
from tests.support.statements import questions


def words_of(markup: str) -> str:
    """What is read of a piece of a page, with single blanks."""
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", markup).split())).replace(" ,", ",").replace(" .", ".")


def headings(page: str) -> list[str]:
    """The headings of the sections, in their order."""
    return [words_of(found) for found in re.findall(r'<div class="section-head"><h2>(.*?)</h2>', page, re.DOTALL)]


def steps(page: str) -> list[str]:
    """The titles of the steps, the first one first, those folded away last."""
    found = re.findall(r'<li class="step(?:-first)?">.*?<h3>(.*?)</h3>', page, re.DOTALL)
    return [words_of(title) for title in found]


def step(page: str, title: str) -> str:
    """All that one step says."""
    found = [row for row in re.findall(r'<li class="step(?:-first)?">.*?</li>', page, re.DOTALL) if title in row]
    assert len(found) == 1, f"{len(found)} steps say {title}"
    return words_of(found[0])


def section(page: str, title: str) -> str:
    """All that one section says."""
    parts = re.split(r'(?=<div class="section-head">)', page)
    return words_of(next(part for part in parts if f"<h2>{title}</h2>" in part).partition("</section>")[0])


def queries_of(client: Client, path: str) -> int:
    """How often the database is asked for a page that answers."""
    with questions() as asked:
        assert client.get(path).status_code == 200
    return len(asked)
