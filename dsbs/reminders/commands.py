"""``flask reminders``: look after what is due by hand."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from dsbs.core import clock
from dsbs.reminders.rules import Cadence
from dsbs.reminders.sweeping import sweep

reminders = AppGroup("reminders", help="Who is reminded of what.")


@reminders.command("sweep")
def sweep_command() -> None:
    """Remind of what is due now, once; the worker does this every hour, and every five minutes for rules in hours."""
    counts = [sweep(clock.now, cadence) for cadence in Cadence]
    queued = sum(count or 0 for count in counts)
    if queued:
        click.echo("1 mail is queued." if queued == 1 else f"{queued} mails are queued.")
    elif None not in counts:
        click.echo("Nothing is due.")
    if None in counts:
        click.echo("Not all rules were looked after: those in days wait for 8:00 to 20:00, all for a busy database.")
