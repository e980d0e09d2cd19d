"""For whom an activity is: conditions on plain values, each with its sentence for who does not meet it.

All conditions of an activity hold together; a condition that names several programmes or activities means one of them.
A new kind is one function here, and its sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from dsbs.core.refusals import N_, Refused


class ConditionKind(StrEnum):
    """What an activity may ask of who joins it, in the order in which it is told."""

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


class Stated(NamedTuple):
    """A condition as it is kept, a row for each programme or activity that it names."""

    kind: ConditionKind
    named_id: int | None
    name: str | None
    first_year: int | None
    last_year: int | None


def conditions_from(activity_id: int, rows: Iterable[Stated]) -> tuple[Condition, ...]:
    """The conditions of an activity from its rows, one of each kind at most, in the order of the kinds."""
    in_order = sorted(rows, key=lambda row: row.named_id or 0)
    by_kind = {kind: [row for row in in_order if row.kind is kind] for kind in ConditionKind}
    return tuple(_from_rows(activity_id, kind, own) for kind, own in by_kind.items() if own)


def _from_rows(activity_id: int, kind: ConditionKind, rows: list[Stated]) -> Condition:
    if kind in _OF_ITSELF:
        return Condition(kind, ids=(activity_id,))
    return Condition(
        kind,
        ids=tuple(row.named_id for row in rows if row.named_id is not None),
        names=tuple(row.name for row in rows if row.name is not None),
        first_year=rows[0].first_year,
        last_year=rows[0].last_year,
    )


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
_OF_ITSELF = frozenset({ConditionKind.INVITED, ConditionKind.NOT_ATTENDED})
_ASK_RECORD = _OF_ITSELF | {ConditionKind.ATTENDED}


def needs_record(conditions: Iterable[Condition]) -> bool:
    """Whether one of these conditions asks what somebody attended or is invited to."""
    return any(condition.kind in _ASK_RECORD for condition in conditions)


def unmet(conditions: Iterable[Condition], candidate: Candidate) -> Condition | None:
    """The first condition that she does not meet, or None."""
    return next((condition for condition in conditions if not meets(condition, candidate)), None)


def meets(condition: Condition, candidate: Candidate) -> bool:
    """Whether she meets this condition."""
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


def _may_ask(_condition: Condition, _candidate: Candidate) -> bool:
    """Nobody is kept from asking; the coordinator decides afterwards."""
    return True


_MEETS: Mapping[ConditionKind, Callable[[Condition, Candidate], bool]] = {
    ConditionKind.INVITED: _is_invited,
    ConditionKind.PROGRAMMES: _is_of_programme,
    ConditionKind.YEARS: _is_in_year,
    ConditionKind.ATTENDED: _has_attended,
    ConditionKind.NOT_ATTENDED: _has_not_attended,
    ConditionKind.APPROVAL: _may_ask,
}


def sentence_for(condition: Condition) -> Refused:
    """What is said to who does not meet a condition: for whom it is, and what she can do."""
    if condition.kind is ConditionKind.YEARS:
        return Refused(years_in_words(condition), first=condition.first_year, last=condition.last_year)
    several = len(condition.names) > 1
    sentence = _ATTEND_ONE_FIRST if several and condition.kind is ConditionKind.ATTENDED else _SENTENCES[condition.kind]
    return Refused(sentence, names=", ".join(condition.names))


def years_in_words(condition: Condition) -> str:
    """The sentence about the years of a condition, with places for ``first`` and ``last``."""
    if condition.last_year is None:
        return N_("This is for researchers from year %(first)d of their track on.")
    if condition.first_year == condition.last_year:
        return N_("This is for researchers in year %(first)d of their track.")
    return N_("This is for researchers in years %(first)d to %(last)d of their track.")


_ATTEND_ONE_FIRST = N_("Attend one of these first: %(names)s.")
_SENTENCES: Mapping[ConditionKind, str] = {
    ConditionKind.INVITED: N_("This is by invitation. Ask the coordinator if you should be on the list."),
    ConditionKind.PROGRAMMES: N_("This is for researchers of %(names)s."),
    ConditionKind.ATTENDED: N_("Attend %(names)s first."),
    ConditionKind.NOT_ATTENDED: N_("You attended this already: its seats are for those who have not."),
    ConditionKind.APPROVAL: N_("The coordinator decides who takes part. Ask for a seat, and you are told by mail."),
}


def check_conditions(activity_id: int | None, conditions: Iterable[Condition]) -> None:
    """Refuse conditions that nobody can meet: years that end before they begin, an activity that asks for itself."""
    for condition in conditions:
        if condition.kind is ConditionKind.YEARS and _years_are_wrong(condition):
            raise Refused(N_("The last year comes before the first. Correct one of them."), field="last_year")
        if condition.kind is ConditionKind.ATTENDED and activity_id in condition.ids:
            raise Refused(N_("Nobody attends an activity before its first time. Choose another one."), field="attended")


def _years_are_wrong(condition: Condition) -> bool:
    return condition.last_year is not None and (condition.first_year or 1) > condition.last_year
