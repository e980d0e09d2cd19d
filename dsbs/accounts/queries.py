"""Reads about people and their roles, named as answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import BindParameter, ColumnElement, Date, Select, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from dsbs.accounts import access
from dsbs.accounts.models import Person, RoleGrant
from dsbs.accounts.rules import folded
from dsbs.core.access import Grant, Role, Viewer
from dsbs.core.direct import Direct
from dsbs.core.kept import Kept
from dsbs.core.refusals import NotFound
from dsbs.mail.recipients import Recipient

PAGE = 50
#: PostgreSQL refuses to compare its integers with a larger one; no row has such an id.
_LARGEST_ID = 2**31 - 1
Order = Literal["name", "-name", "mail", "-mail"]
ORDERS: tuple[Order, ...] = ("name", "-name", "mail", "-mail")


@dataclass(frozen=True)
class People:
    """One page of people with their roles, and how many there are in all."""

    rows: Sequence[Person]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def in_force(today: date | BindParameter[date]) -> ColumnElement[bool]:
    """The condition on role grants that hold on this day."""
    return and_(RoleGrant.since <= today, or_(RoleGrant.until.is_(None), RoleGrant.until >= today))


_VIEWER = Direct(
    select(
        Person.given_name,
        Person.family_name,
        Person.language,
        RoleGrant.role,
        RoleGrant.programme_id,
        RoleGrant.session_id,
    )
    .outerjoin(RoleGrant, and_(RoleGrant.person_id == Person.id, in_force(bindparam("today", type_=Date))))
    .where(Person.id == bindparam("person_id"), Person.session_key == bindparam("session_key"), Person.active)
)


@Kept
def viewer_of(session: Session, *, person_id: int, session_key: str, today: date) -> Viewer | None:
    """The person behind a session cookie with the roles in force today, in one query; kept.

    None when she was deactivated, or has ended her sessions since the cookie was made.
    """
    asked = {"person_id": person_id, "session_key": session_key, "today": today}
    rows = _VIEWER.rows(session, asked)
    if not rows:
        return None
    given_name, family_name, language = rows[0][:3]
    return Viewer(
        id=person_id,
        name=f"{given_name} {family_name}",
        language=language,
        grants=frozenset(
            Grant(role, programme_id, session_id)
            for *_person, role, programme_id, session_id in rows
            if role is not None
        ),
        session_key=session_key,
    )


@dataclass(frozen=True)
class Contact:
    """Somebody as a verb needs her that tells her of what she did."""

    id: int
    recipient: Recipient
    wants_confirmations: bool


_CONTACT = Direct(
    select(Person.given_name, Person.family_name, Person.mail, Person.language, Person.wants_confirmations).where(
        Person.id == bindparam("person_id")
    )
)


@Kept
def contact(session: Session, person_id: int) -> Contact:
    """How this person is told of what she does; kept. Raises ``NotFound``."""
    rows = _CONTACT.rows(session, {"person_id": person_id})
    if not rows:
        raise NotFound
    given_name, family_name, mail, language, wants_confirmations = rows[0]
    to = Recipient(person_id, f"{given_name} {family_name}", mail or "", language)
    return Contact(person_id, to, wants_confirmations)


def person(session: Session, person_id: int) -> Person:
    """The person with this id. Raises ``NotFound``."""
    found = session.get(Person, person_id) if person_id <= _LARGEST_ID else None
    if found is None:
        raise NotFound
    return found


def names_of(session: Session, person_ids: Collection[int]) -> Mapping[int, str]:
    """What these people are called. One query."""
    rows = session.execute(select(Person.id, Person.given_name, Person.family_name).where(Person.id.in_(person_ids)))
    return {row.id: f"{row.given_name} {row.family_name}" for row in rows}


def person_by_mail(session: Session, mail: str) -> Person | None:
    """The person with this address, whatever its case."""
    return session.scalars(select(Person).where(Person.mail == mail.strip().lower())).one_or_none()


def person_who_signs_in(session: Session, mail: str) -> Person | None:
    """The person with this address, unless she was deactivated."""
    found = person_by_mail(session, mail)
    return found if found is not None and found.active else None


def people(
    session: Session,
    viewer: Viewer,
    *,
    today: date,
    search: str = "",
    roles: Collection[Role] = (),
    inactive: bool = False,
    order: Order = "name",
    page: int = 1,
) -> People:
    """The people that this viewer may list, with their roles; fifty a page, always three queries.

    Each word of ``search`` must stand inside a name, address or number, whatever its case and accents. ``roles`` keep
    who holds one of them today; ``inactive`` shows only who was deactivated, else only who was not.
    """
    found = _people_like(viewer, search, roles, inactive, today)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page = max(1, min(page, -(-total // PAGE)))
    rows: Sequence[Person] = session.scalars(
        found.order_by(*_order(order)).limit(PAGE).offset((page - 1) * PAGE).options(selectinload(Person.grants))
    ).all()
    return People(rows=rows, total=total, page=page)


def roles_of(session: Session, person_id: int) -> Sequence[RoleGrant]:
    """All roles of a person, those in force and to come first, each kind by its first day."""
    return session.scalars(
        select(RoleGrant)
        .where(RoleGrant.person_id == person_id)
        .order_by(RoleGrant.until.is_not(None), RoleGrant.until.desc(), RoleGrant.since, RoleGrant.id)
    ).all()


def grant(session: Session, grant_id: int) -> RoleGrant:
    """The role grant with this id. Raises ``NotFound``."""
    found = session.get(RoleGrant, grant_id) if grant_id <= _LARGEST_ID else None
    if found is None:
        raise NotFound
    return found


def administrators_on(session: Session, day: date, *, lock: bool = False) -> Sequence[RoleGrant]:
    """The grants by which somebody runs the school on this day, each with its person; ``lock`` holds them."""
    found = (
        select(RoleGrant)
        .join(RoleGrant.person)
        .where(RoleGrant.role == Role.ADMINISTRATOR, in_force(day), Person.active)
        .options(contains_eager(RoleGrant.person))
        .order_by(RoleGrant.id)
    )
    return session.scalars(found.with_for_update() if lock else found).all()


def whom_to_ask(session: Session, today: date) -> Sequence[tuple[str, str]]:
    """Names and mail addresses of those who run the school today, and so put right what is wrong on record."""
    people = (grant.person for grant in administrators_on(session, today))
    return [(person.name, person.mail) for person in people if person.mail]


def anybody(session: Session) -> bool:
    """Whether the school knows anybody yet."""
    return session.scalar(select(Person.id).limit(1)) is not None


def _people_like(viewer: Viewer, search: str, roles: Collection[Role], inactive: bool, today: date) -> Select[Person]:
    found = select(Person).where(Person.active.is_(not inactive))
    if not access.may_list_people(viewer):
        found = found.where(false())
    for word in folded(search).split():
        found = found.where(Person.search_key.contains(word, autoescape=True))
    if roles:
        found = found.where(Person.grants.any(and_(RoleGrant.role.in_(roles), in_force(today))))
    return found


def _order(order: Order) -> tuple[ColumnElement[object], ...]:
    column = Person.mail if order.endswith("mail") else Person.search_key
    first = column.desc().nulls_last() if order.startswith("-") else column.asc().nulls_last()
    return (first, Person.id)  # type: ignore[return-value]  # columns of different types, all orderable
