"""The migrations, run from nothing, make exactly what the models say, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text  # noqa: TID251 - asks the database itself

from config import ROOT
from dsbs.core.db import Model
from tests.support.databases import Databases, Engine, migrate

#: What the database itself refuses. Alembic does not compare these, so they are listed by name.
GUARDS = {
    "sqlite": {
        "history_change_no_delete",
        "history_change_no_update",
        "slot_length_insert",
        "slot_length_update",
        "slot_taken_insert",
        "slot_taken_update",
    },
    "postgresql": {
        "ck_slot_at_most_14_days",
        "ex_slot_venue_taken_once",
        "history_change_append_only",
    },
}

#: The tables that kept answers are read from.
STAMPED = {
    "activity",
    "activity_condition",
    "activity_kind",
    "activity_meeting",
    "activity_programme",
    "activity_session",
    "enrolment",
    "milestone",
    "person",
    "programme",
    "role_grant",
    "seat_reservation",
    "slot",
    "supervision",
    "suspension",
    "venue",
}

_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


@pytest.fixture
def migrated(database_url: str) -> Iterator[Connection]:
    """A connection to a database that the migrations made from nothing."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_migrations_make_what_the_models_say(migrated: Connection) -> None:
    context = MigrationContext.configure(
        migrated, opts={"compare_type": True, "compare_server_default": True, "target_metadata": Model.metadata}
    )

    assert compare_metadata(context, Model.metadata) == []


def test_every_constraint_of_the_models_is_in_the_database_by_name(migrated: Connection) -> None:
    inspector = inspect(migrated)

    for table in Model.metadata.sorted_tables:
        assert _named_in_model(table) <= _named_in_database(inspector, table.name)


def test_the_guards_stand(migrated: Connection, engine_name: Engine) -> None:
    triggers = set(migrated.scalars(text(_TRIGGERS[engine_name])))
    if engine_name == "postgresql":
        checks = "SELECT conname FROM pg_constraint WHERE contype = 'x' OR conname LIKE 'ck_slot_at_most%'"
        triggers |= set(migrated.scalars(text(checks)))

    assert {name for name in triggers if "_stamp" not in name} == GUARDS[engine_name]


def test_what_pages_keep_in_memory_gives_its_stamp(migrated: Connection, engine_name: Engine) -> None:
    triggers = set(migrated.scalars(text(_TRIGGERS[engine_name])))
    endings = {"sqlite": ("_stamp_insert", "_stamp_update", "_stamp_delete"), "postgresql": ("_stamp",)}

    wanted = {f"{table}{ending}" for table in STAMPED for ending in endings[engine_name]}

    assert {name for name in triggers if "_stamp" in name} == wanted


def test_an_installation_starts_from_nothing_and_upgrades_again_at_every_start(
    databases: Databases, engine_name: Engine, tmp_path: Path
) -> None:
    with databases.empty(engine_name, tmp_path) as url:
        migrate(url, tmp_path)
        migrate(url, tmp_path)
        engine = create_engine(url)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == _head()
        engine.dispose()


def test_the_migrations_form_one_line() -> None:
    assert len(ScriptDirectory(str(ROOT / "migrations")).get_heads()) == 1


def _head() -> str | None:
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()


def _named_in_model(table: Any) -> set[str]:
    constraints = {str(constraint.name) for constraint in table.constraints if constraint.name}
    return constraints | {str(index.name) for index in table.indexes}


def _named_in_database(inspector: Any, table: str) -> set[str]:
    named = [
        *inspector.get_check_constraints(table),
        *inspector.get_unique_constraints(table),
        *inspector.get_foreign_keys(table),
        *inspector.get_indexes(table),
        inspector.get_pk_constraint(table),
    ]
    return {str(entry["name"]) for entry in named}
