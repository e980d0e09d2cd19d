"""The refused rows of an import that was written, kept as JSON so that the office can mend them and send them again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dsbs.exchange.importing import Fault, Outcome, Planned, Preview, Said


@dataclass(frozen=True)
class Refusals:
    """Refused rows in the order of their file, below the headings that they were written under."""

    headings: tuple[str, ...] = ()
    rows: tuple[Planned, ...] = ()


def of_preview(preview: Preview) -> Refusals:
    """The rows that this import would not write, or did not."""
    return Refusals(preview.headings, tuple(row for row in preview.rows if row.outcome is Outcome.REFUSED))


def stored(refusals: Refusals) -> dict[str, Any]:
    """These rows as JSON. Reasons stay untranslated: whoever reads them later may speak another language."""
    return {"headings": refusals.headings, "rows": [_stored_row(row) for row in refusals.rows]}


def restored(kept: Mapping[str, Any] | None) -> Refusals:
    """The rows again; none where none are kept."""
    if kept is None:
        return Refusals()
    return Refusals(tuple(kept["headings"]), tuple(_restored_row(row) for row in kept["rows"]))


def _stored_row(row: Planned) -> dict[str, Any]:
    faults = [[fault.column, fault.cell, _stored(fault.reason)] for fault in row.faults]
    return {"line": row.line, "title": row.title, "cells": row.cells, "faults": faults}


def _restored_row(row: Mapping[str, Any]) -> Planned:
    return Planned(
        line=row["line"],
        outcome=Outcome.REFUSED,
        title=row["title"],
        cells=tuple(row["cells"]),
        faults=tuple(Fault(column, cell, _restored(reason)) for column, cell, reason in row["faults"]),
    )


def _stored(value: object) -> Any:
    """A value of a reason; what has no words of its own (and reads as a dash) is nothing."""
    if isinstance(value, str | int):
        return value
    if isinstance(value, Said):
        return {"said": value.sentence, "values": {name: _stored(held) for name, held in value.values.items()}}
    if isinstance(value, date):
        return {"day": f"{value:%Y-%m-%d}"}
    if isinstance(value, Decimal):
        return {"number": str(value)}
    return [_stored(part) for part in value] if isinstance(value, Iterable) else None


def _restored(value: Any) -> Any:
    if isinstance(value, list):
        return [_restored(part) for part in value]
    if not isinstance(value, dict):
        return value
    if "said" in value:
        return Said(value["said"], {name: _restored(held) for name, held in value["values"].items()})
    return date.fromisoformat(value["day"]) if "day" in value else Decimal(value["number"])
