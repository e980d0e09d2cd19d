"""The blueprint that all pages of this feature hang on, and who may come to which of them."""

from __future__ import annotations

from flask import Blueprint, current_app, url_for

from dsbs.core.access import STAFF, Role, requires

blueprint = Blueprint("programmes", __name__)

#: Who looks after programmes, and who reads the whole school, sees the rules and what the school is made of.
READERS = STAFF | {Role.READER}

readers = requires(*READERS)
administrators = requires(Role.ADMINISTRATOR)


def address_if_there(endpoint: str, **values: object) -> str | None:
    """The address of a page of a higher feature, or None in a program without that feature."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None  # type: ignore[arg-type]
