"""How conditions stand together: every requirement holds, by one of its alternatives; what is missing is told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs.activities.rules.conditions import Candidate, Condition, ConditionKind, Record
from dsbs.activities.rules.requirements import (
    Asked,
    Met,
    Requirement,
    Stated,
    check_requirements,
    met,
    needs_approval,
    numbered,
    requirements_from,
    sentence_for,
    unmet,
    whom_it_means,
)
from dsbs.core.refusals import Refused

BRITT = Candidate(True, (1,), 2, Record(attended=frozenset({5}), invited=frozenset({9})))
APPROVAL = Condition(ConditionKind.APPROVAL)
INVITED = Condition(ConditionKind.INVITED, ids=(8,))
NOT_ATTENDED = Condition(ConditionKind.NOT_ATTENDED, ids=(8,))


def of(*names: str) -> Condition:
    ids = {"Cardio": 1, "Neuro": 2, "Cancer": 3}
    return Condition(ConditionKind.PROGRAMMES, ids=tuple(ids[name] for name in names), names=names)


def attended(*names: str) -> Condition:
    ids = {"Integrity": 5, "Lab safety": 6, "Radiation basics": 7}
    return Condition(ConditionKind.ATTENDED, ids=tuple(ids[name] for name in names), names=names)


def years(first: int, last: int | None = None) -> Condition:
    return Condition(ConditionKind.YEARS, first_year=first, last_year=last)


# ---- The truth of it, against a plain model ----

programme_ids, activity_ids, year_numbers = st.integers(1, 3), st.integers(1, 3), st.integers(1, 4)
conditions = st.one_of(
    st.builds(Condition, st.just(ConditionKind.PROGRAMMES), st.sets(programme_ids, min_size=1).map(tuple)),
    st.builds(Condition, st.just(ConditionKind.ATTENDED), st.sets(activity_ids, min_size=1).map(tuple)),
    st.builds(Condition, st.sampled_from([ConditionKind.INVITED, ConditionKind.NOT_ATTENDED]), st.just((1,))),
    st.builds(years, year_numbers, st.none() | year_numbers),
    st.just(APPROVAL),
)
requirements = st.lists(st.builds(Requirement, st.lists(conditions, min_size=1, max_size=3).map(tuple)), max_size=4)
candidates = st.builds(
    Candidate,
    st.just(True),
    st.sets(programme_ids).map(tuple),
    st.none() | year_numbers,
    st.builds(Record, st.frozensets(activity_ids), st.frozensets(activity_ids)),
)


def truth(condition: Condition, who: Candidate, *, approved: bool) -> bool:
    """Whether a condition is true of somebody, said the long way."""
    record = who.record or Record(frozenset(), frozenset())
    match condition.kind:
        case ConditionKind.PROGRAMMES:
            return any(programme in condition.ids for programme in who.programmes)
        case ConditionKind.ATTENDED:
            return any(activity in condition.ids for activity in record.attended)
        case ConditionKind.NOT_ATTENDED:
            return 1 not in record.attended
        case ConditionKind.INVITED:
            return 1 in record.invited
        case ConditionKind.YEARS:
            return who.year in range(condition.first_year or 1, (condition.last_year or 99) + 1)
        case ConditionKind.APPROVAL:
            return approved


def may_join(asked: Sequence[Requirement], who: Candidate, *, approved: bool) -> bool:
    return all(any(truth(one, who, approved=approved) for one in requirement.one_of) for requirement in asked)


@given(requirements, candidates)
def test_who_may_join_and_who_is_to_be_approved_is_as_a_truth_table_says(
    asked: list[Requirement], who: Candidate
) -> None:
    if_approved = may_join(asked, who, approved=True)

    assert (unmet(asked, who) is None) is if_approved
    if if_approved:
        assert needs_approval(asked, who) is not may_join(asked, who, approved=False)


@given(requirements, candidates)
def test_what_is_told_is_not_met_even_by_approval(asked: list[Requirement], who: Candidate) -> None:
    told = unmet(asked, who)
    if told is not None:
        assert not may_join([told], who, approved=True)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Requirement((years(3), APPROVAL)), Met.IF_APPROVED),
        (Requirement((years(2), APPROVAL)), Met.YES),
        (Requirement((years(3), of("Neuro"))), Met.NO),
    ],
)
def test_who_meets_another_alternative_needs_no_approval(asked: Requirement, expected: Met) -> None:
    assert met(asked, BRITT) is expected


# ---- What is told ----


@pytest.mark.parametrize(
    ("one_of", "said"),
    [
        ((of("Cancer", "Neuro"),), "This is for researchers of Cancer or Neuro."),
        ((years(1, 2),), "This is for researchers in years 1 to 2 of their track."),
        ((years(2, 2),), "This is for researchers in year 2 of their track."),
        ((years(3),), "This is for researchers from year 3 of their track on."),
        ((attended("Lab safety"),), "Attend “Lab safety” first."),
        ((attended("Lab safety", "Radiation basics"),), "Attend “Lab safety” or “Radiation basics” first."),
        ((INVITED,), "This is by invitation. Ask the coordinator if you should be on the list."),
        ((NOT_ATTENDED,), "You attended this already: its seats are for those who have not."),
        ((of("Neuro"), years(3)), "This is for researchers of Neuro, or researchers from year 3 of their track on."),
        (
            (INVITED, of("Neuro")),
            "This is for researchers who are invited, or researchers of Neuro. "
            "Ask the coordinator if you should be invited.",
        ),
        (
            (of("Neuro"), attended("Lab safety", "Radiation basics")),
            "Attend “Lab safety” or “Radiation basics” first: this is for those who did, or researchers of Neuro.",
        ),
    ],
)
def test_who_does_not_meet_a_requirement_is_told_what_to_do_or_for_whom_it_is(
    one_of: tuple[Condition, ...], said: str
) -> None:
    assert str(sentence_for(Requirement(one_of))) == said


@pytest.mark.parametrize(
    ("one_of", "listed"),
    [
        ((years(3), APPROVAL), "researchers from year 3 of their track on, or those whom the coordinator approves"),
        ((of("Cardio", "Neuro", "Cancer"),), "researchers of Cardio, Neuro or Cancer"),
        (
            (attended("Integrity"), NOT_ATTENDED),
            "those who attended “Integrity”, or those who have not attended it yet",
        ),
    ],
)
def test_a_requirement_lists_whom_it_means(one_of: tuple[Condition, ...], listed: str) -> None:
    assert str(whom_it_means(Requirement(one_of))) == listed


@pytest.mark.parametrize(
    ("least", "others"),
    [
        (of("Neuro"), [attended("Lab safety"), INVITED, years(3)]),
        (years(1, 1), [years(3), INVITED]),
        (years(3), [INVITED, attended("Lab safety")]),
        (INVITED, [attended("Lab safety")]),
    ],
)
def test_of_what_is_missing_that_is_told_about_which_she_can_do_least(
    least: Condition, others: list[Condition]
) -> None:
    told = Requirement((least,))
    assert unmet([*(Requirement((one,)) for one in others), told], BRITT) is told


def test_an_alternative_that_she_can_meet_counts_more_than_one_that_she_cannot() -> None:
    open_to_her, invited = Requirement((of("Neuro"), attended("Lab safety"))), Requirement((INVITED,))
    assert unmet([open_to_her, invited], BRITT) is invited


# ---- From rows, and their numbers ----


def test_rows_of_one_number_are_one_requirement() -> None:
    rows = [
        Stated(4, ConditionKind.APPROVAL, None, None, None, None),
        Stated(4, ConditionKind.YEARS, None, None, 3, None),
        Stated(2, ConditionKind.PROGRAMMES, 2, "Neuro", None, None),
        Stated(2, ConditionKind.PROGRAMMES, 1, "Cardio", None, None),
        Stated(2, ConditionKind.NOT_ATTENDED, None, None, None, None),
    ]
    assert requirements_from(8, rows) == (
        Requirement((of("Cardio", "Neuro"), NOT_ATTENDED)),
        Requirement((years(3), APPROVAL)),
    )


def test_requirements_keep_their_numbers_when_another_one_goes() -> None:
    cardio, first, approval = (ConditionKind.PROGRAMMES, 1), (ConditionKind.ATTENDED, 5), (ConditionKind.APPROVAL, None)
    there: dict[int, set[Asked]] = {1: {cardio}, 2: {first, approval}, 3: {approval}}

    assert numbered(there, [{first}, {approval}, {(ConditionKind.INVITED, None)}]) == [2, 3, 4]


@pytest.mark.parametrize(
    ("one_of", "words"),
    [
        ((years(3, 2),), "last year comes before the first"),
        ((Condition(ConditionKind.ATTENDED, ids=(4, 8)),), "before its first time"),
        ((), "asks for nothing"),
        ((years(2), years(3)), "have no end"),
    ],
)
def test_what_nobody_can_meet_is_refused_beside_the_requirements(one_of: tuple[Condition, ...], words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        check_requirements(8, [Requirement(one_of)])
    assert refused.value.field == "requirements"
