"""``flask defaults load``."""

from __future__ import annotations

import threading

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dsbs.core.db import db
from dsbs.history.models import Change
from dsbs.programmes.commands import load_whatever_is_missing
from dsbs.programmes.models import Programme


def loaded(app: Flask) -> str:
    """What the command says."""
    db.session.remove()
    answer = app.test_cli_runner().invoke(args=["defaults", "load"])
    assert answer.exit_code == 0
    return answer.output


def test_the_first_load_says_what_it_added(app: Flask) -> None:
    assert loaded(app).splitlines() == [
        "Defaults: 28 from units.csv.",
        "Defaults: 12 from programmes.csv.",
        "Defaults: 12 from activity_kinds.csv.",
        "Defaults: 10 from registration_rules.csv.",
        "Defaults: 15 from milestones.csv.",
        "Defaults: 5 from pace_rules.csv.",
        "Defaults: 7 from requirements.csv.",
        "Defaults: 37 from reminder_rules.csv.",
        "Defaults: 21 from defence_steps.csv.",
        "Defaults: 25 from defence_rules.csv.",
    ]


def test_the_second_load_finds_everything(app: Flask) -> None:
    loaded(app)

    assert loaded(app) == "Defaults: all there.\n"


def test_two_machines_that_start_together_load_everything_once(app: Flask, session: Session) -> None:
    start, ended = threading.Barrier(2), []

    def load_there() -> None:
        with app.app_context():
            start.wait()
            load_whatever_is_missing()
            db.session.remove()
        ended.append(True)

    threads = [threading.Thread(target=load_there) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    session.rollback()
    assert ended == [True, True]
    assert session.scalar(select(func.count()).select_from(Programme)) == 12


def test_the_history_says_where_the_rows_came_from(sqlite_app: Flask) -> None:
    loaded(sqlite_app)
    session = db.session()  # the one before the command is closed
    cardio = session.scalars(select(Programme.id).where(Programme.code == "CARDIO")).one()

    change = session.scalars(select(Change).where(Change.subject == "programme", Change.subject_id == cardio)).one()
    assert (change.by_id, change.by_name, change.why) == (None, "dsbs", "Loaded the school's defaults")
