"""The first start makes a school to try; later ones keep it."""

from __future__ import annotations

import re
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.run.houses import RunningHouse, processes_of

pytestmark = pytest.mark.long

MAKING = "Making the demonstration school"


def sign_ins(house: RunningHouse) -> list[list[str]]:
    """What stands under "Sign in as": role, address, password."""
    shown = house.wait_for(r"Sign in as\n((?:  .+\n)+)")[1]
    return [re.split(r"\s{2,}", line.strip()) for line in shown.splitlines()]


def test_the_first_start_makes_a_school_and_the_second_keeps_it(start_house, data):
    first: RunningHouse = start_house()
    first.address()
    shown = sign_ins(first)
    assert {role for role, _, _ in shown} == {
        "administrator", "coordinator", "leader", "organiser", "reader", "researcher", "supervisor",
    }  # fmt: skip
    assert all("@" in address and password for _, address, password in shown)
    assert (MAKING in first.said, (data / "demonstration").read_text()) == (True, "complete\n")
    first.stop()

    second: RunningHouse = start_house()
    second.address()
    assert (MAKING in second.said, sign_ins(second)) == (False, shown)


def test_a_demonstration_that_was_interrupted_is_made_by_the_next_start(start_house, data):
    first: RunningHouse = start_house()
    first.wait_for(MAKING)
    assert first.stop(signal.SIGINT) == 128 + signal.SIGINT
    assert processes_of(data) == {}
    second: RunningHouse = start_house()
    second.address()
    assert (MAKING in second.said, len(sign_ins(second))) == (True, 7)


def test_a_database_that_was_taken_away_is_made_anew(start_house, data):
    first: RunningHouse = start_house()
    first.address()
    first.stop()
    for file in data.glob("dsbs.sqlite3*"):
        file.unlink()
    second: RunningHouse = start_house()
    second.address()
    assert MAKING in second.said


def test_each_start_brings_due_dates_in_line_and_leaves_what_was_met(start_house, data):
    first: RunningHouse = start_house()
    first.address()
    first.stop()
    before = milestones(data)
    with closing(sqlite3.connect(data / "dsbs.sqlite3")) as connection, connection:
        connection.execute("DELETE FROM milestone WHERE met_on IS NULL AND NOT is_set")

    second: RunningHouse = start_house()
    second.address()
    second.stop()
    assert (len(before) > 5000, milestones(data)) == (True, before)


def milestones(data: Path) -> set[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "dsbs.sqlite3")) as connection:
        return set(connection.execute("SELECT enrolment_id, code, number, due_on, met_on FROM milestone"))
