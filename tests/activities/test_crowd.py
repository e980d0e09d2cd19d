"""A crowd of processes at one session, on both engines: afterwards every truth of the waiting list still holds."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.activities import queries, standing
from dsbs.activities.models import Registration
from dsbs.activities.rules import RegistrationState
from dsbs.core.db import db
from dsbs.history.models import Change
from tests.activities import causes, crowd
from tests.support.cast import Cast
from tests.support.clock import Clock

PROCESSES, SECONDS = 5, 6.0


@pytest.mark.long
def test_a_crowd_of_processes_leaves_a_line_in_which_every_step_had_its_turn_and_its_mail(
    app: Flask, cast: Cast, clock: Clock, database_url: str, tmp_path: Path
) -> None:
    course_id = cast.course(capacity=3, starts_in=timedelta(days=400)).id
    people = [cast.person(f"Person Number{n}").id for n in range(12)]
    scene = crowd.Scene(database_url, tmp_path, course_id, people, clock.now, SECONDS)

    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        done = list(pool.map(crowd.come, [scene] * PROCESSES, range(PROCESSES)))

    assert min(done) > 0
    db.session.rollback()
    parts = queries.active_registrations(db.session(), course_id)
    numbers = [part.number for part in parts if part.state is not RegistrationState.WAITING]
    assert len(set(numbers)) == len(numbers)
    assert None not in numbers
    assert len({part.person_id for part in parts}) == len(parts)
    facts = standing.facts_of(db.session(), course_id, now=clock.now)
    assert not (facts.waiting and facts.free)
    assert causes.mails_of(db.session(), course_id) == causes.asked_for(db.session(), course_id)
    assert passed_over(course_id) == []


def passed_over(course_id: int) -> Sequence[tuple[int, int]]:
    """The ticket of everybody who was offered a seat, and a lower one of somebody who waited on."""
    parts = select(Registration.id).where(Registration.session_id == course_id)
    steps = db.session.scalars(
        select(Change).where(Change.subject == "registration", Change.subject_id.in_(parts)).order_by(Change.id)
    )
    tickets: dict[int, int] = {}
    line: set[int] = set()
    found = []
    # What was done in one transaction is one step: in which order its rows were written says nothing.
    for _moment, together in groupby(steps, key=lambda change: change.at):
        offered = set()
        for step in together:
            values = {name: after for name, (_before, after) in step.values.items()}
            tickets[step.subject_id] = values.get("ticket", tickets.get(step.subject_id, 0))
            if "state" in values:
                line -= {step.subject_id}
                line |= {step.subject_id} if values["state"] == "waiting" else set()
                offered |= {step.subject_id} if values["state"] == "offered" else set()
        found += [(tickets[own], tickets[other]) for own in offered for other in line if tickets[other] < tickets[own]]
    return found
