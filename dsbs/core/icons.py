"""Icons: 16 by 16, one stroke; each page carries the drawings of those that it uses, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import g
from markupsafe import Markup

_SYMBOL = re.compile(r'<symbol id="i-([a-z-]+)".*?</symbol>', re.DOTALL)
_DRAWN = {
    found[1]: re.sub(r"\s*\n\s*", "", found[0])
    for found in _SYMBOL.finditer(Path(__file__).with_name("icons.svg").read_text())
}
#: The use of a drawing. Words stand beside every icon, so it says nothing itself.
_USES = {
    name: Markup('<svg class="icon" width="16" height="16" aria-hidden="true"><use href="#i-{}"/></svg>').format(name)
    for name in _DRAWN
}
NAMES = tuple(sorted(_DRAWN))


def icon(name: str) -> Markup:
    """The icon of this name, which the page's sprite will then hold. An unknown name raises ``KeyError``."""
    use = _USES[name]
    g.setdefault("icons_used", set()).add(name)
    return use


@contextmanager
def collected() -> Iterator[set[str]]:
    """Collect the icons that are used inside the block, which then count as used by the page as well."""
    before: set[str] = g.pop("icons_used", set())
    used: set[str] = set()
    g.icons_used = used
    try:
        yield used
    finally:
        # The same set as before: who collects around this block holds it.
        before |= used
        g.icons_used = before


def use(names: frozenset[str]) -> None:
    """Count these icons as used by the page."""
    g.setdefault("icons_used", set()).update(names)


def sprite() -> Markup:
    """The drawings of all icons used so far; the layout puts it last in the page."""
    used = sorted(g.get("icons_used", ()))
    drawings = "".join(_DRAWN[name] for name in used)
    # Markup because the drawings are our own file, read at start; nothing that a person types comes in here.
    return Markup(f'<svg class="sprite" id="sprite" data-live width="0" height="0" aria-hidden="true">{drawings}</svg>')  # noqa: S704
