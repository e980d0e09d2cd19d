"""Reads about people and their roles, named as answers."""

from __future__ import annotations

from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from dsbs.accounts.models import Person, RoleGrant
from dsbs.core.access import Grant, Viewer


def viewer_of(session: Session, *, person_id: int, session_key: str, today: date) -> Viewer | None:
    """The person behind a session cookie with the roles in force today, in one query.

    None when she was deactivated, or has ended her sessions since the cookie was made.
    """
    in_force = and_(
        RoleGrant.person_id == Person.id,
        RoleGrant.since <= today,
        or_(RoleGrant.until.is_(None), RoleGrant.until >= today),
    )
    rows = session.execute(
        select(
            Person.given_name,
            Person.family_name,
            Person.language,
            RoleGrant.role,
            RoleGrant.programme_id,
            RoleGrant.session_id,
        )
        .outerjoin(RoleGrant, in_force)
        .where(Person.id == person_id, Person.session_key == session_key, Person.active)
    ).all()
    if not rows:
        return None
    return Viewer(
        id=person_id,
        name=f"{rows[0].given_name} {rows[0].family_name}",
        language=rows[0].language,
        grants=frozenset(Grant(row.role, row.programme_id, row.session_id) for row in rows if row.role is not None),
        session_key=session_key,
    )


def person_by_mail(session: Session, mail: str) -> Person | None:
    """The person with this address, whatever its case."""
    return session.scalars(select(Person).where(Person.mail == mail.strip().lower())).one_or_none()
