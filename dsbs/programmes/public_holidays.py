"""The public holidays of Belgium, worked out a year at a time and only when asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

_COUNTRY = "BE"
#: Our languages as the library spells them.
_SPELLED = {"en": "en_US", "nl": "nl"}
#: What the library's only English calls otherwise than people here do.
_CALLED = {"Labor Day": "Labour Day", "Pentecost": "Whit Sunday", "Pentecost Monday": "Whit Monday"}


@lru_cache(maxsize=256)
def public_holidays(year: int, language: str = "en") -> Mapping[date, str]:
    """The holidays of a year with their names, in their order; those that fall on a weekend included."""
    # The library takes longer to load than most pages to answer, and few of them count in working days.
    from holidays import country_holidays

    found = country_holidays(_COUNTRY, years=year, language=_SPELLED.get(language, "en_US"))
    return MappingProxyType({day: _CALLED.get(name, name) for day, name in sorted(found.items())})
