"""``flask check dates``, and what each start brings in line."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, func, inspect, select, update

from dsbs.core import clock as school_clock
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.enrolments import service, track_queries
from dsbs.enrolments.commands import mend_dates
from dsbs.enrolments.models import Milestone
from dsbs.enrolments.rules.milestones import Key
from dsbs.history.models import Change
from dsbs.history.recorder import RECORDED_BY
from dsbs.programmes.rule_row import line_of
from dsbs.programmes.rules import ScopeKind
from dsbs.programmes.tables.milestones import MilestoneRule
from tests.enrolments.conftest import AddPerson, Cast, Enrol
from tests.enrolments.test_dating import change
from tests.support.statements import questions, statements

IN_LINE = "Due dates: all in line.\n"


@pytest.fixture
def check(school: Flask) -> Callable[..., Result]:
    """``flask check dates`` as a shell runs it."""

    def run(*options: str) -> Result:
        db.session.remove()
        return school.test_cli_runner().invoke(args=["check", "dates", *options])

    return run


def tamper(statement: object) -> None:
    """Change milestones behind the back of everybody, as an older version or a hand at the database would."""
    with write(by=SYSTEM, why="Set the stage", at=school_clock.now()) as session:
        session.execute(statement, execution_options={RECORDED_BY: "nobody"})  # type: ignore[call-overload]


def kept() -> dict[tuple[int, Key], date | None]:
    db.session.remove()
    return {(row.enrolment_id, row.key): row.due_on for row in db.session.scalars(select(Milestone))}


def add_rule_of_cardio(code: str, **changed: str) -> int:
    """The school's rule once more, for one programme; its id."""
    with write(by=SYSTEM, why="Set the stage", at=school_clock.now()) as session:
        school_wide = session.scalars(select(MilestoneRule).where(MilestoneRule.code == code)).one()
        columns = {column.key for column in inspect(MilestoneRule).column_attrs} - {"id"}
        values = {name: getattr(school_wide, name) for name in columns}
        line = line_of(code, ScopeKind.PROGRAMME, "CARDIO", None)
        scope = {"scope_kind": ScopeKind.PROGRAMME, "scope_code": "CARDIO", "line": line}
        own = MilestoneRule(**(values | scope | changed))
        session.add(own)
        session.flush()
        return own.id


def of(code: str, number: int = 1) -> object:
    return (Milestone.code == code) & (Milestone.number == number)


def test_dates_that_are_in_line_are_said_to_be(check: Callable[..., Result], enrol: Enrol) -> None:
    enrol()

    answer = check()

    assert (answer.exit_code, answer.output) == (0, IN_LINE)


def test_each_difference_is_a_line_with_who_what_kept_and_reckoned(check: Callable[..., Result], enrol: Enrol) -> None:
    enrolment_id = enrol().id
    rule_id = db.session.scalars(select(Milestone.rule_id).where(of("annual"))).one()
    tamper(update(Milestone).where(of("midterm")).values(due_on=date(2026, 6, 3)))
    tamper(update(Milestone).where(of("predoctoral_end")).values(due_on=date(2026, 6, 3)))
    tamper(delete(Milestone).where(of("annual", 2)))
    with write(by=SYSTEM, why="Set the stage", at=school_clock.now()) as session:
        one_more = Milestone(
            enrolment_id=enrolment_id, rule_id=rule_id, code="annual", number=9, due_on=date(2033, 9, 2)
        )
        session.add(one_more)

    answer = check()

    who = "Britt Bauwens, enrolled 2024-09-02: "
    assert answer.exit_code == 1
    assert sorted(answer.output.splitlines()[:-1]) == [
        who + "Mid-term evaluation (1) is kept with 2026-06-03, reckoned with 2026-06-02",
        who + "Predoctoral period ends (1) is kept with 2026-06-03, reckoned with no date",
        who + "Yearly progress report (2) is kept with nothing, reckoned with 2026-09-02",
        who + "Yearly progress report (9) is kept with 2033-09-02, reckoned with nothing",
    ]
    assert answer.output.splitlines()[-1] == "Due dates: 4 to bring in line; --mend does it."


def test_a_milestone_follows_the_rule_that_its_programme_has_of_its_own(
    check: Callable[..., Result], enrol: Enrol
) -> None:
    enrol()
    own_id = add_rule_of_cardio("midterm")

    told, mended = check().output.splitlines(), check("--mend").output

    line = "Mid-term evaluation (1) is kept with 2026-06-02, reckoned with 2026-06-02, by another rule"
    assert told[0] == f"Britt Bauwens, enrolled 2024-09-02: {line}"
    assert mended == "Due dates: 1 brought in line.\n"
    db.session.remove()
    assert db.session.scalars(select(Milestone.rule_id).where(of("midterm"))).one() == own_id


def test_a_rule_that_cannot_be_read_is_told_and_keeps_no_house_closed(
    check: Callable[..., Result], school: Flask, enrol: Enrol
) -> None:
    enrol()
    add_rule_of_cardio("midterm", repeat="now and then")

    answers = [check(), check("--mend")]
    start = school.test_cli_runner().invoke(args=["defaults", "load"])

    why = "Write yearly, or such as 12 months until defence, or leave it empty."
    assert [(answer.exit_code, answer.output) for answer in answers] == [(1, f"Error: {why}\n")] * 2
    assert (start.exit_code, start.stderr) == (0, f"Due dates: not brought in line. {why}\n")


