"""Venues, slots and commitments: everything that takes a room or people's time."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    column,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config import Settings
from dsbs.accounts.models import Person
from dsbs.agenda.rules import CommitmentState, Equipment, SlotState, Span, Visibility, place_of
from dsbs.core.db import Model
from dsbs.core.refusals import N_
from dsbs.history.models import Tracked
from dsbs.programmes.models import Programme

__all__ = [
    "BusyTime",
    "Commitment",
    "CommitmentState",
    "Slot",
    "SlotProgramme",
    "SlotState",
    "Venue",
    "VenueReading",
    "Visibility",
    "VoidBooking",
]


def _kinds(kind: type[StrEnum], length: int) -> Enum:
    return Enum(
        kind, native_enum=False, length=length, values_callable=lambda values: [value.value for value in values]
    )


class Venue(Tracked, Model):
    """A room. *Ours* is never double-booked, by the database itself; one *elsewhere* is asked for and then confirmed.

    ``equipment`` holds the values of ``rules.Equipment``, sorted. ``capacity`` is empty where nobody knows it. A venue
    that is not ``active`` takes nothing new; what stands in it stays. ``changed_at`` is the moment of the last change.
    ``calendar_url`` is where the calendar of one elsewhere can be read; it may hold a key, so no history repeats it.
    """

    __private__ = frozenset({"calendar_url"})
    __tablename__ = "venue"
    __table_args__ = (
        UniqueConstraint(
            "building", "name", info={"refusal": N_("This building has a venue of this name already."), "field": "name"}
        ),
        # What a slot's copy of ``ours`` points to.
        UniqueConstraint("id", "ours"),
        CheckConstraint("capacity IS NULL OR capacity BETWEEN 1 AND 5000", name="capacity_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    building: Mapped[str] = mapped_column(String(100), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    capacity: Mapped[int | None]
    equipment: Mapped[list[str]] = mapped_column(JSON, default=list)
    ours: Mapped[bool]
    contact: Mapped[str] = mapped_column(String(200), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(default=True)
    calendar_url: Mapped[str | None] = mapped_column(String(500))
    changed_at: Mapped[datetime]

    @property
    def place(self) -> str:
        """The venue as a calendar prints it: name and building."""
        return place_of(self.name, self.building)

    @property
    def offers(self) -> frozenset[Equipment]:
        """What the venue offers."""
        return frozenset(Equipment(value) for value in self.equipment)


class SlotProgramme(Tracked, Model):
    """One programme that a slot belongs to; a slot without any is the whole school's."""

    __tablename__ = "slot_programme"
    __table_args__ = (
        UniqueConstraint("slot_id", "programme_id"),
        Index("ix_slot_programme_programme_id", "programme_id", "slot_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))

    programme: Mapped[Programme] = relationship()


class Slot(Tracked, Model):
    """A time in a venue or in none: whatever takes a room or people's time, with all that a calendar prints of it.

    From ``start`` (included) to ``end`` (not included), in UTC; ``zone`` is the one in which it was planned.
    ``kind`` and ``title`` are printed as they are. ``place`` says where it is when it has no venue; an address that
    only participants may know stays on the page, which ``endpoint`` and ``subject_id`` name. ``uid`` never changes;
    ``sequence`` rises with each change that a calendar prints. ``held_until`` is when a hold lapses: from then on it
    gives way to whoever takes the room. ``firm_at`` is when the slot was first announced.

    In a venue elsewhere: the day it was asked for (``asked_on``), confirmed (``confirmed_on``), under which
    ``reference`` and by whom there (``confirmed_by``). Moving the slot clears all four.

    ``venue_ours`` is the venue's own ``ours``, kept true by a foreign key with cascade, so that the guard against
    double booking can be one of this table. The guards stand in ``guards.py``.
    """

    __tablename__ = "slot"
    __table_args__ = (
        ForeignKeyConstraint(["venue_id", "venue_ours"], ["venue.id", "venue.ours"], onupdate="CASCADE"),
        CheckConstraint("(venue_id IS NULL) = (venue_ours IS NULL)", name="venue_known"),
        CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        CheckConstraint("held_until IS NULL OR state <> 'firm'", name="held_until_of_holds"),
        CheckConstraint("state <> 'firm' OR firm_at IS NOT NULL", name="firm_since"),
        CheckConstraint(
            "(confirmed_on IS NULL) = (reference IS NULL) AND (confirmed_on IS NULL) = (confirmed_by IS NULL)",
            name="confirmed_in_full",
        ),
        CheckConstraint("confirmed_on IS NULL OR asked_on <= confirmed_on", name="asked_before_confirmed"),
        Index("ix_slot_venue_id", "venue_id", "starts_at"),
        Index("ix_slot_starts_at", "starts_at"),
        Index("ix_slot_subject", "endpoint", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int | None]
    venue_ours: Mapped[bool | None]
    start: Mapped[datetime] = mapped_column("starts_at")
    end: Mapped[datetime] = mapped_column("ends_at")
    zone: Mapped[str] = mapped_column(String(40), default=Settings.time_zone)
    state: Mapped[SlotState] = mapped_column(_kinds(SlotState, 10))
    held_until: Mapped[datetime | None]
    firm_at: Mapped[datetime | None]
    uid: Mapped[str] = mapped_column(String(36), unique=True, default=lambda: str(uuid.uuid4()))
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(320))
    place: Mapped[str] = mapped_column(String(200), default="")
    endpoint: Mapped[str | None] = mapped_column(String(80))
    subject_id: Mapped[int | None]
    visibility: Mapped[Visibility] = mapped_column(_kinds(Visibility, 12))
    asked_on: Mapped[date | None]
    confirmed_on: Mapped[date | None]
    reference: Mapped[str | None] = mapped_column(String(100))
    confirmed_by: Mapped[str | None] = mapped_column(String(200))

    venue: Mapped[Venue | None] = relationship(
        primaryjoin=lambda: Slot.venue_id == Venue.id, foreign_keys=lambda: [Slot.venue_id], lazy="joined"
    )
    programme_links: Mapped[list[SlotProgramme]] = relationship(cascade="all, delete-orphan")

    @property
    def span(self) -> Span:
        """When it is."""
        return Span(self.start, self.end)

    @property
    def room(self) -> str:
        """Where it is, for a narrow column: the venue without its building."""
        return self.venue.name if self.venue else self.place

    @property
    def where(self) -> str:
        """Where it is, as a calendar prints it."""
        return self.venue.place if self.venue else self.place


class BusyTime(Model):
    """When a venue elsewhere is taken by others, as its own calendar says; replaced as a whole by each reading."""

    __tablename__ = "busy_time"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        Index("ix_busy_time_venue_id", "venue_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    start: Mapped[datetime] = mapped_column("starts_at")
    end: Mapped[datetime] = mapped_column("ends_at")
    title: Mapped[str] = mapped_column(String(200))

    @property
    def span(self) -> Span:
        """When it is."""
        return Span(self.start, self.end)


class VenueReading(Model):
    """How the calendar of a venue elsewhere was read: from which address or file, when last, and why not since.

    ``tried_at`` is when it was last asked for, ``read_at`` when its times were last taken over, ``failure`` the
    sentence, untranslated, of a last try that failed. It is its own history.
    """

    __tablename__ = "venue_reading"

    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"), primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(500))
    tried_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(300))


_IS_OPEN = column("settled_on", Date).is_(None)


class VoidBooking(Tracked, Model):
    """What was asked for or confirmed in a venue elsewhere and is not needed any more: its slot moved or was cancelled.

    ``start``, ``end`` and the four after them are as the slot had them then. It is open until somebody there has
    cancelled it or moved it along (``settled_on``, ``settled_by``, ``settled_reference`` if they gave one).
    """

    __tablename__ = "void_booking"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        CheckConstraint("(settled_on IS NULL) = (settled_by IS NULL)", name="settled_in_full"),
        UniqueConstraint("slot_id", "venue_id", "starts_at", "arose_at"),
        Index("ix_void_booking_open", "ends_at", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index("ix_void_booking_venue_id", "venue_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    start: Mapped[datetime] = mapped_column("starts_at")
    end: Mapped[datetime] = mapped_column("ends_at")
    asked_on: Mapped[date]
    confirmed_on: Mapped[date | None]
    reference: Mapped[str | None] = mapped_column(String(100))
    confirmed_by: Mapped[str | None] = mapped_column(String(200))
    arose_at: Mapped[datetime]
    settled_on: Mapped[date | None]
    settled_by: Mapped[str | None] = mapped_column(String(200))
    settled_reference: Mapped[str | None] = mapped_column(String(100))

    slot: Mapped[Slot] = relationship()
    venue: Mapped[Venue] = relationship()


class Commitment(Tracked, Model):
    """One person's part in a slot (participant, organiser, speaker ...), written by the feature that causes it.

    ``sequence`` rises each time the person is bound anew, changed or released. One row a person and slot, for ever.
    """

    __tablename__ = "commitment"
    __table_args__ = (
        UniqueConstraint("slot_id", "person_id", info={"refusal": N_("This is in the person's calendar already.")}),
        Index("ix_commitment_person_id", "person_id", "state", "slot_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    part: Mapped[str] = mapped_column(String(40))
    state: Mapped[CommitmentState] = mapped_column(_kinds(CommitmentState, 10))
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]

    slot: Mapped[Slot] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def calendar_sequence(self) -> int:
        """The sequence of this entry in the person's own calendar: it rises when the slot or her part changes."""
        return self.slot.sequence + self.sequence
