"""The exports of a personnel system, judged by hand: every sound row arrives, and every other one is named."""

from __future__ import annotations

from decimal import Decimal

from flask import Flask
from sqlalchemy import func, select

from dsbs.accounts.models import Person, RoleGrant
from dsbs.core.access import Role
from dsbs.core.db import db
from dsbs.enrolments.models import Enrolment, Supervision
from dsbs.enrolments.rules import Part, Track
from dsbs.exchange.importing import Outcome
from dsbs.history.models import Change
from dsbs.programmes.models import Programme, Unit
from tests.exchange.conftest import SAMPLES, Import, Plan, counted, refusals
from tests.support.clock import Clock

PEOPLE = (SAMPLES / "people_export.csv").read_bytes()
ENROLMENTS = (SAMPLES / "enrolments_export.csv").read_bytes()

REFUSED_PEOPLE = [
    (57, "Personeelsnummer", "This stands on line 56 already; the first one counts."),
    (123, "E-mail", "This is not a mail address. Write it like name@school.example."),
    (
        153,
        "Naam",
        '“=HYPERLINK("http://evil.example";"klik")” starts like a formula. Type it as plain words.',
    ),
    (203, "E-mail", "This stands on line 201 already; the first one counts."),
    (233, "Naam", "This is empty."),
    (263, "Rol", "“tovenaar” is not a role that can be imported."),
]
REFUSED_ENROLMENTS = [
    (12, "Startdatum", "“31/02/2024” is a day that does not exist."),
    (27, "Programma", "There is no programme “ALCHEMY”."),
    (35, "Personeelsnummer", "Nobody is known by “r9999999”."),
    (73, "Tewerkstelling %", "Employment is more than 0 and at most 100 percent, with at most two decimals."),
    (84, "Promotor", "This is empty."),
    (97, "Startdatum", "An enrolment begins between Thu 1 Jan 1970 and Sun 31 Dec 2028."),
    (
        142,
        "Einde financiering",
        "The funding would end before the enrolment begins (Thu 1 Sep 2022).",
    ),
    (162, "Personeelsnummer", "This stands on line 161 already; the first one counts."),
]


def test_the_people_export_is_judged_row_by_row(sqlite_app: Flask, clock: Clock, plan: Plan) -> None:
    preview = plan("people", PEOPLE)
    assert refusals(preview) == REFUSED_PEOPLE
    assert counted(preview) == {"added": 507, "refused": 6, "passed": 2}
    assert [row.line for row in preview.rows] == list(range(2, 517))
    assert [row.line for row in preview.rows if row.outcome is Outcome.PASSED] == [302, 516]


def test_the_people_export_arrives_whole_and_once(clock: Clock, run_import: Import, plan: Plan) -> None:
    assert run_import("people", PEOPLE, "--apply").exit_code == 0
    roles = dict(db.session.execute(select(RoleGrant.role, func.count()).group_by(RoleGrant.role)).all())
    # Lines 2 to 4; 12 coordinators of one programme, 2 of two; 71 supervisors, one twice; 424 researchers, 4 refused.
    assert roles == {Role.ADMINISTRATOR: 3, Role.COORDINATOR: 16, Role.SUPERVISOR: 70, Role.RESEARCHER: 420}
    assert counted(plan("people", PEOPLE)) == {"left": 507, "refused": 6, "passed": 2}
    changes = db.session.scalar(select(func.count()).select_from(Change))
    assert run_import("people", PEOPLE, "--apply", "--max-changes", "0").exit_code == 0
    assert db.session.scalar(select(func.count()).select_from(Change)) == changes


def test_people_arrive_as_their_rows_mean_them(clock: Clock, run_import: Import) -> None:
    run_import("people", PEOPLE, "--apply")
    found = {person.personnel_number: person for person in db.session.scalars(select(Person))}
    told = {number: (found[number].name, found[number].mail, found[number].language) for number in found}
    assert told["u0101106"] == ("Alberto Wagenknecht", "alberto.wagenknecht@school.example", "nl")
    assert told["u0100691"] == ("Isabelle Dupont", "isabelle.dupont@school.example", "en")
    assert told["r0108018"] == ("Štěpánka Moravec", "stepanka.moravec@school.example", "en")
    codes = db.session.scalars(
        select(Programme.code)
        .join(RoleGrant, RoleGrant.programme_id == Programme.id)
        .where(RoleGrant.person_id == found["u0100286"].id, RoleGrant.role == Role.COORDINATOR)
        .order_by(Programme.code)
    )
    assert list(codes) == ["CARDIO", "INFECT"]


def test_the_enrolments_export_is_judged_row_by_row(
    sqlite_app: Flask, clock: Clock, run_import: Import, plan: Plan
) -> None:
    run_import("people", PEOPLE, "--apply")
    preview = plan("enrolments", ENROLMENTS)
    assert refusals(preview) == REFUSED_ENROLMENTS
    assert counted(preview) == {"added": 413, "refused": 8}
    assert [row.line for row in preview.rows] == list(range(2, 423))


def test_the_enrolments_export_arrives_whole_and_once(clock: Clock, run_import: Import, plan: Plan) -> None:
    run_import("people", PEOPLE, "--apply")
    assert run_import("enrolments", ENROLMENTS, "--apply").exit_code == 0
    parts = dict(db.session.execute(select(Supervision.part, func.count()).group_by(Supervision.part)).all())
    assert (db.session.scalar(select(func.count()).select_from(Enrolment)), parts[Part.MAIN]) == (413, 413)
    assert counted(plan("enrolments", ENROLMENTS)) == {"left": 413, "refused": 8}
    changes = db.session.scalar(select(func.count()).select_from(Change))
    assert run_import("enrolments", ENROLMENTS, "--apply", "--max-changes", "0").exit_code == 0
    assert db.session.scalar(select(func.count()).select_from(Change)) == changes


def test_enrolments_arrive_as_their_rows_mean_them(clock: Clock, run_import: Import) -> None:
    run_import("people", PEOPLE, "--apply")
    run_import("enrolments", ENROLMENTS, "--apply")
    rows = select(Person.personnel_number, Enrolment).join(Enrolment, Enrolment.person_id == Person.id)
    found = dict(db.session.execute(rows).all())
    # Line 9: the six-year track with 50% stays two facts.
    assert (found["r0101804"].track, found["r0101804"].employment_percentage) == (Track.SIX_YEARS, Decimal(50))
    # Line 5: a decimal comma.
    assert (found["r0101735"].track, found["r0101735"].employment_percentage) == (Track.FOUR_YEARS, Decimal("50.5"))
    # Lines 49, 60 and 132: an ISO date, a date with single digits, a leap day.
    assert [found[number].start.isoformat() for number in ("r0102608", "r0102760", "r0104164")] == [
        "2023-10-01",
        "2022-09-01",
        "2024-02-29",
    ]
    # Line 15: Windows-1252. Line 112: a department in other case with a stray blank.
    assert found["r0101880"].joint_partner == "Universität Münster"
    departments = dict(db.session.execute(select(Unit.id, Unit.name)).all())
    assert departments[found["r0103697"].department_id] == "Cellular and Molecular Medicine"


def test_enrolments_before_people_are_all_refused_by_name(sqlite_app: Flask, clock: Clock, plan: Plan) -> None:
    preview = plan("enrolments", ENROLMENTS)
    assert counted(preview) == {"refused": 421}
    assert refusals(preview)[0] == (2, "Personeelsnummer", "Nobody is known by “r0101656”.")
