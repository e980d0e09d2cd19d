"""What an activity asks, on its form and in its rows: nothing typed is lost, and each row says something of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain, combinations, product
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy import text as sql  # noqa: TID251 - speaks to a database that is older than the models
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from dsbs import create_app
from dsbs.activities.activity_form import ActivityForm
from dsbs.activities.models import Activity, ActivityCondition, Registration
from dsbs.activities.offers import requirements_of
from dsbs.activities.rules import RegistrationState
from dsbs.activities.rules.conditions import Condition, ConditionKind
from dsbs.activities.rules.requirements import Requirement
from dsbs.activities.service import approving
from dsbs.activities.service.asking import write_requirements
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.history.models import Change
from tests.activities.reading import read
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.databases import Databases, Engine
from tests.support.settings import settings_for
from tests.support.statements import questions

APPROVAL, INVITED = Condition(ConditionKind.APPROVAL), Condition(ConditionKind.INVITED)
NOT_ATTENDED = Condition(ConditionKind.NOT_ATTENDED)
WORDS = [("title", "Writing"), ("kind", "skills_academic"), ("language", "en")]
PROGRAMMES, ACTIVITIES = [(1, "Cardio"), (2, "Neuro"), (3, "Cancer")], [(5, "Lab safety"), (6, "Statistics")]


def years(first: int, last: int | None = None) -> Condition:
    return Condition(ConditionKind.YEARS, first_year=first, last_year=last)


def attended(*ids: int) -> Condition:
    return Condition(ConditionKind.ATTENDED, ids=ids)


# ---- The form ----


def some_of(ids: list[tuple[int, str]]) -> list[tuple[int, ...]]:
    """Whatever can be chosen of these, nothing too."""
    return [chosen for many in range(len(ids) + 1) for chosen in combinations([id_ for id_, _name in ids], many)]


#: What stands in a requirement of each kind, as the form gives it: each activity to be attended alone, the kinds in the
#: order of the rules.
ALTERNATIVES = (
    [(), (INVITED,)],
    [(Condition(ConditionKind.PROGRAMMES, ids=ids),) if ids else () for ids in some_of(PROGRAMMES)],
    [(), *((years(first, last),) for first in range(1, 13) for last in (None, *range(first, 13)))],
    [tuple(attended(id_) for id_ in ids) for ids in some_of(ACTIVITIES)],
    [(), (NOT_ATTENDED,)],
    [(), (APPROVAL,)],
)
#: All that can be asked, so that one is drawn at once: piece by piece it took longer than what is tested.
REQUIREMENTS = [
    Requirement(one_of) for pieces in product(*ALTERNATIVES) if (one_of := tuple(chain.from_iterable(pieces)))
]


def sent(form: ActivityForm) -> MultiDict[str, str]:
    """What a browser sends of the requirements that this form shows."""
    found: MultiDict[str, str] = MultiDict()
    for entry in form.requirements:
        for row in entry.form.rows:
            for field in row:
                values = field.data if isinstance(field.data, list) else [field.data]
                for value in values:
                    found.add(field.name, "" if value is None else str(value))
    return found


def form_of(data: MultiDict[str, str] | None) -> ActivityForm:
    form = ActivityForm(formdata=data, meta={"csrf": False})
    form.kind.choices = [("skills_academic", "Skills")]
    return form


def test_what_the_form_shows_comes_back_as_it_was(sqlite_app: Flask) -> None:
    @settings(max_examples=40)
    @given(st.lists(st.sampled_from(REQUIREMENTS), max_size=4))
    def comes_back(asked: list[Requirement]) -> None:
        shown = form_of(None)
        shown.fill(Activity(title="", kind="", language="en", description="", offered_by=[]), asked)
        shown.offer_choices(PROGRAMMES, ACTIVITIES)
        back = form_of(MultiDict([*WORDS, *sent(shown).items(multi=True)]))
        back.offer_choices(PROGRAMMES, ACTIVITIES)
        assert back.validate()
        assert list(back.text().requirements) == asked

    with sqlite_app.test_request_context():
        comes_back()


@pytest.fixture
def roger(cast: Cast, client: Client) -> int:
    """An activity of CARDIO, whose coordinator is signed in."""
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    return cast.course(programmes=["CARDIO"]).activity_id


def typed(cast: Cast, **more: str) -> dict[str, str]:
    words = {"title": "Half a title", "kind": "phd_course", "language": "en", "revision": "1"}
    return {**words, "programmes": str(cast.programme("CARDIO").id), **more}


ROW = "requirements-0-one_of-0"


def test_buttons_add_and_take_away_rows_and_nothing_typed_is_lost(client: Client, cast: Cast, roger: int) -> None:
    address, row = f"/activities/{roger}/edit", {f"{ROW}-kind": "years", f"{ROW}-first_year": "three"}

    first = client.post(address, data=typed(cast, add_requirement="1")).text
    more = client.post(address, data=typed(cast, add_alternative="requirements-0", **row)).text
    both = {**row, "requirements-0-one_of-1-kind": "approval", "requirements-4-one_of-0-kind": "invited"}
    less = client.post(address, data=typed(cast, take_away=ROW, **both)).text
    none = client.post(address, data=typed(cast, take_away=ROW, **row)).text

    assert [page.count('name="take_away"') for page in (first, more, less, none)] == [1, 2, 2, 0]
    assert all("Half a title" in page for page in (first, more, less, none))
    assert 'value="three"' in more
    assert ('value="three"' in less, less.count(' selected value="approval"')) == (False, 1)
    db.session.rollback()
    assert db.session.get_one(Activity, roger).title == "Scientific writing"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"kind": "programmes"}, "Tick at least one programme."),
        ({"kind": "attended", "attended": "0"}, "Choose an activity."),
        ({"kind": "years"}, "Give a year."),
        ({"kind": "years", "first_year": "3", "last_year": "2"}, "The last year comes before the first."),
        ({"kind": "years", "first_year": "13"}, "Years of the track are 1 to 12."),
        ({"kind": "magic"}, "Not a valid choice"),
    ],
)
def test_what_is_missing_in_a_row_is_said_beside_it(
    client: Client, cast: Cast, roger: int, row: dict[str, str], words: str
) -> None:
    named = {f"{ROW}-{name}": value for name, value in row.items()}

    answer = client.post(f"/activities/{roger}/edit", data=typed(cast, **named))

    assert words in read(answer)
    assert db.session.scalars(select(ActivityCondition)).all() == []


def test_what_stands_in_fields_of_another_kind_is_of_no_matter(client: Client, cast: Cast, roger: int) -> None:
    row = {f"{ROW}-kind": "approval", f"{ROW}-first_year": "three", f"{ROW}-attended": "999"}

    client.post(f"/activities/{roger}/edit", data=typed(cast, **row))

    assert requirements_of(db.session(), roger) == (Requirement((APPROVAL,)),)


def test_an_activity_that_is_named_already_can_be_named_again(client: Client, cast: Cast, roger: int) -> None:
    draft = cast.course(title="Draft of others", programmes=["NEURO"], published=False).activity_id
    with write(by=SYSTEM, why="Asked", at=cast.now) as session:
        write_requirements(session.get_one(Activity, roger), [Requirement((attended(draft),))])

    assert f'<option selected value="{draft}">Draft of others</option>' in client.get(f"/activities/{roger}/edit").text


# ---- The rows ----


def ask(activity_id: int, now: Clock, *asked: Requirement) -> None:
    with write(by=SYSTEM, why="Asked", at=now.now) as session:
        write_requirements(session.get_one(Activity, activity_id), asked)


def meant(asked: Iterable[Requirement]) -> Counter[frozenset[object]]:
    """What is asked, whatever the order in which it is told."""
    return Counter(
        frozenset(
            (one.kind, one.ids if one.kind in ("programmes", "attended") else (), one.first_year, one.last_year)
            for one in requirement.one_of
        )
        for requirement in asked
    )


def test_what_is_asked_is_read_as_it_was_written(app: Flask, cast: Cast, clock: Clock) -> None:
    activity_id, first = cast.course().activity_id, cast.course(title="Lab safety").activity_id
    wanted = [
        Requirement((cast.only("CARDIO", "NEURO"), attended(first), NOT_ATTENDED)),
        Requirement((attended(first), APPROVAL)),
        Requirement((years(1, 2), years(4), INVITED)),
    ]
    later = [
        wanted[1:],
        [wanted[2], wanted[0]],
        [Requirement((years(5), years(1, 3)))],
        [Requirement((years(1, 2), years(6)))],
    ]
    for asked in (wanted, *later, []):
        ask(activity_id, clock, *asked)
        db.session.rollback()
        assert meant(requirements_of(db.session(), activity_id)) == meant(asked)


def test_a_requirement_that_goes_leaves_the_others_alone(app: Flask, cast: Cast, clock: Clock) -> None:
    activity_id = cast.course().activity_id
    one, two = Requirement((cast.only("CARDIO"),)), Requirement((years(3), APPROVAL))
    ask(activity_id, clock, one, two)
    last = db.session.scalars(select(Change.id).order_by(Change.id.desc())).first() or 0
    db.session.rollback()

    ask(activity_id, clock, Requirement((years(2), APPROVAL)))

    db.session.rollback()
    noted = select(Change.action).where(Change.id > last, Change.subject == "activity_condition")
    assert sorted(db.session.scalars(noted)) == ["delete", "update"]
    assert db.session.scalars(select(ActivityCondition.requirement).distinct()).all() == [2]


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "approval"},
        {"kind": "years", "first_year": 3},
        {"kind": "years", "first_year": 1, "last_year": 2},
        {"kind": "programmes", "programme_id": 1},
    ],
)
def test_the_database_refuses_a_row_that_says_the_same(app: Flask, cast: Cast, columns: dict[str, object]) -> None:
    activity_id = cast.course().activity_id
    one, same, elsewhere = (
        ActivityCondition(activity_id=activity_id, requirement=number, **columns) for number in (1, 1, 2)
    )
    with write(by=SYSTEM, why="Asked", at=cast.now) as session:
        session.add_all([one, elsewhere])
    with pytest.raises(IntegrityError), write(by=SYSTEM, why="Asked twice", at=cast.now) as session:
        session.add(same)


@pytest.fixture
def at_0016(engine_name: Engine, databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """A database as it was before requirements."""
    with databases.empty(engine_name, tmp_path) as url:
        app = create_app(settings_for(tmp_path, database_url=url))
        with app.app_context():
            flask_migrate.upgrade(revision="0016")
            yield app
            db.session.remove()
            db.engine.dispose()


_ACTIVITY = "INSERT INTO activity (id, title, kind, language, description) VALUES (:id, 'x', 'x', 'en', '')"
_BEFORE = "INSERT INTO activity_condition (activity_id, kind, other_activity_id, first_year) VALUES (1, :k, :o, :y)"


def test_conditions_of_before_are_a_requirement_for_each_kind(at_0016: Flask) -> None:
    with db.engine.begin() as connection:
        for number in (1, 2, 3):
            connection.execute(sql(_ACTIVITY), {"id": number})
        for kind, other, year in (
            ("approval", None, None),
            ("attended", 2, None),
            ("attended", 3, None),
            ("years", None, 2),
        ):
            connection.execute(sql(_BEFORE), {"k": kind, "o": other, "y": year})

    flask_migrate.upgrade()

    with db.engine.begin() as connection:
        rows = connection.execute(sql("SELECT kind, requirement FROM activity_condition ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [("approval", 3), ("attended", 2), ("attended", 2), ("years", 1)]


# ---- Who joins ----


def test_who_meets_another_alternative_has_a_seat_and_who_does_not_asks(
    app: Flask, client: Client, cast: Cast, clock: Clock
) -> None:
    course = cast.course(capacity=2, requirements=[Requirement((cast.only("NEURO"), APPROVAL))])
    britt, hugo = cast.researcher("Britt Bauwens", "CARDIO"), cast.researcher("Hugo Coppens", "NEURO")
    for person, button in ((britt, "Ask for a seat"), (hugo, "Take a seat")):
        sign_in(client, person)
        assert button in read(client.get(f"/sessions/{course.id}"))
        assert button in read(client.get("/activities"))
        client.post(f"/sessions/{course.id}/register", data={"or_wait": "yes"})

    db.session.rollback()
    parts = {row.person_id: row for row in db.session.scalars(select(Registration))}
    assert (parts[britt.id].state, parts[hugo.id].state) == (RegistrationState.REQUESTED, RegistrationState.REGISTERED)
    asked = parts[britt.id].id
    with write(by=SYSTEM, why="Approved", at=clock.now) as session:
        approving.approve(session, registration_id=asked, session_id=course.id, now=clock.now)
    assert db.session.get_one(Registration, asked).number == 2


def test_who_needs_no_approval_waits_behind_who_asked_before(
    app: Flask, client: Client, cast: Cast, clock: Clock
) -> None:
    course = cast.course(capacity=1, requirements=[Requirement((cast.only("NEURO"), APPROVAL))])
    people = [
        cast.researcher("Anna Smet", "NEURO"),
        cast.researcher("Britt Bauwens"),
        cast.researcher("Hugo C", "NEURO"),
    ]
    for person in people:
        sign_in(client, person)
        client.post(f"/sessions/{course.id}/register", data={"or_wait": "yes"})
    db.session.rollback()
    asked = db.session.scalars(select(Registration).where(Registration.person_id == people[1].id)).one()

    with write(by=SYSTEM, why="Approved", at=clock.now) as session:
        approving.approve(session, registration_id=asked.id, session_id=course.id, now=clock.now)

    db.session.rollback()
    waiting = select(Registration.person_id).where(Registration.state == RegistrationState.WAITING)
    assert db.session.scalars(waiting.order_by(Registration.ticket)).all() == [people[1].id, people[2].id]


def test_the_page_tells_each_requirement_and_the_first_date_of_what_is_to_be_attended(
    app: Flask, client: Client, cast: Cast
) -> None:
    lab = cast.course(title="Lab safety", starts_in=timedelta(days=5)).activity_id
    radiation = cast.course(title="Radiation basics", starts_in=timedelta(days=3)).activity_id
    either = Requirement((attended(lab, radiation),))
    course = cast.course(requirements=[either, Requirement((years(2), APPROVAL)), Requirement((years(3), APPROVAL))])
    sign_in(client, cast.researcher("Britt Bauwens", "CARDIO"))

    page = read(client.get(f"/sessions/{course.id}"))

    assert "Attend “Lab safety” or “Radiation basics” first." in page
    assert "Those who attended “Lab safety” or “Radiation basics” You do not meet this." in page
    assert "Radiation basics next on Fri 27 Nov 2026, 10:00" in page
    assert "Researchers from year 2 of their track on, or those whom the coordinator approves You meet this." in page
    assert "Researchers from year 3 of their track on, or those whom the coordinator approves You" not in page


def test_a_whole_catalogue_with_requirements_is_read_by_a_fixed_number_of_queries(
    app: Flask, client: Client, cast: Cast
) -> None:
    sign_in(client, cast.researcher("Britt Bauwens", "CARDIO"))

    def asked(more: int) -> int:
        with cast.at_once():
            for number in range(more):
                alternatives = (cast.only("NEURO"), years(number % 4 + 1), NOT_ATTENDED, APPROVAL)
                cast.course(
                    title=f"Course {more}.{number}",
                    requirements=[Requirement(alternatives[: number % 4 + 1]), Requirement((years(1), INVITED))],
                )
        client.get("/activities")
        with questions() as seen:
            client.get("/activities")
        return len(seen)

    assert asked(3) == asked(20)
