"""Light, dark, or as the device says: a wish kept on the device, for whoever sits at it."""

from __future__ import annotations

from typing import Literal, cast

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from dsbs.core.access import public
from dsbs.core.addresses import page_before

Theme = Literal["light", "dark", "device"]
COOKIE = "theme"
_YEAR = 365 * 24 * 60 * 60

blueprint = Blueprint("theme", __name__)


def chosen() -> Theme:
    """The theme of this device; ``device`` leaves it to the system's own setting."""
    kept = request.cookies.get(COOKIE)
    return cast(Theme, kept) if kept in ("light", "dark") else "device"


@blueprint.post("/theme")
@public
def choose() -> Response:
    """Keep the wish on this device and show the page again on which it was said."""
    wanted = request.form.get("theme")
    if wanted not in ("light", "dark", "device"):
        abort(400)
    answer = redirect(page_before())
    if wanted == "device":
        answer.delete_cookie(COOKIE)
    else:
        answer.set_cookie(COOKIE, wanted, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    return answer
