"""The look of mails. Mail programs read few style sheets, so each element carries its style itself.

Letters are written in bare elements (``<p>``, ``<ul>``, ``<table class="facts">``); what is here dresses them. Dark
colours stand in the layout's one style sheet, for the programs that know about dark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_FONT = "font-family:'Source Sans 3','Source Sans Pro',-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_TEXT = f"{_FONT};font-size:17px;line-height:25px;color:#1c242d"
_QUIET = f"{_FONT};font-size:15px;line-height:20px;color:#58606a"

_STYLES: Mapping[str, str] = {
    "p": f"margin:0 0 16px;{_TEXT}",
    "p.quiet": f"margin:0 0 8px;{_QUIET}",
    "h1": f"margin:0 0 16px;{_FONT};font-size:22px;line-height:28px;font-weight:600;color:#00407a",
    "h2": f"margin:24px 0 8px;{_FONT};font-size:17px;line-height:25px;font-weight:600;color:#1c242d",
    "h3": f"margin:16px 0 8px;{_FONT};font-size:17px;line-height:25px;font-weight:600;color:#1c242d",
    "ul": f"margin:0 0 16px;padding:0 0 0 24px;{_TEXT}",
    "ol": f"margin:0 0 16px;padding:0 0 0 24px;{_TEXT}",
    "li": "margin:0 0 4px",
    "strong": "font-weight:600",
    "blockquote": "margin:0 0 16px;padding:0 0 0 16px;border-left:3px solid #dcd8d0",
    "a": "color:#1668a8;text-decoration:underline",
    "a.button": (
        f"display:inline-block;padding:10px 20px;{_FONT};font-size:17px;line-height:24px;font-weight:600;"
        "color:#ffffff;background-color:#1668a8;text-decoration:none;border-radius:3px"
    ),
    "table.facts": "margin:0 0 16px;border-collapse:collapse",
    "th": (
        "padding:4px 16px 4px 0;text-align:left;vertical-align:top;white-space:nowrap;font-weight:400;"
        f"{_QUIET};line-height:25px"
    ),
    "td": f"padding:4px 0;vertical-align:top;{_TEXT}",
}

_ELEMENT = re.compile(r"<([a-z][a-z0-9]*)((?:\s[^<>]*)?)>")
_CLASS = re.compile(r'\bclass="([^"]*)"')


def inlined(html: str) -> str:
    """The HTML with the style of each known element written into it; one that has a style already keeps its own."""
    return _ELEMENT.sub(_dressed, html)


def _dressed(found: re.Match[str]) -> str:
    name, attributes = found[1], found[2]
    named = _CLASS.search(attributes)
    style = _STYLES.get(f"{name}.{named[1]}" if named else name) or _STYLES.get(name)
    if style is None or "style=" in attributes:
        return found[0]
    return f'<{name}{attributes} style="{style}">'
