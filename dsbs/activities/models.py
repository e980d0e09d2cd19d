"""Training activities, their sessions and meetings, who registered, and who was there."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    column,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dsbs.accounts.models import Person
from dsbs.activities.attending import Presence
from dsbs.activities.rules import Mode, RegistrationState, SessionState
from dsbs.activities.rules.conditions import ConditionKind
from dsbs.activities.rules.rhythms import Rhythm
from dsbs.agenda.models import Slot
from dsbs.core.db import Model
from dsbs.core.refusals import N_
from dsbs.history.models import Tracked
from dsbs.programmes.models import Programme


def _kinds(kind: type[StrEnum], length: int) -> Enum:
    return Enum(
        kind, native_enum=False, length=length, values_callable=lambda values: [value.value for value in values]
    )


_IS_OFFERED = column("state", String) == RegistrationState.OFFERED.value
_IS_REQUESTED = column("state", String) == RegistrationState.REQUESTED.value
_STANDS_ALONE = column("programme_id").is_(None) & column("other_activity_id").is_(None) & column("last_year").is_(None)
_NOT_MERGED = column("merged_at").is_(None)


class ActivityProgramme(Tracked, Model):
    """One programme that offers an activity."""

    __tablename__ = "activity_programme"
    __table_args__ = (UniqueConstraint("activity_id", "programme_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)

    programme: Mapped[Programme] = relationship()


class Activity(Tracked, Model):
    """Something that PhD researchers learn from, whenever it is given: a course, a seminar series, a lecture.

    ``kind`` is a code of the activity kinds. Without programmes it is the whole school's. ``hours`` are hours of
    teaching, ``credits`` ECTS credits where given. ``description`` is Markdown. Without ``conditions`` it is for every
    PhD researcher of the school. ``revision`` rises with every edit, so that a stale tab is noticed.
    """

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint("hours IS NULL OR hours > 0", name="hours_positive"),
        CheckConstraint("credits IS NULL OR credits > 0", name="credits_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40), index=True)
    language: Mapped[str] = mapped_column(String(5))
    description: Mapped[str] = mapped_column(Text, default="")
    hours: Mapped[Decimal | None] = mapped_column(Numeric(5, 1))
    credits: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))
    revision: Mapped[int] = mapped_column(default=1, server_default="1")

    offered_by: Mapped[list[ActivityProgramme]] = relationship(cascade="all, delete-orphan")
    conditions: Mapped[list[ActivityCondition]] = relationship(
        cascade="all, delete-orphan", foreign_keys="ActivityCondition.activity_id", order_by="ActivityCondition.id"
    )


class ActivityCondition(Tracked, Model):
    """What an activity asks of who joins it; ``conditions.Condition`` says what each kind means.

    Rows of one ``requirement``, a number from 1 in their activity, are alternatives: whoever meets one of them meets
    it. Who joins meets all requirements. ``programme_id`` and ``other_activity_id`` are what a row names, by its kind;
    years of the track count from 1, both included.
    """

    __tablename__ = "activity_condition"
    __table_args__ = (
        UniqueConstraint("activity_id", "requirement", "programme_id"),
        UniqueConstraint("activity_id", "requirement", "other_activity_id"),
        UniqueConstraint("activity_id", "requirement", "first_year", "last_year", name="uq_activity_condition_years"),
        CheckConstraint("requirement > 0", name="requirement_from_one"),
        CheckConstraint("(kind = 'programmes') = (programme_id IS NOT NULL)", name="names_programme"),
        CheckConstraint("(kind = 'attended') = (other_activity_id IS NOT NULL)", name="names_activity"),
        CheckConstraint("(kind = 'years') = (first_year IS NOT NULL)", name="names_years"),
        CheckConstraint("first_year IS NULL OR first_year > 0", name="years_from_one"),
        CheckConstraint("last_year IS NULL OR last_year >= first_year", name="years_in_order"),
        CheckConstraint("last_year IS NULL OR kind = 'years'", name="last_year_of_years"),
        CheckConstraint("other_activity_id <> activity_id", name="of_another"),
        Index(
            "uq_activity_condition_kind",
            "activity_id",
            "requirement",
            "kind",
            unique=True,
            sqlite_where=_STANDS_ALONE,
            postgresql_where=_STANDS_ALONE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    requirement: Mapped[int]
    kind: Mapped[ConditionKind] = mapped_column(_kinds(ConditionKind, 12))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), index=True)
    other_activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"), index=True)
    first_year: Mapped[int | None]
    last_year: Mapped[int | None]


class Invitation(Tracked, Model):
    """Somebody who may join an activity that is by invitation. ``told_at``: when the mail about it was queued, UTC."""

    __tablename__ = "activity_invitation"
    __table_args__ = (
        UniqueConstraint("activity_id", "person_id", info={"refusal": N_("This person is invited already.")}),
        Index("ix_activity_invitation_person_id", "person_id", "activity_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    told_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class SessionSeries(Tracked, Model):
    """Sessions of one activity that were planned together, such as ten Tuesdays; they know it by their ``series_id``.

    ``rhythm`` is that in which they came back last. ``revision`` rises with every change that goes through the series:
    who changes several of its sessions at once locks this row before theirs.
    """

    __tablename__ = "session_series"
    __table_args__ = (UniqueConstraint("id", "activity_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), index=True)
    rhythm: Mapped[Rhythm] = mapped_column(_kinds(Rhythm, 10))
    revision: Mapped[int] = mapped_column(default=1)

    activity: Mapped[Activity] = relationship()


class ActivitySession(Tracked, Model):
    """An offering of an activity on given dates: one or several meetings.

    ``mode`` says how one takes part: ``open`` (come and check in), ``count`` (tell us), ``seat`` (a capacity).
    ``free_cancellation_until`` is the moment that people were promised: written here when the session is published
    and not worked out again. ``mail_words`` is a paragraph of its own (Markdown) for the mails to who is registered.
    ``starts_at`` and ``ends_at`` are those of the first and last meeting, kept here so that
    lists can be sorted by an index. ``revision`` rises with every edit, so that a stale tab is noticed.
    ``series_id`` is the series with which it was planned, one of the same activity. Moments are UTC.
    """

    __tablename__ = "activity_session"
    __table_args__ = (
        CheckConstraint("(mode = 'seat') = (capacity IS NOT NULL)", name="seats_have_capacity"),
        CheckConstraint("capacity IS NULL OR capacity BETWEEN 1 AND 2000", name="capacity_range"),
        CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        ForeignKeyConstraint(["series_id", "activity_id"], ["session_series.id", "session_series.activity_id"]),
        Index("ix_activity_session_series_id", "series_id", "starts_at"),
        Index("ix_activity_session_coming", "state", "ends_at", "starts_at"),
        Index("ix_activity_session_activity_id", "activity_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    series_id: Mapped[int | None]
    label: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[SessionState] = mapped_column(_kinds(SessionState, 10))
    mode: Mapped[Mode] = mapped_column(_kinds(Mode, 6))
    capacity: Mapped[int | None]
    online_link: Mapped[str | None] = mapped_column(String(500))
    mail_words: Mapped[str | None] = mapped_column(Text)
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    free_cancellation_until: Mapped[datetime | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    cancelled_because: Mapped[str | None] = mapped_column(String(300))
    revision: Mapped[int] = mapped_column(default=1)

    activity: Mapped[Activity] = relationship()
    meetings: Mapped[list[Meeting]] = relationship(cascade="all, delete-orphan", order_by="Meeting.position")
    reservations: Mapped[list[SeatReservation]] = relationship(
        cascade="all, delete-orphan", order_by="SeatReservation.programme_id"
    )

    def next_meeting(self, now: datetime) -> Meeting:
        """The meeting that is on or comes next; the last one when all are over."""
        return next((meeting for meeting in self.meetings if meeting.slot.end > now), self.meetings[-1])


class SeatReservation(Tracked, Model):
    """Seats of a session that are kept for a programme ``until`` a moment (UTC), and open to all from then on.

    ``merged_at`` is when what was left of them was offered to who waited.
    """

    __tablename__ = "seat_reservation"
    __table_args__ = (
        UniqueConstraint("session_id", "programme_id"),
        CheckConstraint("seats > 0", name="seats_positive"),
        Index("ix_seat_reservation_until", "until", sqlite_where=_NOT_MERGED, postgresql_where=_NOT_MERGED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id", ondelete="CASCADE"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    seats: Mapped[int]
    until: Mapped[datetime]
    merged_at: Mapped[datetime | None]


class Meeting(Tracked, Model):
    """One coming together of a session; its time and place are those of its slot."""

    __tablename__ = "activity_meeting"
    __table_args__ = (UniqueConstraint("session_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id", ondelete="CASCADE"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), unique=True)
    position: Mapped[int]

    slot: Mapped[Slot] = relationship()


class Registration(Tracked, Model):
    """One person's part in one session; an ended one stays.

    ``number`` is the seat, taken or offered; null where there are no seats, while waiting and once ended. It is unique
    in its session, so that the database refuses a second taker even if a lock is forgotten. ``ticket`` is the place in
    the waiting list for those who waited or asked for approval: the lowest is served first; it is unique in a session
    and stays, unless a coordinator moves somebody, when those who wait are dealt theirs anew. ``programme_id`` is the
    programme in which she was enrolled when she came: the seats that are kept for it are hers to take.
    ``offered_until`` is when the offer of a seat lapses (or lapsed). ``registered_at`` is when the seat became hers, at
    ``made_at`` or after she waited or asked. ``knew_of`` is what she was shown to have at the same time and took the
    part all the same: ``title`` (empty where others may not know it), ``start``, ``end``. At most one active
    registration per session and person. Moments are UTC.
    """

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint(
            "session_id", "number", info={"refusal": N_("Somebody took this seat just before you. Try once more.")}
        ),
        UniqueConstraint("session_id", "ticket"),
        CheckConstraint(
            "(state IN ('requested', 'waiting', 'offered', 'registered')) = (ended_at IS NULL)", name="ended"
        ),
        CheckConstraint(
            "number IS NULL OR (number > 0 AND state IN ('offered', 'registered'))", name="number_of_seated"
        ),
        CheckConstraint(
            "state NOT IN ('requested', 'waiting', 'offered') OR ticket IS NOT NULL", name="waits_by_ticket"
        ),
        CheckConstraint(
            "state <> 'offered' OR (number IS NOT NULL AND offered_until IS NOT NULL)", name="offer_in_full"
        ),
        Index("ix_registration_offered_until", "offered_until", sqlite_where=_IS_OFFERED, postgresql_where=_IS_OFFERED),
        Index("ix_registration_requested", "session_id", sqlite_where=_IS_REQUESTED, postgresql_where=_IS_REQUESTED),
        Index("ix_registration_person_id", "person_id", "session_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[RegistrationState] = mapped_column(_kinds(RegistrationState, 12))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int | None]
    ticket: Mapped[int | None]
    offered_until: Mapped[datetime | None]
    made_at: Mapped[datetime]
    registered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(300))
    knew_of: Mapped[list[dict[str, str]] | None] = mapped_column(JSON(none_as_null=True))

    session: Mapped[ActivitySession] = relationship()
    person: Mapped[Person] = relationship()


Index(
    "uq_registration_active",
    Registration.session_id,
    Registration.person_id,
    unique=True,
    sqlite_where=Registration.ended_at.is_(None),
    postgresql_where=Registration.ended_at.is_(None),
    info={"refusal": N_("You are registered already.")},
)


class Attendance(Tracked, Model):
    """What is noted of one person at one meeting; a registration is not needed for it.

    ``mark`` is null once it was taken back: the row stays, so that the history knows whose it was. ``reason`` is why it
    was noted after the day of the meeting. ``noted_by_id`` is empty for the program itself. Moments are UTC.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint(
            "meeting_id",
            "person_id",
            info={"refusal": N_("Somebody ticked the same person just before you. Look, then save again.")},
        ),
        Index("ix_attendance_person_id", "person_id", "meeting_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("activity_meeting.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    mark: Mapped[Presence | None] = mapped_column(_kinds(Presence, 8))
    reason: Mapped[str | None] = mapped_column(String(300))
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    noted_at: Mapped[datetime]


class SessionMessage(Tracked, Model):
    """What somebody wrote in the page to people in a session; a draft until it is sent, then never changed.

    It is about one session, or about all sessions of a series that are to come as it is sent. It goes to everybody
    whose part is in one of ``states`` then, and to those of ``person_ids`` who are still in it. ``by_id`` is in whose
    name it goes: who wrote it, then who sent it. ``text`` is Markdown. ``revision`` rises with every edit, so that
    nobody sends what she has not seen. Moments are UTC.
    """

    __tablename__ = "session_message"
    __table_args__ = (
        CheckConstraint("(session_id IS NULL) <> (series_id IS NULL)", name="about_one"),
        Index("ix_session_message_session_id", "session_id", "id"),
        Index("ix_session_message_series_id", "series_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("activity_session.id"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("session_series.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    states: Mapped[list[str]] = mapped_column(JSON)
    person_ids: Mapped[list[int]] = mapped_column(JSON)
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    by: Mapped[Person] = relationship(lazy="raise")


class SessionMessageCopy(Model):
    """One person's copy of a message that was sent: the mail in the outbox. Made once, never changed."""

    __tablename__ = "session_message_copy"

    session_message_id: Mapped[int] = mapped_column(ForeignKey("session_message.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
