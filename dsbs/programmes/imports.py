"""People from the personnel system. It stands here because a row names the programmes that coordinators look after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row as Found
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person, RoleGrant
from dsbs.accounts.rules import normal_mail
from dsbs.core.access import Role
from dsbs.core.refusals import N_, Refused
from dsbs.exchange import cells
from dsbs.exchange.columns import Column
from dsbs.exchange.importing import Difference, Planned, Preview, Row, Said, decided, reading
from dsbs.exchange.tables import Table
from dsbs.programmes.models import Programme

Scoped = tuple[Role, int | None]
#: Id, personnel number, address, given and family name.
Joined = Found[int, str | None, str | None, str, str]

COLUMNS = (
    Column(
        key="personnel_number",
        label=N_("Personnel number"),
        aliases=("Personeelsnummer", "Personeelsnr", "Stamnummer", "Number", "Staff number", "u-nummer", "r-nummer"),
        help=N_("Joins a row to somebody who is known. Where it is empty, the mail address does."),
    ),
    Column(
        key="family_name",
        label=N_("Family name"),
        aliases=("Naam", "Familienaam", "Achternaam", "Surname", "Last name", "Name"),
        help=N_("At most 100 characters."),
        required=True,
    ),
    Column(
        key="given_name",
        label=N_("Given name"),
        aliases=("Voornaam", "First name"),
        help=N_("At most 100 characters."),
        required=True,
    ),
    Column(
        key="mail",
        label=N_("Mail"),
        aliases=("E-mail", "E-mailadres", "Mailadres", "Mail address", "E-mail address"),
        help=N_("The address to sign in with; each belongs to one person."),
        required=True,
    ),
    Column(
        key="role",
        label=N_("Role"),
        aliases=("Rol", "Rollen", "Roles", "Functie", "Function"),
        help=N_("Researcher, supervisor, coordinator, leader, reader or administrator; several with commas."),
        required=True,
    ),
    Column(
        key="programme",
        label=N_("Programme"),
        aliases=("Programma", "Programma's", "Programmes"),
        help=N_("The codes of the programmes that a coordinator or leader looks after. Not read for other roles."),
    ),
    Column(
        key="language",
        label=N_("Language"),
        aliases=("Taal",),
        help=N_("Dutch (nl), else English. Only for people who are new: later it is their own choice."),
    ),
)

_ROLES: Mapping[Role, tuple[str, ...]] = {
    Role.RESEARCHER: ("researcher", "PhD researcher", "doctoraatsonderzoeker", "doctorandus", "PhD student"),
    Role.SUPERVISOR: ("supervisor", "promotor", "copromotor", "co-supervisor"),
    Role.COORDINATOR: ("coordinator", "coördinator", "programme coordinator", "programmacoördinator"),
    Role.LEADER: ("leader", "programme leader", "leider", "programmaleider"),
    Role.READER: ("reader", "lezer", "director", "directeur", "doctoral committee", "doctoraatscommissie"),
    Role.ADMINISTRATOR: ("administrator", "beheerder", "admin"),
}
_ROLE_OF = {cells.fold(name): role for role, names in _ROLES.items() for name in names}
_ROLE_WORDS: Mapping[Role, str] = {
    Role.RESEARCHER: N_("Researcher"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.COORDINATOR: N_("Coordinator of %(programme)s"),
    Role.LEADER: N_("Leader of %(programme)s"),
    Role.READER: N_("Reader of the school"),
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.ORGANISER: N_("Teacher of sessions"),
}
_OF_PROGRAMMES = frozenset({Role.COORDINATOR, Role.LEADER})
_DUTCH = frozenset({"nl", "nederlands", "dutch", "ned", "n"})


@dataclass(frozen=True)
class Read:
    """What a sound row says about a person."""

    personnel_number: str | None
    family_name: str
    given_name: str
    mail: str
    language: str
    roles: tuple[Scoped, ...]

    @property
    def title(self) -> str:
        """The person as the preview names her."""
        name = f"{self.given_name} {self.family_name}"
        return f"{name} ({self.personnel_number})" if self.personnel_number else name


@dataclass(frozen=True)
class Change:
    """What is written for a row: the person it is about (None: somebody new), what she is, and the roles to give."""

    person_id: int | None
    read: Read
    personnel_number: str | None
    grants: tuple[Scoped, ...]


class Known:
    """Everybody the school knows, every role that has not ended, and all programmes: three queries."""

    def __init__(self, session: Session, today: date) -> None:
        people = session.execute(
            select(Person.id, Person.personnel_number, Person.mail, Person.given_name, Person.family_name)
        ).all()
        self.by_number = {person.personnel_number.lower(): person for person in people if person.personnel_number}
        self.by_mail = {person.mail: person for person in people if person.mail}
        self.roles: dict[int, list[Scoped]] = {}
        for person_id, role, programme_id in session.execute(
            select(RoleGrant.person_id, RoleGrant.role, RoleGrant.programme_id)
            .where(RoleGrant.session_id.is_(None), or_(RoleGrant.until.is_(None), RoleGrant.until >= today))
            .order_by(RoleGrant.id)
        ):
            self.roles.setdefault(person_id, []).append((role, programme_id))
        self.codes = dict(session.execute(select(Programme.id, Programme.code)).all())
        self.programme_ids = {cells.fold(code): programme_id for programme_id, code in self.codes.items()}


class PeopleImporter:
    """Adds people and changes their names, address and number; gives roles and never takes one away.

    A row is joined to somebody by personnel number, else by mail address. Of two rows about the same person or with the
    same address the first stands.
    """

    title = N_("People")
    why = "Imported people"
    columns = COLUMNS

    def plan(self, session: Session, table: Table, *, today: date) -> Preview:
        """What this table would change about people and their roles; three queries, however long it is."""
        found = reading(table, COLUMNS)
        known, taken = Known(session, today), Taken()
        return found.preview([_planned(row, known, taken) for row in found.rows])

    def apply(self, session: Session, preview: Preview, *, now: datetime, today: date) -> None:
        """Write the new people in one go, then the changed ones by the verb that edits a person."""
        changes = [row.change for row in preview.to_write]
        edited = [change for change in changes if change.person_id is not None]
        people = {person.id: person for person in session.scalars(select(Person))} if edited else {}
        for change in changes:
            if change.person_id is None:
                person = _new(session, change)
            else:
                person = _edited(session, people[change.person_id], change, now)
            session.add_all(_grants(person, change.grants, today))
        session.flush()


class Taken:
    """The lines of the sound rows so far, by the number, address and person that each is about."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, object], int] = {}

    def claim(self, row: Row, *, number: str | None, mail: str, person_id: int | None) -> None:
        """Refuse a row that is about what an earlier one is about; else remember it."""
        about = [
            ("personnel_number", "number", number),
            ("personnel_number" if number else "mail", "person", person_id),
            ("mail", "mail", mail),
        ]
        for column, kind, value in about:
            line = self._lines.get((kind, value))
            if value is not None and line is not None:
                row.refuse(column, N_("This stands on line %(line)d already; the first one counts."), line=line)
                return
        self._lines |= {(kind, value): row.line for _column, kind, value in about}


