"""``flask check dates``: whether the due dates that are kept are those that would be reckoned now."""

from __future__ import annotations

from datetime import date
from itertools import islice

import click
from flask.cli import AppGroup

from dsbs.core import clock
from dsbs.core.dates import speaking
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.errors import sentence_of
from dsbs.core.refusals import Busy, Refused
from dsbs.enrolments import service
from dsbs.enrolments.service import Difference

#: So many differences are told one by one.
_TOLD = 50
_IN_LINE = "Due dates: all in line."

check = AppGroup("check", help="Whether what is kept is what it should be.")


@check.command("dates")
@click.option("--mend", is_flag=True, help="Bring those that differ in line.")
def dates(*, mend: bool) -> None:
    """Reckon all due dates anew and tell those that are kept otherwise. Fails when there are any."""
    try:
        if not mend:
            _tell()
        elif not mend_dates():
            click.echo(_IN_LINE)
    except Refused as refused:
        raise click.ClickException(_why(refused)) from refused


def mend_at_start() -> None:
    """``mend_dates``, for which no house stays closed: neither a rule that cannot be read nor a busy database."""
    try:
        mend_dates()
    except Refused as refused:
        click.echo(f"Due dates: not brought in line. {_why(refused)}", err=True)
    except Busy:
        click.echo("Due dates: not brought in line, the database is busy. flask check dates --mend does it.", err=True)


def mend_dates() -> int:
    """Bring what differs in line, say how much that was unless nothing, and return it.

    It looks first, so that a start at which all is in line locks nothing and writes nothing. Of two machines that start
    together the second finds it done.
    """
    differing = {difference.enrolment.id for difference in service.all_differences(db.session())}
    if not differing:
        return 0
    with write(by=SYSTEM, why="Brought due dates in line", at=clock.now()) as session:
        mended = service.redate_these(session, list(differing))
    if mended:
        click.echo(f"Due dates: {mended} brought in line.")
    return mended


def _tell() -> None:
    found = service.all_differences(db.session())
    told = list(islice(found, _TOLD))
    for difference in told:
        click.echo(_line(difference))
    if more := sum(1 for _ in found):
        click.echo(f"And {more} more.")
    if told:
        click.echo(f"Due dates: {len(told) + more} to bring in line; --mend does it.")
        raise click.exceptions.Exit(1)
    click.echo(_IN_LINE)


def _why(refused: Refused) -> str:
    with speaking("en"):
        return sentence_of(refused)


def _line(found: Difference) -> str:
    kept = _day(found.kept.due_on) if found.kept else "nothing"
    reckoned = _day(found.due_on) if found.rule else "nothing"
    by = ", by another rule" if kept == reckoned else ""
    who = f"{found.enrolment.person.name}, enrolled {found.enrolment.start}"
    return f"{who}: {found.name} ({found.key.number}) is kept with {kept}, reckoned with {reckoned}{by}"


def _day(day: date | None) -> str:
    return str(day) if day else "no date"
