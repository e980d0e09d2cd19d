"""``flask mail``: deliver by hand, see where messages stand."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from dsbs.core import clock
from dsbs.core.db import db
from dsbs.mail import queries
from dsbs.mail.delivery import deliver

mail = AppGroup("mail", help="The messages of the school.")


@mail.command("deliver")
def deliver_command() -> None:
    """Send what is due, once; the worker does this every few seconds."""
    counts = deliver(clock.now)
    for state, count in sorted(counts.items()):
        click.echo(f"{state.value}\t{count}")
    if not counts:
        click.echo("Nothing is due.")


@mail.command("status")
def status_command() -> None:
    """How many messages stand where, and when the worker last looked after them."""
    for state, count in sorted(queries.counts_by_state(db.session()).items()):
        click.echo(f"{state.value}\t{count}")
    last = queries.last_run(db.session())
    click.echo(f"last run\t{clock.local(last):%Y-%m-%d %H:%M:%S}" if last else "last run\tnever")
