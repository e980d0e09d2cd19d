"""Letting a track stand still, and taking that back: what was shown before is done, or nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from dsbs.core.refusals import N_, Refused
from dsbs.enrolments import track_queries
from dsbs.enrolments.models import Enrolment, Suspension
from dsbs.enrolments.rules import Period, SuspensionKind, check_suspension
from dsbs.enrolments.rules.counting import Pause
from dsbs.enrolments.service.dating import Move, moves, redate
from dsbs.enrolments.service.telling import tell_of_suspension


@dataclass(frozen=True, kw_only=True)
class Suspended:
    """The days of a suspension, both included, and why; ``last_day`` None while nobody knows it."""

    first_day: date
    last_day: date | None
    kind: SuspensionKind


class MovesChanged(Refused):
    """Other dates would move than those that the person saw; ``moves`` are those that would move now."""

    def __init__(self, found: Sequence[Move]) -> None:
        super().__init__(N_("Look at the dates once more: these would move."))
        self.moves = found


def suspend(
    session: Session,
    *,
    enrolment: Enrolment,
    days: Suspended,
    seen: str,
    now: datetime,
    instead_of: Suspension | None = None,
) -> Suspension:
    """Let a track stand still in these days, or change the days of one of its suspensions, and move its dates.

    She, her supervisors and her coordinators are told the days by mail. The caller has locked the enrolment, loaded
    with person and supervisors. ``seen`` is the digest of the moves that the person saw. Refused when the days
    cannot be (``check_suspension``) and, with the moves as they are now, when others would be made (``MovesChanged``).
    """
    would = would_move(session, enrolment=enrolment, days=days, instead_of=instead_of)
    if digest_of(would) != seen:
        raise MovesChanged(would)
    suspension = instead_of or Suspension(enrolment_id=enrolment.id)
    suspension.first_day, suspension.last_day, suspension.kind = days.first_day, days.last_day, days.kind
    session.add(suspension)
    redate(session, [enrolment])
    told = Pause(days.first_day, days.last_day)
    tell_of_suspension(session, enrolment, told, template="suspended", now=now)
    return suspension


def remove(session: Session, *, enrolment: Enrolment, suspension: Suspension, seen: str, now: datetime) -> None:
    """Take a suspension back as if it had never been, and move the dates back; told and refused alike."""
    would = would_move(session, enrolment=enrolment, days=None, instead_of=suspension)
    if digest_of(would) != seen:
        raise MovesChanged(would)
    told = Pause(suspension.first_day, suspension.last_day)
    session.delete(suspension)
    redate(session, [enrolment])
    tell_of_suspension(session, enrolment, told, template="suspension_removed", now=now)


def would_move(
    session: Session, *, enrolment: Enrolment, days: Suspended | None, instead_of: Suspension | None = None
) -> list[Move]:
    """Which dates move if the track stands still in these days: beside its other suspensions, instead of one of them.

    Without ``days`` that one is taken away. Refused when the days cannot be.
    """
    others = [other for other in track_queries.suspensions_of(session, enrolment.id) if other is not instead_of]
    pauses = [Pause(other.first_day, other.last_day) for other in others]
    if days is not None:
        check_suspension(days.first_day, days.last_day, of=Period(enrolment.start, enrolment.until))
        pauses.append(Pause(days.first_day, days.last_day))
    return moves(session, enrolment, pauses)


def digest_of(found: Sequence[Move]) -> str:
    """A short text that is another one for other moves, for a form to carry."""
    told = "\n".join(f"{move.key.code} {move.key.number} {move.now} {move.then}" for move in found)
    return sha256(told.encode()).hexdigest()[:16]
