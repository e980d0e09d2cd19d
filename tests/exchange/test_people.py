"""Importing people: whom a row is about, what it changes, and what it leaves alone."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person, RoleGrant
from dsbs.core import clock as school_clock
from dsbs.core.access import Role
from dsbs.core.dates import speaking
from dsbs.core.db import SYSTEM, db, write
from dsbs.exchange.importing import Outcome
from dsbs.exchange.words import label, shown
from dsbs.history.models import Change
from dsbs.programmes.models import Programme
from tests.exchange.conftest import Import, Plan, counted, refusals
from tests.support.statements import questions

HEADING = "Personeelsnummer;Naam;Voornaam;E-mail;Rol;Programma;Taal\n"
BRITT = "r1;Bauwens;Britt;britt@school.example;doctoraatsonderzoeker;;en\n"


def people() -> dict[str, Person]:
    db.session.rollback()
    return {person.mail or "": person for person in db.session.scalars(select(Person))}


def roles_of(person: Person) -> list[tuple[Role, str | None]]:
    found = select(RoleGrant.role, Programme.code).outerjoin(Programme, Programme.id == RoleGrant.programme_id)
    rows = db.session.execute(found.where(RoleGrant.person_id == person.id).order_by(RoleGrant.id))
    return [(row.role, row.code) for row in rows]


def differences(plan: Plan, table: str) -> list[tuple[str, str, str]]:
    with speaking("en"):
        rows = [row for row in plan("people", table).rows if row.outcome is Outcome.CHANGED]
        return [(label(found), shown(found.old), shown(found.new)) for row in rows for found in row.differences]


def test_a_row_is_joined_by_number_and_changes_name_and_address(run_import: Import, plan: Plan) -> None:
    run_import("people", HEADING + BRITT, "--apply")
    married = HEADING + "R1;Bauwens-Maes;Britt;b.maes@school.example;researcher;;en\n"
    assert differences(plan, married) == [
        ("Family name", "Bauwens", "Bauwens-Maes"),
        ("Mail", "britt@school.example", "b.maes@school.example"),
    ]
    run_import("people", married, "--apply")
    assert [(person.name, person.personnel_number) for person in people().values()] == [("Britt Bauwens-Maes", "r1")]


def test_a_row_without_a_known_number_is_joined_by_address(run_import: Import) -> None:
    run_import("people", HEADING + ";Bauwens;Britt;Britt@School.example;researcher;;en\n", "--apply")
    run_import("people", HEADING + BRITT, "--apply")
    assert [(mail, person.personnel_number) for mail, person in people().items()] == [("britt@school.example", "r1")]


def test_an_address_of_somebody_else_is_refused_by_name(run_import: Import, plan: Plan) -> None:
    run_import("people", HEADING + BRITT, "--apply")
    other = HEADING + "r2;Maes;Jan;britt@school.example;researcher;;en\n"
    assert refusals(plan("people", other)) == [(2, "E-mail", "This address belongs to Britt Bauwens (r1).")]


def test_a_row_with_an_address_twice_in_the_file_and_known_has_one_reason(run_import: Import, plan: Plan) -> None:
    both = HEADING + BRITT + "r2;Maes;Jan;britt@school.example;researcher;;en\n"
    assert refusals(plan("people", both)) == [(3, "E-mail", "This stands on line 2 already; the first one counts.")]
    run_import("people", both, "--apply")
    assert refusals(plan("people", both)) == [(3, "E-mail", "This address belongs to Britt Bauwens (r1).")]


def test_the_first_of_two_rows_about_one_person_counts(run_import: Import, plan: Plan) -> None:
    run_import("people", HEADING + BRITT, "--apply")
    twice = HEADING + BRITT + ";Bauwens;Brit;britt@school.example;researcher;;en\n"
    assert refusals(plan("people", twice)) == [(3, "E-mail", "This stands on line 2 already; the first one counts.")]


def test_a_refused_row_does_not_keep_a_later_one_out(plan: Plan) -> None:
    table = HEADING + BRITT.replace("doctoraatsonderzoeker", "wizard") + BRITT
    assert counted(plan("people", table)) == {"refused": 1, "added": 1}


def test_roles_are_given_and_never_taken_away(run_import: Import, plan: Plan) -> None:
    run_import("people", HEADING + BRITT, "--apply")
    both = HEADING + BRITT.replace("doctoraatsonderzoeker;", "promotor, Coördinator;CARDIO, cancer")
    assert differences(plan, both) == [
        ("Roles", "Researcher", "Researcher, Supervisor, Coordinator of CARDIO, Coordinator of CANCER")
    ]
    run_import("people", both, "--apply")
    run_import("people", HEADING + BRITT, "--apply")
    assert roles_of(people()["britt@school.example"]) == [
        (Role.RESEARCHER, None),
        (Role.SUPERVISOR, None),
        (Role.COORDINATOR, "CARDIO"),
        (Role.COORDINATOR, "CANCER"),
    ]


def test_the_language_that_somebody_chose_stays_hers(run_import: Import, plan: Plan) -> None:
    run_import("people", HEADING + BRITT.replace(";en", ";NL"), "--apply")
    britt = people()["britt@school.example"]
    assert britt.language == "nl"
    with write(by=SYSTEM, why="Set the stage", at=school_clock.now()) as session:
        accounts.speak(session, person=session.get_one(Person, britt.id), language="en")
    assert counted(plan("people", HEADING + BRITT.replace(";en", ";NL"))) == {"left": 1}


#: A row, and what speaks against it.
UNSOUND = [
    ("r1;;Britt;b@school.example;researcher;;en", "Naam", "This is empty."),
    ("r1;Maes;Britt;;researcher;;en", "E-mail", "This is empty."),
    ("r1;Maes;Britt;b@school.example;;;en", "Rol", "This is empty."),
    ("r1;Maes;Britt;b@school.example;coordinator;;en", "Programma", "This is empty."),
    (
        "r1;Maes;Britt;b@school.example;coordinator;CARDIO,ALCHEMY;en",
        "Programma",
        "There is no programme “ALCHEMY”.",
    ),
    (
        "r1;Maes;Britt;b@school.example;organiser;;en",
        "Rol",
        "“organiser” is not a role that can be imported.",
    ),
    (
        "r1;Maes;@Britt;b@school.example;researcher;;en",
        "Voornaam",
        "“@Britt” starts like a formula. Type it as plain words.",
    ),
    (
        "r1;Maes;Br\x07itt;b@school.example;researcher;;en",
        "Voornaam",
        "“Br\x07itt” holds characters that cannot be shown.",
    ),
    (
        f"{'9' * 21};Maes;Britt;b@school.example;researcher;;en",
        "Personeelsnummer",
        f"“{'9' * 21}” is longer than 20 characters.",
    ),
    (
        "r1;Maes;Britt;b@school.example;researcher;;en;x",
        "",
        "This line has 8 cells, the heading 7. Put a cell with delimiters in quotes.",
    ),
    ('r1;"Ma"es;Britt;b@school.example;researcher;;en', "", "The quotation marks do not fit together."),
]


def test_unsound_rows_are_refused_by_line_column_and_reason(sqlite_app: Flask, plan: Plan) -> None:
    rows = [row for row, _column, _reason in UNSOUND]
    expected = [(line, column, reason) for line, (_row, column, reason) in enumerate(UNSOUND, start=2)]
    assert refusals(plan("people", HEADING + "\n".join(rows))) == expected


def test_everything_that_speaks_against_a_row_is_told(sqlite_app: Flask, plan: Plan) -> None:
    row = "r1;;@Britt;nobody;wizard;;en\n"
    assert [column for _, column, _ in refusals(plan("people", HEADING + row))] == ["Naam", "Voornaam", "E-mail", "Rol"]


def test_names_may_be_four_byte_and_right_to_left(run_import: Import) -> None:
    run_import("people", HEADING + "r1;𠮷野;أمل;amal@school.example;researcher;;en\n", "--apply")
    assert people()["amal@school.example"].name == "أمل 𠮷野"


def test_footers_and_blank_lines_are_passed_over(sqlite_app: Flask, plan: Plan) -> None:
    table = HEADING + BRITT + ";;;;;;\n\nTotaal: 1;;;;;;\nTotal;12;;;;;\n"
    assert counted(plan("people", table)) == {"added": 1, "passed": 4}


def test_the_history_says_who_imported_and_from_what(run_import: Import) -> None:
    run_import("people", HEADING + BRITT, "--apply")
    db.session.rollback()
    told = set(db.session.execute(select(Change.subject, Change.by_name, Change.why)).all())
    assert {tuple(row) for row in told if row.subject in ("person", "role_grant")} == {
        ("person", "dsbs", "Imported people from people.csv"),
        ("role_grant", "dsbs", "Imported people from people.csv"),
    }


def test_a_plan_asks_as_much_for_three_hundred_rows_as_for_three(plan: Plan) -> None:
    def asked(rows: int) -> int:
        lines = "".join(f"r{n};Maes;Jan;m{n}@school.example;coordinator;CARDIO;en\n" for n in range(rows))
        with questions() as statements:
            assert counted(plan("people", HEADING + lines)) == {"added": rows}
        return len(statements)

    assert (asked(3), asked(300)) == (3, 3)
