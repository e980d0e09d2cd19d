"""``flask demonstration``: making the school to try, and its sign-ins."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import click
from flask import current_app
from flask.cli import AppGroup

from config import Settings
from dsbs.accounts import queries
from dsbs.core import clock
from dsbs.core.db import SYSTEM, db, write
from dsbs.demonstration.names import address
from dsbs.demonstration.people import RESEARCHERS, password_hash
from dsbs.demonstration.school import make_school
from dsbs.demonstration.shown import PASSWORD, SHOWN
from dsbs.reminders.rules import Cadence
from dsbs.reminders.sweeping import sweep

#: By then the worker has looked that day.
_MORNING = time(9)

demonstration = AppGroup("demonstration", help="A school of invented people to try the program with.")


@demonstration.command("create")
def create() -> None:
    """Fill an empty database; where the demonstration stands already, leave it.

    Refused in production, and where somebody else is known.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if settings.in_production:
        raise click.ClickException("Demonstration people do not belong into a production database.")
    if all(queries.person_by_mail(db.session(), address(*shown.name)) for shown in SHOWN):
        click.echo("The demonstration school stands already.")
        return
    if queries.anybody(db.session()):
        raise click.ClickException(
            "Somebody is known here already; demonstration people go into an empty database only."
        )
    kept_password, now, today = password_hash(), clock.now(), clock.today()
    with write(by=SYSTEM, why="Made the demonstration school", at=now) as session:
        make_school(session, now=now, today=today, kept_password=kept_password)
    _remind(now)
    click.echo(f"A school of {RESEARCHERS} researchers stands.")


def _remind(now: datetime) -> None:
    """Look at what is due as the worker would have done: yesterday morning, this morning, now.

    Nobody is reminded at night, so a school that is made then would have told nobody yet. The worker sends the mails.
    """
    today = clock.local(now).date()
    mornings = (clock.from_school_time(day, _MORNING) for day in (today - timedelta(days=1), today))
    for moment in (*(morning for morning in mornings if morning < now), now):
        for cadence in Cadence:
            sweep(lambda moment=moment: moment, cadence)  # type: ignore[misc]


@demonstration.command("sign-ins")
def sign_ins() -> None:
    """Print role, address and password of each shown sign-in, parted by tabs."""
    for shown in SHOWN:
        click.echo(f"{shown.role.value}\t{address(*shown.name)}\t{PASSWORD}")
