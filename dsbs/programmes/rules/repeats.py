"""How often something of a rule comes again."""

from __future__ import annotations

import re
from typing import NamedTuple

from dsbs.core.refusals import N_, Refused

_EVERY = re.compile(r"(\d{1,2}) months until (\w+)")


class Repeat(NamedTuple):
    """How often a milestone comes again: every so many months, until another one, or for ever with ``until`` empty."""

    months: int
    until: str = ""


def repeat_in(text: str) -> Repeat | None:
    """How often a rule says that its milestone comes again: "yearly", "12 months until defence"; None for once.

    Raises ``Refused`` beside the field of the rule for anything else.
    """
    if not text:
        return None
    if text == "yearly":
        return Repeat(12)
    found = _EVERY.fullmatch(text)
    if found is None or not int(found[1]):
        raise Refused(N_("Write yearly, or such as 12 months until defence, or leave it empty."), field="repeat")
    return Repeat(int(found[1]), found[2])
