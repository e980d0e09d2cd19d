"""Two people at one row: what the second one sees."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from wtforms import Field

from dsbs.core import dates
from dsbs.core.forms import Form
from dsbs.programmes.forms import words_in
from dsbs.programmes.marked import Revised


class Difference(NamedTuple):
    """One field in which what is saved now differs from what was typed."""

    label: str
    saved: str
    typed: str


def differences(form: Form, row: Revised) -> list[Difference]:
    """Where the row as it is saved now differs from the form; the form's next try is made against that row."""
    form["revision"].data = row.revision
    form["revision"].raw_data = None
    found = [field for field in form if field.name != "revision" and hasattr(row, field.name)]
    return [
        Difference(field.label.text, _words(field, getattr(row, field.name)), _words(field, field.data))
        for field in found
        if getattr(row, field.name) != field.data
    ]


def _words(field: Field, value: Any) -> str:
    return dates.day(value) if isinstance(value, date) else words_in(field, value)
