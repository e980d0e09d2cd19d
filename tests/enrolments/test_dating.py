"""The milestones of a track as they are kept: made, moved, met, and left alone where they stand."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.core import clock as school_clock
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Refused
from dsbs.enrolments import queries, service, track_queries
from dsbs.enrolments.models import Enrolment, Milestone, Suspension
from dsbs.enrolments.rules import SuspensionKind, Track
from dsbs.enrolments.rules.milestones import Key
from dsbs.enrolments.service import Move, MovesChanged, Suspended
from dsbs.enrolments.service.suspending import digest_of, would_move
from tests.enrolments.conftest import Enrol

TODAY = date(2026, 11, 24)
LEAVE = Suspended(first_day=date(2026, 1, 5), last_day=date(2026, 4, 6), kind=SuspensionKind.PARENTAL)


def due(enrolment: Enrolment) -> dict[Key, date | None]:
    rows = db.session.scalars(select(Milestone).where(Milestone.enrolment_id == enrolment.id))
    return {row.key: row.due_on for row in rows}


def suspend(
    enrolment: Enrolment, days: Suspended = LEAVE, instead_of: Suspension | None = None, seen: str | None = None
) -> int:
    with write(by=SYSTEM, why="Suspended", at=school_clock.now()) as session:
        locked = queries.enrolment_to_edit(session, enrolment.id)
        would = would_move(session, enrolment=locked, days=days, instead_of=instead_of)
        made = service.suspend(
            session,
            enrolment=locked,
            days=days,
            seen=seen or digest_of(would),
            now=school_clock.now(),
            instead_of=instead_of,
        )
        session.flush()
        return made.id


def change(enrolment: Enrolment, key: Key, *, met_on: date | None = None, set_to: date | None = None) -> None:
    with write(by=SYSTEM, why="Changed", at=school_clock.now()) as session:
        locked = queries.enrolment_to_edit(session, enrolment.id)
        milestone = next(row for row in track_queries.milestones_of(session, enrolment.id) if row.key == key)
        service.change_milestone(
            session,
            milestone=milestone,
            enrolment=locked,
            revision=milestone.revision,
            met_on=met_on,
            set_to=set_to,
            today=TODAY,
        )


def test_who_is_enrolled_has_the_milestones_of_the_defaults(school: Flask, enrol: Enrol) -> None:
    found = due(enrol())

    assert found[Key("committee")] == date(2024, 11, 2)
    assert found[Key("midterm")] == date(2026, 6, 2)
    assert found[Key("annual", 3)] == date(2027, 9, 2)
    assert found[Key("public_defence")] == date(2028, 9, 2)
    assert found[Key("predoctoral_end")] is None


def test_a_rule_of_the_lead_faculty_holds_for_its_programmes_only(school: Flask, enrol: Enrol) -> None:
    assert Key("final_plan") not in due(enrol())


def test_a_leave_moves_what_comes_after_it(school: Flask, enrol: Enrol) -> None:
    enrolment = enrol()

    suspend(enrolment)

    found = due(enrolment)
    assert found[Key("midterm")] == date(2026, 9, 2)
    assert found[Key("annual")] == date(2025, 9, 2)
    assert found[Key("public_defence")] == date(2028, 12, 3)


def test_before_a_leave_is_saved_one_sees_what_moves(school: Flask, enrol: Enrol) -> None:
    enrolment = enrol()

    would = would_move(db.session(), enrolment=enrolment, days=LEAVE)

    assert Move(Key("public_defence"), "Public defence", date(2028, 9, 2), date(2028, 12, 3)) in would
    assert Key("annual") not in {move.key for move in would}
    assert Key("re_enrolment", 3) not in {move.key for move in would}
    assert due(enrolment)[Key("public_defence")] == date(2028, 9, 2)


def test_what_was_seen_is_what_is_done(school: Flask, enrol: Enrol) -> None:
    enrolment = enrol()
    before = due(enrolment)
    would = would_move(db.session(), enrolment=enrolment, days=LEAVE)

    suspend(enrolment)

    after = due(enrolment)
    changed = {key for key in {**before, **after} if before.get(key) != after.get(key)}
    assert changed == {move.key for move in would}
    assert all((before.get(move.key), after.get(move.key)) == (move.now, move.then) for move in would)


def test_when_other_dates_would_move_than_those_seen_nothing_does(school: Flask, enrol: Enrol) -> None:
    enrolment = enrol()
    seen = digest_of(would_move(db.session(), enrolment=enrolment, days=LEAVE))
    change(enrolment, Key("midterm"), met_on=date(2026, 5, 4))

    with pytest.raises(MovesChanged) as refused:
        suspend(enrolment, seen=seen)

    assert Key("midterm") not in {move.key for move in refused.value.moves}
    assert due(enrolment)[Key("public_defence")] == date(2028, 9, 2)


def test_a_leave_taken_back_gives_the_old_dates(school: Flask, enrol: Enrol) -> None:
    enrolment = enrol()
    before = due(enrolment)
    suspension_id = suspend(enrolment)

    with write(by=SYSTEM, why="Taken back", at=school_clock.now()) as session:
        locked = queries.enrolment_to_edit(session, enrolment.id)
        suspension = track_queries.suspension(session, suspension_id)
        seen = digest_of(would_move(session, enrolment=locked, days=None, instead_of=suspension))
        service.remove(session, enrolment=locked, suspension=suspension, seen=seen, now=school_clock.now())

    assert due(enrolment) == before


def test_behind_a_leave_without_an_end_there_are_no_dates_until_it_is_known(school: Flask, enrol: Enrol) -> None:
    enrolment = enrol()
    before = due(enrolment)
    open_leave = Suspended(first_day=date(2026, 1, 5), last_day=None, kind=SuspensionKind.ILLNESS)

    suspension_id = suspend(enrolment, open_leave)

    found = due(enrolment)
    assert found[Key("public_defence")] is None
    assert Key("annual", 3) not in found
    suspend(enrolment, LEAVE, db.session.get(Suspension, suspension_id))
    assert due(enrolment).keys() >= before.keys()
    assert due(enrolment)[Key("public_defence")] == date(2028, 12, 3)


def test_what_was_met_never_moves(school: Flask, enrol: Enrol) -> None:
    enrolment = enrol()
    change(enrolment, Key("midterm"), met_on=date(2026, 5, 4))

    suspend(enrolment)

    assert due(enrolment)[Key("midterm")] == date(2026, 6, 2)


def test_a_date_set_by_hand_never_moves_and_what_hangs_on_it_counts_from_it(school: Flask, enrol: Enrol) -> None:
    enrolment = enrol()

    change(enrolment, Key("thesis_submission"), set_to=date(2029, 3, 1))
    suspend(enrolment)

    found = due(enrolment)
    assert found[Key("thesis_submission")] == date(2029, 3, 1)
    assert found[Key("training_closed")] == date(2029, 2, 1)


def test_a_date_that_is_no_longer_set_by_hand_is_reckoned_again(school: Flask, enrol: Enrol) -> None:
    enrolment = enrol()
    before = due(enrolment)
    change(enrolment, Key("public_defence"), set_to=date(2029, 11, 5))
    assert Key("annual", 5) in due(enrolment)

    change(enrolment, Key("public_defence"))

    assert due(enrolment) == before


def test_a_milestone_is_not_met_on_a_day_to_come(school: Flask, enrol: Enrol) -> None:
    enrolment = enrol()

    with pytest.raises(Refused) as refused:
        change(enrolment, Key("midterm"), met_on=date(2026, 11, 25))

    assert refused.value.field == "met_on"


@pytest.mark.parametrize(
    ("first_day", "last_day", "field"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "last_day"),
        (date(2024, 9, 1), date(2024, 9, 30), "first_day"),
        (date(2026, 3, 2), date(2036, 3, 1), "last_day"),
    ],
)
def test_days_that_cannot_be_are_refused_beside_their_field(
    school: Flask, enrol: Enrol, first_day: date, last_day: date, field: str
) -> None:
    days = Suspended(first_day=first_day, last_day=last_day, kind=SuspensionKind.OTHER)

    with pytest.raises(Refused) as refused:
        would_move(db.session(), enrolment=enrol(), days=days)

    assert refused.value.field == field


def test_the_six_year_track_takes_half_as_long_again(school: Flask, enrol: Enrol) -> None:
    assert due(enrol(track=Track.SIX_YEARS))[Key("public_defence")] == date(2030, 9, 3)


def test_redating_again_changes_nothing(school: Flask, enrol: Enrol) -> None:
    enrolment = enrol()
    suspend(enrolment)
    before = {row.id: row.revision for row in db.session.scalars(select(Milestone))}

    with write(by=SYSTEM, why="Redated", at=school_clock.now()) as session:
        service.redate(session, [queries.enrolment(session, enrolment.id)])

    assert {row.id: row.revision for row in db.session.scalars(select(Milestone))} == before
