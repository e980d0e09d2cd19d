"""Saying no in words: one sentence, the field it belongs to, and the values in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


def N_(sentence: str) -> str:  # noqa: N802 - the name that message extraction looks for
    """Mark a sentence for translation where it stands; the edge translates it in the reader's language."""
    return sentence


@dataclass(frozen=True, slots=True)
class Said:
    """A part of a sentence with values of its own, untranslated like the sentence around it."""

    words: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        return self.words % self.values


@dataclass(frozen=True, slots=True)
class Either:
    """Several things of which one is enough: "A, B or C"; clauses, in which an "or" may stand, get a comma more."""

    parts: tuple[str | Said, ...]
    are_clauses: bool = False

    def __str__(self) -> str:
        *others, last = map(str, self.parts or ("",))
        if not others:
            return last
        return f"{', '.join(others)}{', or' if self.are_clauses else ' or'} {last}"


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


class Stale(Refused):
    """What was on the screen is not what stands now. ``revision`` is: whoever was told may save over it."""

    def __init__(self, sentence: str, *, revision: int) -> None:
        super().__init__(sentence)
        self.revision = revision


class NotFound(Exception):
    """The row does not exist, or not for this viewer; both look the same from outside."""


class Busy(Exception):
    """Somebody else held what was needed for too long. Nothing was written; the same request may be sent again."""
