"""People, the roles they hold, and the signed links they are sent."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from secrets import token_hex
from typing import ClassVar, Protocol

from sqlalchemy import CheckConstraint, Connection, Enum, ForeignKey, Index, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from dsbs.accounts.rules import folded
from dsbs.core.access import Role
from dsbs.core.db import Actor, Model
from dsbs.core.refusals import N_
from dsbs.history.models import Tracked
from dsbs.mail.recipients import Recipient

SEARCH_KEY_LONGEST = 600


class Addressee(Protocol):
    """Whoever can be told of what she did: a person's row, or what is kept of it."""

    @property
    def id(self) -> int:
        """The id of the person's row."""

    @property
    def recipient(self) -> Recipient:
        """The person as mail is addressed to her."""

    @property
    def wants_confirmations(self) -> bool:
        """Whether she wishes a mail about what she did herself."""


class Person(Tracked, Model):
    """Somebody the school knows: signed in or not, inside or outside.

    ``mail`` is the address in lower case and unique; an outsider may have none. ``personnel_number`` comes from the
    personnel system and joins imports to people. ``session_key`` changes when all sessions must end. ``active`` is
    false for who may no longer sign in; her rows stay. ``wants_bulletin`` and the like are her mail wishes.
    ``search_key`` is kept by this class: family name, given name, address and number, folded (``rules.folded``), so
    that both engines search and sort alike.
    """

    __tablename__ = "person"
    __private__: ClassVar[frozenset[str]] = frozenset({"password_hash", "session_key", "feed_key"})
    __table_args__ = (
        UniqueConstraint("mail", info={"refusal": N_("Somebody with this address is known already."), "field": "mail"}),
        UniqueConstraint(
            "personnel_number",
            info={"refusal": N_("Somebody with this personnel number is known already."), "field": "personnel_number"},
        ),
        CheckConstraint("mail = lower(mail)", name="mail_lower"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    given_name: Mapped[str] = mapped_column(String(100))
    family_name: Mapped[str] = mapped_column(String(100))
    mail: Mapped[str | None] = mapped_column(String(254))
    personnel_number: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(5), default="en")
    phone: Mapped[str | None] = mapped_column(String(40))
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    session_key: Mapped[str] = mapped_column(String(32), default=lambda: token_hex(16))
    feed_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    wants_confirmations: Mapped[bool] = mapped_column(default=True)
    wants_bulletin: Mapped[bool] = mapped_column(default=True)
    search_key: Mapped[str] = mapped_column(String(SEARCH_KEY_LONGEST), index=True)

    grants: Mapped[list[RoleGrant]] = relationship(back_populates="person", cascade="all, delete-orphan")

    @property
    def name(self) -> str:
        """The name as one says it: given name first."""
        return f"{self.given_name} {self.family_name}"

    @property
    def sorted_name(self) -> str:
        """The name as lists print it: family name first."""
        return f"{self.family_name}, {self.given_name}"

    @property
    def actor(self) -> Actor:
        """The person as the history names her."""
        return Actor(id=self.id, name=self.name)

    @property
    def fingerprint(self) -> str:
        """Changes when anything does that administrators edit, so that a stale tab is noticed."""
        edited = (self.given_name, self.family_name, self.mail, self.personnel_number, self.language, self.phone)
        return sha256(repr(edited).encode()).hexdigest()[:16]

    @property
    def recipient(self) -> Recipient:
        """The person as mail is addressed to her; without an address the message is kept and fails visibly."""
        return Recipient(person_id=self.id, name=self.name, address=self.mail or "", language=self.language)

    def grants_on(self, day: date) -> list[RoleGrant]:
        """Her roles on this day: not those that have ended or not begun."""
        return [grant for grant in self.grants if grant.since <= day and (grant.until is None or day <= grant.until)]


@event.listens_for(Person, "before_insert")
@event.listens_for(Person, "before_update")
def _keep_search_key(mapper: Mapper[Person], connection: Connection, person: Person) -> None:
    words = (person.family_name, person.given_name, person.mail or "", person.personnel_number or "")
    person.search_key = folded(" ".join(words))[:SEARCH_KEY_LONGEST]


class RoleGrant(Tracked, Model):
    """One role of one person, in one scope, from a day and perhaps until one (both included).

    Coordinators and leaders hold theirs in a programme, organisers in a session; the others in the whole school.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("(role IN ('coordinator', 'leader')) = (programme_id IS NOT NULL)", name="programme_scope"),
        CheckConstraint("(role = 'organiser') = (session_id IS NOT NULL)", name="session_scope"),
        CheckConstraint(
            "until IS NULL OR since <= until",
            name="ends_after_start",
            info={"refusal": N_("The last day comes before the first."), "field": "until"},
        ),
        Index("ix_role_grant_person_id", "person_id"),
        Index("ix_role_grant_programme_id", "programme_id", "role"),
        Index("ix_role_grant_session_id", "session_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(
        Enum(Role, native_enum=False, length=15, values_callable=lambda roles: [role.value for role in roles])
    )
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("activity_session.id"))
    since: Mapped[date]
    until: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="grants")


class SignedLink(Model):
    """An address in a mail that lets its holder do one thing, for a while, without signing in.

    The secret in the address is worked out from the server's key and ``nonce``; only its hash is kept. GET shows, only
    POST acts and uses it up. ``subject`` and ``subject_id`` name the row that it is about; ``next_path`` is the page of
    ours that its holder was on the way to. ``last_used_from`` tells the browser that used it last from others, so that
    its double click counts once. Times are UTC.
    """

    __tablename__ = "signed_link"
    __table_args__ = (
        Index("ix_signed_link_subject", "subject", "subject_id"),
        CheckConstraint("uses_left >= 0", name="uses_left"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(60))
    subject_id: Mapped[int | None]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    nonce: Mapped[str] = mapped_column(String(32))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    uses_left: Mapped[int]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_used_from: Mapped[str | None] = mapped_column(String(64))
    next_path: Mapped[str | None] = mapped_column(String(500))

    person: Mapped[Person] = relationship()
