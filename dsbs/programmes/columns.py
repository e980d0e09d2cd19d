"""How a table of rules describes its own columns, so that one list, one editor and one loader serve them all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from operator import itemgetter

from sqlalchemy import Dialect, String
from sqlalchemy.types import TypeDecorator

from dsbs.core.refusals import N_, Refused
from dsbs.programmes.rule_row import RuleRow
from dsbs.programmes.rules import check_amount, codes_in, repeat_in

Value = str | int | tuple[str, ...] | None


class Codes(TypeDecorator[tuple[str, ...]]):
    """Several codes in one column, in their order: a tuple in Python, joined by semicolons in the database."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """Join the codes."""
        return None if value is None else ";".join(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """Take the text apart again."""
        return None if value is None else codes_in(value)


class Kind(Enum):
    """What sort of value a column holds, and so how it is typed, checked and printed."""

    LINE = auto()
    PARAGRAPH = auto()
    CHOICE = auto()  # one of ``choices``
    CODES = auto()  # several codes, in their order
    NUMBER = auto()  # a whole number or nothing
    AMOUNT = auto()  # a text that has to make sense in the unit beside it
    REPEAT = auto()  # how often something comes again, as ``repeat_in`` reads it
    OFFSET = auto()  # a whole number of the unit beside it, before (negative) or after something


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table of rules.

    ``label`` and ``help`` are sentences for translation. ``header`` is the column's name in the default data where it
    differs. ``choices`` maps values to their words. ``among`` names tables (by their word) whose codes are allowed
    beside the choices; with neither, anything may be written. ``unit`` names the column that holds the unit.
    """

    name: str
    label: str
    kind: Kind = Kind.LINE
    help: str = ""
    header: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    among: tuple[str, ...] = ()
    unit: str = ""
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class RuleTable:
    """One table of rules.

    ``word`` names it in addresses. ``title`` is the column that says a rule in words, ``title_detail`` one that sets
    rules of equal words apart, ``shown`` are the columns beside it in the list. ``file`` is its default data,
    ``code_of`` makes a rule's code of a line there. ``scoped`` says that a rule may be made for one faculty or
    programme, ``by_cohort`` for those who start in given years.
    """

    word: str
    model: type[RuleRow]
    label: str
    lead: str
    title: str
    title_detail: str = ""
    columns: tuple[Column, ...]
    shown: tuple[str, ...]
    file: str
    scoped: bool = False
    by_cohort: bool = False
    has_severity: bool = False
    code_of: Callable[[Mapping[str, str]], str] = itemgetter("code")

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)

    def most_letters(self, column: Column) -> int | None:
        """How long a text of this column may be; None for numbers."""
        return getattr(self.model.__table__.columns[column.name].type, "length", None)


def read(column: Column, text: str) -> Value:
    """The value that a text stands for in this column. Raises ``Refused`` beside the column's field."""
    text = text.strip()
    if column.kind is Kind.CODES:
        return codes_in(text)
    if column.kind in (Kind.NUMBER, Kind.OFFSET):
        return _whole(column, text)
    return text


def written(column: Column, value: Value) -> str:
    """The text that stands for a value in a field and in the default data."""
    if isinstance(value, tuple):
        return "; ".join(value)
    return "" if value is None else str(value)


def checked(table: RuleTable, values: Mapping[str, Value], known: Mapping[str, Collection[str]]) -> dict[str, Value]:
    """The values as they may be kept. ``known`` holds the codes of the tables that columns choose among.

    Raises ``Refused`` beside the first field that does not fit.
    """
    kept = {column.name: _checked(column, values, known) for column in table.columns}
    for column in table.columns:
        most, value = table.most_letters(column), kept[column.name]
        if most is not None and len(";".join(value) if isinstance(value, tuple) else str(value)) > most:
            raise Refused(N_("Use at most %(most)d characters."), field=column.name, most=most)
    return kept


def _checked(column: Column, values: Mapping[str, Value], known: Mapping[str, Collection[str]]) -> Value:
    value = values[column.name]
    if column.required and value in ("", None, ()):
        raise Refused(N_("This is needed."), field=column.name)
    if column.kind is Kind.AMOUNT and value != "":
        return check_amount(str(value), str(values[column.unit]), field=column.name)
    if column.kind is Kind.REPEAT:
        repeat_in(str(value))
    if column.choices or column.among:
        _check_known(column, value, {*column.choices, *(code for word in column.among for code in known[word])})
    return value


def _check_known(column: Column, value: Value, allowed: Collection[str]) -> None:
    codes = value if isinstance(value, tuple) else (str(value),) if value else ()
    unknown = [code for code in codes if code not in allowed]
    if unknown:
        raise Refused(N_("%(unknown)s is not known here."), field=column.name, unknown=", ".join(unknown))


def _whole(column: Column, text: str) -> int | None:
    if not text:
        return None
    try:
        number = int(text)
    except ValueError:
        raise Refused(N_("Write a whole number."), field=column.name) from None
    if abs(number) > 10_000:
        raise Refused(N_("Write a number of at most %(most)s."), field=column.name, most="10,000")
    return number
