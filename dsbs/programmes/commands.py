"""``flask defaults load``: the school's default data into the database."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from dsbs.core import clock
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.feature import features
from dsbs.core.refusals import Refused
from dsbs.programmes.service import load_defaults
from dsbs.programmes.service.loading import missing_defaults

defaults = AppGroup("defaults", help="The school's default data.")


@defaults.command("load")
def load() -> None:
    """Add what is missing, change no rule that is there, and bring in line what is reckoned from the rules."""
    added = load_whatever_is_missing() if missing_defaults(db.session()) else {}
    for file, count in added.items():
        click.echo(f"Defaults: {count} from {file}.")
    if not added:
        click.echo("Defaults: all there.")
    for feature in features():
        if feature.after_defaults is not None:
            feature.after_defaults()


def load_whatever_is_missing() -> dict[str, int]:
    """Two machines that start together load together; the database lets one through, and the other looks again."""
    try:
        return _load()
    except Refused:
        return _load()


def _load() -> dict[str, int]:
    with write(by=SYSTEM, why="Loaded the school's defaults", at=clock.now()) as session:
        return load_defaults(session)
