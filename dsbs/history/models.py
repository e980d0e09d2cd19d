"""The history's one table, and the mark of what it follows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index, String, event
from sqlalchemy.orm import ColumnProperty, Mapped, QueryableAttribute, mapped_column

from dsbs.core.db import Model


class Tracked:
    """Mixin of models whose every change is recorded.

    ``__private__`` names columns of which the history notes that they changed, never what they hold.
    """

    __private__: ClassVar[frozenset[str]] = frozenset()


@event.listens_for(Tracked, "attribute_instrument", propagate=True)
def _know_the_old_value(owner: type[Any], name: str, attribute: QueryableAttribute[Any]) -> None:
    """Have the old value loaded whenever a column of a tracked model is set, also on a row that was not read yet."""
    if isinstance(attribute.property, ColumnProperty):
        event.listen(attribute, "set", _keep, active_history=True)


def _keep(row: object, value: object, old: object, initiator: object) -> None:
    """Nothing to do: that somebody listens is what makes SQLAlchemy fetch the old value."""


class Change(Model):
    """One row made, changed or removed. The database refuses to update or delete it.

    ``by_id`` is empty for the program itself; ``by_name`` is the name as printed then. ``values`` maps each column to
    ``[old, new]``, as JSON.
    """

    __tablename__ = "history_change"
    __table_args__ = (Index("ix_history_change_subject", "subject", "subject_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    by_name: Mapped[str] = mapped_column(String(200))
    why: Mapped[str] = mapped_column(String(500))
    action: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int]
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
