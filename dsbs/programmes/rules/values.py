"""What the value of a rule may say, given its unit."""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal, InvalidOperation

from dsbs.core.refusals import N_, Refused

#: Counted in whole ones.
WHOLE_UNITS = frozenset({"days", "working_days", "weeks", "months", "years", "count", "persons", "school_week"})
#: Counted, perhaps in parts.
PART_UNITS = frozenset({"hours", "percent"})

_LARGEST = 10_000
_HOURS_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d")
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def number_in(text: str) -> Decimal | None:
    """The number that a value is, with point or comma; None when it is none."""
    try:
        number = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def times_in(text: str) -> tuple[time, time]:
    """The two times of a day that a value such as 08:00-20:00 holds; 24:00 is the day's last moment."""
    first, last = text.split("-")
    return time.fromisoformat(first), time.max if last == "24:00" else time.fromisoformat(last)


def codes_in(text: str) -> tuple[str, ...]:
    """The codes in a list written with semicolons, in their order."""
    return tuple(code for code in (part.strip() for part in text.split(";")) if code)


def check_amount(value: str, unit: str, *, field: str) -> str:
    """The value as it is kept, once it is known to make sense in its unit. Raises ``Refused`` beside ``field``."""
    value = value.strip()
    if unit in WHOLE_UNITS or unit in PART_UNITS:
        return _number(value, whole=unit in WHOLE_UNITS, field=field)
    if unit == "yes" and value not in ("0", "1"):
        raise Refused(N_("Write 1 for yes or 0 for no."), field=field)
    if unit == "time" and not _is_span(value):
        raise Refused(N_("Write two times of one day, such as 08:00-20:00."), field=field)
    if unit == "day" and not is_day_of_year(value):
        raise Refused(N_("Write a month and a day that come every year, such as 09-30."), field=field)
    return value


def is_day_of_year(text: str) -> bool:
    """Whether this is a month and a day, such as 07-20; 29 February counts."""
    found = re.fullmatch(r"(\d\d)-(\d\d)", text)
    if found is None or not 1 <= int(found[1]) <= 12:
        return False
    return 1 <= int(found[2]) <= _DAYS_IN_MONTH[int(found[1]) - 1]


def _number(value: str, *, whole: bool, field: str) -> str:
    number = number_in(value)
    if number is None or abs(number) > _LARGEST:
        raise Refused(N_("Write a number of at most %(most)s."), field=field, most="10,000")
    if whole and number != number.to_integral_value():
        raise Refused(N_("Write a whole number."), field=field)
    return format(number.normalize() if number else Decimal(0), "f")


def _is_span(value: str) -> bool:
    if not _HOURS_OF_DAY.fullmatch(value):
        return False
    start, end = value.split("-")
    return start < end <= "24:00"
