"""What the school is made of: units, the twelve programmes, and the days on which it is closed."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dsbs.core.db import Model
from dsbs.core.refusals import N_
from dsbs.history.models import Tracked
from dsbs.programmes.marked import Revised, kinds
from dsbs.programmes.rules import Mark


class UnitKind(StrEnum):
    """What sort of unit; the order is that of lists."""

    FACULTY = "faculty"
    DEPARTMENT = "department"
    INSTITUTE = "institute"
    NETWORK = "network"
    PARTNER = "partner"
    SERVICE = "service"


class Unit(Revised, Tracked, Model):
    """A faculty, department, institute, network, partner or service.

    ``code`` is how imports and rules name it, and never changes. ``faculty_id`` is the faculty that a department
    belongs to, with a mark of its own.
    """

    __tablename__ = "unit"
    __marks__: ClassVar[tuple[str, ...]] = ("mark", "faculty_mark")
    __table_args__ = (
        UniqueConstraint("code", info={"refusal": N_("There is a unit with this code already."), "field": "code"}),
        UniqueConstraint(
            "kind", "name", info={"refusal": N_("There is a unit with this kind and name already."), "field": "name"}
        ),
        CheckConstraint("(faculty_id IS NULL) = (faculty_mark IS NULL)", name="faculty_marked"),
        CheckConstraint("kind = 'department' OR faculty_id IS NULL", name="only_departments_in_faculties"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[UnitKind] = mapped_column(kinds(UnitKind, 12))
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    faculty_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    faculty_mark: Mapped[Mark | None] = mapped_column(kinds(Mark, 10))

    faculty: Mapped[Unit | None] = relationship(remote_side=[id], lazy="raise")


class Programme(Revised, Tracked, Model):
    """One of the interdisciplinary programmes in which doctoral training is organised.

    ``code`` names it in addresses, imports and rules, and never changes. ``short_name`` stands beside its colour
    everywhere; ``colour`` is the code of one of the twelve colours of the palette. ``description`` is Markdown.
    ``live_from`` is the day from which it looks after its tracks with this program: what was due before that day is
    before our time and never reminded of; None while that day is not known. Its leaders and coordinators are the
    people who hold those roles in it.
    """

    __tablename__ = "programme"
    __marks__: ClassVar[tuple[str, ...]] = ("mark", "lead_faculty_mark")
    __table_args__ = (
        UniqueConstraint("code", info={"refusal": N_("There is a programme with this code already."), "field": "code"}),
        UniqueConstraint(
            "short_name",
            info={"refusal": N_("Another programme goes by this short name."), "field": "short_name"},
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str] = mapped_column(String(20))
    description: Mapped[str] = mapped_column(Text, default="")
    lead_faculty_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    lead_faculty_mark: Mapped[Mark] = mapped_column(kinds(Mark, 10))
    colour: Mapped[str] = mapped_column(String(20))
    live_from: Mapped[date | None]

    lead_faculty: Mapped[Unit] = relationship(lazy="raise")


class Closure(Revised, Tracked, Model):
    """Days on which the school does not work, beside weekends and public holidays; both days are included."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint(
            "first_day <= last_day",
            name="in_order",
            info={"refusal": N_("The last day comes before the first."), "field": "last_day"},
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_day: Mapped[date]
    last_day: Mapped[date] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(200))
