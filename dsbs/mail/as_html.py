"""A mail's HTML as a page of its own, shut in: it may look as it likes and do nothing."""

from __future__ import annotations

from flask import Response

# The style of a mail stands in its elements; no page of ours allows that, so this answer brings its own policy.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox"
)


def answer(html: str) -> Response:
    """The HTML as an answer of its own."""
    headers = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}
    return Response(html, mimetype="text/html", headers=headers)
