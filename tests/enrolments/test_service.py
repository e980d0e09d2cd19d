"""Enrolling, correcting, ending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.core import clock as school_clock
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Refused
from dsbs.enrolments import queries, service
from dsbs.enrolments.models import Enrolment, Supervision
from dsbs.enrolments.rules import Facts, Part
from dsbs.history.models import Change
from tests.enrolments.conftest import Cast, Enrol

TODAY = date(2026, 11, 24)


def parts(enrolment_id: int) -> list[tuple[str, Part]]:
    db.session.rollback()
    found = queries.enrolment(db.session(), enrolment_id)
    return [(supervision.person.given_name, supervision.part) for supervision in found.supervisions]


def correct(enrolment: Enrolment, revision: int | None = None, **changed: object) -> None:
    with write(by=SYSTEM, why="Corrected", at=school_clock.now()) as session:
        locked = queries.enrolment_to_edit(session, enrolment.id)
        facts = replace(service.facts_of(locked), **changed)  # type: ignore[arg-type]
        service.edit_enrolment(
            session, enrolment=locked, revision=revision or locked.revision, facts=facts, today=TODAY
        )


def test_an_enrolment_keeps_its_facts_and_supervisors(cast: Cast, enrol: Enrol, facts: Callable[..., Facts]) -> None:
    wanted = facts(co_supervisor_ids=(cast.hugo.id,), joint_partner="Universität Münster", funding_end=date(2028, 9, 1))
    made = enrol(co_supervisor_ids=(cast.hugo.id,), joint_partner="Universität Münster", funding_end=date(2028, 9, 1))
    assert service.facts_of(made) == wanted
    assert [person.name for person in made.supervisors] == ["Rita Jäkel", "Hugo Coppens"]


def test_main_and_co_supervisor_change_places(cast: Cast, enrol: Enrol) -> None:
    made = enrol(co_supervisor_ids=(cast.hugo.id,))
    correct(made, supervisor_id=cast.hugo.id, co_supervisor_ids=(cast.rita.id,))
    assert parts(made.id) == [("Hugo", Part.MAIN), ("Rita", Part.CO)]


def test_a_supervision_that_stays_keeps_its_row(cast: Cast, enrol: Enrol) -> None:
    made = enrol()
    kept = made.supervisions[0].id
    correct(made, co_supervisor_ids=(cast.hugo.id,))
    assert kept in set(db.session.scalars(select(Supervision.id)))


def test_a_stale_tab_is_told_and_changes_nothing(enrol: Enrol) -> None:
    made = enrol()
    read = made.revision
    correct(made, project_title="First")
    with pytest.raises(Refused, match="Somebody else has changed this enrolment meanwhile"):
        correct(made, revision=read, project_title="Second")
    db.session.rollback()
    assert db.session.get_one(Enrolment, made.id).project_title == "First"


def test_a_supervisor_whose_role_has_ended_may_stay(cast: Cast, enrol: Enrol) -> None:
    made = enrol()
    with write(by=SYSTEM, why="Left", at=school_clock.now()) as session:
        for grant in session.merge(cast.rita).grants:
            grant.until = date(2021, 1, 1)
    correct(made, project_title="Still hers")
    assert parts(made.id) == [("Rita", Part.MAIN)]


def test_an_ended_enrolment_makes_room_for_the_next(cast: Cast, enrol: Enrol) -> None:
    made = enrol()
    with pytest.raises(Refused, match="End that enrolment first"):
        enrol(start=date(2026, 1, 1))
    with write(by=SYSTEM, why="Ended", at=school_clock.now()) as session:
        service.end_enrolment(session, enrolment=queries.enrolment_to_edit(session, made.id), until=date(2025, 12, 31))
    enrol(start=date(2026, 1, 1), programme_id=cast.cancer)
    assert queries.programme_ids_of(db.session(), [cast.britt.id], TODAY) == {cast.britt.id: cast.cancer}


def test_an_enrolment_does_not_end_before_it_begins(enrol: Enrol) -> None:
    made = enrol()
    with (
        pytest.raises(Refused, match="would end before it begins"),
        write(by=SYSTEM, why="Ended", at=school_clock.now()) as session,
    ):
        service.end_enrolment(session, enrolment=queries.enrolment_to_edit(session, made.id), until=date(2024, 9, 1))


def test_the_database_itself_refuses_a_second_open_enrolment(
    cast: Cast, enrol: Enrol, facts: Callable[..., Facts]
) -> None:
    enrol()
    with (
        pytest.raises(Refused, match="This person is enrolled already"),
        write(by=SYSTEM, why="Forgot to check", at=school_clock.now()) as session,
    ):
        session.add(service.new_enrolment(person_id=cast.britt.id, facts=facts(start=date(2026, 1, 1))))


def test_of_two_who_enrol_her_at_once_one_is_refused(app: Flask, cast: Cast, facts: Callable[..., Facts]) -> None:
    wanted, person_id, at_once, answers = facts(), cast.britt.id, Barrier(2), []
    db.session.rollback()

    def try_it() -> None:
        with app.app_context():
            at_once.wait()
            try:
                with write(by=SYSTEM, why="Enrolled", at=school_clock.now()) as session:
                    service.enrol(session, person_id=person_id, facts=wanted, today=TODAY)
                answers.append("enrolled")
            except Refused:
                answers.append("refused")

    threads = [Thread(target=try_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["enrolled", "refused"]


def test_the_history_tells_what_was_corrected(enrol: Enrol) -> None:
    made = enrol()
    correct(made, start=date(2024, 10, 1))
    change = db.session.scalars(
        select(Change).where(Change.subject == "enrolment", Change.action == "update").order_by(Change.id.desc())
    ).first()
    assert change is not None
    assert (change.why, change.values["start"]) == ("Corrected", ["2024-09-02", "2024-10-01"])
