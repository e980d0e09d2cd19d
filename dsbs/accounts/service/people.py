"""Adding, editing and deactivating people."""

from __future__ import annotations

from datetime import date, datetime
from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from dsbs.accounts import links, rules
from dsbs.accounts.models import Person
from dsbs.accounts.service.roles import check_an_administrator_stays
from dsbs.core.db import Actor
from dsbs.core.refusals import N_, Refused


def add_person(
    session: Session,
    *,
    given_name: str,
    family_name: str,
    mail: str | None,
    personnel_number: str | None = None,
    language: str = "en",
    phone: str | None = None,
) -> Person:
    """Make somebody known to the school. Without ``mail`` she can neither sign in nor be written to.

    Refused when the address or the personnel number belongs to somebody already, or the address is none.
    """
    mail, number = rules.normal_mail(mail), personnel_number or None
    _check_free(session, mail=mail, personnel_number=number, besides=None)
    person = Person(
        given_name=given_name,
        family_name=family_name,
        mail=mail,
        personnel_number=number,
        language=language,
        phone=phone or None,
        active=True,
    )
    session.add(person)
    session.flush()
    return person


def edit_person(
    session: Session,
    *,
    person: Person,
    given_name: str,
    family_name: str,
    mail: str | None,
    personnel_number: str | None,
    language: str,
    phone: str | None,
    now: datetime,
    seen: str | None = None,
) -> Person:
    """Change what the school keeps about a person. A new address makes links sent to the old one worthless.

    ``seen`` is the fingerprint of what the editor had before her. Refused when somebody saved another version since,
    when the address or the personnel number belongs to somebody else, or when the address is none.
    """
    if seen is not None and seen != person.fingerprint:
        raise Refused(N_("Somebody else saved a change meanwhile. Compare it with yours below, then save again."))
    mail, number = rules.normal_mail(mail), personnel_number or None
    _check_free(session, mail=mail, personnel_number=number, besides=person)
    if mail != person.mail:
        _withdraw_ways_in(session, person, now)
    person.given_name, person.family_name = given_name, family_name
    person.mail, person.personnel_number = mail, number
    person.language, person.phone = language, phone or None
    session.flush()
    return person


def edit_own(
    session: Session,
    *,
    person: Person,
    language: str,
    phone: str | None,
    wants_confirmations: bool,
    wants_bulletin: bool,
) -> Person:
    """Change what a person says about herself: phone, language, and which mails she wants."""
    person.language, person.phone = language, phone or None
    person.wants_confirmations, person.wants_bulletin = wants_confirmations, wants_bulletin
    session.flush()
    return person


def speak(session: Session, *, person: Person, language: str) -> Person:
    """From now on pages and mails speak this language to her."""
    person.language = language
    session.flush()
    return person


def deactivate(session: Session, *, person: Person, by: Actor, today: date, now: datetime) -> Person:
    """End a person's sign-in: all her sessions, and the links by which one signs in; no other link of hers opens
    anything meanwhile. Her rows and roles stay for the records.

    Refused for oneself and for the last administrator.
    """
    if person.id == by.id:
        raise Refused(N_("You cannot deactivate yourself. Another administrator can."))
    check_an_administrator_stays(session, day=today, without_person=person)
    person.active = False
    person.session_key = token_hex(16)
    _withdraw_ways_in(session, person, now)
    session.flush()
    return person


def reactivate(session: Session, *, person: Person) -> Person:
    """Let a person sign in again, with the roles that still run."""
    person.active = True
    session.flush()
    return person


def _withdraw_ways_in(session: Session, person: Person, now: datetime) -> None:
    links.revoke_all(session, person=person, purposes=(rules.SIGN_IN, rules.NEW_PASSWORD), now=now)


def _check_free(session: Session, *, mail: str | None, personnel_number: str | None, besides: Person | None) -> None:
    mine = besides.id if besides is not None else None
    if mail and _holder_of(session, Person.mail, mail) not in (None, mine):
        raise Refused(N_("Somebody with this address is known already."), field="mail")
    if personnel_number and _holder_of(session, Person.personnel_number, personnel_number) not in (None, mine):
        raise Refused(N_("Somebody with this personnel number is known already."), field="personnel_number")


def _holder_of(session: Session, column: InstrumentedAttribute[str | None], value: str) -> int | None:
    return session.scalar(select(Person.id).where(column == value))
