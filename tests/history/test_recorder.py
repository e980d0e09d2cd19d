"""The history cannot be forgotten, and cannot be rewritten."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from dsbs.accounts.models import Person, RoleGrant
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, Actor, OutsideWriteScope, db, write
from dsbs.history.models import Change
from dsbs.history.recorder import RECORDED_BY, UnrecordedChange

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def add_person() -> Person:
    with write(by=SYSTEM, why="Came to the school", at=NOW) as session:
        person = Person(given_name="Ada", family_name="Kept", mail="ada@school.example", session_key="secret")
        session.add(person)
    return person


def changes() -> list[Change]:
    return list(db.session.scalars(select(Change).order_by(Change.id)))


def test_an_insert_is_recorded_with_id_and_values_but_without_secrets(app: Flask) -> None:
    person = add_person()

    (change,) = changes()
    assert (change.action, change.subject, change.subject_id) == ("insert", "person", person.id)
    assert (change.by_id, change.by_name, change.why, change.at) == (None, "dsbs", "Came to the school", NOW)
    assert change.values["mail"] == [None, "ada@school.example"]
    assert change.values["session_key"] == ["…", "…"]


def test_a_change_is_recorded_with_old_and_new_and_nothing_else(app: Flask) -> None:
    person = add_person()

    with write(by=Actor(person.id, "Ada Kept"), why="Changed her language", at=NOW):
        person.language = "nl"

    change = changes()[-1]
    assert change.values == {"language": ["en", "nl"]}
    assert (change.by_id, change.by_name) == (person.id, "Ada Kept")


def test_what_changes_at_once_is_recorded_in_the_order_of_the_rows(app: Flask) -> None:
    with write(by=SYSTEM, why="Came to the school", at=NOW) as session:
        session.add_all(Person(given_name="Ada", family_name=f"Number{n}", session_key="secret") for n in range(9))

    with write(by=SYSTEM, why="Changed their language", at=NOW) as session:
        for person in session.scalars(select(Person).order_by(Person.id.desc())).all():
            person.language = "nl"

    changed = [change.subject_id for change in changes() if change.action == "update"]
    assert changed == sorted(changed)
    assert len(changed) == 9


def test_a_row_that_is_taken_out_of_its_parents_list_is_recorded_as_deleted(app: Flask) -> None:
    person = add_person()
    with write(by=SYSTEM, why="Gave a role", at=NOW):
        person.grants = [RoleGrant(role=Role.READER, since=NOW.date())]

    with write(by=SYSTEM, why="Took it back", at=NOW):
        person.grants = []

    change = changes()[-1]
    assert (change.action, change.subject, change.why) == ("delete", "role_grant", "Took it back")
    assert (change.values["role"], change.values["person_id"]) == (["reader", None], [person.id, None])


def test_setting_a_value_to_what_it_was_records_nothing(app: Flask) -> None:
    person = add_person()

    with write(by=SYSTEM, why="No change", at=NOW):
        person.language = "nl"
        person.language = "en"

    assert [change.action for change in changes()] == ["insert"]


def test_a_tracked_row_outside_the_write_scope_is_refused(app: Flask) -> None:
    person = add_person()
    person.language = "nl"

    with pytest.raises(OutsideWriteScope, match="write"):
        db.session.flush()
    db.session.rollback()


def test_a_bulk_statement_on_a_tracked_table_must_name_the_verb_that_records_it(app: Flask) -> None:
    add_person()
    everybody = update(Person).values(language="nl")

    with write(by=SYSTEM, why="Bulk", at=NOW) as session:
        with pytest.raises(UnrecordedChange, match="person"):
            session.execute(everybody)
        assert session.execute(everybody, execution_options={RECORDED_BY: "speak_dutch"}).rowcount == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "statement", [update(Change).values(why="Rewritten"), delete(Change)], ids=["update", "delete"]
)
def test_the_database_refuses_to_rewrite_history(app: Flask, statement: object) -> None:
    add_person()

    with pytest.raises(DBAPIError, match="append-only"), write(by=SYSTEM, why="Rewrite", at=NOW) as session:
        session.execute(statement)  # type: ignore[call-overload]

    assert [change.why for change in changes()] == ["Came to the school"]
