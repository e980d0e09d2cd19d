"""Who sees what in the calendar, and which rows each answer holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from dsbs.accounts import service as people
from dsbs.agenda import queries, service, venue_queries
from dsbs.agenda.clashes import clashes_with
from dsbs.agenda.models import SlotState, Visibility
from dsbs.agenda.queries import Only
from dsbs.agenda.rules import Span, days_as_span
from dsbs.core.access import Role
from dsbs.core.db import db
from tests.agenda.conftest import BRUSSELS, TODAY, Stage, at
from tests.support.statements import questions

DAY = days_as_span(TODAY, TODAY, BRUSSELS)


def titles(stage: Stage, who: object, only: Only | None = None, **more: object) -> list[str | None]:
    """What this person sees of the day, in order."""
    found = queries.slots_between(
        db.session(),
        stage.viewer(who),
        span=DAY,
        now=stage.clock.now,
        only=only,
        **more,  # type: ignore[arg-type]
    )
    return [entry.title for entry in found]


@pytest.fixture
def day(stage: Stage) -> dict[str, object]:
    """A day with one slot of each kind, a participant, and those around her."""
    cardio, neuro = stage.programme("CARDIO"), stage.programme("NEURO")
    people = {
        "bound": stage.person("Britt", Role.RESEARCHER),
        "other": stage.person("Hugo", Role.RESEARCHER),
        "coordinator": stage.person("Roger", Role.COORDINATOR, programme=cardio),
        "elsewhere": stage.person("Vanessa", Role.COORDINATOR, programme=neuro),
        "reader": stage.person("Dirk", Role.READER),
        "administrator": stage.person("Leen", Role.ADMINISTRATOR),
    }
    for hour, visibility in enumerate(Visibility, start=9):
        stage.slot(
            at(hour), at(hour + 1), title=visibility.value, visibility=visibility,
            programmes=(cardio,), bound=(people["bound"],),
        )  # fmt: skip
    stage.slot(at(14), at(15), title="held", state=SlotState.HELD, programmes=(cardio,))
    return {**people, "cardio": cardio, "neuro": neuro}


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("bound", ["public", "school", "programmes", "private"]),
        ("other", ["public", "school"]),
        ("coordinator", ["public", "school", "programmes", "held"]),
        ("elsewhere", ["public", "school"]),
        ("reader", ["public", "school", "programmes"]),
        ("administrator", ["public", "school", "programmes", "held"]),
    ],
)
def test_each_sees_what_is_for_her(stage: Stage, day: dict[str, object], who: str, seen: list[str]) -> None:
    assert titles(stage, day[who]) == seen


def test_a_researcher_of_the_programme_sees_what_is_for_it(stage: Stage, day: dict[str, object]) -> None:
    assert titles(stage, day["other"], programme_ids=[day["cardio"].id]) == ["public", "school", "programmes"]  # type: ignore[attr-defined]
    assert titles(stage, day["other"], programme_ids=[day["neuro"].id]) == ["public", "school"]  # type: ignore[attr-defined]


def test_a_hold_of_the_whole_school_is_known_to_all_who_plan(stage: Stage, day: dict[str, object]) -> None:
    stage.slot(at(15), at(16), title="school's", state=SlotState.HELD)

    assert titles(stage, day["elsewhere"])[-1] == "school's"
    assert titles(stage, day["other"])[-1] == "school"


def test_in_one_room_what_is_not_for_her_is_there_without_words(stage: Stage) -> None:
    hugo, venue = stage.person("Hugo", Role.RESEARCHER), stage.venue()
    slot = stage.slot(at(9), at(10), venue=venue, visibility=Visibility.PRIVATE)
    with stage.writing():
        slot.endpoint, slot.subject_id = "agenda.venue", venue.id

    (entry,) = queries.slots_between(
        db.session(), stage.viewer(hugo), span=DAY, now=stage.clock.now, only=Only(venue_id=venue.id)
    )

    assert (entry.title, entry.kind, entry.endpoint, entry.programmes, entry.span) == (
        None, "", None, (), Span(at(9), at(10)),
    )  # fmt: skip


def test_mine_are_those_that_she_is_bound_to(stage: Stage, day: dict[str, object]) -> None:
    stage.slot(at(16), at(17), title="Of another", bound=(day["other"],))  # type: ignore[arg-type]

    assert titles(stage, day["other"], Only(mine=True)) == ["Of another"]


def test_a_programme_s_are_those_that_name_it(stage: Stage, day: dict[str, object]) -> None:
    stage.slot(at(16), at(17), title="Both", programmes=(day["cardio"], day["neuro"]))  # type: ignore[arg-type]
    stage.slot(at(17), at(18), title="School")

    assert titles(stage, day["other"], Only(programme_ids=frozenset({day["neuro"].id}))) == ["Both"]  # type: ignore[attr-defined]


def test_a_lapsed_hold_is_gone(stage: Stage) -> None:
    leen = stage.person("Leen", Role.ADMINISTRATOR)
    stage.slot(at(14), at(15), state=SlotState.HELD, held_until=at(12))
    assert titles(stage, leen) == ["Heart failure"]

    stage.clock.move_to(at(12))

    assert titles(stage, leen) == []


def test_a_cancelled_slot_stays_with_those_who_were_bound_to_it(stage: Stage) -> None:
    britt, hugo = stage.person("Britt"), stage.person("Hugo")
    slot = stage.slot(at(14), at(15), bound=(britt,))
    with stage.writing() as session:
        service.release_people(session, slot_ids=[slot.id], person_ids=[britt.id])
        service.cancel_slots(session, slots=[slot])

    assert (titles(stage, britt), titles(stage, hugo)) == (["Heart failure"], [])


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (at(9) - timedelta(days=1), at(0), 0),
        (at(22) - timedelta(days=1), at(0, 1), 1),
        (at(23), at(2) + timedelta(days=1), 1),
        (at(0) + timedelta(days=1), at(2) + timedelta(days=1), 0),
        (at(12) - timedelta(days=13, hours=20), at(3), 1),
        (at(3) - timedelta(days=14), at(3), 1),
    ],
)
def test_a_day_holds_whatever_has_a_moment_in_it(stage: Stage, start: object, end: object, expected: int) -> None:
    leen = stage.person("Leen", Role.ADMINISTRATOR)
    stage.slot(start, end)  # type: ignore[arg-type]

    assert len(titles(stage, leen)) == expected


def test_thirty_entries_take_as_many_queries_as_three(stage: Stage) -> None:
    britt, cardio, venue = stage.person("Britt"), stage.programme("CARDIO"), stage.venue(ours=False)
    viewer = stage.viewer(britt)
    took = []
    for _ in range(2):
        for _ in range(3 if not took else 27):
            stage.slot(at(9), at(10), venue=venue, programmes=(cardio,), bound=(britt,))
        with Session(db.engine) as fresh, questions() as statements:
            entries = queries.slots_between(fresh, viewer, span=DAY, now=stage.clock.now)
            assert {entry.programmes[0].short_name for entry in entries} == {"Cardio"}
        took.append((len(entries), len(statements)))

    assert took == [(3, 2), (30, 2)]


def test_what_waits_for_an_answer_is_shown_to_those_who_look_after_it(stage: Stage, day: dict[str, object]) -> None:
    hall = stage.venue("Promotion hall", ours=False)
    slot = stage.slot(at(16), at(17), venue=hall, title="Defence", programmes=(day["cardio"],))  # type: ignore[arg-type]
    stage.slot(at(17), at(18), venue=stage.venue(), title="In a room of ours", programmes=(day["cardio"],))  # type: ignore[arg-type]

    def waiting(who: str) -> list[str]:
        found = venue_queries.slots_to_confirm(db.session(), stage.viewer(day[who]), now=stage.clock.now)  # type: ignore[arg-type]
        return [slot.title for slot in found]

    assert [waiting(who) for who in ("coordinator", "elsewhere", "administrator")] == [["Defence"], [], ["Defence"]]
    answer = service.Confirmation(on=TODAY, reference="AULA-17", by="Rita Claes")
    with stage.writing() as session:
        service.confirm_venue(session, slot=slot, asked_on=TODAY, confirmation=answer, today=TODAY)
    assert waiting("coordinator") == []


SIX_YEARS = {
    "sqlite": """WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
        INSERT INTO slot (starts_at, ends_at, zone, state, firm_at, uid, sequence, changed_at, kind, title, place,
        visibility) SELECT datetime('2020-01-01', (i * 6) || ' hours'),
        datetime('2020-01-01', (i * 6 + 1) || ' hours'),
        'Europe/Brussels', 'firm', '2020-01-01', 'u' || i, 0, '2020-01-01', '', '', '', 'school' FROM n""",
    "postgresql": """INSERT INTO slot (starts_at, ends_at, zone, state, firm_at, uid, sequence, changed_at, kind, title,
        place, visibility) SELECT at, at + interval '1 hour', 'Europe/Brussels', 'firm', at, gen_random_uuid()::text,
        0, at, '', '', '', 'school' FROM generate_series(timestamptz '2020-01-01', '2026-11-04', '6 hours') AS at""",
}
BINDINGS = """INSERT INTO commitment (slot_id, person_id, part, state, sequence, changed_at)
    SELECT id, (SELECT min(id) FROM person) + id - id / 60 * 60, 'participant', 'firm', 0, changed_at FROM slot"""


def test_six_years_of_slots_are_looked_up_by_indexes(stage: Stage, engine_name: str) -> None:
    with stage.writing() as session:
        britt, *_ = [
            people.add_person(session, given_name="Britt", family_name=f"of {number}", mail=f"{number}@school.example")
            for number in range(60)
        ]
        for statement in (SIX_YEARS[engine_name], BINDINGS, "ANALYZE"):
            session.connection().exec_driver_sql(statement)
    viewer, month = stage.viewer(britt), days_as_span(date(2026, 1, 1), date(2026, 1, 31), BRUSSELS)

    def plan_of(read: Callable[[], object]) -> str:
        explain = "EXPLAIN " if engine_name == "postgresql" else "EXPLAIN QUERY PLAN "
        plans: list[str] = []

        def note(connection: Connection, cursor: object, statement: str, parameters: Any, *rest: object) -> None:
            if statement.startswith("SELECT slot"):
                plans.extend(map(str, connection.exec_driver_sql(explain + statement, parameters)))

        event.listen(Engine, "before_cursor_execute", note)
        read()
        event.remove(Engine, "before_cursor_execute", note)
        return "\n".join(plans)

    everything = plan_of(lambda: queries.slots_between(db.session(), viewer, span=month, now=stage.clock.now))
    clashes = plan_of(
        lambda: clashes_with(db.session(), endpoint="a.page", subject_id=7, person_ids=[britt.id], now=month.start)
    )
    feed = plan_of(lambda: queries.commitments_for_feed(db.session(), britt.id, now=stage.clock.now))

    assert "ix_slot_starts_at" in everything
    assert not re.search(r"(Seq Scan on|SCAN) (slot|commitment)(_\d+)?\b", everything + clashes + feed)
