"""What the form pieces ask of a WTForms field: what is wrong with it, what describes it, which attributes it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from wtforms.widgets import ListWidget


def problems(form: Any) -> list[tuple[str | None, str]]:
    """Everything that is wrong in a form, in its order: the id of the field to go to (None for the form) and why.

    What is wrong with a field begins with what the field is called: on top of the form nothing else says it.
    """
    return [(None, sentence) for sentence in form.form_errors] + [
        found for part in form for found in _problems_of(part)
    ]


def has_options(part: Any) -> bool:
    """Whether a field is shown as several controls under one legend: radio buttons, or a list of boxes."""
    return isinstance(part.widget, ListWidget)


def described_by(part: Any, help_words: str | None) -> str:
    """The ids of the help and the error of a field, in the order in which they are read out."""
    ids = ("help" if help_words or part.description else "", "error" if part.errors else "")
    return " ".join(f"{part.id}-{suffix}" for suffix in ids if suffix)


def control_attributes(
    part: Any, help_words: str | None, css_class: str | None, more: Mapping[str, object]
) -> dict[str, object]:
    """The attributes of a field's control: its look, what describes it, whether it is wrong, and what the page adds."""
    known = {
        "class": css_class,
        "aria-describedby": described_by(part, help_words),
        "aria-invalid": "true" if part.errors else None,
    }
    return {name: value for name, value in known.items() if value} | dict(more)


def _problems_of(part: Any, number: int | None = None) -> Iterator[tuple[str, str]]:
    """What is wrong with a field and with those in it; ``number`` is its place in a list of several."""
    entries = getattr(part, "entries", None) or ()
    for place, entry in enumerate(entries, start=1):
        yield from _problems_of(entry, place if len(entries) > 1 else None)
    for entry in part if part.type == "FormField" else ():
        yield from _problems_of(entry, number)
    for error in part.errors:
        # Sentences of validators may still wait for the reader's language; what holds others is told by its entries.
        if part.type != "FormField" and not isinstance(error, list | tuple | dict):
            yield _first_control(part), _("%(field)s: %(sentence)s", field=_called(part, number), sentence=error)


def _called(part: Any, number: int | None) -> str:
    """What a field is called; a label that asks ends with its question mark, which no colon follows well."""
    label = str(part.label.text).rstrip(" ?:.")
    return _("%(field)s (%(number)d)", field=label, number=number) if number else label


def _first_control(part: Any) -> str:
    """Radio buttons and lists of boxes have no control of the field's own id: the first of them takes the focus."""
    return f"{part.id}-0" if has_options(part) else str(part.id)
