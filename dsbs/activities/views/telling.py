"""For whom a session is, in words: each requirement, and whether the viewer meets it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.activities.offers import Offer, offers_to_come
from dsbs.activities.rules.conditions import Candidate, ConditionKind
from dsbs.activities.rules.pools import Pool
from dsbs.activities.rules.requirements import Met, Requirement, met, whom_it_means
from dsbs.core import dates
from dsbs.core.errors import part_of_sentence
from dsbs.core.language import ngettext


class Told(NamedTuple):
    """A requirement in words; ``met`` by the viewer or not, None when nobody is to say so yet.

    ``link`` is (words, address) of what she can do to meet it.
    """

    words: str
    met: bool | None
    link: tuple[str, str] | None = None


def requirements_told(session: Session, offer: Offer, candidate: Candidate, now: datetime) -> tuple[Told, ...]:
    """All that a session asks, as its page lists it. To who is no researcher nothing is said of herself."""
    return tuple(
        Told(
            in_words(requirement, dates.language()),
            _MET[met(requirement, candidate)] if candidate.is_researcher else None,
            _next_date(session, requirement, candidate, now),
        )
        for requirement in offer.requirements
    )


_MET = {Met.YES: True, Met.IF_APPROVED: None, Met.NO: False}


def _next_date(
    session: Session, requirement: Requirement, candidate: Candidate, now: datetime
) -> tuple[str, str] | None:
    """When an activity that she is to attend first is given next."""
    first = {id_ for one in requirement.one_of if one.kind is ConditionKind.ATTENDED for id_ in one.ids}
    if not first or not candidate.is_researcher or met(requirement, candidate) is Met.YES:
        return None
    coming = (offer for offer in offers_to_come(session, now.date()) if offer.activity_id in first)
    following = next((offer for offer in coming if offer.starts_at > now), None)
    if following is None:
        return None
    moment, address = dates.moment(following.starts_at), url_for("activities.session", session_id=following.id)
    if len(first) > 1:
        return _("%(title)s next on %(moment)s", title=following.title, moment=moment), address
    return _("next on %(moment)s", moment=moment), address


@lru_cache(1024)
def in_words(requirement: Requirement, language: str) -> str:
    """Whom a requirement means, in this language, as an item of a list."""
    words = part_of_sentence(whom_it_means(requirement))
    return words[:1].upper() + words[1:]


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
