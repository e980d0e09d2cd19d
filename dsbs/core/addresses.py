"""What the addresses of pages may hold, and the way back to the page before."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from flask import Flask, abort, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

#: The largest id that the database's integers hold; a larger number in an address is no row's.
LARGEST_ID = 2**31 - 1


class RowId(IntegerConverter):
    """``<int:...>`` in a route: an id that a row could have. Anything else is an address that does not exist."""

    def __init__(self, map: Map, **limits: int) -> None:
        super().__init__(map, **{"min": 1, "max": LARGEST_ID, **limits})  # type: ignore[arg-type]


def init_app(app: Flask) -> None:
    """Let every ``<int:...>`` of this application be the id of a row, and no path hold a NUL."""
    app.url_map.converters["int"] = RowId
    app.before_request(_refuse_nul)


def page_before() -> str:
    """The page of ours that the request came from, else the start page; never an address elsewhere.

    An address that only takes what is sent to it opens no page; then it is the nearest one above it.
    """
    before = request.referrer or ""
    if not before.startswith(request.root_url):
        return request.root_url
    path = unquote(re.split("[?#]", before.removeprefix(request.root_url))[0])
    if _opens(path):
        return before
    while path and not _opens(path):
        path = path.rpartition("/")[0].rstrip("/")
    return request.root_url + quote(path)


def _opens(path: str) -> bool:
    """Whether a page stands at this path of ours, for who just goes there."""
    try:
        current_app.url_map.bind("").match(f"/{path}", method="GET")
    except HTTPException:
        return False
    return True


def _refuse_nul() -> None:
    """No row is named by a NUL, and PostgreSQL stumbles over it: such a path does not exist."""
    if "\0" in request.path:
        abort(404)
