"""For whom a session is, in words: each condition, and whether the viewer meets it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from dsbs.activities.offers import Offer, offers_to_come
from dsbs.activities.rules.conditions import Candidate, Condition, ConditionKind, meets
from dsbs.activities.rules.pools import Pool
from dsbs.core import dates


class Told(NamedTuple):
    """A condition in words; ``met`` by the viewer or not, None when nobody is to say so yet.

    ``link`` is (words, address) of what she can do to meet it.
    """

    words: str
    met: bool | None
    link: tuple[str, str] | None = None


def conditions_told(session: Session, offer: Offer, candidate: Candidate, now: datetime) -> tuple[Told, ...]:
    """All conditions of a session as its page lists them. To who is no researcher nothing is said of herself."""
    return tuple(
        Told(
            in_words(condition, dates.language()),
            _met(condition, candidate),
            _next_date(session, condition, candidate, now),
        )
        for condition in offer.conditions
    )


def _met(condition: Condition, candidate: Candidate) -> bool | None:
    if not candidate.is_researcher or condition.kind is ConditionKind.APPROVAL:
        return None
    return meets(condition, candidate)


def _next_date(session: Session, condition: Condition, candidate: Candidate, now: datetime) -> tuple[str, str] | None:
    """When the activity that she is to attend first is given next."""
    if condition.kind is not ConditionKind.ATTENDED or not candidate.is_researcher or meets(condition, candidate):
        return None
    coming = (offer for offer in offers_to_come(session, now.date()) if offer.activity_id in condition.ids)
    following = next((offer for offer in coming if offer.starts_at > now), None)
    if following is None:
        return None
    words = _("next on %(moment)s", moment=dates.moment(following.starts_at))
    return words, url_for("activities.session", session_id=following.id)


@lru_cache(1024)
def in_words(condition: Condition, language: str) -> str:
    """What a condition asks, in this language, as an item of a list."""
    match condition.kind:
        case ConditionKind.INVITED:
            return _("Invited researchers only")
        case ConditionKind.PROGRAMMES:
            return _("Researchers of %(names)s", names=either(condition.names))
        case ConditionKind.YEARS:
            return _years(condition)
        case ConditionKind.ATTENDED:
            return _("Who has attended %(names)s", names=either(condition.names))
        case ConditionKind.NOT_ATTENDED:
            return _("Who has not attended it already")
        case ConditionKind.APPROVAL:
            return _("The coordinator approves each who asks")


def _years(condition: Condition) -> str:
    first, last = condition.first_year or 1, condition.last_year
    if last is None:
        return _("From year %(first)d of the track on", first=first)
    if first == last:
        return _("In year %(first)d of the track", first=first)
    return _("In years %(first)d to %(last)d of the track", first=first, last=last)


def either(names: Sequence[str]) -> str:
    """Several names of which one is enough: "A, B or C"."""
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s or %(last)s", names=", ".join(names[:-1]), last=names[-1])


def kept_in_words(pools: Iterable[Pool], free: int) -> str:
    """Which of the free seats are kept for whom; nothing when none are."""
    kept = [pool for pool in pools if pool.kept and free]
    return " ".join(
        ngettext(
            "%(num)d of them is kept for %(programme)s until %(until)s.",
            "%(num)d of them are kept for %(programme)s until %(until)s.",
            min(pool.kept, free),
            programme=pool.programme,
            until=dates.moment(pool.until),
        )
        for pool in kept
    )
