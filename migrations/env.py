"""Brings the database of the running application up to date: ``flask db upgrade``.

Every revision runs in a transaction of its own. On SQLite the foreign keys are off while tables are rebuilt (a batch
would empty cascading children), and are checked before the transaction ends.
"""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection

target = current_app.extensions["migrate"].db


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=target.metadata,
        transaction_per_migration=True,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()


def _run_on_sqlite(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        _run(connection)
        broken = driver.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"The migration left rows that point nowhere: {broken[:5]}")
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def _run_on_postgresql(connection: Connection) -> None:
    _run(connection.execution_options(isolation_level="READ COMMITTED"))  # the application's engine has no transactions


with target.engine.connect() as connection:
    (_run_on_sqlite if connection.dialect.name == "sqlite" else _run_on_postgresql)(connection)
