"""The verbs of programmes, on both engines."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import Refused
from dsbs.history.models import Change
from dsbs.programmes import queries, rule_queries, rules, service
from dsbs.programmes.columns import RuleTable
from dsbs.programmes.models import Closure, Programme, Unit, UnitKind
from dsbs.programmes.rule_row import RuleRow
from dsbs.programmes.rules import Mark, Outdated, ScopeKind, Severity
from dsbs.programmes.service import Placement
from dsbs.programmes.tables import TABLES, defence_rules, milestones, registration
from tests.programmes.changing import TODAY, change_value, edit_neuro, newest, terms_of
from tests.programmes.conftest import Stage

NEXT_MONTH = date(2026, 12, 24)


def refusal(do: Callable[[], object]) -> tuple[str, str | None]:
    """The sentence and the field of a refusal."""
    with pytest.raises(Refused) as refused:
        do()
    return refused.value.sentence, refused.value.field


def test_the_defaults_are_all_there(stage: Stage, session: Session) -> None:
    counts = rule_queries.waiting_counts(session, TODAY)

    assert {word: total for word, (total, _) in counts.items()} == {
        "programmes": 12,
        "units": 28,
        "closures": 0,
        "activity-kinds": 12,
        "registration": 10,
        "milestones": 15,
        "pace": 5,
        "requirements": 7,
        "reminders": 37,
        "defence-steps": 21,
        "defences": 25,
    }


def test_loading_the_defaults_again_changes_nothing(stage: Stage, session: Session) -> None:
    before = session.scalar(select(func.count()).select_from(Change))
    with stage.writing() as writing:
        counts = service.load_defaults(writing)

    assert counts == {}
    assert session.scalar(select(func.count()).select_from(Change)) == before


def test_what_an_administrator_changed_stays_when_the_defaults_are_loaded_again(stage: Stage, session: Session) -> None:
    with stage.writing() as writing:
        change_value(writing, "7")
        service.end_rule(
            writing,
            table=registration.table,
            seen=newest(writing, registration.table, "no_show_limit"),
            last_day=TODAY,
            today=TODAY,
        )
        queries.programme_by_code(writing, "NEURO").name = "Brain and Mind"
    with stage.writing() as writing:
        service.load_defaults(writing)

    found = queries.registration_rules(session, TODAY + timedelta(days=1))
    assert found["free_cancellation"].value == "7"
    assert "no_show_limit" not in found
    assert queries.programme_by_code(session, "NEURO").name == "Brain and Mind"


def test_what_is_missing_is_added_without_the_rest(stage: Stage, session: Session) -> None:
    with stage.writing() as writing:
        writing.delete(writing.scalars(select(Unit).where(Unit.code == "LIB")).one())
    with stage.writing() as writing:
        counts = service.load_defaults(writing)

    assert counts == {"units.csv": 1}


def test_the_default_rules_are_ones_that_an_administrator_could_write(sqlite_stage: Stage, session: Session) -> None:
    for table in TABLES:
        for line in rule_queries.lines(session, table, TODAY):
            row = line.newest
            terms = replace(terms_of(table, row), source="Looked at")
            then = service.foresee(session, table=table, seen=row, terms=terms, in_force_from=TODAY, today=TODAY)

            assert then["source"] == "Looked at"


def test_a_new_version_takes_over_on_its_day(stage: Stage, session: Session) -> None:
    with stage.writing() as writing:
        change_value(writing, "7", NEXT_MONTH)

    def value_on(day: date) -> str:
        return queries.registration_rules(session, day)["free_cancellation"].value

    assert (value_on(NEXT_MONTH - timedelta(days=1)), value_on(NEXT_MONTH)) == ("5", "7")


def test_a_new_version_leaves_what_the_old_one_said(stage: Stage, session: Session) -> None:
    with stage.writing() as writing:
        change_value(writing, "7")

    line = rule_queries.line_of_row(
        session, registration.table, newest(session, registration.table, "free_cancellation").id, TODAY
    )
    assert [(row.version, row.value, row.in_force_to) for row in line.versions] == [  # type: ignore[attr-defined]
        (1, "5", TODAY - timedelta(days=1)),
        (2, "7", None),
    ]


def test_a_version_that_comes_before_a_planned_one_takes_its_place(stage: Stage, session: Session) -> None:
    with stage.writing() as writing:
        change_value(writing, "7", NEXT_MONTH)
    with stage.writing() as writing:
        change_value(writing, "9", TODAY)

    for day in (TODAY, NEXT_MONTH, NEXT_MONTH + timedelta(days=400)):
        assert queries.registration_rules(session, day)["free_cancellation"].value == "9"


def test_a_new_version_is_not_signed_off(stage: Stage, session: Session, leen: Person) -> None:
    seen = newest(session, registration.table, "free_cancellation")
    with stage.writing() as writing:
        service.sign_off(
            writing, model=registration.RegistrationRule, stamps=[seen.stamp], by=leen.actor, now=stage.clock.now
        )
    with stage.writing() as writing:
        row = change_value(writing, "7")

    assert row.waits


def test_the_past_of_a_rule_cannot_be_changed(stage: Stage, session: Session) -> None:
    with stage.writing() as writing:
        said = refusal(lambda: change_value(writing, "7", TODAY - timedelta(days=1)))

    assert said[1] == "in_force_from"


def test_a_version_that_says_the_same_is_refused(stage: Stage) -> None:
    with stage.writing() as writing:
        assert refusal(lambda: change_value(writing, "5")) == (
            "Nothing is different yet. Change a value, or leave the rule as it is.",
            None,
        )


def test_a_value_that_makes_no_sense_is_refused_beside_its_field(stage: Stage) -> None:
    with stage.writing() as writing:
        assert refusal(lambda: change_value(writing, "soon")) == ("Write a number of at most %(most)s.", "value")


def test_an_unknown_code_is_refused_by_name(stage: Stage, session: Session) -> None:
    table = milestones.table
    seen = newest(session, table, "midterm")
    with stage.writing() as writing, pytest.raises(Refused) as refused:
        service.replace_rule(
            writing,
            table=table,
            seen=seen,
            terms=terms_of(table, seen, anchor="graduation"),
            in_force_from=TODAY,
            today=TODAY,
        )

    assert (str(refused.value), refused.value.field) == ("graduation is not known here.", "anchor")


def test_of_two_who_replace_the_same_version_the_second_is_told(stage: Stage, session: Session) -> None:
    table = registration.table
    seen = newest(session, table, "free_cancellation")
    with stage.writing() as writing:
        change_value(writing, "7")
    with stage.writing() as writing, pytest.raises(Outdated):
        service.replace_rule(
            writing,
            table=table,
            seen=seen,
            terms=terms_of(table, seen, value="8"),
            in_force_from=TODAY,
            today=TODAY,
        )

    assert queries.registration_rules(session, TODAY)["free_cancellation"].value == "7"


def test_of_many_at_the_same_moment_one_replaces_a_version(stage: Stage, session: Session) -> None:
    table, people = registration.table, 8
    seen_id = newest(session, table, "free_cancellation").id
    start, results = threading.Barrier(people), []

    def replace_it(value: int) -> None:
        with stage.app.app_context():
            start.wait()
            try:
                with write(by=SYSTEM, why="Test", at=stage.clock.now) as writing:
                    seen = writing.get_one(table.model, seen_id)
                    service.replace_rule(
                        writing,
                        table=table,
                        seen=seen,
                        terms=terms_of(table, seen, value=str(value)),
                        in_force_from=TODAY,
                        today=TODAY,
                    )
                results.append(value)
            except Refused:
                results.append(0)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=replace_it, args=(10 + n,)) for n in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (winner,) = [value for value in results if value]
    session.rollback()
    assert len(results) == people
    assert queries.registration_rules(session, TODAY)["free_cancellation"].value == str(winner)


def test_a_rule_that_ended_gives_way_to_the_wider_one(stage: Stage, session: Session) -> None:
    table = defence_rules.table
    scope = rules.Scope(faculty="PHARM")
    with stage.writing() as writing:
        service.end_rule(
            writing,
            table=table,
            seen=newest(writing, table, "submission_to_public", "PHARM"),
            last_day=TODAY,
            today=TODAY,
        )

    rows = session.scalars(select(table.model)).all()
    marks = [rules.resolve(rows, scope, None, TODAY + timedelta(days=n))["submission_to_public"].mark for n in (0, 1)]
    assert marks == [Mark.SOURCED, Mark.ELSEWHERE]


def test_a_rule_cannot_end_in_the_past(stage: Stage, session: Session) -> None:
    table = registration.table
    with stage.writing() as writing:
        seen = newest(writing, table, "offer_lifetime")
        said = refusal(
            lambda: service.end_rule(writing, table=table, seen=seen, last_day=TODAY - timedelta(days=1), today=TODAY)
        )

    assert said[1] == "last_day"


def test_an_ended_rule_comes_back_with_a_new_version(stage: Stage, session: Session) -> None:
    table = registration.table
    with stage.writing() as writing:
        seen = newest(writing, table, "offer_lifetime")
        service.end_rule(writing, table=table, seen=seen, last_day=TODAY, today=TODAY)
    with stage.writing() as writing:
        seen = newest(writing, table, "offer_lifetime")
        service.replace_rule(
            writing, table=table, seen=seen, terms=terms_of(table, seen), in_force_from=NEXT_MONTH, today=TODAY
        )

    holds = [
        "offer_lifetime" in queries.registration_rules(session, day) for day in (TODAY, date(2026, 12, 1), NEXT_MONTH)
    ]
    assert holds == [True, False, True]


def add_for(session: Session, placement: Placement, table: RuleTable = defence_rules.table) -> RuleRow:
    """Add a defence rule that says what the school's own smallest jury says, for somebody else."""
    like = newest(session, defence_rules.table, "jury_min")
    return service.add_rule(
        session,
        table=table,
        placement=placement,
        terms=replace(terms_of(defence_rules.table, like, value="4"), severity=Severity.WARN),
        in_force_from=TODAY,
        today=TODAY,
    )


