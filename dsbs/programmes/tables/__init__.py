"""The tables of rules, a file each, so that a later feature can take its own with it."""

from __future__ import annotations

from dsbs.core.refusals import NotFound
from dsbs.programmes.columns import RuleTable
from dsbs.programmes.tables import (
    activity_kinds,
    defence_rules,
    defence_steps,
    milestones,
    pace,
    registration,
    reminders,
    requirements,
)

#: In the order in which pages list them.
TABLES: tuple[RuleTable, ...] = (
    activity_kinds.table,
    registration.table,
    milestones.table,
    pace.table,
    requirements.table,
    reminders.table,
    defence_steps.table,
    defence_rules.table,
)


def table_by_word(word: str) -> RuleTable:
    """The table that an address names. Raises ``NotFound``."""
    for table in TABLES:
        if table.word == word:
            return table
    raise NotFound
