"""Markdown as people write it in descriptions, turned into HTML that can do no harm."""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

#: What a description may hold. No image (it would call another host), no raw HTML, no heading above the page's own.
_TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "blockquote", "code", "pre", "h3", "h4", "hr"}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}
_HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}

_reader = MarkdownIt("commonmark", {"html": False})
_reader_of_letters = MarkdownIt("commonmark", {"html": False, "breaks": True})


@lru_cache(512)
def to_html(text: str) -> Markup:
    """CommonMark as clean HTML: headings start at the third level, links are not followed by search engines."""
    return _cleaned(_reader, text)


@lru_cache(512)
def letter_to_html(text: str) -> Markup:
    """The same of what is written as a letter is: a line that was ended stays ended."""
    return _cleaned(_reader_of_letters, text)


def _cleaned(reader: MarkdownIt, text: str) -> Markup:
    tokens = reader.parse(text)
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    html = reader.renderer.render(tokens, reader.options, {})
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="nofollow noopener")
    return Markup(clean)  # noqa: S704 - nh3 has let through the allow-list only, whatever the reader made of the text
