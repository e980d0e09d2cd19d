"""The pages of units and closures."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.programmes import service
from dsbs.programmes.models import Closure, Unit
from dsbs.programmes.rules import Mark
from tests.programmes.changing import TODAY
from tests.programmes.conftest import Stage
from tests.programmes.reading import errors, words
from tests.support.client import Client

CHRISTMAS = {
    "name": "Christmas",
    "first_day": "2026-12-24",
    "last_day": "2027-01-03",
    "mark": "sourced",
    "source": "",
}


def typed_unit(**changes: object) -> dict[str, object]:
    """What the form of a new department sends."""
    return {
        "kind": "department",
        "code": "GER",
        "name": "Geriatrics",
        "mark": "assumed",
        "faculty_id": "1",
        "faculty_mark": "assumed",
        "source": "",
    } | changes


def test_a_unit_is_added(as_leen: Client, session: Session) -> None:
    as_leen.post("/units/add", data=typed_unit())

    row = session.scalars(select(Unit).where(Unit.code == "GER")).one()
    assert (row.name, row.faculty_id, row.faculty_mark, row.mark) == ("Geriatrics", 1, Mark.ASSUMED, Mark.ASSUMED)


def test_a_partner_needs_no_faculty(as_leen: Client, session: Session) -> None:
    as_leen.post("/units/add", data=typed_unit(kind="partner", faculty_id="", faculty_mark=""))

    assert session.scalars(select(Unit).where(Unit.code == "GER")).one().faculty_id is None


def test_a_unit_that_cannot_be_is_told_beside_its_field(as_leen: Client, session: Session) -> None:
    cases: list[tuple[dict[str, str], list[str]]] = [
        ({"code": ""}, ["Code: fill this in."]),
        ({"code": "CVS"}, ["There is a unit with this code already."]),
        ({"code": "<b>"}, ["Write capital letters, digits and underscores, a letter first, 20 at most."]),
        ({"name": "Oncology"}, ["There is a unit with this kind and name already."]),
        ({"kind": "palace"}, ["Invalid Choice: could not coerce."]),
        ({"faculty_id": "99"}, ["Not a valid choice."]),
        ({"faculty_mark": ""}, ["Say how sure the faculty is."]),
        ({"kind": "partner"}, ["Only a department belongs to a faculty."]),
    ]
    for changes, said in cases:
        assert errors(as_leen.post("/units/add", data=typed_unit(**changes))) == said
    assert session.scalars(select(Unit).where(Unit.name == "Geriatrics")).all() == []


def test_a_unit_is_renamed(as_leen: Client, session: Session) -> None:
    unit = session.scalars(select(Unit).where(Unit.code == "VIB")).one()
    as_leen.post(f"/units/{unit.id}/edit", data={"revision": "1", "name": "VIB vzw", "mark": "sourced", "source": ""})

    session.rollback()
    assert unit.name == "VIB vzw"


def test_a_double_click_adds_one_unit(as_leen: Client, session: Session) -> None:
    answers = [as_leen.post("/units/add", data=typed_unit()).status_code for _ in range(2)]

    assert answers == [302, 200]
    assert len(session.scalars(select(Unit).where(Unit.code == "GER")).all()) == 1


def test_a_closure_is_added_and_shown(as_leen: Client, session: Session) -> None:
    answer = as_leen.post(
        "/closures/add",
        data={
            "name": "Christmas",
            "first_day": "2026-12-24",
            "last_day": "2027-01-03",
            "mark": "sourced",
            "source": "",
        },
        follow_redirects=True,
    )

    said = words(answer)
    assert said[said.index("Christmas") :][:3] == ["Christmas", "Thu 24 Dec 2026", "Sun 3 Jan 2027"]


def test_days_that_cannot_be_are_told(as_leen: Client, session: Session) -> None:
    cases: list[tuple[dict[str, str], list[str]]] = [
        ({"first_day": "2026-02-30"}, ["This day does not exist. Write it like 2027-01-14."]),
        ({"first_day": ""}, ["First day: fill this in."]),
        ({"last_day": "2026-12-01"}, ["The last day comes before the first."]),
        ({"last_day": "2028-01-01"}, ["A closure takes at most 92 days. Check the years."]),
    ]
    for changes, said in cases:
        assert errors(as_leen.post("/closures/add", data=CHRISTMAS | changes)) == said
    assert session.scalars(select(Closure)).all() == []


def test_a_closure_that_somebody_changed_is_not_removed(sqlite_stage: Stage, as_leen: Client, session: Session) -> None:
    with sqlite_stage.writing() as writing:
        row = service.add_closure(writing, first_day=TODAY, last_day=TODAY, name="Bridge day", mark=Mark.SOURCED)
    as_leen.post(f"/closures/{row.id}/remove", data={"revision": "7"})
    kept = session.scalars(select(Closure.name)).all()
    as_leen.post(f"/closures/{row.id}/remove", data={"revision": "1"})

    assert (kept, session.scalars(select(Closure.name)).all()) == (["Bridge day"], [])
