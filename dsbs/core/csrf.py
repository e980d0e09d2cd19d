"""Protection against forged requests: Flask-WTF's, with less to do on pages that are only looked at."""

from __future__ import annotations

import secrets

from flask import Flask, current_app, g, request, session
from flask_wtf import CSRFProtect

from dsbs.core.signing import KeptSerializer

#: What Flask-WTF calls the raw token in the session, the signed one on ``g`` and the field of a form.
_NAME = "csrf_token"
#: The salt under which Flask-WTF reads the token again.
_SALT = "wtf-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class _Protection(CSRFProtect):  # type: ignore[misc]
    """Asks whether a view is exempt, and for the token, only where a request can change something."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """As Flask-WTF's."""
        if request.method not in _SAFE:
            super().protect(apply_exemptions)


def init_app(app: Flask) -> None:
    """Refuse every request that changes something and does not carry the token of its session."""
    app.extensions["dsbs.csrf"] = KeptSerializer(app.config["SECRET_KEY"], salt=_SALT)
    _Protection(app)
    app.jinja_env.globals["csrf_token"] = token


def token() -> str:
    """The signed token of this session, for a form: that of ``flask_wtf.csrf.generate_csrf``, whose signer is kept."""
    if _NAME not in g:
        raw = session.get(_NAME) or session.setdefault(_NAME, secrets.token_hex(20))
        signer: KeptSerializer = current_app.extensions["dsbs.csrf"]
        setattr(g, _NAME, signer.dumps(raw))
    signed: str = getattr(g, _NAME)
    return signed
