"""What reads of slots ask in common, as terms of a query: when, whether it stands, whose it is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, and_, exists, false, or_, true
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from dsbs.agenda.models import Slot, SlotProgramme, SlotState
from dsbs.agenda.rules import LONGEST, Span
from dsbs.core.access import STAFF, Role, Viewer
from dsbs.programmes.models import Programme


def in_span(span: Span) -> ColumnElement[bool]:
    """Overlap with a span; no slot is longer than the limit, so an index on the start finds them all."""
    return and_(Slot.start < span.end, ends_after(span.start))


def ends_after(moment: datetime) -> ColumnElement[bool]:
    """Not over at this moment; the start is bounded too, for the index on it."""
    return and_(Slot.end > moment, Slot.start > moment - LONGEST)


def standing_at(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Whether the slot of the surrounding query takes its room and people's time at this moment."""
    return or_(
        Slot.state == SlotState.FIRM,
        and_(Slot.state == SlotState.HELD, or_(Slot.held_until.is_(None), Slot.held_until > now)),
    )


def of_programmes(ids: Collection[int]) -> ColumnElement[bool]:
    """Slots of at least one of these programmes."""
    if not ids:
        return false()
    return exists().where(SlotProgramme.slot_id == Slot.id, SlotProgramme.programme_id.in_(ids))


def looked_after_by(viewer: Viewer) -> ColumnElement[bool]:
    """Slots of the programmes that the viewer runs; those of the whole school belong to everybody who runs one."""
    if viewer.is_administrator:
        return true()
    if not viewer.has(*STAFF):
        return false()
    of_school = ~exists().where(SlotProgramme.slot_id == Slot.id)
    return or_(of_school, of_programmes(viewer.programmes_as(Role.COORDINATOR, Role.LEADER)))


def with_programmes() -> ORMOption:
    """The slot comes with what a label of its programmes shows."""
    link = selectinload(Slot.programme_links).joinedload(SlotProgramme.programme)
    return link.load_only(Programme.code, Programme.short_name, Programme.colour)
