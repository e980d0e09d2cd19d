"""Refused rows are the same after they were kept as JSON."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from dsbs.exchange.importing import Fault, Outcome, Planned, Preview, Said
from dsbs.exchange.refusals import Refusals, of_preview, restored, stored

REASON = Said(
    "%(value)s after %(day)s at %(percent)s: %(others)s",
    {
        "value": Said("“%(cell)s”", {"cell": "x"}),
        "day": date(2026, 12, 31),
        "percent": Decimal("50.5"),
        "others": ["a", 3],
        "nothing": None,
    },
)
REFUSED = Planned(
    line=3, outcome=Outcome.REFUSED, title="Jan", cells=("r2", "=1"), faults=(Fault("Rol", "tovenaar", REASON),)
)
ADDED = Planned(line=2, outcome=Outcome.ADDED, title="Britt", change=object())


def test_refused_rows_come_back_as_they_were() -> None:
    refusals = of_preview(Preview((ADDED, REFUSED), headings=("Nummer", "Rol")))

    assert restored(json.loads(json.dumps(stored(refusals)))) == Refusals(("Nummer", "Rol"), (REFUSED,))


def test_where_nothing_is_kept_nothing_was_refused() -> None:
    assert restored(None) == Refusals()
