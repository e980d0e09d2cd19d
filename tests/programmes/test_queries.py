"""Reads about programmes and rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from dsbs.core.access import Role
from dsbs.core.refusals import NotFound
from dsbs.programmes import queries, rule_queries, service
from dsbs.programmes.tables import TABLES, activity_kinds, table_by_word
from tests.programmes.changing import newest, terms_of
from tests.programmes.conftest import Stage
from tests.support.statements import statements

TODAY = date(2026, 11, 24)


def test_programmes_come_in_the_order_in_which_the_school_names_them(stage: Stage, session: Session) -> None:
    assert [row.short_name for row in queries.programmes(session)] == [
        "Cardio",
        "Cancer",
        "Exercise",
        "Public health",
        "Neuro",
        "Infection",
        "Imaging",
        "Genetics",
        "Dev. & Reg.",
        "Metabolism",
        "Drugs",
        "Mol. & Cell.",
    ]


def test_cancelling_is_free_until_the_end_of_the_last_free_day_of_the_school(stage: Stage, session: Session) -> None:
    after_midnight = datetime.fromisoformat("2027-03-30T00:30:00+02:00")  # Tuesday after Easter, in summer time
    assert queries.free_cancellation_end(session, after_midnight, today=TODAY) == datetime.fromisoformat(
        "2027-03-22T23:59:00+01:00"
    )


def test_a_programme_is_found_whatever_the_case_of_its_code(stage: Stage, session: Session) -> None:
    assert queries.programme_by_code(session, "cardio").code == "CARDIO"


def test_an_unknown_programme_is_not_found(stage: Stage, session: Session) -> None:
    for code in ("LAW", "", "' OR 1=1", "🫀", "CARDIO\x00"):
        with pytest.raises(NotFound):
            queries.programme_by_code(session, code)


def test_leaders_and_coordinators_are_those_of_today(stage: Stage, session: Session) -> None:
    leader = stage.cast.person("Ann Peeters", Role.LEADER, programme="CARDIO")
    stage.cast.person("Hugo Coppens", Role.COORDINATOR, programme="NEURO")
    gone = stage.cast.person("Omar Haddad", Role.COORDINATOR, programme="CARDIO")
    ended = stage.cast.person("Tess Maes", Role.LEADER, programme="CARDIO")
    with stage.writing():
        gone.active = False
        ended.grants[0].until = TODAY - timedelta(days=1)

    cardio = queries.programme_by_code(session, "CARDIO").id
    people = queries.people_of_programmes(session, [cardio], TODAY)

    assert (people[cardio].leaders, people[cardio].coordinators) == ([leader], [])


def test_every_programme_asked_for_has_an_answer(stage: Stage, session: Session) -> None:
    assert list(queries.people_of_programmes(session, [7, 8], TODAY)) == [7, 8]


def test_a_renamed_kind_keeps_its_place(stage: Stage, session: Session) -> None:
    table = activity_kinds.table
    with stage.writing() as writing:
        seen = newest(writing, table, "phd_course")
        service.replace_rule(
            writing,
            table=table,
            seen=seen,
            terms=terms_of(table, seen, name="PhD course"),
            in_force_from=TODAY,
            today=TODAY,
        )

    assert [kind.name for kind in queries.activity_kinds(session)][:3] == [
        "Research integrity course",
        "PhD course",
        "Seminar series or journal club",
    ]


def test_an_ended_kind_is_no_longer_offered_and_keeps_its_name(stage: Stage, session: Session) -> None:
    with stage.writing() as writing:
        seen = newest(writing, activity_kinds.table, "phd_course")
        service.end_rule(writing, table=activity_kinds.table, seen=seen, last_day=TODAY, today=TODAY)

    assert "phd_course" not in [kind.code for kind in queries.activity_kinds(session)]
    assert queries.activity_kind_names(session)["phd_course"] == "Advanced PhD course"


def test_what_waits_is_counted_by_table(stage: Stage, session: Session) -> None:
    counts = rule_queries.waiting_counts(session, TODAY)

    assert (counts["milestones"], counts["units"], counts["closures"]) == ((15, 13), (28, 14), (0, 0))


def test_every_table_is_read_in_one_query(sqlite_stage: Stage, session: Session) -> None:
    for table in TABLES:
        with statements() as asked:
            rule_queries.lines(session, table, TODAY)

        assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1


def test_the_overview_is_one_query(stage: Stage, session: Session) -> None:
    with statements() as asked:
        rule_queries.waiting_counts(session, TODAY)

    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1


def test_an_unknown_table_is_not_found() -> None:
    with pytest.raises(NotFound):
        table_by_word("laws")
