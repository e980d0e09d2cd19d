"""What all pages have in common that somebody opens by the link in a mail, signed in or not."""

from __future__ import annotations

from flask import make_response
from werkzeug.wrappers import Response

from dsbs.accounts.models import SignedLink
from dsbs.core.access import current_viewer


def somebody_else(link: SignedLink) -> str | None:
    """Who is signed in on this device, if it is not the one to whom the link was sent."""
    looking = current_viewer()
    return looking.name if looking is not None and looking.id != link.person_id else None


def unseen(page: str | Response, status: int | None = None) -> Response:
    """A page whose address holds a secret: the address goes to no other page and into no cache."""
    answer = make_response(page) if status is None else make_response(page, status)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer
