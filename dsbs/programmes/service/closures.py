"""The days on which the school is closed."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from dsbs.core.refusals import N_, Refused
from dsbs.programmes.models import Closure
from dsbs.programmes.rules import Mark
from dsbs.programmes.service.revisions import lock, unsign

#: A longer one would be a typing error in the year.
LONGEST = timedelta(days=92)


def add_closure(
    session: Session, *, first_day: date, last_day: date, name: str, mark: Mark, source: str = ""
) -> Closure:
    """Close the school on these days, both included. Refused: days out of order, more than 92 days."""
    _check(first_day, last_day)
    closure = Closure(first_day=first_day, last_day=last_day, name=name, mark=mark, source=source)
    session.add(closure)
    session.flush()
    return closure


def edit_closure(
    session: Session,
    *,
    closure: Closure,
    seen: int,
    first_day: date,
    last_day: date,
    name: str,
    mark: Mark,
    source: str,
) -> Closure:
    """Change a closure; ``seen`` is the revision that the person saw. A signature goes.

    Refused: an outdated revision, days out of order, more than 92 days.
    """
    lock(session, closure, seen)
    _check(first_day, last_day)
    unsign(closure)
    closure.first_day, closure.last_day, closure.name = first_day, last_day, name
    closure.mark, closure.source = mark, source
    session.flush()
    return closure


def remove_closure(session: Session, *, closure: Closure, seen: int) -> None:
    """The school works on these days after all. Refused: an outdated revision."""
    lock(session, closure, seen)
    session.delete(closure)
    session.flush()


def _check(first_day: date, last_day: date) -> None:
    if last_day < first_day:
        raise Refused(N_("The last day comes before the first."), field="last_day")
    if last_day - first_day >= LONGEST:
        raise Refused(N_("A closure takes at most 92 days. Check the years."), field="last_day")