def test_checking_changes_nothing(check: Callable[..., Result], enrol: Enrol) -> None:
    enrol()
    tamper(delete(Milestone))

    with statements("INSERT", "UPDATE", "DELETE") as sent:
        check()

    assert sent == []


def test_of_many_differences_fifty_are_told(check: Callable[..., Result], enrol: Enrol, add_person: AddPerson) -> None:
    for given in ("Ada", "Bea", "Cleo"):
        enrol(add_person(f"{given} Maes", Role.RESEARCHER))
    tamper(update(Milestone).values(due_on=date(2020, 1, 1)))
    found = db.session.scalars(select(func.count(Milestone.id))).one()

    told = check().output.splitlines()

    assert found > 50
    assert [line for line in told if "Maes" not in line] == [
        f"And {found - 50} more.",
        f"Due dates: {found} to bring in line; --mend does it.",
    ]
    assert len(told) == 52


def test_mending_brings_dates_in_line_and_leaves_what_stands(check: Callable[..., Result], enrol: Enrol) -> None:
    enrolment = enrol()
    change(enrolment, Key("midterm"), met_on=date(2026, 5, 4))
    change(enrolment, Key("thesis_submission"), set_to=date(2029, 3, 1))
    before = kept()
    tamper(update(Milestone).where(Milestone.met_on.is_(None), ~Milestone.is_set).values(due_on=date(2020, 1, 1)))
    tamper(delete(Milestone).where(of("annual", 2)))

    answer = check("--mend")

    assert (answer.exit_code, answer.output) == (0, f"Due dates: {len(before) - 2} brought in line.\n")
    assert kept() == before
    assert check().output == IN_LINE


def test_mending_what_is_in_line_writes_nothing(check: Callable[..., Result], enrol: Enrol) -> None:
    enrol()

    with statements("INSERT", "UPDATE", "DELETE") as sent:
        answer = check("--mend")

    assert (answer.exit_code, answer.output, sent) == (0, IN_LINE, [])


def test_what_is_mended_stands_in_the_history(check: Callable[..., Result], enrol: Enrol) -> None:
    enrol()
    tamper(update(Milestone).where(of("midterm")).values(due_on=date(2026, 6, 3)))

    check("--mend")

    last = db.session.scalars(select(Change).order_by(Change.id.desc()).limit(1)).one()
    assert (last.why, last.subject, last.values["due_on"]) == (
        "Brought due dates in line",
        "milestone",
        ["2026-06-03", "2026-06-02"],
    )


def test_only_enrolments_that_differ_are_touched(check: Callable[..., Result], enrol: Enrol, cast: Cast) -> None:
    enrol()
    brams = enrol(cast.bram)
    tamper(update(Milestone).where(Milestone.enrolment_id == brams.id, of("midterm")).values(due_on=date(2020, 1, 1)))

    with statements("UPDATE MILESTONE") as sent:
        check("--mend")

    assert len(sent) == 1


def test_checking_asks_as_often_for_many_as_for_one(school: Flask, enrol: Enrol, cast: Cast) -> None:
    def asked() -> int:
        db.session.rollback()
        with questions() as sent:
            assert list(service.all_differences(db.session())) == []
        return len(sent)

    enrol()
    for_one = asked()
    enrol(cast.bram)

    assert asked() == for_one


def test_enrolments_are_looked_at_some_at_a_time(
    check: Callable[..., Result], enrol: Enrol, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(track_queries, "_CHUNK", 1)
    enrol()
    enrol(cast.bram)
    tamper(delete(Milestone))

    mended = check("--mend").output

    assert mended.startswith("Due dates: ")
    assert check().output == IN_LINE
    assert db.session.scalar(select(func.count(Milestone.enrolment_id.distinct()))) == 2


def test_a_start_dates_enrolments_that_were_there_before_milestones_were(school: Flask, enrol: Enrol) -> None:
    enrol()
    before = kept()
    tamper(delete(Milestone))
    db.session.remove()

    said = school.test_cli_runner().invoke(args=["defaults", "load"]).output

    assert said == f"Defaults: all there.\nDue dates: {len(before)} brought in line.\n"
    assert kept() == before


def test_a_second_start_is_silent_about_dates(school: Flask, enrol: Enrol) -> None:
    enrol()
    db.session.remove()

    assert school.test_cli_runner().invoke(args=["defaults", "load"]).output == "Defaults: all there.\n"


def test_two_machines_that_start_together_date_everything_once(school: Flask, enrol: Enrol) -> None:
    enrol()
    before = kept()
    tamper(delete(Milestone))
    db.session.remove()
    start, mended = threading.Barrier(2), []

    def start_up() -> None:
        with school.app_context():
            start.wait()
            mended.append(mend_dates())
            db.session.remove()

    machines = [threading.Thread(target=start_up) for _ in range(2)]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join()

    assert sorted(mended) == [0, len(before)]
    assert kept() == before
