"""What a rule says of plain values, as a value: rules answer by refusing or by letting pass."""

from __future__ import annotations

from collections.abc import Callable

from dsbs.core.refusals import Refused


def is_refused(rule: Callable[..., object], *values: object, **named: object) -> bool:
    """Whether the rule refuses these values; anything else that goes wrong in it is a failure of the test."""
    try:
        rule(*values, **named)
    except Refused:
        return True
    return False