def test_a_rule_for_one_programme_holds_there(stage: Stage, session: Session) -> None:
    with stage.writing() as writing:
        row = add_for(writing, Placement("jury_min", ScopeKind.PROGRAMME, "DRUGS"))

    rows = session.scalars(select(defence_rules.table.model)).all()
    assert rules.resolve(rows, rules.Scope("PHARM", "DRUGS"), TODAY, TODAY)["jury_min"].id == row.id
    assert row.severity is Severity.WARN


def test_a_rule_for_nobody_or_for_somebody_who_has_one_is_refused(sqlite_stage: Stage) -> None:
    cases = (
        (Placement("jury_min"), "code"),
        (Placement("Jury Min"), "code"),
        (Placement("jury_min", ScopeKind.FACULTY, "LAW"), "scope"),
        (Placement("jury_min", ScopeKind.FACULTY, "CVS"), "scope"),
        (Placement("jury_min", ScopeKind.PROGRAMME, ""), "scope"),
        (Placement("jury_min", ScopeKind.SCHOOL, "MED"), "scope"),
        (Placement("jury_min", cohort_from=date(2027, 1, 1), cohort_to=date(2026, 1, 1)), "cohort_to"),
    )
    with sqlite_stage.writing() as writing:
        for placement, field in cases:
            assert refusal(partial(add_for, writing, placement))[1] == field


