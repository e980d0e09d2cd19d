"""Reads about enrolments: what each viewer's list holds, and how many questions it takes."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from dsbs.accounts import queries as accounts
from dsbs.accounts.models import Person
from dsbs.core.db import db
from dsbs.core.refusals import NotFound
from dsbs.enrolments import queries
from dsbs.enrolments.queries import Researchers, Wanted
from tests.enrolments.conftest import AddPerson, Cast, Enrol
from tests.support.statements import questions

TODAY = date(2026, 11, 24)


def listed(person: Person, **given: object) -> Researchers:
    viewer = accounts.viewer_of(db.session(), person_id=person.id, session_key=person.session_key, today=TODAY)
    assert viewer is not None
    return queries.researchers(db.session(), viewer, today=TODAY, **given)  # type: ignore[arg-type]


def names(found: Researchers) -> list[str]:
    return [row.person.given_name for row in found.rows]


@pytest.fixture
def two_programmes(cast: Cast, enrol: Enrol) -> Cast:
    """Britt in Cardio under Rita, Bram in Cancer under Hugo."""
    enrol()
    enrol(cast.bram, programme_id=cast.cancer, supervisor_id=cast.hugo.id, start=date(2023, 1, 1))
    return cast


def test_each_list_holds_what_its_viewer_looks_after(two_programmes: Cast) -> None:
    cast = two_programmes
    everybody = (cast.roger, cast.vanessa, cast.rita, cast.hugo, cast.olga, cast.leen, cast.britt)
    assert [names(listed(person)) for person in everybody] == [
        ["Britt"],
        ["Bram"],
        ["Britt"],
        ["Bram"],
        ["Britt", "Bram"],
        ["Britt", "Bram"],
        [],
    ]


@pytest.mark.parametrize(
    ("order", "first"), [("name", "Britt"), ("-name", "Bram"), ("start", "Bram"), ("-start", "Britt")]
)
def test_the_list_is_sorted_either_way(sqlite_app: Flask, two_programmes: Cast, order: str, first: str) -> None:
    assert names(listed(two_programmes.leen, order=order))[0] == first


def test_the_list_is_searched_without_accents_and_by_any_part(sqlite_app: Flask, two_programmes: Cast) -> None:
    search = [names(listed(two_programmes.leen, wanted=Wanted(search=words))) for words in ("mäe br", "auw", "% _")]
    assert search == [["Bram"], ["Britt"], []]


def test_filters_narrow_rows_and_leave_the_counts_of_programmes(two_programmes: Cast) -> None:
    found = listed(two_programmes.leen, wanted=Wanted(programme_ids=frozenset({two_programmes.cancer})))
    assert (names(found), found.total) == (["Bram"], 1)
    assert found.in_programmes == {two_programmes.cardio: 1, two_programmes.cancer: 1}


def test_ended_enrolments_are_listed_apart(cast: Cast, enrol: Enrol) -> None:
    enrol(until=date(2026, 11, 23))
    enrol(cast.bram, until=date(2026, 11, 24))
    states = [names(listed(cast.leen, wanted=Wanted(state=state))) for state in ("running", "ended", "all")]
    assert states == [["Bram"], ["Britt"], ["Britt", "Bram"]]


def test_the_list_asks_as_much_for_sixty_rows_as_for_three(add_person: AddPerson, cast: Cast, enrol: Enrol) -> None:
    from dsbs.core.access import Role

    def asked() -> int:
        db.session.rollback()
        with questions() as statements:
            found = listed(cast.leen)
            assert all(row.supervisors and row.department.name and row.programme.code for row in found.rows)
        return len(statements)

    counts = []
    for many in (3, 57):
        for number in range(many):
            enrol(add_person(f"R{many}x{number} Maes", Role.RESEARCHER))
        counts.append(asked())
    assert counts[0] == counts[1]
    second = listed(cast.leen, page=2)
    assert (len(second.rows), second.total, second.pages) == (10, 60, 2)
    assert listed(cast.leen, page=99).page == 2


def test_a_persons_programme_is_that_of_the_enrolment_that_runs(cast: Cast, enrol: Enrol) -> None:
    enrol(until=date(2026, 12, 31))
    enrol(start=date(2027, 1, 1), programme_id=cast.cancer)
    people = [cast.britt.id, cast.bram.id]
    assert queries.programme_ids_of(db.session(), people, TODAY) == {cast.britt.id: cast.cardio}
    assert queries.programme_ids_of(db.session(), people, date(2027, 1, 1)) == {cast.britt.id: cast.cancer}


def test_who_begins_later_belongs_to_her_programme_already(cast: Cast, enrol: Enrol) -> None:
    enrol(start=date(2027, 1, 1))
    found = queries.current_enrolment(db.session(), cast.britt.id, TODAY)
    assert found is not None
    assert found.programme.id == cast.cardio


def test_a_supervisor_has_her_researchers_by_name(cast: Cast, enrol: Enrol) -> None:
    enrol()
    enrol(cast.bram, supervisor_id=cast.hugo.id, co_supervisor_ids=(cast.rita.id,))
    found = queries.researchers_of_supervisor(db.session(), cast.rita.id, TODAY)
    assert [enrolment.person.given_name for enrolment in found] == ["Britt", "Bram"]


def test_people_are_called_by_address_or_number_in_any_case(cast: Cast) -> None:
    called = [queries.person_called(db.session(), words) for words in ("BRITT.bauwens@school.example ", "N-Britt")]
    assert [person.id if person else None for person in called] == [cast.britt.id, cast.britt.id]
    assert queries.person_called(db.session(), "") is None


def test_an_enrolment_that_is_not_there_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound):
        queries.enrolment(db.session(), 1)
