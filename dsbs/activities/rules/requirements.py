"""How the conditions of an activity stand together: every requirement holds, by one of its conditions at least."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import count
from typing import ClassVar, NamedTuple

from dsbs.activities.rules.conditions import (
    OF_ITSELF,
    Candidate,
    Condition,
    ConditionKind,
    meets,
    named,
    whom,
)
from dsbs.core.refusals import N_, Either, Refused


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that an activity asks: whoever meets one of these conditions meets it.

    Where somebody does not, it is the reason why she cannot join (``value`` names that reason, as it names each).
    """

    one_of: tuple[Condition, ...]
    value: ClassVar[str] = "unmet"

    @property
    def may_be_approved(self) -> bool:
        """Whether the coordinator may let in who meets nothing else of it."""
        return any(condition.kind is ConditionKind.APPROVAL for condition in self.one_of)


class Met(Enum):
    """How somebody stands to a requirement: who can be approved need not be who meets it by herself."""

    YES = "yes"
    IF_APPROVED = "if approved"
    NO = "no"


class Stated(NamedTuple):
    """A condition as it is kept, a row for each programme or activity that it names, with its requirement's number."""

    requirement: int
    kind: ConditionKind
    named_id: int | None
    name: str | None
    first_year: int | None
    last_year: int | None


def requirements_from(activity_id: int, rows: Iterable[Stated]) -> tuple[Requirement, ...]:
    """What an activity asks, from its rows, in the order of the requirements' numbers."""
    found = sorted(rows, key=lambda row: (row.requirement, row.named_id or 0, row.first_year or 0, row.last_year or 99))
    numbers = dict.fromkeys(row.requirement for row in found)
    return tuple(
        Requirement(tuple(_conditions(activity_id, [row for row in found if row.requirement == number])))
        for number in numbers
    )


def _conditions(activity_id: int, rows: Sequence[Stated]) -> Iterator[Condition]:
    """The conditions of one requirement: years each alone, what else is of one kind in one."""
    for kind in ConditionKind:
        own = [row for row in rows if row.kind is kind]
        if kind is ConditionKind.YEARS:
            yield from (Condition(kind, first_year=row.first_year, last_year=row.last_year) for row in own)
        elif kind in OF_ITSELF and own:
            yield Condition(kind, ids=(activity_id,))
        elif own:
            named_here = [(row.named_id, row.name or "") for row in own if row.named_id is not None]
            yield Condition(kind, ids=tuple(id_ for id_, _ in named_here), names=tuple(name for _, name in named_here))


def conditions_in(requirements: Iterable[Requirement]) -> Iterator[Condition]:
    """All conditions of these requirements."""
    return (condition for requirement in requirements for condition in requirement.one_of)


def met(requirement: Requirement, candidate: Candidate) -> Met:
    """How she stands to this requirement. Who meets a condition of it needs no approval."""
    if any(meets(condition, candidate) for condition in requirement.one_of):
        return Met.YES
    return Met.IF_APPROVED if requirement.may_be_approved else Met.NO


def unmet(requirements: Iterable[Requirement], candidate: Candidate) -> Requirement | None:
    """The requirement that keeps her away, or None: of several the one about which she can do least.

    So who is told to do something first can join once she has.
    """
    missing = [requirement for requirement in requirements if met(requirement, candidate) is Met.NO]
    return min(missing, key=lambda requirement: _in_her_hands(requirement, candidate), default=None)


def needs_approval(requirements: Iterable[Requirement], candidate: Candidate) -> bool:
    """Whether the coordinator decides about her: she meets some requirement by nothing else."""
    return any(met(requirement, candidate) is Met.IF_APPROVED for requirement in requirements)


#: How much who does not meet a condition can do about it herself.
_NOTHING, _WAIT, _ASK, _DO = range(4)
_CAN_DO = {ConditionKind.INVITED: _ASK, ConditionKind.ATTENDED: _DO}


def _in_her_hands(requirement: Requirement, candidate: Candidate) -> int:
    return max(_can_do(condition, candidate) for condition in requirement.one_of)