def _planned(row: Row, known: Known, taken: Taken) -> Planned:
    read = _read(row, known)
    if read is None:
        return row.refused(" ".join(filter(None, (row.cell("given_name"), row.cell("family_name")))))
    person = _join(row, read, known)
    if not row.faults:
        taken.claim(row, number=read.personnel_number, mail=read.mail, person_id=person.id if person else None)
    if row.faults:
        return row.refused(read.title)
    held = known.roles.get(person.id, []) if person else []
    missing = tuple(role for role in read.roles if role not in held)
    number = read.personnel_number or (person.personnel_number if person else None)
    return decided(
        row,
        title=read.title,
        known=person is not None,
        differences=[*_differences(person, read, number), *_role_difference(held, missing, known.codes)],
        change=Change(person.id if person else None, read, number, missing),
    )


def _read(row: Row, known: Known) -> Read | None:
    number = row.read("personnel_number", lambda cell: cells.text(cell, most=20).lower())
    family_name = row.need("family_name", lambda cell: cells.text(cell, most=100))
    given_name = row.need("given_name", lambda cell: cells.text(cell, most=100))
    mail = row.need("mail", normal_mail)
    roles = row.need("role", _roles) or ()
    programmes: Sequence[int] = ()
    if _OF_PROGRAMMES.intersection(roles):
        programmes = row.need("programme", lambda cell: _programmes(cell, known)) or ()
    if row.faults or not family_name or not given_name or not mail:
        return None
    return Read(number, family_name, given_name, mail, _language(row.cell("language")), _scoped(roles, programmes))


