"""What every value that the school has to stand behind carries: how sure it is, and who has signed it off."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Enum, ForeignKey, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from dsbs.accounts.models import Person
from dsbs.programmes.rules import Mark, waits_for_sign_off


def kinds(kind: type[StrEnum], length: int) -> Enum:
    """The column type of an enumeration: its values as text, checked by the program."""
    return Enum(
        kind, native_enum=False, length=length, values_callable=lambda values: [value.value for value in values]
    )


class Marked:
    """Mixin of rows with a mark. ``source`` says in words where the value comes from.

    ``__marks__`` names all mark columns of a row; signing off covers the whole row, and a change of it takes the
    signature away. ``signed_off_at`` is UTC.
    """

    __marks__: ClassVar[tuple[str, ...]] = ("mark",)

    mark: Mapped[Mark] = mapped_column(kinds(Mark, 10))
    source: Mapped[str] = mapped_column(String(300), default="")
    signed_off_at: Mapped[datetime | None]

    @declared_attr
    def signed_off_by_id(cls) -> Mapped[int | None]:  # noqa: N805 - SQLAlchemy calls it with the class
        """The person who signed."""
        return mapped_column(ForeignKey("person.id"))

    @declared_attr
    def signed_off_by(cls) -> Mapped[Person | None]:  # noqa: N805
        """The person who signed; a query that shows her loads her."""
        return relationship(Person, lazy="raise")

    @property
    def waits(self) -> bool:
        """Whether the school still has to look at this row."""
        marks = [getattr(self, name) for name in self.__marks__]
        return waits_for_sign_off(*marks, signed_off=self.signed_off_at is not None)

    @property
    def stamp(self) -> str:
        """What a page keeps of a row that it shows, so that a signature goes under exactly that."""
        return str(self.id)  # type: ignore[attr-defined]  # every model has an id


class Revised(Marked):
    """A marked row that is changed in place. ``revision`` rises with every change, so that a stale tab is noticed."""

    revision: Mapped[int] = mapped_column()

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.revision}

    @property
    def stamp(self) -> str:
        """The row with its revision."""
        return f"{self.id}.{self.revision}"  # type: ignore[attr-defined]
