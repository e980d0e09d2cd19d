"""Enrolments from the personnel system."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from dsbs.accounts.models import Person, RoleGrant
from dsbs.accounts.queries import in_force
from dsbs.core.access import Role
from dsbs.core.refusals import N_, Refused
from dsbs.enrolments import rules, service
from dsbs.enrolments.models import Enrolment
from dsbs.enrolments.rules import Around, Facts, Period, Track
from dsbs.enrolments.words import TRACKS
from dsbs.exchange import cells
from dsbs.exchange.columns import Column
from dsbs.exchange.importing import Difference, Planned, Preview, Row, Said, decided, reading
from dsbs.exchange.tables import Table
from dsbs.programmes.models import Programme, Unit, UnitKind

T = TypeVar("T")

COLUMNS = (
    Column(
        key="person",
        label=N_("Personnel number"),
        aliases=("Personeelsnummer", "Personeelsnr", "Stamnummer", "r-nummer", "Researcher", "Onderzoeker"),
        help=N_("The researcher: personnel number or mail address of somebody who is known."),
        required=True,
    ),
    Column(
        key="programme",
        label=N_("Programme"),
        aliases=("Programma",),
        help=N_("Code or name of one of the programmes."),
        required=True,
    ),
    Column(
        key="department",
        label=N_("Department"),
        aliases=("Departement",),
        help=N_("Name or code of one of the departments."),
        required=True,
    ),
    Column(
        key="supervisor",
        label=N_("Supervisor"),
        aliases=("Promotor",),
        help=N_("Mail address or personnel number of a known supervisor."),
        required=True,
    ),
    Column(
        key="co_supervisors",
        label=N_("Co-supervisors"),
        aliases=(
            "Copromotor(en)",
            "Copromotor",
            "Copromotoren",
            "Co-promotor(en)",
            "Co-supervisor",
            "Co-supervisor(s)",
        ),
        help=N_("The same, several with commas."),
    ),
    Column(
        key="start",
        label=N_("Start"),
        aliases=("Startdatum", "Begindatum", "Start date"),
        help=N_("31/12/2026 or 2026-12-31."),
        required=True,
    ),
    Column(
        key="track",
        label=N_("Track"),
        aliases=("Traject",),
        help=N_("4 years or 6 years."),
        required=True,
    ),
    Column(
        key="employment_percentage",
        label=N_("Employment percentage"),
        aliases=("Tewerkstelling %", "Tewerkstellingspercentage", "Employment %", "Percentage"),
        help=N_("More than 0, at most 100; 50,5 and 50.5 both do. A fact of its own: it never becomes a track."),
        required=True,
    ),
    Column(
        key="until",
        label=N_("End"),
        aliases=("Einddatum", "End date", "Until"),
        help=N_("The last day. Where it is empty, an end that is known stays."),
    ),
    Column(
        key="funding_end",
        label=N_("Funding end"),
        aliases=("Einde financiering", "Einddatum financiering", "End of funding", "Funded until"),
        help=N_("The last day that is paid for."),
    ),
    Column(
        key="joint_partner",
        label=N_("Joint PhD with"),
        aliases=("Joint PhD met", "Joint PhD", "Joint partner"),
        help=N_("The other university of a joint degree."),
    ),
    Column(
        key="project_title",
        label=N_("Project title"),
        aliases=("Titel project", "Titel van het project", "Projecttitel", "Title", "Titel"),
        help=N_("At most 300 characters."),
    ),
)

_TRACK_OF = {
    cells.fold(name): track
    for track, names in {
        Track.FOUR_YEARS: ("4", "4 jaar", "4 years", "4-year", "vier jaar", "four years", "track_4"),
        Track.SIX_YEARS: ("6", "6 jaar", "6 years", "6-year", "zes jaar", "six years", "track_6"),
    }.items()
    for name in names
}
_LABELS = {column.key: column.label for column in COLUMNS}


@dataclass(frozen=True)
class Change:
    """What is written for a row: the enrolment to change (None: a new one), whose it is, and what it says then."""

    enrolment: Enrolment | None
    person_id: int
    facts: Facts


class Known:
    """All people, programmes, departments, roles in force and enrolments, by what a file calls them: six queries."""

    def __init__(self, session: Session, today: date) -> None:
        self.names: dict[int, str] = {}
        self.people: dict[str, int] = {}
        for person_id, number, mail, given_name, family_name in session.execute(
            select(Person.id, Person.personnel_number, Person.mail, Person.given_name, Person.family_name)
        ):
            self.names[person_id] = f"{given_name} {family_name}"
            self.people |= {word.lower(): person_id for word in (number, mail) if word}
        self.departments: dict[str, int] = {}
        self.programmes: dict[str, int] = {}
        units = session.execute(select(Unit.id, Unit.code, Unit.name).where(Unit.kind == UnitKind.DEPARTMENT)).all()
        programmes = session.execute(select(Programme.id, Programme.code, Programme.name)).all()
        self.departments |= {cells.fold(word): unit.id for unit in units for word in (unit.code, unit.name)}
        self.department_names = {unit.id: unit.name for unit in units}
        self.programmes |= {cells.fold(word): found.id for found in programmes for word in (found.code, found.name)}
        self.programme_codes = {found.id: found.code for found in programmes}
        held = session.execute(select(RoleGrant.role, RoleGrant.person_id).where(in_force(today))).all()
        self.researchers = frozenset(person_id for role, person_id in held if role is Role.RESEARCHER)
        self.supervisors = frozenset(person_id for role, person_id in held if role is Role.SUPERVISOR)
        self.enrolments: dict[int, list[Enrolment]] = {}
        for enrolment in session.scalars(select(Enrolment).options(selectinload(Enrolment.supervisions))):
            self.enrolments.setdefault(enrolment.person_id, []).append(enrolment)


class EnrolmentsImporter:
    """Adds enrolments and changes what they say; ends one only where the file gives its last day.

    A row is about the enrolment of that person with the same start, else about the one that runs, else a new one.
    Columns that the file lacks leave what is known; empty cells of a column that it has empty it, but never reopen an
    enrolment. Of two rows about the same person the first stands.
    """

    title = N_("Enrolments")
    why = "Imported enrolments"
    columns = COLUMNS

    def plan(self, session: Session, table: Table, *, today: date) -> Preview:
        """What this table would change about enrolments; seven queries, however long it is."""
        found = reading(table, COLUMNS)
        known, taken = Known(session, today), dict[int, int]()
        return found.preview([_planned(row, known, taken, today) for row in found.rows])

    def apply(self, session: Session, preview: Preview, *, now: datetime, today: date) -> None:
        """Write the new enrolments in one go, fill in the changed ones, and reckon what is due on all of them."""
        written = [_written(session, row.change) for row in preview.to_write]
        service.redate(session, written)


def _written(session: Session, change: Change) -> Enrolment:
    if change.enrolment is not None:
        service.fill(session, change.enrolment, change.facts)
        return change.enrolment
    made = service.new_enrolment(person_id=change.person_id, facts=change.facts)
    session.add(made)
    return made


def _planned(row: Row, known: Known, taken: dict[int, int], today: date) -> Planned:
    person_id = row.need("person", partial(_person, known=known))
    title = f"{known.names[person_id]} ({row.cell('person')})" if person_id else row.cell("person")
    facts = _read(row, known, today)
    if person_id is None or facts is None:
        return row.refused(title)
    if person_id in taken:
        row.refuse("person", N_("This stands on line %(line)d already; the first one counts."), line=taken[person_id])
        return row.refused(title)
    enrolments = known.enrolments.get(person_id, [])
    enrolment = _meant(enrolments, facts.start)
    facts = _with_what_stays(row, facts, enrolment)
    _judge(row, facts, person_id, enrolment, known, today)
    if row.faults:
        return row.refused(title)
    taken[person_id] = row.line
    before = service.facts_of(enrolment) if enrolment is not None else None
    differences = _differences(before, facts, known)
    change = Change(enrolment, person_id, facts)
    return decided(row, title=title, known=enrolment is not None, differences=differences, change=change)


def _read(row: Row, known: Known, today: date) -> Facts | None:
    """What the row says; what each cell alone cannot mean is refused here, also where another cell cannot be read."""
    programme_id = row.need("programme", partial(_programme, known=known))
    department_id = row.need("department", partial(_department, known=known))
    supervisor_id = row.need("supervisor", partial(_person, known=known))
    co_supervisors = row.read("co_supervisors", lambda cell: _people(cell, known)) or ()
    start = row.need("start", _sound(cells.day, partial(rules.of_start, today=today)))
    track = row.need("track", _track)
    percentage = row.need("employment_percentage", _sound(cells.decimal, rules.of_percentage))
    until, funding_end = row.read("until", cells.day), row.read("funding_end", cells.day)
    joint_partner = row.read("joint_partner", lambda cell: cells.text(cell, most=200)) or ""
    project_title = row.read("project_title", lambda cell: cells.text(cell, most=300)) or ""
    if row.faults or not (programme_id and department_id and supervisor_id and start and track and percentage):
        return None
    return Facts(
        programme_id=programme_id,
        department_id=department_id,
        start=start,
        track=track,
        employment_percentage=percentage,
        supervisor_id=supervisor_id,
        co_supervisor_ids=co_supervisors,
        until=until,
        funding_end=funding_end,
        joint_partner=joint_partner,
        project_title=project_title,
    )


def _meant(enrolments: Sequence[Enrolment], start: date) -> Enrolment | None:
    """The enrolment that a row speaks of: the one with this start, else the one that runs."""
    same = [enrolment for enrolment in enrolments if enrolment.start == start]
    return next(iter(same or [enrolment for enrolment in enrolments if enrolment.until is None]), None)


def _with_what_stays(row: Row, facts: Facts, enrolment: Enrolment | None) -> Facts:
    if enrolment is None:
        return facts
    before = service.facts_of(enrolment)
    return replace(
        facts,
        until=facts.until or before.until,
        co_supervisor_ids=facts.co_supervisor_ids if row.has("co_supervisors") else before.co_supervisor_ids,
        funding_end=facts.funding_end if row.has("funding_end") else before.funding_end,
        joint_partner=facts.joint_partner if row.has("joint_partner") else before.joint_partner,
        project_title=facts.project_title if row.has("project_title") else before.project_title,
    )


def _judge(row: Row, facts: Facts, person_id: int, enrolment: Enrolment | None, known: Known, today: date) -> None:
    others = [other for other in known.enrolments.get(person_id, []) if other is not enrolment]
    already = {supervision.person_id for supervision in enrolment.supervisions} if enrolment is not None else set()
    around = Around(
        person_id=person_id,
        others=tuple(Period(other.start, other.until) for other in others),
        is_researcher=person_id in known.researchers,
        supervisor_ids=known.supervisors | already,
    )
    for refused in rules.refusals(facts, around, today=today):
        row.refuse_for(refused, "person")


def _differences(before: Facts | None, after: Facts, known: Known) -> list[Difference]:
    old, new = _told(before, known) if before is not None else {}, _told(after, known)
    return [
        Difference(_LABELS[key], old.get(key), new[key]) for key in new if (old.get(key) or None) != (new[key] or None)
    ]


def _told(facts: Facts, known: Known) -> Mapping[str, object]:
    """What an enrolment says, by column, as a preview shows it."""
    return {
        "programme": known.programme_codes[facts.programme_id],
        "department": known.department_names[facts.department_id],
        "supervisor": known.names[facts.supervisor_id],
        "co_supervisors": tuple(sorted(known.names[person_id] for person_id in facts.co_supervisor_ids)),
        "start": facts.start,
        "track": Said(TRACKS[facts.track]),
        "employment_percentage": facts.employment_percentage.normalize(),
        "until": facts.until,
        "funding_end": facts.funding_end,
        "joint_partner": facts.joint_partner,
        "project_title": facts.project_title,
    }


def _sound(reader: Callable[[str], T], rule: Callable[[T], Iterable[Refused]]) -> Callable[[str], T]:
    """A reader that also refuses what the rule refuses."""

    def read(cell: str) -> T:
        value = reader(cell)
        for refused in rule(value):
            raise refused
        return value

    return read


def _track(cell: str) -> Track:
    track = _TRACK_OF.get(cells.fold(cell))
    if track is None:
        raise Refused(N_("“%(cell)s” is not a track. Write 4 years or 6 years."), cell=cell)
    return track


def _person(cell: str, known: Known) -> int:
    person_id = known.people.get(cell.lower())
    if person_id is None:
        raise Refused(N_("Nobody is known by “%(cell)s”."), cell=cell)
    return person_id


def _people(cell: str, known: Known) -> tuple[int, ...]:
    return tuple(_person(name, known) for name in cells.listed(cell))


def _programme(cell: str, known: Known) -> int:
    programme_id = known.programmes.get(cells.fold(cell))
    if programme_id is None:
        raise Refused(N_("There is no programme “%(code)s”."), code=cell)
    return programme_id


def _department(cell: str, known: Known) -> int:
    department_id = known.departments.get(cells.fold(cell))
    if department_id is None:
        raise Refused(N_("There is no department “%(name)s”."), name=cell)
    return department_id
