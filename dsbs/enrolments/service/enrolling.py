"""Enrolling researchers, correcting an enrolment, and ending it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from dsbs.accounts.models import RoleGrant
from dsbs.accounts.queries import in_force
from dsbs.core.access import Role
from dsbs.core.refusals import N_, Refused
from dsbs.enrolments import rules
from dsbs.enrolments.models import Enrolment, Supervision
from dsbs.enrolments.rules import Facts, Part, Period
from dsbs.enrolments.service.dating import redate


def enrol(session: Session, *, person_id: int, facts: Facts, today: date) -> Enrolment:
    """Enrol a researcher; what is due on her track stands from then on.

    Refused when she does not hold that role, is enrolled on one of these days already, when the dates or the percentage
    cannot be, or when somebody named as a supervisor does not hold that role.
    """
    rules.check(facts, _around(session, person_id=person_id, facts=facts, besides=None, today=today), today=today)
    made = new_enrolment(person_id=person_id, facts=facts)
    session.add(made)
    redate(session, [made])
    return made


def edit_enrolment(session: Session, *, enrolment: Enrolment, revision: int, facts: Facts, today: date) -> Enrolment:
    """Correct an enrolment, all of it at once; its supervisions are loaded. The dates of its track move along.

    Refused as in ``enrol``, and when it has changed since ``revision`` was read. Who supervises already may stay
    without the role.
    """
    if enrolment.revision != revision:
        raise Refused(N_("Somebody else has changed this enrolment meanwhile. What it says now stands on top."))
    around = _around(session, person_id=enrolment.person_id, facts=facts, besides=enrolment, today=today)
    rules.check(facts, around, today=today)
    fill(session, enrolment, facts)
    redate(session, [enrolment])
    return enrolment


def end_enrolment(session: Session, *, enrolment: Enrolment, until: date) -> Enrolment:
    """Let an enrolment end with this day, its last. Refused before its first day; ending again moves the day."""
    for refused in rules.of_end(until, start=enrolment.start):
        raise refused
    enrolment.until = until
    session.flush()
    return enrolment


def new_enrolment(*, person_id: int, facts: Facts) -> Enrolment:
    """The row of a new enrolment with its supervisions, checked by the caller, not yet added and without dates."""
    enrolment = Enrolment(person_id=person_id, supervisions=_supervisions(_parts(facts)))
    _put(enrolment, facts)
    return enrolment


def fill(session: Session, enrolment: Enrolment, facts: Facts) -> None:
    """Put checked facts into an enrolment, whose dates the caller brings in line.

    Supervisions that stay keep their rows; others go before new ones come.
    """
    _put(enrolment, facts)
    parts = _parts(facts)
    kept = [row for row in enrolment.supervisions if parts.get(row.person_id) is row.part]
    if len(kept) < len(enrolment.supervisions):
        enrolment.supervisions = kept
        session.flush()
    kept_ids = {row.person_id for row in kept}
    fresh = {person_id: part for person_id, part in parts.items() if person_id not in kept_ids}
    enrolment.supervisions.extend(_supervisions(fresh))


def _put(enrolment: Enrolment, facts: Facts) -> None:
    enrolment.programme_id, enrolment.department_id = facts.programme_id, facts.department_id
    enrolment.start, enrolment.until = facts.start, facts.until
    enrolment.track, enrolment.employment_percentage = facts.track, facts.employment_percentage
    enrolment.funding_end = facts.funding_end
    enrolment.joint_partner, enrolment.project_title = facts.joint_partner, facts.project_title


def _parts(facts: Facts) -> dict[int, Part]:
    return {facts.supervisor_id: Part.MAIN} | dict.fromkeys(facts.co_supervisor_ids, Part.CO)


def _supervisions(parts: Mapping[int, Part]) -> list[Supervision]:
    return [Supervision(person_id=person_id, part=part) for person_id, part in parts.items()]


def facts_of(enrolment: Enrolment) -> Facts:
    """What an enrolment says; its supervisions are loaded."""
    by_part = {part: [row.person_id for row in enrolment.supervisions if row.part is part] for part in Part}
    return Facts(
        programme_id=enrolment.programme_id,
        department_id=enrolment.department_id,
        start=enrolment.start,
        track=enrolment.track,
        employment_percentage=enrolment.employment_percentage,
        supervisor_id=by_part[Part.MAIN][0],
        co_supervisor_ids=tuple(by_part[Part.CO]),
        until=enrolment.until,
        funding_end=enrolment.funding_end,
        joint_partner=enrolment.joint_partner,
        project_title=enrolment.project_title,
    )


def _around(session: Session, *, person_id: int, facts: Facts, besides: Enrolment | None, today: date) -> rules.Around:
    named = {facts.supervisor_id, *facts.co_supervisor_ids}
    held = set(session.execute(_roles_of({person_id, *named}, today)))
    others = session.scalars(select(Enrolment).where(Enrolment.person_id == person_id)).all()
    already = {row.person_id for row in besides.supervisions} if besides is not None else set()
    return rules.Around(
        others=tuple(Period(other.start, other.until) for other in others if other is not besides),
        person_id=person_id,
        is_researcher=besides is not None or (person_id, Role.RESEARCHER) in held,
        supervisor_ids=already | {person for person in named if (person, Role.SUPERVISOR) in held},
    )


def _roles_of(person_ids: Collection[int], today: date) -> Select[int, Role]:
    return select(RoleGrant.person_id, RoleGrant.role).where(RoleGrant.person_id.in_(person_ids), in_force(today))
