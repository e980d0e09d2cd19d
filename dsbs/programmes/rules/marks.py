"""How sure a value is, and which values the school still has to look at."""

from __future__ import annotations

from enum import StrEnum


class Mark(StrEnum):
    """Where a value comes from."""

    SOURCED = "sourced"  # published for this school
    ELSEWHERE = "elsewhere"  # published by another unit or university
    ASSUMED = "assumed"  # a guess


#: What the school has published itself needs nobody's signature.
SIGNED_OFF_BY_ITSELF = Mark.SOURCED


def waits_for_sign_off(*marks: Mark | None, signed_off: bool) -> bool:
    """Whether a row with these marks still waits for the school: any value not sourced does, until signed off."""
    return not signed_off and any(mark not in (None, SIGNED_OFF_BY_ITSELF) for mark in marks)
