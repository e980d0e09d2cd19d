"""The words of a preview, the same in the browser and on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _

from dsbs.core import dates
from dsbs.core.language import ngettext
from dsbs.exchange.importing import Difference, Fault, Outcome, Planned, Said


def shown(value: object) -> str:
    """One value of a row, as a person reads it; a dash where there is none."""
    if isinstance(value, str):
        return value or "–"
    if isinstance(value, Said):
        return str(_(value.sentence, **{name: _value(held) for name, held in value.values.items()}))
    if isinstance(value, date):
        return dates.day(value)
    if isinstance(value, Decimal):
        return dates.number(value)
    if isinstance(value, Iterable):
        return ", ".join(map(shown, value)) or "–"
    return "–"


def _value(value: object) -> object:
    return value if isinstance(value, int) else shown(value)


def reason(fault: Fault) -> str:
    """Why a row is refused, in the reader's language."""
    return shown(fault.reason)


def told(fault: Fault) -> str:
    """The same with the column and the cell that it is about, where it is about one."""
    if not fault.column:
        return reason(fault)
    return str(_("%(column)s “%(cell)s”: %(reason)s", column=fault.column, cell=fault.cell, reason=reason(fault)))


def reasons_counted(rows: Sequence[Planned], total: int) -> str:
    """How much stands in a list of reasons that shows these of all refused rows: a row may have several."""
    count = sum(len(row.faults) for row in rows)
    reasons = ngettext("%(num)d reason", "%(num)d reasons", count)
    if len(rows) < total:
        return str(_("%(reasons)s in %(shown)d of %(total)d rows", reasons=reasons, shown=len(rows), total=total))
    return str(ngettext("%(reasons)s in %(num)d row", "%(reasons)s in %(num)d rows", total, reasons=reasons))


def label(difference: Difference) -> str:
    """What the value that differs is called."""
    return str(_(difference.label))


def outcome_word(outcome: Outcome) -> str:
    """What happens to a row, in one word or two."""
    return {
        Outcome.ADDED: str(_("To add")),
        Outcome.CHANGED: str(_("To change")),
        Outcome.LEFT: str(_("Stays as it is")),
        Outcome.REFUSED: str(_("Refused")),
        Outcome.PASSED: str(_("Holds no data")),
    }[outcome]
