"""The enrolment of a researcher, and who supervises her."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dsbs.accounts.models import Person
from dsbs.core.db import Model
from dsbs.core.refusals import N_
from dsbs.enrolments.rules import Part, Track
from dsbs.history.models import Tracked
from dsbs.programmes.marked import kinds
from dsbs.programmes.models import Programme, Unit


class Enrolment(Tracked, Model):
    """One researcher in one programme, from ``start`` to ``until`` (both days included; None while it runs).

    ``track`` and ``employment_percentage`` are two facts: how fast the track runs is said by the track, what share of a
    week the researcher is employed by the percentage. ``funding_end`` is the last day that is paid for, where known.
    ``joint_partner`` names the other university of a joint degree. ``revision`` rises with every edit, so that a stale
    tab is noticed. A person has one open enrolment at a time; the database holds that.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        Index(
            "uq_enrolment_open",
            "person_id",
            unique=True,
            sqlite_where=column("until").is_(None),
            postgresql_where=column("until").is_(None),
            info={"refusal": N_("This person is enrolled already. End that enrolment first."), "field": "person"},
        ),
        Index("ix_enrolment_person_id", "person_id", "start"),
        Index("ix_enrolment_programme_id", "programme_id", "until"),
        CheckConstraint("until IS NULL OR start <= until", name="ends_after_start"),
        CheckConstraint("funding_end IS NULL OR start <= funding_end", name="funded_after_start"),
        CheckConstraint("employment_percentage > 0 AND employment_percentage <= 100", name="percentage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    start: Mapped[date]
    track: Mapped[Track] = mapped_column(kinds(Track, 10))
    employment_percentage: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    until: Mapped[date | None]
    funding_end: Mapped[date | None]
    joint_partner: Mapped[str] = mapped_column(String(200), default="")
    project_title: Mapped[str] = mapped_column(String(300), default="")
    revision: Mapped[int] = mapped_column()

    person: Mapped[Person] = relationship(lazy="raise")
    programme: Mapped[Programme] = relationship(lazy="raise")
    department: Mapped[Unit] = relationship(lazy="raise")
    supervisions: Mapped[list[Supervision]] = relationship(
        back_populates="enrolment",
        cascade="all, delete-orphan",
        lazy="raise",
        order_by="Supervision.part.desc(), Supervision.id",
    )

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - read once by SQLAlchemy

    @property
    def supervisors(self) -> list[Person]:
        """Who supervises: the main supervisor first. The query loads them."""
        return [supervision.person for supervision in self.supervisions]


class Supervision(Tracked, Model):
    """One person who supervises one enrolment, as its main supervisor or as a co-supervisor."""

    __tablename__ = "supervision"
    __table_args__ = (
        UniqueConstraint(
            "enrolment_id",
            "person_id",
            info={"refusal": N_("The same person is named twice among the supervisors."), "field": "co_supervisors"},
        ),
        Index(
            "uq_supervision_main",
            "enrolment_id",
            unique=True,
            sqlite_where=column("part") == "main",
            postgresql_where=column("part") == "main",
        ),
        Index("ix_supervision_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    part: Mapped[Part] = mapped_column(kinds(Part, 10))

    enrolment: Mapped[Enrolment] = relationship(back_populates="supervisions")
    person: Mapped[Person] = relationship(lazy="raise")
