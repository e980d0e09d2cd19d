"""Giving roles and ending them."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dsbs.accounts import queries, rules
from dsbs.accounts.models import Person, RoleGrant
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, Actor
from dsbs.core.refusals import N_, Refused

_IN_PROGRAMMES = frozenset({Role.COORDINATOR, Role.LEADER})


def grant(
    session: Session,
    *,
    person: Person,
    role: Role,
    since: date,
    until: date | None = None,
    programme_id: int | None = None,
    session_id: int | None = None,
) -> RoleGrant:
    """Give a person a role from ``since`` until ``until`` (both included; None: until ended).

    Coordinators and leaders get theirs in a programme, organisers in a session, the others in the whole school. Refused
    when the scope does not fit the role, the days do not follow each other, or she holds the same role on one of them.
    """
    _check_scope(role, programme_id=programme_id, session_id=session_id)
    rules.check_period(since=since, until=until)
    _check_no_overlap(session, person, role, programme_id, session_id, since, until)
    given = RoleGrant(
        person=person, role=role, programme_id=programme_id, session_id=session_id, since=since, until=until
    )
    session.add(given)
    session.flush()
    return given


def end_grant(session: Session, *, grant: RoleGrant, on: date, by: Actor = SYSTEM) -> None:
    """Let a role end with this day, the last on which it works; one that would then never have begun goes away.

    Refused for one's own administrator role and for the last administrator of the school. Ending again moves the day.
    """
    if grant.role is Role.ADMINISTRATOR:
        if grant.person_id == by.id:
            raise Refused(N_("You cannot end your own administrator role. Another administrator can."))
        check_an_administrator_stays(session, day=on + timedelta(days=1), without_grant=grant)
    if on < grant.since:
        session.delete(grant)
    else:
        grant.until = on
    session.flush()


def check_an_administrator_stays(
    session: Session, *, day: date, without_grant: RoleGrant | None = None, without_person: Person | None = None
) -> None:
    """Refuse to take away the last one who runs the school. Locks the grants of all administrators first."""
    running = queries.administrators_on(session, day, lock=True)
    left = [grant for grant in running if grant is not without_grant and grant.person is not without_person]
    if running and not left:
        raise Refused(N_("This is the last administrator. Give the role to somebody else first."))


def _check_scope(role: Role, *, programme_id: int | None, session_id: int | None) -> None:
    if role in _IN_PROGRAMMES and programme_id is None:
        raise Refused(N_("Choose the programme that this role is for."), field="programme")
    if role not in _IN_PROGRAMMES and programme_id is not None:
        raise Refused(N_("This role is for the whole school. Choose no programme."), field="programme")
    if (role is Role.ORGANISER) != (session_id is not None):
        raise Refused(N_("A teacher is named on the page of the session."), field="role")


def _check_no_overlap(
    session: Session,
    person: Person,
    role: Role,
    programme_id: int | None,
    session_id: int | None,
    since: date,
    until: date | None,
) -> None:
    held = session.scalars(
        select(RoleGrant).where(
            RoleGrant.person_id == person.id,
            RoleGrant.role == role,
            RoleGrant.programme_id.is_not_distinct_from(programme_id),
            RoleGrant.session_id.is_not_distinct_from(session_id),
            or_(RoleGrant.until.is_(None), RoleGrant.until >= since),
            *((RoleGrant.since <= until,) if until else ()),
        )
    ).first()
    if held is not None:
        raise Refused(N_("%(name)s holds this role already, since %(day)s."), name=person.name, day=held.since)
