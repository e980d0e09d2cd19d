"""Importing enrolments: which one a row is about, what it changes, and what it leaves alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask import Flask

from dsbs.core import clock as school_clock
from dsbs.core.access import Role
from dsbs.core.dates import speaking
from dsbs.core.db import SYSTEM, db, write
from dsbs.enrolments import queries, service
from dsbs.enrolments.models import Enrolment
from dsbs.enrolments.rules import Track
from dsbs.exchange.importing import Outcome
from dsbs.exchange.words import label, shown
from tests.enrolments.conftest import AddPerson, Cast, Enrol
from tests.exchange.conftest import Import, Plan, counted, refusals
from tests.support.clock import Clock
from tests.support.statements import questions

HEADING = (
    "Number;Programme;Department;Supervisor;Co-supervisors;Start;Track;Employment %;Funding end;Joint PhD with;Title"
)
HEADING = HEADING.replace("Number", "Personnel number") + "\n"
BRITT = "n-britt;CARDIO;Oncology;rita.jäkel@school.example;;02/09/2024;4 jaar;100;;;\n"


def enrolled(cast: Cast) -> Enrolment:
    db.session.rollback()
    return queries.enrolments_of(db.session(), cast.britt.id)[0]


def differences(plan: Plan, table: str) -> list[tuple[str, str, str]]:
    with speaking("en"):
        rows = [row for row in plan("enrolments", table).rows if row.outcome is Outcome.CHANGED]
        return [(label(found), shown(found.old), shown(found.new)) for row in rows for found in row.differences]


def test_a_row_may_name_people_by_address_and_units_by_code_or_name(
    clock: Clock, cast: Cast, run_import: Import
) -> None:
    row = "BRITT.bauwens@school.example;cancer;ONC;N-RITA;n-hugo;2024-09-02;six years;50,5;1/9/2028;Münster;Hearts\n"
    assert run_import("enrolments", HEADING + row, "--apply").exit_code == 0
    found = enrolled(cast)
    assert (found.programme_id, found.department.code, found.start) == (cast.cancer, "ONC", date(2024, 9, 2))
    assert (found.track, found.employment_percentage, found.funding_end) == (
        Track.SIX_YEARS,
        Decimal("50.5"),
        date(2028, 9, 1),
    )
    assert [person.given_name for person in found.supervisors] == ["Rita", "Hugo"]
    assert (found.joint_partner, found.project_title) == ("Münster", "Hearts")


def test_what_a_row_changes_is_shown_old_and_new(clock: Clock, cast: Cast, enrol: Enrol, plan: Plan) -> None:
    enrol()
    row = "n-britt;CANCER;Oncology;n-hugo;n-rita;01/10/2024;6 jaar;50;01/10/2028;;Hearts\n"
    assert differences(plan, HEADING + row) == [
        ("Programme", "CARDIO", "CANCER"),
        ("Supervisor", "Rita Jäkel", "Hugo Coppens"),
        ("Co-supervisors", "–", "Rita Jäkel"),
        ("Start", "Mon 2 Sep 2024", "Tue 1 Oct 2024"),
        ("Track", "Four-year track", "Six-year track"),
        ("Employment percentage", "100", "50"),
        ("Funding end", "–", "Sun 1 Oct 2028"),
        ("Project title", "–", "Hearts"),
    ]


def test_applying_a_change_makes_the_next_import_of_it_change_nothing(
    clock: Clock, cast: Cast, enrol: Enrol, run_import: Import, plan: Plan
) -> None:
    enrol()
    row = "n-britt;CANCER;Oncology;n-hugo;n-rita;01/10/2024;6 jaar;50;01/10/2028;;Hearts\n"
    run_import("enrolments", HEADING + row, "--apply")
    assert counted(plan("enrolments", HEADING + row)) == {"left": 1}
    assert [person.given_name for person in enrolled(cast).supervisors] == ["Hugo", "Rita"]


def test_a_column_that_the_file_lacks_leaves_what_is_known(clock: Clock, cast: Cast, enrol: Enrol, plan: Plan) -> None:
    enrol(joint_partner="Münster", funding_end=date(2028, 9, 1), co_supervisor_ids=(cast.hugo.id,))
    short = "Personnel number;Programme;Department;Supervisor;Start;Track;Employment %\n"
    row = "n-britt;CARDIO;Oncology;n-rita;02/09/2024;4 jaar;80\n"
    assert differences(plan, short + row) == [("Employment percentage", "100", "80")]


def test_an_import_ends_an_enrolment_only_where_the_file_says_so(
    clock: Clock, cast: Cast, enrol: Enrol, run_import: Import, plan: Plan
) -> None:
    made = enrol()
    heading, row = HEADING.replace("\n", ";Einddatum\n"), BRITT.replace("\n", ";31/12/2025\n")
    run_import("enrolments", heading + row, "--apply")
    db.session.rollback()
    assert db.session.get_one(Enrolment, made.id).until == date(2025, 12, 31)
    # Neither an empty cell nor a file without the column reopens it.
    assert counted(plan("enrolments", heading + BRITT.replace("\n", ";\n"))) == {"left": 1}
    assert counted(plan("enrolments", HEADING + BRITT)) == {"left": 1}


def test_a_new_start_after_an_ended_enrolment_is_a_new_one(
    clock: Clock, cast: Cast, enrol: Enrol, run_import: Import
) -> None:
    made = enrol()
    with write(by=SYSTEM, why="Ended", at=school_clock.now()) as session:
        locked = queries.enrolment_to_edit(session, made.id)
        service.end_enrolment(session, enrolment=locked, until=date(2025, 12, 31))
    run_import("enrolments", HEADING + BRITT.replace("02/09/2024", "01/02/2026"), "--apply")
    assert [found.start for found in queries.enrolments_of(db.session(), cast.britt.id)] == [
        date(2026, 2, 1),
        date(2024, 9, 2),
    ]


#: What is changed in a sound row, and what then speaks against it.
UNSOUND = [
    ("n-britt", "n-nobody", "Personnel number", "Nobody is known by “n-nobody”."),
    ("n-britt", "n-hugo", "Personnel number", "This person is not a researcher. Give that role first."),
    ("n-britt", "", "Personnel number", "This is empty."),
    ("CARDIO", "ALCHEMY", "Programme", "There is no programme “ALCHEMY”."),
    ("Oncology", "Alchemy", "Department", "There is no department “Alchemy”."),
    ("Oncology", "Medicine", "Department", "There is no department “Medicine”."),
    (
        "rita.jäkel@school.example",
        "nobody@school.example",
        "Supervisor",
        "Nobody is known by “nobody@school.example”.",
    ),
    (
        "rita.jäkel@school.example",
        "n-bram",
        "Supervisor",
        "The person named here does not hold the role of supervisor.",
    ),
    (";;02", ";n-hugo, n-nobody;02", "Co-supervisors", "Nobody is known by “n-nobody”."),
    (";;02", ";n-rita;02", "Co-supervisors", "The same person is named twice among the supervisors."),
    ("02/09/2024", "31/09/2024", "Start", "“31/09/2024” is a day that does not exist."),
    ("02/09/2024", "02/09/2204", "Start", "An enrolment begins between Thu 1 Jan 1970 and Sun 31 Dec 2028."),
    ("4 jaar", "5 jaar", "Track", "“5 jaar” is not a track. Write 4 years or 6 years."),
    (
        ";100;",
        ";100,1;",
        "Employment %",
        "Employment is more than 0 and at most 100 percent, with at most two decimals.",
    ),
    (";100;", ";full;", "Employment %", "“full” is not a number. Write it as 50 or 50,5."),
    (
        ";100;;",
        ";100;01/09/2024;",
        "Funding end",
        "The funding would end before the enrolment begins (Mon 2 Sep 2024).",
    ),
]


def test_unsound_rows_are_refused_by_line_column_and_reason(
    sqlite_app: Flask, clock: Clock, cast: Cast, plan: Plan
) -> None:
    rows = [BRITT.replace(old, new, 1) for old, new, _column, _reason in UNSOUND]
    expected = [(line, column, reason) for line, (_old, _new, column, reason) in enumerate(UNSOUND, start=2)]
    assert refusals(plan("enrolments", HEADING + "".join(rows))) == expected


def test_the_first_of_two_rows_about_one_person_counts(sqlite_app: Flask, clock: Clock, cast: Cast, plan: Plan) -> None:
    table = HEADING + BRITT + BRITT.replace("02/09/2024", "01/02/2026")
    assert refusals(plan("enrolments", table)) == [
        (3, "Personnel number", "This stands on line 2 already; the first one counts.")
    ]


def test_a_plan_asks_as_much_for_sixty_rows_as_for_three(
    clock: Clock, cast: Cast, add_person: AddPerson, enrol: Enrol, plan: Plan
) -> None:
    def asked(numbers: range) -> int:
        table = HEADING + "".join(BRITT.replace("n-britt", f"n-r{number}") for number in numbers)
        with questions() as statements:
            assert counted(plan("enrolments", table)) == {"left": len(numbers)}
        return len(statements)

    for number in range(30):
        enrol(add_person(f"R{number} Maes", Role.RESEARCHER))
    assert asked(range(3)) == asked(range(30)) == 6
