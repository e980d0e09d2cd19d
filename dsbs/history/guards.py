"""The database's own guard on the history: rows are added, never updated or deleted."""

from __future__ import annotations

from sqlalchemy import Connection

_REFUSAL = "the history is append-only"

_SQLITE = [
    f"""CREATE TRIGGER history_change_no_{verb.lower()} BEFORE {verb} ON history_change
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"""
    for verb in ("UPDATE", "DELETE")
]

_POSTGRESQL = [
    f"""CREATE FUNCTION history_change_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$""",
    """CREATE TRIGGER history_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON history_change
    FOR EACH STATEMENT EXECUTE FUNCTION history_change_refuse()""",
]


def create(connection: Connection) -> None:
    """Put the guards on a database that has the table but not yet them; called by the migrations."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)
