"""Saying no in words: one sentence, the field it belongs to, and the values in it."""

from __future__ import annotations


def N_(sentence: str) -> str:  # noqa: N802 - the name that message extraction looks for
    """Mark a sentence for translation where it stands; the edge translates it in the reader's language."""
    return sentence


class Refused(Exception):
    """A request that the rules do not allow, said in the one reason that the person can act on.

    ``sentence`` is untranslated and may hold ``%(name)s`` places, filled from ``values`` at the edge. ``field`` names
    the form field it belongs beside; without one it stands on top of the page.
    """

    def __init__(self, sentence: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.field = field
        self.values = values


class NotFound(Exception):
    """The row does not exist, or not for this viewer; both look the same from outside."""


class Busy(Exception):
    """Somebody else held what was needed for too long. Nothing was written; the same request may be sent again."""
