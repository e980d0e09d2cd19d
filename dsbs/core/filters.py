"""What lists with filters read from their address, and the addresses that take one filter away."""

from __future__ import annotations

from flask import request

from dsbs.core.addresses import LARGEST_ID
from dsbs.core.template import url_with


def number_asked(name: str) -> int | None:
    """A number from the address, None for what is none or larger than any row has."""
    number = request.args.get(name, type=int)
    return number if number is not None and abs(number) <= LARGEST_ID else None


def page_asked() -> int:
    """Which page of a list is asked for, from 1."""
    return max(number_asked("page") or 1, 1)


def without(name: str, value: str) -> str:
    """The address of this list without one of the values by which it is filtered."""
    kept = [other for other in request.args.getlist(name) if other != value]
    return url_with(**{name: kept, "page": None})


def search_chips(search: str) -> list[tuple[str, str]]:
    """What was searched for, with the address without it; none where nothing was."""
    return [(f"“{search}”", url_with(q=None, page=None))] if search else []