def _roles(cell: str) -> tuple[Role, ...]:
    found = []
    for name in cells.listed(cell):
        role = _ROLE_OF.get(cells.fold(name))
        if role is None:
            raise Refused(N_("“%(name)s” is not a role that can be imported."), name=name)
        found.append(role)
    return tuple(dict.fromkeys(found))


def _programmes(cell: str, known: Known) -> tuple[int, ...]:
    found = []
    for code in cells.listed(cell):
        programme_id = known.programme_ids.get(cells.fold(code))
        if programme_id is None:
            raise Refused(N_("There is no programme “%(code)s”."), code=code)
        found.append(programme_id)
    return tuple(dict.fromkeys(found))


def _scoped(roles: Iterable[Role], programmes: Iterable[int]) -> tuple[Scoped, ...]:
    return tuple(
        (role, programme) for role in roles for programme in (tuple(programmes) if role in _OF_PROGRAMMES else (None,))
    )


def _language(cell: str) -> str:
    return "nl" if cells.fold(cell) in _DUTCH else "en"


def _join(row: Row, read: Read, known: Known) -> Joined | None:
    """Who this row is about; None for somebody new. Refuses an address that belongs to somebody else."""
    by_number = known.by_number.get(read.personnel_number or "")
    by_mail = known.by_mail.get(read.mail)
    if by_mail is None or by_mail is by_number:
        return by_number
    if by_number is not None or (read.personnel_number and by_mail.personnel_number):
        name = f"{by_mail.given_name} {by_mail.family_name} ({by_mail.personnel_number or by_mail.mail})"
        row.refuse("mail", N_("This address belongs to %(name)s."), name=name)
    return by_number or by_mail


def _differences(person: object, read: Read, number: str | None) -> list[Difference]:
    wanted = (
        (N_("Personnel number"), "personnel_number", number),
        (N_("Family name"), "family_name", read.family_name),
        (N_("Given name"), "given_name", read.given_name),
        (N_("Mail"), "mail", read.mail),
    )
    pairs = [(label, getattr(person, key, None), new) for label, key, new in wanted]
    found = [Difference(label, old, new) for label, old, new in pairs if old != new]
    return found if person is not None else [*found, Difference(N_("Language"), None, read.language)]


def _role_difference(held: Sequence[Scoped], missing: Sequence[Scoped], codes: Mapping[int, str]) -> list[Difference]:
    if not missing:
        return []
    old, new = ([_said(role, codes) for role in roles] for roles in (held, [*held, *missing]))
    return [Difference(N_("Roles"), tuple(old), tuple(new))]


def _said(role: Scoped, codes: Mapping[int, str]) -> Said:
    kind, programme_id = role
    return Said(_ROLE_WORDS[kind], {"programme": codes[programme_id]} if programme_id is not None else {})


def _new(session: Session, change: Change) -> Person:
    read = change.read
    person = Person(
        given_name=read.given_name,
        family_name=read.family_name,
        mail=read.mail,
        personnel_number=change.personnel_number,
        language=read.language,
        active=True,
    )
    session.add(person)
    return person


def _edited(session: Session, person: Person, change: Change, now: datetime) -> Person:
    read = change.read
    return accounts.edit_person(
        session,
        person=person,
        given_name=read.given_name,
        family_name=read.family_name,
        mail=read.mail,
        personnel_number=change.personnel_number,
        language=person.language,
        phone=person.phone,
        now=now,
    )


def _grants(person: Person, roles: Iterable[Scoped], today: date) -> list[RoleGrant]:
    return [RoleGrant(person=person, role=role, programme_id=programme, since=today) for role, programme in roles]
