"""What one cell of a table means. Each reader takes the cell's cleaned text and refuses what it cannot mean."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

from dsbs.core.refusals import N_, Refused

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})")
_MIDNIGHT = re.compile(r"[ T]00:00(:00)?$")
_DECIMAL = re.compile(r"\d{1,9}([.,]\d{1,9})?")


def clean(cell: str) -> str:
    """The cell without stray blanks (hard and invisible ones included), with accents in their composed form."""
    return " ".join(unicodedata.normalize("NFC", cell).translate(_INVISIBLE).split())


def fold(words: str) -> str:
    """Words reduced to what makes them the same word: no case, accents, blanks or punctuation ("E-mail" is "email")."""
    bare = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in bare if letter.isalnum())


def text(value: str, *, most: int) -> str:
    """Words for people to read, at most ``most`` characters.

    Refused are control characters, and what a spreadsheet would run as a formula when this is exported again.
    """
    if value[:1] in {"=", "+", "-", "@"}:
        raise Refused(N_("“%(value)s” starts like a formula. Type it as plain words."), value=_short(value))
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn"} for letter in value):
        raise Refused(N_("“%(value)s” holds characters that cannot be shown."), value=_short(value))
    if len(value) > most:
        raise Refused(N_("“%(value)s” is longer than %(most)d characters."), value=_short(value), most=most)
    return value


def day(value: str) -> date:
    """A date, day first (31/12/2026, also with dots, dashes or one digit) or ISO (2026-12-31).

    The year has four digits: nobody can tell 01/02/03. A time of midnight, as spreadsheets add it, is left out.
    """
    bare = _MIDNIGHT.sub("", value)
    day_first, year_first = _DAY_FIRST.fullmatch(bare), _YEAR_FIRST.fullmatch(bare)
    if day_first:
        number, month, year = map(int, day_first.groups())
    elif year_first:
        year, month, number = map(int, year_first.groups())
    else:
        raise Refused(N_("“%(value)s” is not a date. Write it as 31/12/2026 or 2026-12-31."), value=_short(value))
    try:
        return date(year, month, number)
    except ValueError:
        raise Refused(N_("“%(value)s” is a day that does not exist."), value=value) from None


def decimal(value: str) -> Decimal:
    """A number of zero or more, with a comma or a point before its decimals; a percent sign after it may stand."""
    bare = value.removesuffix("%").rstrip()
    if not _DECIMAL.fullmatch(bare) or not bare.isascii():
        raise Refused(N_("“%(value)s” is not a number. Write it as 50 or 50,5."), value=_short(value))
    return Decimal(bare.replace(",", "."))


def listed(value: str) -> list[str]:
    """The parts of a cell that holds several values, divided by commas, semicolons or bars."""
    return [part for part in (piece.strip() for piece in re.split(r"[,;|]", value)) if part]


def _short(value: str) -> str:
    return value if len(value) <= 60 else value[:59] + "…"
