"""Statements that go straight to the driver: the same answers and errors as by the long way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from typing import cast as typed

import pytest
from flask import Flask
from sqlalchemy import Select, Table, bindparam, column, func, insert, select, table
from sqlalchemy.exc import DBAPIError

from dsbs.activities.models import ActivityProgramme, ActivitySession, Registration
from dsbs.activities.rules import Mode, RegistrationState, SessionState
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, OutsideWriteScope, db, write
from dsbs.core.direct import Direct, DirectInsert
from dsbs.core.refusals import Refused
from dsbs.history.queries import changes_of
from dsbs.history.recorder import insert_all
from tests.support.cast import Cast

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
#: A kind, moments, nothing, words, a truth; known values, and asked ones that stand in it twice.
QUESTION: Select[*tuple[Any, ...]] = (
    select(
        ActivitySession.mode,
        ActivitySession.starts_at,
        ActivitySession.opens_at,
        ActivitySession.label,
        ActivitySession.starts_at > bindparam("now"),
    )
    .where(
        ActivitySession.state.in_((SessionState.PUBLISHED, SessionState.DRAFT)),
        ActivitySession.id >= bindparam("session_id"),
        ActivitySession.id <= bindparam("session_id"),
        ActivitySession.ends_at > bindparam("now"),
    )
    .order_by(ActivitySession.id)
)
DIRECT = Direct(QUESTION)
OFFERS = typed(Table, ActivityProgramme.__table__)
ONE_OFFER = DirectInsert(insert(OFFERS).returning(OFFERS.c.id), ("activity_id", "programme_id"))


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The school at nine o'clock."""
    return Cast(NOW)


def test_it_answers_as_sqlalchemy_does(cast: Cast) -> None:
    asked = {"session_id": cast.course(title="Statistics").id, "now": NOW}

    rows = [tuple(row) for row in DIRECT.rows(db.session(), asked)]

    assert rows == [tuple(row) for row in db.session().execute(QUESTION, asked)]
    assert (rows[0][0], rows[0][1].tzinfo, rows[0][4]) == (Mode.SEAT, UTC, True)


def test_each_question_is_answered_for_its_own_values(cast: Cast) -> None:
    first, second = cast.course(title="Statistics"), cast.course(title="Writing")

    labels = []
    with write(by=SYSTEM, why="Named", at=NOW) as session:
        session.get_one(ActivitySession, second.id).label = "B"
    for session_id in (first.id, second.id, 0, second.id):
        labels.append([row[3] for row in DIRECT.rows(db.session(), {"session_id": session_id, "now": NOW})])

    assert labels == [[""], ["B"], [], ["B"]]


def test_it_sees_what_the_write_scope_has_changed_so_far(cast: Cast) -> None:
    made = cast.course(title="Statistics")

    with write(by=SYSTEM, why="Named", at=NOW) as session:
        session.get_one(ActivitySession, made.id).label = "B"
        row = DIRECT.row(session, {"session_id": made.id, "now": NOW})

    assert row[3] == "B"


def test_what_goes_wrong_is_an_error_of_sqlalchemy_and_the_next_question_is_answered(cast: Cast) -> None:
    made = cast.course(title="Statistics")
    wrong = Direct(select(func.count()).select_from(table("not_there", column("id"))))

    with pytest.raises(DBAPIError, match="not_there"):
        wrong.rows(db.session(), {})
    db.session.rollback()

    assert len(DIRECT.rows(db.session(), {"session_id": made.id, "now": NOW})) == 1


def test_a_row_that_is_not_there_is_no_row(cast: Cast) -> None:
    with pytest.raises(ValueError, match="not enough values"):
        DIRECT.row(db.session(), {"session_id": 1, "now": NOW})


def test_a_row_is_added_as_it_is_given(cast: Cast) -> None:
    activity, programme = cast.course(title="Statistics").activity_id, cast.programme("CARDIO").id

    with write(by=SYSTEM, why="Offered", at=NOW) as session:
        added = ONE_OFFER.add(session, {"activity_id": activity, "programme_id": programme})

    assert added is not None
    row = db.session().get_one(ActivityProgramme, added[0])
    assert (row.activity_id, row.programme_id) == (activity, programme)


def test_no_row_is_added_outside_a_write_scope(cast: Cast) -> None:
    row = {"activity_id": cast.course(title="Statistics").activity_id, "programme_id": cast.programme("CARDIO").id}

    with pytest.raises(OutsideWriteScope):
        ONE_OFFER.add(db.session(), row)

    assert db.session().scalars(select(ActivityProgramme)).all() == []


def test_a_row_that_a_constraint_refuses_takes_the_whole_scope_back(cast: Cast) -> None:
    made, person = cast.course(title="Statistics"), cast.person("Ada Zero", Role.RESEARCHER)
    part = {"session_id": made.id, "person_id": person.id, "state": RegistrationState.REGISTERED, "made_at": NOW}

    with pytest.raises(Refused) as refused, write(by=SYSTEM, why="Twice", at=NOW) as session:
        _ = [insert_all(session, Registration, [{**part, "number": number}]) for number in (1, 2)]

    assert refused.value.sentence == "You are registered already."
    assert db.session().scalars(select(Registration)).all() == []


def test_a_row_alone_has_the_same_history_as_one_among_others(cast: Cast) -> None:
    activity = cast.course(title="Statistics").activity_id
    rows = [
        {"activity_id": activity, "programme_id": cast.programme(code).id} for code in ("CARDIO", "NEURO", "CANCER")
    ]

    with write(by=SYSTEM, why="Offered", at=NOW) as session:
        alone = insert_all(session, ActivityProgramme, rows[:1])
        others = insert_all(session, ActivityProgramme, rows[1:])

    told = [
        change.values
        for row_id in (*alone, *others)
        for change in changes_of(db.session(), "activity_programme", row_id)
    ]
    assert told == [
        {"id": [None, row_id], **{name: [None, value] for name, value in row.items()}}
        for row_id, row in zip((*alone, *others), rows, strict=True)
    ]


def test_a_row_without_a_column_that_it_needs_is_refused_as_the_program_starts() -> None:
    with pytest.raises(ValueError, match="activity_programme needs programme_id"):
        DirectInsert(insert(OFFERS).returning(OFFERS.c.id), ("activity_id",))
