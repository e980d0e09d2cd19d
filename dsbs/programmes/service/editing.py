"""Changing what the school says about a programme."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.core.refusals import N_, Refused
from dsbs.programmes.models import Programme, Unit, UnitKind
from dsbs.programmes.palette import PALETTE
from dsbs.programmes.rules import Mark
from dsbs.programmes.service.revisions import lock, unsign


def edit_programme(
    session: Session,
    *,
    programme: Programme,
    seen: int,
    name: str,
    short_name: str,
    description: str,
    colour: str,
    live_from: date | None,
    lead_faculty_id: int,
    lead_faculty_mark: Mark,
    mark: Mark,
    source: str,
) -> Programme:
    """Change a programme; ``seen`` is the revision that the person saw. Its code stays.

    Refused: an outdated revision, a colour outside the palette, a lead faculty that is none, a short name that another
    programme goes by. A signature goes when what it covers changes: anything but description, colour and
    the day from which it works with the program.
    """
    lock(session, programme, seen)
    _check_colour(colour)
    _check_faculty(session, lead_faculty_id)
    _check_short_name(session, programme, short_name)
    signed = {
        "name": name,
        "short_name": short_name,
        "lead_faculty_id": lead_faculty_id,
        "lead_faculty_mark": lead_faculty_mark,
        "mark": mark,
        "source": source,
    }
    if any(getattr(programme, column) != value for column, value in signed.items()):
        unsign(programme)
    unsigned = {"description": description, "colour": colour, "live_from": live_from}
    for column, value in {**signed, **unsigned}.items():
        setattr(programme, column, value)
    session.flush()
    return programme


def _check_colour(colour: str) -> None:
    if colour not in PALETTE:
        raise Refused(N_("Choose one of the twelve colours."), field="colour")


def _check_faculty(session: Session, unit_id: int) -> None:
    faculty = session.get(Unit, unit_id)
    if faculty is None or faculty.kind is not UnitKind.FACULTY:
        raise Refused(N_("Choose a faculty."), field="lead_faculty_id")


def _check_short_name(session: Session, programme: Programme, short_name: str) -> None:
    taken = select(Programme.id).where(Programme.short_name == short_name, Programme.id != programme.id)
    if session.scalar(taken) is not None:
        raise Refused(N_("Another programme goes by this short name."), field="short_name")
