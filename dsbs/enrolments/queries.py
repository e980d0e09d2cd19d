"""Reads about enrolments, named as answers. A person's programme is read from here, nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Date, Select, bindparam, false, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from dsbs.accounts import access as people_access
from dsbs.accounts import queries as accounts
from dsbs.accounts.models import Person, RoleGrant
from dsbs.accounts.queries import in_force
from dsbs.accounts.rules import folded
from dsbs.core.access import Role, Viewer
from dsbs.core.db import is_sqlite, write_scope
from dsbs.core.kept import Kept
from dsbs.core.refusals import NotFound
from dsbs.enrolments import access
from dsbs.enrolments.models import Enrolment, Supervision, Suspension
from dsbs.enrolments.rules import Track
from dsbs.enrolments.rules.counting import Pause
from dsbs.programmes.labels import ProgrammeLabel
from dsbs.programmes.models import Programme

PAGE = 50
#: A longer name is looked for as if it began with one of its first words.
_MOST_WORDS = 6
Order = Literal["name", "-name", "start", "-start", "programme", "-programme"]
State = Literal["running", "ended", "all"]


@dataclass(frozen=True)
class Wanted:
    """What a list of researchers is narrowed to: words in names, programmes by id, and whether the enrolment runs."""

    search: str = ""
    programme_ids: frozenset[int] = frozenset()
    state: State = "running"


@dataclass(frozen=True)
class Researchers:
    """One page of enrolments, how many there are in all, and how many in each programme (whatever is chosen there)."""

    rows: Sequence[Enrolment]
    total: int
    page: int
    in_programmes: Mapping[int, int]

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // PAGE))


def runs(today: date | BindParameter[date]) -> ColumnElement[bool]:
    """The condition on enrolments that have not ended. One that begins later counts: she is admitted already."""
    return or_(Enrolment.until.is_(None), Enrolment.until >= today)


class Place(NamedTuple):
    """Where somebody is enrolled, and since which day; the day may be to come."""

    programme_id: int
    start: date


_PLACES = (
    select(Enrolment.person_id, Enrolment.programme_id, Enrolment.start)
    .where(Enrolment.person_id.in_(bindparam("person_ids", expanding=True)), runs(bindparam("today", type_=Date)))
    .order_by(Enrolment.start.desc())
)


def programme_ids_of(session: Session, person_ids: Collection[int], today: date) -> Mapping[int, int]:
    """The programme that each of these people is enrolled in; who is in none has no entry. One query.

    Of two enrolments that follow each other, the one that began first counts until it ends.
    """
    rows = session.execute(_PLACES, {"person_ids": list(person_ids), "today": today})
    return {person_id: programme_id for person_id, programme_id, _start in rows}


def place_of(session: Session, person_id: int, today: date) -> Place | None:
    """Where this person is enrolled, as ``programme_ids_of`` says."""
    if write_scope(session) is not None:
        rows = session.execute(_PLACES, {"person_ids": [person_id], "today": today})
        return {row.person_id: Place(row.programme_id, row.start) for row in rows}.get(person_id)
    return places_of_everybody(session, today).get(person_id)


@Kept
def places_of_everybody(session: Session, today: date) -> Mapping[int, Place]:
    """Where each person is enrolled: some hundred rows, read once for all of their pages."""
    rows = session.execute(
        select(Enrolment.person_id, Enrolment.programme_id, Enrolment.start)
        .where(runs(today))
        .order_by(Enrolment.start.desc())
    )
    return MappingProxyType({row.person_id: Place(row.programme_id, row.start) for row in rows})


def counts_by_programme(session: Session, today: date) -> Mapping[int, int]:
    """How many are enrolled in each programme; one without anybody is not named."""
    rows = session.execute(
        select(Enrolment.programme_id, func.count()).where(runs(today)).group_by(Enrolment.programme_id)
    )
    return dict(rows.all())


def person_ids_of(session: Session, programme_ids: Collection[int], today: date) -> Sequence[int]:
    """Everybody who is enrolled in one of these programmes."""
    return session.scalars(
        select(Enrolment.person_id).where(Enrolment.programme_id.in_(programme_ids), runs(today)).distinct()
    ).all()


@dataclass(frozen=True, slots=True)
class RunningEnrolment:
    """An enrolment as its researcher sees it in one line; ``supervisors`` are their names, the main one first.

    ``pauses`` are the days on which its track stands still.
    """

    id: int
    start: date
    track: Track
    employment_percentage: Decimal
    programme: ProgrammeLabel
    programme_name: str
    supervisors: tuple[str, ...]
    pauses: tuple[Pause, ...] = ()


#: The enrolments of a person that run or are to begin, a row for each supervisor.
_RUNNING = (
    select(
        Enrolment.id,
        Enrolment.start,
        Enrolment.track,
        Enrolment.employment_percentage,
        Programme.id.label("programme_id"),
        Programme.colour,
        Programme.short_name,
        Programme.name.label("programme_name"),
        Person.given_name,
        Person.family_name,
    )
    .join(Programme, Programme.id == Enrolment.programme_id)
    .outerjoin(Supervision, Supervision.enrolment_id == Enrolment.id)
    .outerjoin(Person, Person.id == Supervision.person_id)
    .where(Enrolment.person_id == bindparam("person_id"), runs(bindparam("today", type_=Date)))
    .order_by(Enrolment.start, Enrolment.id, Supervision.part.desc(), Supervision.id)
)


_PAUSES = (
    select(Suspension.first_day, Suspension.last_day)
    .where(Suspension.enrolment_id == bindparam("id"))
    .order_by(Suspension.first_day, Suspension.id)
)


@Kept
def current_enrolment(session: Session, person_id: int, today: date) -> RunningEnrolment | None:
    """The enrolment of a person that runs, or is to begin, with its programme and supervisors. Two queries."""
    rows = session.execute(_RUNNING, {"person_id": person_id, "today": today}).all()
    if not rows:
        return None
    first = rows[0]
    return RunningEnrolment(
        first.id,
        first.start,
        first.track,
        first.employment_percentage,
        ProgrammeLabel(first.programme_id, first.colour, first.short_name),
        first.programme_name,
        tuple(f"{row.given_name} {row.family_name}" for row in rows if row.id == first.id and row.given_name),
        tuple(Pause(first_day, last_day) for first_day, last_day in session.execute(_PAUSES, {"id": first.id})),
    )


def enrolments_of(session: Session, person_id: int) -> Sequence[Enrolment]:
    """All enrolments of a person, the latest first, with programme, department and supervisors."""
    found = select(Enrolment).where(Enrolment.person_id == person_id).order_by(Enrolment.start.desc())
    return session.scalars(found.options(*_whole())).all()


def enrolment(session: Session, enrolment_id: int) -> Enrolment:
    """The enrolment with this id, with person, programme, department and supervisors. Raises ``NotFound``."""
    found = session.scalars(select(Enrolment).where(Enrolment.id == enrolment_id).options(*_whole())).one_or_none()
    if found is None:
        raise NotFound
    return found


def enrolment_to_edit(session: Session, enrolment_id: int) -> Enrolment:
    """The same, locked until the write scope ends: of two who save at once, the second is told."""
    if not is_sqlite(session):
        session.execute(select(Enrolment.id).where(Enrolment.id == enrolment_id).with_for_update())
    return enrolment(session, enrolment_id)


def facts_of(enrolment: Enrolment) -> access.EnrolmentFacts:
    """What decides who may see this enrolment; its supervisions are loaded."""
    supervisors = frozenset(supervision.person_id for supervision in enrolment.supervisions)
    return access.EnrolmentFacts(enrolment.person_id, enrolment.programme_id, supervisors)


def researchers(
    session: Session,
    viewer: Viewer,
    *,
    today: date,
    wanted: Wanted = Wanted(),
    order: Order = "name",
    page: int = 1,
) -> Researchers:
    """The enrolments that this viewer may list, fifty a page: of her programmes, of those she supervises, or all.

    Always five queries, however many rows.
    """
    found = _listed(viewer, wanted, today)
    counted = found.with_only_columns(Enrolment.programme_id, func.count()).group_by(Enrolment.programme_id)
    in_programmes = dict(session.execute(counted).all())
    if wanted.programme_ids:
        found = found.where(Enrolment.programme_id.in_(wanted.programme_ids))
    chosen = wanted.programme_ids or in_programmes.keys()
    total = sum(count for programme_id, count in in_programmes.items() if programme_id in chosen)
    page = max(1, min(page, -(-total // PAGE)))
    rows = session.scalars(
        found.order_by(*_order(order))
        .limit(PAGE)
        .offset((page - 1) * PAGE)
        .options(contains_eager(Enrolment.person), contains_eager(Enrolment.programme), *_beside())
    )
    return Researchers(rows.all(), total, page, in_programmes)


def people_found(session: Session, viewer: Viewer, *, today: date, search: str) -> tuple[Sequence[Person], int]:
    """The first fifty of those whom this viewer may list with all of these words, by name, and how many there are.

    Everybody for who may list everybody, else the researchers that she looks after. At most five queries.
    """
    if people_access.may_list_people(viewer):
        everybody = accounts.people(session, viewer, today=today, search=search)
        return everybody.rows, everybody.total
    hers = researchers(session, viewer, today=today, wanted=Wanted(search=search))
    # Who begins elsewhere after this enrolment stands in it twice; who was deactivated is nobody to write to.
    found = {enrolment.person_id: enrolment.person for enrolment in hers.rows if enrolment.person.active}
    return list(found.values()), hers.total - len(hers.rows) + len(found)


def people_seen(session: Session, viewer: Viewer, *, today: date, ids: Collection[int]) -> Sequence[Person]:
    """Those with these ids whom this viewer may list, as ``people_found`` does. One query, none without ids."""
    if not ids:
        return ()
    return session.scalars(_people_seen_by(viewer, today).where(Person.id.in_(ids))).all()


def people_called_so(
    session: Session, viewer: Viewer, names: Collection[str], *, today: date
) -> Mapping[str, Sequence[Person]]:
    """Those whom this viewer may list with one of these full names, folded, the family name first or last. One query.

    A name that nobody has is not in it.
    """
    if not names:
        return {}
    # The search key begins with the family name, and nobody says where in a name that begins.
    words = [name.split() for name in names]
    turned = {" ".join(of[start:] + of[:start]) for of in words for start in range(min(len(of), _MOST_WORDS))}
    begins = (Person.search_key.startswith(f"{name} ", autoescape=True) for name in turned)
    rows = session.scalars(_people_seen_by(viewer, today).where(or_(Person.search_key.in_(turned), *begins)))
    found: dict[str, list[Person]] = {}
    for person in rows:
        for name in {folded(person.name), folded(f"{person.family_name} {person.given_name}")} & set(names):
            found.setdefault(name, []).append(person)
    return found


def _people_seen_by(viewer: Viewer, today: date) -> Select[Person]:
    found = select(Person).where(Person.active).order_by(Person.search_key, Person.id)
    if people_access.may_list_people(viewer):
        return found
    return found.where(Person.id.in_(select(Enrolment.person_id).where(_seen_by(viewer), runs(today))))


def anybody(session: Session, viewer: Viewer) -> bool:
    """Whether there is any enrolment, running or ended, that this viewer may list."""
    return session.scalar(select(Enrolment.id).where(_seen_by(viewer)).limit(1)) is not None


def researchers_of_programme(
    session: Session, viewer: Viewer, *, programme_id: int, today: date, page: int = 1
) -> Researchers:
    """Those enrolled in one programme now, as far as this viewer may see them."""
    wanted = Wanted(programme_ids=frozenset({programme_id}))
    return researchers(session, viewer, today=today, wanted=wanted, page=page)


def researchers_of_supervisor(session: Session, person_id: int, today: date) -> Sequence[Enrolment]:
    """The running enrolments that this person supervises, by name of the researcher."""
    return session.scalars(
        select(Enrolment)
        .join(Enrolment.person)
        .where(Enrolment.id.in_(_supervised_by(person_id)), runs(today))
        .order_by(Person.search_key, Enrolment.id)
        .options(contains_eager(Enrolment.person), joinedload(Enrolment.programme), *_beside())
    ).all()


def supervisors(session: Session, today: date) -> Sequence[Person]:
    """Everybody who may be named as a supervisor today, by name."""
    return session.scalars(
        select(Person)
        .where(Person.id.in_(holders_of(Role.SUPERVISOR, today)), Person.active)
        .order_by(Person.search_key)
    ).all()


def holders_of(role: Role, today: date) -> Select[int]:
    """The ids of everybody who holds this role today, to select from."""
    return select(RoleGrant.person_id).where(RoleGrant.role == role, in_force(today))


def person_called(session: Session, words: str) -> Person | None:
    """The person with this mail address or personnel number, whatever the case."""
    wanted = words.strip().lower()
    return session.scalars(
        select(Person).where(or_(Person.mail == wanted, func.lower(Person.personnel_number) == wanted)).limit(1)
    ).one_or_none()


def _listed(viewer: Viewer, wanted: Wanted, today: date) -> Select[Enrolment]:
    found = select(Enrolment).join(Enrolment.person).join(Enrolment.programme).where(_seen_by(viewer))
    for word in folded(wanted.search).split():
        found = found.where(Person.search_key.contains(word, autoescape=True))
    if wanted.state == "all":
        return found
    return found.where(runs(today) if wanted.state == "running" else ~runs(today))


def _seen_by(viewer: Viewer) -> ColumnElement[bool]:
    if access.sees_all(viewer):
        return true()
    programmes = viewer.programmes_as(Role.COORDINATOR, Role.LEADER)
    supervised = Enrolment.id.in_(_supervised_by(viewer.id)) if viewer.has(Role.SUPERVISOR) else false()
    return or_(Enrolment.programme_id.in_(programmes), supervised)


def _supervised_by(person_id: int) -> Select[int]:
    return select(Supervision.enrolment_id).where(Supervision.person_id == person_id)


def _order(order: Order) -> tuple[Any, ...]:
    columns: dict[str, Any] = {"name": Person.search_key, "start": Enrolment.start, "programme": Programme.short_name}
    column = columns[order.lstrip("-")]
    return (column.desc() if order.startswith("-") else column.asc(), Person.search_key, Enrolment.id)


def _beside() -> tuple[ExecutableOption, ...]:
    """Loads what stands beside a researcher in a list."""
    supervisions = selectinload(Enrolment.supervisions).joinedload(Supervision.person)
    return (joinedload(Enrolment.department), supervisions)


def _whole() -> tuple[ExecutableOption, ...]:
    return (joinedload(Enrolment.person), joinedload(Enrolment.programme), *_beside())
