"""For whom an activity is: single conditions on plain values. How they stand together is for ``requirements`` to say.

A new kind is one function here, and what who meets it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from dsbs.core.refusals import N_, Either, Said


class ConditionKind(StrEnum):
    """What an activity may ask of who joins it, in the order in which alternatives are told."""

    INVITED = "invited"
    PROGRAMMES = "programmes"
    YEARS = "years"
    ATTENDED = "attended"
    NOT_ATTENDED = "not_attended"
    APPROVAL = "approval"


#: A track of six years that is paused now and then lasts no longer.
LAST_YEAR = 12


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of an activity.

    ``ids`` are the programmes or activities of which one is enough, ``names`` what they are called, in the same order;
    for who is invited or has not attended it is the activity itself. Years of the track count from 1, both included;
    without ``last_year`` all that follow.
    """

    kind: ConditionKind
    ids: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    first_year: int | None = None
    last_year: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The activities that somebody attended and those that she is invited to, by their ids."""

    attended: frozenset[int]
    invited: frozenset[int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who wants to join: in which programmes enrolled today, and whether as a PhD researcher of the school.

    ``year`` is that of her track, from 1. ``record`` is looked up only where a condition asks for it
    (``needs_record``); without it no such condition is met.
    """

    is_researcher: bool
    programmes: Collection[int]
    year: int | None = None
    record: Record | None = None


#: Conditions on the activity that they belong to.
OF_ITSELF = frozenset({ConditionKind.INVITED, ConditionKind.NOT_ATTENDED})
_ASK_RECORD = OF_ITSELF | {ConditionKind.ATTENDED}


def needs_record(conditions: Iterable[Condition]) -> bool:
    """Whether one of these conditions asks what somebody attended or is invited to."""
    return any(condition.kind in _ASK_RECORD for condition in conditions)


def meets(condition: Condition, candidate: Candidate) -> bool:
    """Whether she meets this condition by herself; nobody is approved before she asks."""
    return _MEETS[condition.kind](condition, candidate)


def _is_invited(condition: Condition, candidate: Candidate) -> bool:
    return candidate.record is not None and not candidate.record.invited.isdisjoint(condition.ids)


def _is_of_programme(condition: Condition, candidate: Candidate) -> bool:
    return not set(condition.ids).isdisjoint(candidate.programmes)


def _is_in_year(condition: Condition, candidate: Candidate) -> bool:
    if candidate.year is None:
        return False
    return (condition.first_year or 1) <= candidate.year <= (condition.last_year or candidate.year)


def _has_attended(condition: Condition, candidate: Candidate) -> bool:
    return candidate.record is not None and not candidate.record.attended.isdisjoint(condition.ids)


def _has_not_attended(condition: Condition, candidate: Candidate) -> bool:
    return candidate.record is not None and candidate.record.attended.isdisjoint(condition.ids)


def _is_approved(_condition: Condition, _candidate: Candidate) -> bool:
    return False


_MEETS: Mapping[ConditionKind, Callable[[Condition, Candidate], bool]] = {
    ConditionKind.INVITED: _is_invited,
    ConditionKind.PROGRAMMES: _is_of_programme,
    ConditionKind.YEARS: _is_in_year,
    ConditionKind.ATTENDED: _has_attended,
    ConditionKind.NOT_ATTENDED: _has_not_attended,
    ConditionKind.APPROVAL: _is_approved,
}


def whom(condition: Condition) -> Said:
    """Whom a condition means, as a part of a sentence: "researchers of Cardio or Neuro"."""
    if condition.kind is ConditionKind.YEARS:
        return Said(_years(condition), {"first": condition.first_year or 1, "last": condition.last_year})
    return Said(_WHOM[condition.kind], {"names": named(condition)})


def named(condition: Condition) -> Either:
    """What a condition names, titles between quotation marks."""
    is_title = condition.kind is ConditionKind.ATTENDED
    return Either(tuple(f"“{name}”" if is_title else name for name in condition.names))


def _years(condition: Condition) -> str:
    if condition.last_year is None:
        return N_("researchers from year %(first)d of their track on")
    if (condition.first_year or 1) == condition.last_year:
        return N_("researchers in year %(first)d of their track")
    return N_("researchers in years %(first)d to %(last)d of their track")


_WHOM: Mapping[ConditionKind, str] = {
    ConditionKind.INVITED: N_("researchers who are invited"),
    ConditionKind.PROGRAMMES: N_("researchers of %(names)s"),
    ConditionKind.ATTENDED: N_("those who attended %(names)s"),
    ConditionKind.NOT_ATTENDED: N_("those who have not attended it yet"),
    ConditionKind.APPROVAL: N_("those whom the coordinator approves"),
}
