"""``flask import``: previews, writes, and stops at surprises."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from dsbs.accounts.models import Person
from dsbs.core.db import db
from dsbs.exchange.models import BatchState, ImportBatch
from tests.exchange.conftest import Import

HEADING = "Personeelsnummer;Naam;Voornaam;E-mail;Rol;Programma;Taal\n"
BRITT = "r1;Bauwens;Britt;britt@school.example;doctoraatsonderzoeker;;en\n"
BRAM = "r2;Maes;Bram;bram@school.example;promotor;;nl\n"
WIZARD = "r3;Raes;Jan;jan@school.example;tovenaar;;en\n"


def people() -> int | None:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Person))


def test_without_apply_every_row_is_told_and_nothing_written(run_import: Import) -> None:
    done = run_import("people", HEADING + BRITT + WIZARD + ";;;;;;\n")
    assert done.exit_code == 0
    assert done.output == (
        "\nHolds no data (1)\n"
        "  line     4  A blank line.\n"
        "\nTo add (1)\n"
        "  line     2  Britt Bauwens (r1)\n"
        "              Personnel number: r1; Family name: Bauwens; Given name: Britt; Mail: britt@school.example; "
        "Language: en; Roles: Researcher\n"
        "\nRefused (1)\n"
        "  line     3  Jan Raes; Rol “tovenaar”: “tovenaar” is not a role that can be imported.\n"
        "\npeople.csv: 1 to add, 0 to change, 0 stay as they are, 1 refused, 1 without data.\n"
        "Nothing is written yet: run it again with --apply.\n"
    )
    assert people() == 0


def test_a_file_that_is_known_already_says_that_there_is_nothing_to_write(run_import: Import) -> None:
    run_import("people", HEADING + BRITT, "--apply")
    assert run_import("people", HEADING + BRITT).output.splitlines()[-1] == "There is nothing to write."


def test_a_change_is_told_old_and_new(run_import: Import) -> None:
    run_import("people", HEADING + BRITT, "--apply")
    told = run_import("people", HEADING + BRITT.replace("Bauwens", "Maes")).output
    assert "To change (1)\n  line     2  Britt Maes (r1)\n              Family name: Bauwens → Maes\n" in told


def test_with_apply_the_sound_rows_are_written_and_the_import_noted(run_import: Import) -> None:
    done = run_import("people", HEADING + BRITT + WIZARD + BRAM, "--apply")
    assert (done.exit_code, done.output.splitlines()[-1], people()) == (0, "Written: 2 rows.", 2)
    batch = db.session.scalars(select(ImportBatch)).one()
    assert (batch.state, batch.added, batch.by_id, batch.data) == (BatchState.APPLIED, 2, None, None)


def test_more_changes_than_allowed_write_nothing_and_fail(run_import: Import) -> None:
    done = run_import("people", HEADING + BRITT + BRAM, "--apply", "--max-changes", "1")
    assert (done.exit_code, people()) == (1, 0)
    assert done.output.splitlines()[-1] == (
        "Error: 2 rows would be added or changed, more than the 1 allowed. Nothing was written."
    )
    assert db.session.scalar(select(func.count()).select_from(ImportBatch)) == 0


def test_as_many_changes_as_allowed_are_written(run_import: Import) -> None:
    assert run_import("people", HEADING + BRITT + BRAM, "--apply", "--max-changes", "2").exit_code == 0
    assert people() == 2


def test_refused_rows_do_not_count_as_changes(run_import: Import) -> None:
    assert run_import("people", HEADING + WIZARD, "--apply", "--max-changes", "0").exit_code == 0


def test_a_file_that_is_no_table_fails_with_one_sentence(run_import: Import) -> None:
    done = run_import("people", b"PK\x03\x04")
    assert (done.exit_code, done.output) == (
        1,
        "Error: people.csv is a spreadsheet. Save it as “CSV UTF-8” and send that file.\n",
    )


def test_an_unknown_word_names_the_known_ones(school: Flask, run_import: Import) -> None:
    done = run_import("wizards", HEADING)
    assert (done.exit_code, done.output.splitlines()[-1]) == (
        2,
        "Error: Invalid value for WORD: There is no import of 'wizards'. Choose from: people, enrolments.",
    )


def test_columns_that_mean_nothing_are_told(run_import: Import) -> None:
    table = HEADING.replace("\n", ";Geslacht\n") + BRITT.replace("\n", ";v\n")
    assert "The column “Geslacht” is not read.\n" in run_import("people", table).output
