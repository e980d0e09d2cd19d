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
    count = sum(sweep(clock.now, cadence) for cadence in Cadence)
    click.echo(f"{count} mails are queued." if count else "Nothing is due.")
