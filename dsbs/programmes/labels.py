"""A programme as lists print it: its colour and its short name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProgrammeLabel:
    """What a label of a programme is drawn from; ``colour`` is one of the codes of the palette."""

    id: int
    colour: str
    short_name: str
