"""Where the history of a row is told: a page of a higher feature, known to those below by the row's table only."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import current_app

#: Where the feature that tells histories puts its answer: a function of a table and the id of a row.
PAGE_OF_CHANGES = "dsbs.page_of_changes"


def page_of_changes(subject: str, subject_id: int) -> str | None:
    """The address of the page that tells what changed in this row; None where nobody tells it."""
    known = cast("Callable[[str, int], str] | None", current_app.extensions.get(PAGE_OF_CHANGES))
    return known(subject, subject_id) if known else None