def test_rules_for_everybody_take_no_scope(sqlite_stage: Stage) -> None:
    placement = Placement("free_cancellation", ScopeKind.PROGRAMME, "DRUGS")
    with sqlite_stage.writing() as writing:
        assert refusal(lambda: add_for(writing, placement, registration.table))[1] == "scope"


def test_signing_off_says_who_and_when_and_keeps_the_mark(stage: Stage, session: Session, leen: Person) -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    model = registration.RegistrationRule
    stamps = [row.stamp for row in session.scalars(select(model))]
    with stage.writing() as writing:
        count = service.sign_off(writing, model=model, stamps=stamps, by=leen.actor, now=now)

    signed = {(row.signed_off_by_id, row.signed_off_at, row.waits) for row in session.scalars(select(model))}
    assert (count, signed) == (10, {(leen.id, now, False)})
    assert newest(session, registration.table, "free_cancellation").mark is Mark.ELSEWHERE


def test_a_row_that_changed_since_it_was_shown_is_not_signed_off(stage: Stage, session: Session, leen: Person) -> None:
    programme = queries.programme_by_code(session, "NEURO")
    stamp = programme.stamp
    with stage.writing() as writing:
        queries.programme_by_code(writing, "NEURO").name = "Brain and Mind"
    with stage.writing() as writing:
        said = refusal(
            lambda: service.sign_off(writing, model=Programme, stamps=[stamp], by=leen.actor, now=stage.clock.now)
        )

    assert said[0] == "Something you chose has changed since you looked. Look again, then sign it off."


def test_a_forged_choice_is_refused(sqlite_stage: Stage, leen: Person) -> None:
    with sqlite_stage.writing() as writing:
        for stamp in ("x", "99999.1", "-1", "1.1'--", "9" * 30):
            with pytest.raises(Refused):
                service.sign_off(writing, model=Programme, stamps=[stamp], by=leen.actor, now=sqlite_stage.clock.now)


def test_a_programme_keeps_its_code_and_gets_the_rest(stage: Stage, session: Session) -> None:
    with stage.writing() as writing:
        edit_neuro(writing, name="Brain and Mind", short_name="Brain", colour="MOLCELL", description="*Why* we think.")

    row = queries.programme_by_code(session, "NEURO")
    assert (row.name, row.short_name, row.colour, row.description) == (
        "Brain and Mind",
        "Brain",
        "MOLCELL",
        "*Why* we think.",
    )


