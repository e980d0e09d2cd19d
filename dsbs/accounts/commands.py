"""Ways in for who has a shell on the server: the first administrator, and a link when no mail arrives."""

from __future__ import annotations

from typing import cast

import click
from flask import current_app, url_for

from config import Settings
from dsbs.accounts import links, queries, service
from dsbs.accounts.models import Person, SignedLink
from dsbs.accounts.rules import COMMAND_LIFETIME
from dsbs.core import clock
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.errors import sentence_of
from dsbs.core.refusals import N_, Refused


@click.group("administrator")
def administrator() -> None:
    """Look after those who run the school's installation."""


@administrator.command("add")
@click.argument("name")
@click.argument("address")
def add_administrator(name: str, address: str) -> None:
    """Make NAME ("Given Family") with mail ADDRESS an administrator and print a link that signs in once.

    Somebody with this address who is known already keeps her name, may sign in again, and gets the role.
    """
    now, today = clock.now(), clock.today()
    with current_app.test_request_context(base_url=_settings().base_url):
        try:
            with write(by=SYSTEM, why="Made an administrator on the command line", at=now) as session:
                person = queries.person_by_mail(session, address) or _new_person(name, address)
                if not person.active:
                    service.reactivate(session, person=person)
                if not any(grant.person_id == person.id for grant in queries.administrators_on(session, today)):
                    service.grant(session, person=person, role=Role.ADMINISTRATOR, since=today)
                link = service.make_sign_in_link(session, person=person, now=now, lifetime=COMMAND_LIFETIME)
        except Refused as refused:
            raise click.ClickException(sentence_of(refused)) from refused
        click.echo(_address_of(link))


@administrator.command("list")
def list_administrators() -> None:
    """Print the addresses of those who run the school today, one a line."""
    for grant in queries.administrators_on(db.session(), clock.today()):
        click.echo(grant.person.mail or grant.person.name)


@click.command("sign-in-link")
@click.argument("address")
def sign_in_link(address: str) -> None:
    """Print a link that signs the person with mail ADDRESS in once, within an hour."""
    now = clock.now()
    with current_app.test_request_context(base_url=_settings().base_url):
        with write(by=SYSTEM, why="Made a sign-in link on the command line", at=now) as session:
            person = queries.person_who_signs_in(session, address)
            if person is None:
                raise click.ClickException(f"Nobody with the address {address} can sign in.")
            link = service.make_sign_in_link(session, person=person, now=now, lifetime=COMMAND_LIFETIME)
        click.echo(_address_of(link))


def _new_person(name: str, address: str) -> Person:
    given, _, family = name.strip().partition(" ")
    if not family.strip():
        raise Refused(N_('Write given and family name: "Given Family".'))
    return service.add_person(db.session(), given_name=given, family_name=family.strip(), mail=address)


def _address_of(link: SignedLink) -> str:
    return url_for("accounts.sign_in_link", token=links.token_of(link), _external=True)


def _settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])
