"""Macros whose outcome is remembered: small pieces that a list prints again and again, alike each time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache

from markupsafe import Markup

from dsbs.core import icons
from dsbs.core.dates import language

#: Enough for days, labels and seats; what draws many rows at once keeps fewer.
_MOST = 4096


def remembered(macro: Callable[..., Markup], most: int = _MOST) -> Callable[..., Markup]:
    """The same macro, drawn once for the same values in the same language. The last ``most`` drawings are kept.

    Only for macros that depend on nothing but their arguments, which must be hashable. The icons it uses count for
    the page each time.
    """

    drawn = remembered_together(macro, most=most)

    def piece(*args: Hashable, **kwargs: Hashable) -> Markup:
        return drawn(*args, **kwargs)[0]

    return piece


def remembered_together(*macros: Callable[..., Markup], most: int = _MOST) -> Callable[..., tuple[Markup, ...]]:
    """Several macros that are drawn from the same values, remembered at once, in their order; as ``remembered``."""

    # Typed: words that are safe already equal the same words as somebody typed them, and must not stand for them.
    @lru_cache(most, typed=True)
    def drawn(language: str, names: tuple[str, ...], *values: Hashable) -> tuple[tuple[Markup, ...], frozenset[str]]:
        places = len(values) - len(names)
        with icons.collected() as used:
            named = dict(zip(names, values[places:], strict=True))
            html = tuple(macro(*values[:places], **named) for macro in macros)
        return html, frozenset(used)

    def pieces(*args: Hashable, **kwargs: Hashable) -> tuple[Markup, ...]:
        html, used = drawn(language(), tuple(kwargs), *args, *kwargs.values())
        if used:
            icons.use(used)
        return html

    return pieces
