"""The enrolment of a researcher, who supervises her, when her track stands still, and what is due on it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint, and_, column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dsbs.accounts.models import Person
from dsbs.core.db import Model
from dsbs.core.refusals import N_
from dsbs.enrolments.rules import CommitteePart, Part, SuspensionKind, Track
from dsbs.enrolments.rules.milestones import Key
from dsbs.history.models import Tracked
from dsbs.programmes.marked import kinds
from dsbs.programmes.models import Programme, Unit
from dsbs.programmes.tables.milestones import MilestoneRule


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
    committee: Mapped[list[CommitteeMember]] = relationship(
        back_populates="enrolment",
        cascade="all, delete-orphan",
        lazy="raise",
        order_by="CommitteeMember.part, CommitteeMember.id",
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


class CommitteeMember(Tracked, Model):
    """One person of the supervisory committee of one enrolment: its chair, of whom there is one at most, or a member.

    She may be an outsider, a person without a sign-in, who acts by signed links.
    """

    __tablename__ = "committee_member"
    __table_args__ = (
        UniqueConstraint(
            "enrolment_id",
            "person_id",
            info={"refusal": N_("The same person is named twice in the committee."), "field": "members"},
        ),
        Index(
            "uq_committee_member_chair",
            "enrolment_id",
            unique=True,
            sqlite_where=column("part") == "chair",
            postgresql_where=column("part") == "chair",
            info={"refusal": N_("A committee has one chair."), "field": "chair"},
        ),
        Index("ix_committee_member_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    part: Mapped[CommitteePart] = mapped_column(kinds(CommitteePart, 10))

    enrolment: Mapped[Enrolment] = relationship(back_populates="committee")
    person: Mapped[Person] = relationship(lazy="raise")


class Suspension(Tracked, Model):
    """Days on which a track stands still, ``first_day`` and ``last_day`` included; None while nobody knows the last.

    ``kind`` is for the researcher herself and the administration; everybody else is told the days, never the reason.
    Suspensions of one track may overlap or touch: each day counts once. ``revision`` rises with every edit.
    """

    __tablename__ = "suspension"
    __private__: ClassVar[frozenset[str]] = frozenset({"kind"})
    __table_args__ = (
        CheckConstraint(
            "last_day IS NULL OR first_day <= last_day",
            name="in_order",
            info={"refusal": N_("The last day comes before the first."), "field": "last_day"},
        ),
        Index("ix_suspension_enrolment_id", "enrolment_id", "first_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"))
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    kind: Mapped[SuspensionKind] = mapped_column(kinds(SuspensionKind, 10))
    revision: Mapped[int] = mapped_column()

    enrolment: Mapped[Enrolment] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - read once by SQLAlchemy


class Milestone(Tracked, Model):
    """One thing that is due on one track: the ``number``-th of its ``code``, by the rule ``rule_id``.

    ``due_on`` is what ``service.dating`` reckons, kept so that what comes due is found by a look at an index; None
    while it hangs on what nobody knows yet. ``handed_in_on`` is the day on which the responsible handed it in: from
    then on it waits for who decides, and is never late, also when it has to be repaired. One that was met (``met_on``),
    handed in, or whose date was set by hand (``is_set``) stands: it never moves, and what hangs on it counts from it.
    """

    __tablename__ = "milestone"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "code", "number"),
        Index(
            "ix_milestone_open",
            "due_on",
            "enrolment_id",
            sqlite_where=and_(column("met_on").is_(None), column("handed_in_on").is_(None)),
            postgresql_where=and_(column("met_on").is_(None), column("handed_in_on").is_(None)),
        ),
        Index("ix_milestone_rule_id", "rule_id"),
        CheckConstraint("due_on IS NOT NULL OR NOT is_set", name="set_to_a_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"))
    rule_id: Mapped[int] = mapped_column(ForeignKey("milestone_rule.id"))
    code: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    due_on: Mapped[date | None]
    is_set: Mapped[bool] = mapped_column(default=False)
    handed_in_on: Mapped[date | None]
    met_on: Mapped[date | None]
    revision: Mapped[int] = mapped_column()

    enrolment: Mapped[Enrolment] = relationship(lazy="raise")
    rule: Mapped[MilestoneRule] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - read once by SQLAlchemy

    @property
    def key(self) -> Key:
        """Which milestone of its track it is."""
        return Key(self.code, self.number)

    @property
    def stands_on(self) -> date | None:
        """The day that is not reckoned any more: when it was met or handed in, else the day set by hand, else None."""
        return self.met_on or self.handed_in_on or (self.due_on if self.is_set else None)
