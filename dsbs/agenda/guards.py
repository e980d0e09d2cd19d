"""The database's own guards on slots: a venue of ours is taken once at a time, and nothing lasts over a fortnight.

Written in each engine's own words, since neither an exclusion constraint nor date arithmetic is common to both. A
migration that rebuilds ``slot`` on SQLite drops its triggers and must call ``create`` again.
"""

from __future__ import annotations

from sqlalchemy import Connection

#: What the engine's error holds when a guard says no.
TAKEN = "ex_slot_venue_taken_once"
TOO_LONG = "ck_slot_at_most_14_days"

_OTHER_IN_THE_WAY = """(NEW.venue_ours AND NEW.state IN ('held', 'firm')) AND EXISTS (
    SELECT 1 FROM slot AS other
    WHERE other.venue_id = NEW.venue_id AND other.id <> NEW.id AND other.state IN ('held', 'firm')
    AND other.starts_at < NEW.ends_at AND NEW.starts_at < other.ends_at
    AND other.starts_at > datetime(NEW.starts_at, '-15 days'))"""

_LASTS_TOO_LONG = "julianday(NEW.ends_at) - julianday(NEW.starts_at) > 14"


def _trigger(name: str, when: str, condition: str, refusal: str) -> str:
    return f"CREATE TRIGGER {name} AFTER {when} ON slot WHEN {condition} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"


_SQLITE = (
    _trigger("slot_taken_insert", "INSERT", _OTHER_IN_THE_WAY, TAKEN),
    _trigger(
        "slot_taken_update", "UPDATE OF venue_id, venue_ours, starts_at, ends_at, state", _OTHER_IN_THE_WAY, TAKEN
    ),
    _trigger("slot_length_insert", "INSERT", _LASTS_TOO_LONG, TOO_LONG),
    _trigger("slot_length_update", "UPDATE OF starts_at, ends_at", _LASTS_TOO_LONG, TOO_LONG),
)

_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    f"""ALTER TABLE slot ADD CONSTRAINT {TAKEN} EXCLUDE USING gist
    (venue_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&) WHERE (venue_ours AND state IN ('held', 'firm'))""",
    f"ALTER TABLE slot ADD CONSTRAINT {TOO_LONG} CHECK (ends_at - starts_at <= interval '14 days')",
)


def create(connection: Connection) -> None:
    """Put the guards on a database that has the table but not yet them; called by the migrations."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)
