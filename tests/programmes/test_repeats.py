"""How often a rule says that something comes again."""

from __future__ import annotations

import pytest

from dsbs.core.refusals import Refused
from dsbs.programmes.rules import Repeat, repeat_in


@pytest.mark.parametrize(
    ("text", "repeat"), [("", None), ("yearly", Repeat(12)), ("6 months until midterm", Repeat(6, "midterm"))]
)
def test_a_rule_says_how_often_it_comes(text: str, repeat: Repeat | None) -> None:
    assert repeat_in(text) == repeat


@pytest.mark.parametrize("text", ["now and then", "0 months until defence", "12 months", "months until defence"])
def test_how_often_in_other_words_is_refused_beside_its_field(text: str) -> None:
    with pytest.raises(Refused) as refused:
        repeat_in(text)
    assert refused.value.field == "repeat"
