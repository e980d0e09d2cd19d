"""The one verb that writes due dates: after whatever they hang on has changed, in the same write scope."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.enrolments import track_queries
from dsbs.enrolments.models import Enrolment, Milestone
from dsbs.enrolments.rules.counting import Pause
from dsbs.enrolments.rules.milestones import Key, reckonings
from dsbs.enrolments.track_queries import Outline
from dsbs.history.recorder import insert_all
from dsbs.programmes.tables.milestones import MilestoneRule


class Move(NamedTuple):
    """What would become of one milestone: its key and name, its date now and then; None for none."""

    key: Key
    name: str
    now: date | None
    then: date | None


class Difference(NamedTuple):
    """A milestone that is kept otherwise than it is reckoned.

    It is missing where ``kept`` is None and no longer comes where ``rule`` is; else ``due_on`` is its date, None while
    nobody can know it, and another one is kept, or the rule that it is reckoned by is not the one that it names.
    """

    enrolment: Enrolment
    key: Key
    name: str
    kept: Milestone | None
    rule: MilestoneRule | None
    due_on: date | None


def redate(session: Session, enrolments: Collection[Enrolment]) -> int:
    """Bring the milestones of these enrolments in line with rules, pace and suspensions as they stand now.

    New ones are added, dates that moved are changed, those that no longer come are taken away; what was met, handed in
    or set by hand stays. Says how many that were. Nine queries and a statement for each date that moved, however many
    enrolments there are.
    """
    session.flush()
    found = differences(session, enrolments)
    fresh: list[dict[str, Any]] = []
    for difference in found:
        if difference.rule is None:
            session.delete(difference.kept)
        elif difference.kept is None:
            fresh.append(_row(difference.enrolment.id, difference.key, difference.rule.id, difference.due_on))
        else:
            difference.kept.due_on, difference.kept.rule_id = difference.due_on, difference.rule.id
    session.flush()
    insert_all(session, Milestone, fresh)
    return len(found)


def differences(session: Session, enrolments: Collection[Enrolment]) -> list[Difference]:
    """What ``redate`` would write for these enrolments. Seven queries, however many there are."""
    outlines = track_queries.outlines(session, enrolments)
    kept = _kept(session, outlines)
    found = []
    for enrolment in enrolments:
        rules, ours = outlines[enrolment.id].rules, kept.get(enrolment.id, {})
        due = _due(outlines[enrolment.id])
        for key, on in due.items():
            milestone, rule = ours.get(key), rules[key.code]
            if milestone is None or not (milestone.stands_on or (milestone.due_on, milestone.rule_id) == (on, rule.id)):
                found.append(Difference(enrolment, key, rule.name, milestone, rule, on))
        for key, milestone in ours.items():
            if key not in due and milestone.stands_on is None:
                name = rules[key.code].name if key.code in rules else key.code
                found.append(Difference(enrolment, key, name, milestone, None, None))
    return found


def all_differences(session: Session) -> Iterator[Difference]:
    """What ``redate`` would write for all enrolments; eight queries for some hundred of them."""
    for enrolments in track_queries.in_chunks(session):
        yield from differences(session, enrolments)


def redate_these(session: Session, enrolment_ids: Sequence[int]) -> int:
    """``redate`` for as many enrolments as one likes, some hundred at a time, each locked before it is looked at."""
    return sum(redate(session, enrolments) for enrolments in track_queries.locked_in_chunks(session, enrolment_ids))


def moves(session: Session, enrolment: Enrolment, pauses: Iterable[Pause]) -> list[Move]:
    """What ``redate`` would change if the track stood still in these days instead, in the order of the dates now."""
    outline = track_queries.outline(session, enrolment)
    track = outline.track
    other = replace(track, course=replace(track.course, pauses=tuple(pauses)))
    kept = {milestone.key: milestone for milestone in track_queries.milestones_of(session, enrolment.id)}
    now = {key: milestone.due_on for key, milestone in kept.items() if milestone.stands_on is None}
    due = _due(Outline(outline.rules, other))
    then = {key: on for key, on in due.items() if key in now or key not in kept}
    names = {code: rule.name for code, rule in outline.rules.items()}
    names |= {key.code: milestone.rule.name for key, milestone in kept.items()}
    changed = [key for key in {**now, **then} if now.get(key) != then.get(key)]
    told = [Move(key, names[key.code], now.get(key), then.get(key)) for key in changed]
    return sorted(told, key=lambda move: (move.now or move.then or date.max, move.name))


def _due(outline: Outline) -> dict[Key, date | None]:
    found = reckonings(outline.rules.values(), outline.track)
    return {key: reckoning.due if reckoning else None for key, reckoning in found.items()}


def _kept(session: Session, enrolment_ids: Iterable[int]) -> Mapping[int, Mapping[Key, Milestone]]:
    found: dict[int, dict[Key, Milestone]] = {}
    for row in session.scalars(select(Milestone).where(Milestone.enrolment_id.in_(list(enrolment_ids)))):
        found.setdefault(row.enrolment_id, {})[row.key] = row
    return found


def _row(enrolment_id: int, key: Key, rule_id: int, on: date | None) -> dict[str, Any]:
    return {
        "enrolment_id": enrolment_id,
        "rule_id": rule_id,
        "code": key.code,
        "number": key.number,
        "due_on": on,
        "is_set": False,
        "handed_in_on": None,
        "met_on": None,
        "revision": 1,
    }