def _can_do(condition: Condition, candidate: Candidate) -> int:
    if condition.kind is ConditionKind.YEARS:
        return _WAIT if candidate.year is not None and candidate.year < (condition.first_year or 1) else _NOTHING
    return _CAN_DO.get(condition.kind, _NOTHING)


def whom_it_means(requirement: Requirement) -> Either:
    """Whom a requirement means, as a part of a sentence: "researchers of Cardio, or those who attended “A”"."""
    return _those(requirement.one_of)


def _those(conditions: Iterable[Condition]) -> Either:
    return Either(tuple(whom(condition) for condition in conditions), are_clauses=True)


def sentence_for(requirement: Requirement) -> Refused:
    """What is said to who does not meet a requirement: what she can do, if anything, and for whom it is."""
    first = next((one for one in requirement.one_of if one.kind is ConditionKind.ATTENDED), None)
    if len(requirement.one_of) == 1:
        (only,) = requirement.one_of
        return Refused(_ALONE.get(only.kind, _FOR), names=named(only), whom=whom_it_means(requirement))
    if first is not None:
        others = _those(one for one in requirement.one_of if one is not first)
        return Refused(_ATTEND_UNLESS, names=named(first), others=others)
    is_by_list = any(condition.kind is ConditionKind.INVITED for condition in requirement.one_of)
    return Refused(_FOR_OR_INVITED if is_by_list else _FOR, whom=whom_it_means(requirement))


_FOR = N_("This is for %(whom)s.")
_FOR_OR_INVITED = N_("This is for %(whom)s. Ask the coordinator if you should be invited.")
_ATTEND_UNLESS = N_("Attend %(names)s first: this is for those who did, or %(others)s.")
#: What is said where nothing else would do.
_ALONE: Mapping[ConditionKind, str] = {
    ConditionKind.INVITED: N_("This is by invitation. Ask the coordinator if you should be on the list."),
    ConditionKind.ATTENDED: N_("Attend %(names)s first."),
    ConditionKind.NOT_ATTENDED: N_("You attended this already: its seats are for those who have not."),
}


def check_requirements(activity_id: int | None, requirements: Iterable[Requirement]) -> None:
    """Refuse what nobody can meet: years that end before they begin, an activity that asks for itself, no condition."""
    for requirement in requirements:
        if not requirement.one_of:
            raise Refused(N_("A requirement asks for nothing. Choose something, or take it away."), field=FIELD)
        if sum(map(_has_no_end, requirement.one_of)) > 1:
            raise Refused(N_("Two alternatives begin with a year and have no end. Keep the earlier one."), field=FIELD)
    for condition in conditions_in(requirements):
        if condition.kind is ConditionKind.YEARS and _years_are_wrong(condition):
            raise Refused(N_("The last year comes before the first. Correct one of them."), field=FIELD)
        if condition.kind is ConditionKind.ATTENDED and activity_id in condition.ids:
            raise Refused(N_("Nobody attends an activity before its first time. Choose another one."), field=FIELD)


#: The field of the form beside which all of it is refused.
FIELD = "requirements"


def _has_no_end(condition: Condition) -> bool:
    return condition.kind is ConditionKind.YEARS and condition.last_year is None


def _years_are_wrong(condition: Condition) -> bool:
    return condition.last_year is not None and (condition.first_year or 1) > condition.last_year


#: What a row asks: its kind, and the id that it names, if any. Years change where they stand.
Asked = tuple[ConditionKind, int | None]


def numbered(there: Mapping[int, set[Asked]], wanted: Sequence[set[Asked]]) -> list[int]:
    """A number for each wanted requirement, in their order: that of the one there with which it has most in common.

    So a requirement that changes stays the same one in the history, also when another one is taken away. What is new
    has a number that none ever had there.
    """
    left, fresh = dict(there), count(max(there, default=0) + 1)
    numbers = []
    for asked in wanted:
        nearest = max(left, key=lambda number: (len(left[number] & asked), -number), default=None)
        if nearest is None or not left[nearest] & asked:
            numbers.append(next(fresh))
        else:
            numbers.append(nearest)
            del left[nearest]
    return numbers