def test_what_a_programme_cannot_be_is_refused_beside_its_field(sqlite_stage: Stage) -> None:
    cases: tuple[tuple[dict[str, object], str], ...] = (
        ({"colour": "#ff0000"}, "colour"),
        ({"short_name": "Cardio"}, "short_name"),
        ({"lead_faculty_id": 4}, "lead_faculty_id"),
        ({"lead_faculty_id": 9999}, "lead_faculty_id"),
    )
    with sqlite_stage.writing() as writing:
        for changes, field in cases:
            assert refusal(partial(edit_neuro, writing, **changes))[1] == field


def test_a_change_of_the_name_takes_the_signature_away_and_one_of_the_colour_does_not(
    stage: Stage, session: Session, leen: Person
) -> None:
    stamp = queries.programme_by_code(session, "NEURO").stamp
    with stage.writing() as writing:
        service.sign_off(writing, model=Programme, stamps=[stamp], by=leen.actor, now=stage.clock.now)
    with stage.writing() as writing:
        waits_after_colour = edit_neuro(writing, colour="MOLCELL").waits
    with stage.writing() as writing:
        waits_after_name = edit_neuro(writing, name="Brain and Mind").waits

    assert (waits_after_colour, waits_after_name) == (False, True)


def test_of_two_who_change_a_programme_the_second_is_told(stage: Stage, session: Session) -> None:
    seen = queries.programme_by_code(session, "NEURO").revision
    with stage.writing() as writing:
        edit_neuro(writing, seen, name="Brain and Mind")
    with stage.writing() as writing, pytest.raises(Outdated):
        edit_neuro(writing, seen, name="Minds")

    assert queries.programme_by_code(session, "NEURO").name == "Brain and Mind"


def add_geriatrics(session: Session, **changes: object) -> Unit:
    """Add a department."""
    values = {"kind": UnitKind.DEPARTMENT, "code": "GER", "name": "Geriatrics", "mark": Mark.SOURCED, **changes}
    return service.add_unit(session, **values)


def test_a_department_is_found_by_name_or_code_whatever_its_case(stage: Stage, session: Session) -> None:
    with stage.writing() as writing:
        row = add_geriatrics(writing)

    found = [queries.unit_by_name(session, UnitKind.DEPARTMENT, name) for name in (" gerIATRICS ", "ger", "Law")]
    assert found == [row, row, None]


def test_what_a_unit_cannot_be_is_refused_beside_its_field(sqlite_stage: Stage) -> None:
    cases: tuple[tuple[dict[str, object], str], ...] = (
        ({"code": "CVS"}, "code"),
        ({"code": "g e r"}, "code"),
        ({"code": "G" * 21}, "code"),
        ({"name": "cardiovascular sciences"}, "name"),
        ({"kind": UnitKind.PARTNER, "faculty_id": 1, "faculty_mark": Mark.SOURCED}, "faculty_id"),
        ({"faculty_id": 5, "faculty_mark": Mark.SOURCED}, "faculty_id"),
        ({"faculty_id": 1}, "faculty_mark"),
    )
    with sqlite_stage.writing() as writing:
        for changes, field in cases:
            assert refusal(partial(add_geriatrics, writing, **changes))[1] == field


def test_a_closure_takes_its_days_out_of_the_count(stage: Stage, session: Session) -> None:
    with stage.writing() as writing:
        service.add_closure(
            writing,
            first_day=date(2026, 12, 24),
            last_day=date(2027, 1, 3),
            name="Christmas holidays",
            mark=Mark.SOURCED,
        )

    calendar = queries.closed_calendar(session)
    assert rules.add_working_days(date(2026, 12, 23), 1, calendar) == date(2027, 1, 4)
    assert queries.closed_days(session, date(2026, 12, 23), date(2027, 1, 4)) == {
        date(2026, 12, day) for day in (24, 25, 28, 29, 30, 31)
    } | {date(2027, 1, 1)}


def test_a_removed_closure_gives_its_days_back(stage: Stage, session: Session) -> None:
    day = date(2026, 12, 28)
    with stage.writing() as writing:
        row = service.add_closure(writing, first_day=day, last_day=day, name="Bridge day", mark=Mark.ASSUMED)
    with stage.writing() as writing:
        service.remove_closure(writing, closure=row, seen=1)

    assert queries.closed_days(session, day, day) == frozenset()
    assert session.scalar(select(func.count()).select_from(Closure)) == 0


def test_a_closure_out_of_order_or_of_a_year_is_refused(sqlite_stage: Stage) -> None:
    with sqlite_stage.writing() as writing:
        for last in (date(2026, 12, 23), date(2027, 12, 24)):
            add = partial(service.add_closure, writing, name="Christmas", mark=Mark.ASSUMED)

            assert refusal(partial(add, first_day=NEXT_MONTH, last_day=last))[1] == "last_day"
