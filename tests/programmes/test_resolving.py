"""Which of several rule rows holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dsbs.programmes.rules import SCHOOL, Scope, ScopeKind, resolve

TODAY = date(2026, 11, 24)
PHARM = Scope(faculty="PHARM")


@dataclass(frozen=True)
class Row:
    """A rule row without a database."""

    id: int = 1
    code: str = "jury_min"
    scope_kind: ScopeKind = ScopeKind.SCHOOL
    scope_code: str = ""
    cohort_from: date | None = None
    cohort_to: date | None = None
    in_force_from: date | None = None
    in_force_to: date | None = None


def test_a_faculty_rule_wins_over_the_schools_there_and_nowhere_else() -> None:
    school = Row(id=2)
    faculty = Row(id=1, scope_kind=ScopeKind.FACULTY, scope_code="PHARM")

    assert resolve([school, faculty], PHARM, None, TODAY) == {"jury_min": faculty}
    assert resolve([school, faculty], Scope(faculty="MED"), None, TODAY) == {"jury_min": school}


def test_a_programme_rule_wins_over_its_facultys() -> None:
    faculty = Row(id=2, scope_kind=ScopeKind.FACULTY, scope_code="PHARM")
    programme = Row(id=1, scope_kind=ScopeKind.PROGRAMME, scope_code="DRUGS")

    assert resolve([faculty, programme], Scope("PHARM", "DRUGS"), None, TODAY) == {"jury_min": programme}


def test_the_school_as_a_whole_knows_no_narrower_rule() -> None:
    assert resolve([Row(scope_kind=ScopeKind.FACULTY, scope_code="PHARM")], SCHOOL, None, TODAY) == {}


def test_both_days_of_a_spell_are_included() -> None:
    row = Row(in_force_from=TODAY, in_force_to=TODAY)

    assert resolve([row], SCHOOL, None, TODAY) == {"jury_min": row}
    assert resolve([row], SCHOOL, None, TODAY - timedelta(days=1)) == {}
    assert resolve([row], SCHOOL, None, TODAY + timedelta(days=1)) == {}


def test_a_version_that_ends_before_it_begins_never_holds() -> None:
    row = Row(in_force_from=TODAY, in_force_to=TODAY - timedelta(days=1))

    assert [resolve([row], SCHOOL, None, TODAY + timedelta(days=n)) for n in (-1, 0, 1)] == [{}, {}, {}]


def test_of_one_scope_the_newest_wins() -> None:
    old = Row(id=2, in_force_from=date(2025, 1, 1))
    new = Row(id=1, in_force_from=date(2026, 1, 1))

    assert resolve([new, old], SCHOOL, None, TODAY) == {"jury_min": new}


def test_a_rule_for_later_cohorts_keeps_winning_when_the_general_one_is_renewed() -> None:
    cohort = Row(id=1, cohort_from=date(2026, 9, 1), in_force_from=date(2026, 1, 1))
    renewed = Row(id=2, in_force_from=date(2026, 11, 1))

    assert resolve([cohort, renewed], SCHOOL, date(2026, 10, 1), TODAY) == {"jury_min": cohort}
    assert resolve([cohort, renewed], SCHOOL, date(2026, 8, 31), TODAY) == {"jury_min": renewed}


def test_a_question_about_nobody_leaves_out_what_is_for_cohorts() -> None:
    assert resolve([Row(cohort_from=date(2020, 1, 1))], SCHOOL, None, TODAY) == {}


_days = st.none() | st.dates(date(2026, 11, 20), date(2026, 11, 28))
_places = st.sampled_from(
    [(ScopeKind.SCHOOL, ""), (ScopeKind.FACULTY, "MED"), (ScopeKind.FACULTY, "PHARM"), (ScopeKind.PROGRAMME, "DRUGS")]
)


@st.composite
def _rows(draw: st.DrawFn) -> list[Row]:
    rows = []
    for number in range(draw(st.integers(0, 8))):
        kind, code = draw(_places)
        rows.append(
            Row(number, draw(st.sampled_from("ab")), kind, code, draw(_days), draw(_days), draw(_days), draw(_days))
        )
    return draw(st.permutations(rows))


_scopes = st.builds(Scope, st.sampled_from([None, "MED", "PHARM"]), st.sampled_from([None, "DRUGS"]))


@given(_rows(), _scopes, _days, st.dates(date(2026, 11, 20), date(2026, 11, 28)))
def test_the_answer_is_what_looking_at_every_row_says(
    rows: list[Row], scope: Scope, cohort: date | None, day: date
) -> None:
    def holds(row: Row) -> bool:
        in_force = (row.in_force_from or day) <= day <= (row.in_force_to or day)
        mine = {"school": "", "faculty": scope.faculty, "programme": scope.programme}[row.scope_kind] == row.scope_code
        if cohort is None:
            return in_force and mine and not row.cohort_from and not row.cohort_to
        return in_force and mine and (row.cohort_from or cohort) <= cohort <= (row.cohort_to or cohort)

    order = list(ScopeKind)
    expected = {}
    for row in sorted(
        filter(holds, rows),
        key=lambda r: (order.index(r.scope_kind), r.cohort_from or date.min, r.in_force_from or date.min, r.id),
    ):
        expected[row.code] = row

    assert resolve(rows, scope, cohort, day) == expected
