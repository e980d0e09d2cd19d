"""Statements that go straight to the driver: the same answers and errors as by the long way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, bindparam, column, func, select, table
from sqlalchemy.exc import DBAPIError

from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import Mode, SessionState
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.direct import Direct
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
