"""The list of people and the page of a person, with what programmes and enrolments say about them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

import pytest
from flask import Flask

from dsbs.accounts import queries, service
from dsbs.accounts.models import Person, RoleGrant
from dsbs.activities.service.teaching import name_organiser
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.enrolments.models import Enrolment, Supervision
from dsbs.enrolments.rules import Part, Track
from dsbs.programmes.models import Programme, Unit, UnitKind
from dsbs.programmes.rules import Mark
from tests.home.reading import queries_of
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import START

TODAY = date(2026, 11, 24)

pytestmark = pytest.mark.usefixtures("clock")

Add = Callable[..., Person]


@pytest.fixture
def add(app: Flask) -> Add:
    """Adds a person with these roles; a coordinator or leader gets hers in ``programme``."""

    def add_person(name: str, *roles: Role, programme: Programme | None = None) -> Person:
        given, _, family = name.partition(" ")
        with write(by=SYSTEM, why="Set the stage", at=START) as session:
            mail = "".join(letter for letter in name.lower() if letter.isalnum()) + "@school.example"
            person = service.add_person(session, given_name=given, family_name=family, mail=mail)
            for role in roles:
                scope = programme.id if programme and role in (Role.COORDINATOR, Role.LEADER) else None
                service.grant(session, person=person, role=role, since=date(2026, 1, 1), programme_id=scope)
        return person

    return add_person


@pytest.fixture
def cardio(app: Flask) -> Programme:
    """A programme."""
    return _programme("CARDIO", "Cardiovascular Medicine", "Cardio")


@pytest.fixture
def neuro(app: Flask) -> Programme:
    """Another programme."""
    return _programme("NEURO", "Neuroscience", "Neuro")


def _programme(code: str, name: str, short_name: str) -> Programme:
    with write(by=SYSTEM, why="Set the stage", at=START) as session:
        faculty = Unit(kind=UnitKind.FACULTY, code=f"F-{code}", name=f"Faculty of {short_name}", mark=Mark.SOURCED)
        session.add(faculty)
        session.flush()
        programme = Programme(
            code=code,
            name=name,
            short_name=short_name,
            description="",
            lead_faculty_id=faculty.id,
            lead_faculty_mark=Mark.SOURCED,
            colour=code,
            mark=Mark.SOURCED,
        )
        session.add(programme)
    return programme


def enrol(person: Person, programme: Programme, supervisor: Person, *, until: date | None = None) -> int:
    """Enrol somebody since September 2025; returns the enrolment's id."""
    with write(by=SYSTEM, why="Set the stage", at=START) as session:
        code = f"{programme.code}-{person.id}"
        department = Unit(kind=UnitKind.DEPARTMENT, code=code, name=code, mark=Mark.SOURCED)
        session.add(department)
        session.flush()
        enrolment = Enrolment(
            person_id=person.id,
            programme_id=programme.id,
            department_id=department.id,
            start=date(2025, 9, 1),
            until=until,
            track=Track.FOUR_YEARS,
            employment_percentage=Decimal(100),
        )
        enrolment.supervisions = [Supervision(person_id=supervisor.id, part=Part.MAIN)]
        session.add(enrolment)
    return enrolment.id


def listed(client: Client, **query: object) -> list[str]:
    answer = client.get("/people", query_string=query)
    return re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', answer.text)


# ---- The list ----


def test_people_are_listed_by_family_name_whatever_its_accents(client: Client, add: Add) -> None:
    leen = add("Leen Muller", Role.ADMINISTRATOR)
    add("Jana Žižek")
    add("Eoin Ódálaigh")
    add("Max Müller")
    sign_in(client, leen)
    expected = ["Muller, Leen", "Müller, Max", "Ódálaigh, Eoin", "Žižek, Jana"]
    assert (listed(client), listed(client, sort="-name")) == (expected, expected[::-1])
    # Whoever filters then keeps the order.
    assert '<input type="hidden" name="sort" value="-name">' in client.get("/people?sort=-name").text


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("zizek", ["Žižek, Jana"]),
        ("ŽIŽEK jan", ["Žižek, Jana"]),
        ("zek jana @school", ["Žižek, Jana"]),
        ("%", []),
        ("_", []),
        ("zi%ek", []),
        ("\x00", ["Adams, Leen", "Žižek, Jana"]),
        ("' or 1=1 --", []),
        ("🦊", []),
        ("  ", ["Adams, Leen", "Žižek, Jana"]),
    ],
)
def test_every_word_of_a_search_must_be_found(client: Client, add: Add, words: str, found: list[str]) -> None:
    leen = add("Leen Adams", Role.ADMINISTRATOR)
    add("Jana Žižek")
    sign_in(client, leen)
    assert listed(client, q=words) == found


def test_a_role_filters_by_who_holds_it_today(client: Client, add: Add) -> None:
    leen = add("Leen Adams", Role.ADMINISTRATOR)
    jana, remi = add("Jana Brel", Role.READER), add("Remi Cools", Role.READER)
    with write(by=SYSTEM, why="Ended", at=START) as session:
        grant = queries.roles_of(session, remi.id)[0]
        service.end_grant(session, grant=grant, on=TODAY - timedelta(days=1))
    sign_in(client, leen)
    both = listed(client, role=["reader", "administrator"])
    assert (listed(client, role="reader"), both, jana.active) == (["Brel, Jana"], ["Adams, Leen", "Brel, Jana"], True)


def test_who_was_deactivated_is_listed_apart(client: Client, add: Add) -> None:
    leen, jana = add("Leen Adams", Role.ADMINISTRATOR), add("Jana Brel")
    with write(by=leen.actor, why="Left", at=START) as session:
        service.deactivate(session, person=jana, by=leen.actor, today=TODAY, now=START)
    sign_in(client, leen)
    assert (listed(client), listed(client, state="inactive")) == (["Adams, Leen"], ["Brel, Jana"])


@pytest.mark.parametrize("page", ["0", "-1", "x", "2", "99999999999999999999"])
def test_a_page_that_does_not_exist_is_the_nearest_one(client: Client, add: Add, page: str) -> None:
    leen = add("Leen Adams", Role.ADMINISTRATOR)
    sign_in(client, leen)
    assert listed(client, page=page, sort="nonsense", role="nonsense") == ["Adams, Leen"]


def test_the_list_asks_as_often_for_three_people_as_for_three_hundred(
    client: Client, add: Add, cardio: Programme
) -> None:
    leen = add("Leen Adams", Role.ADMINISTRATOR)
    add("Roger Meunier", Role.COORDINATOR, Role.READER, programme=cardio)
    sign_in(client, leen)
    client.get("/people")
    few = queries_of(client, "/people")
    with write(by=SYSTEM, why="Many", at=START) as session:
        for number in range(300):
            person = Person(given_name="P", family_name=str(number), language="en")
            person.grants = [RoleGrant(role=Role.RESEARCHER, since=TODAY), RoleGrant(role=Role.READER, since=TODAY)]
            session.add(person)
    assert (len(listed(client)), queries_of(client, "/people")) == (50, few)


@pytest.mark.parametrize("role", [Role.RESEARCHER, Role.SUPERVISOR, Role.COORDINATOR])
def test_the_list_of_everybody_is_not_for_others(client: Client, add: Add, cardio: Programme, role: Role) -> None:
    sign_in(client, add("Some Body", role, programme=cardio))
    assert client.get("/people").status_code == 403


# ---- The page of a person ----


def test_a_person_is_seen_by_those_who_look_after_her_and_by_nobody_else(
    app: Flask, add: Add, cardio: Programme, neuro: Programme
) -> None:
    britt, promotor = add("Britt Bauwens", Role.RESEARCHER), add("Nicole Coenen", Role.SUPERVISOR)
    enrol(britt, cardio, promotor)
    looking = {
        britt: 200,
        promotor: 200,
        add("Leen Adams", Role.ADMINISTRATOR): 200,
        add("Dora Reads", Role.READER): 200,
        add("Roger Meunier", Role.COORDINATOR, programme=cardio): 200,
        add("Lena Leads", Role.LEADER, programme=cardio): 200,
        add("Vera Elsewhere", Role.COORDINATOR, programme=neuro): 404,
        add("Otto Other", Role.SUPERVISOR): 404,
        add("Ben Beside", Role.RESEARCHER): 404,
    }
    seen = {}
    for person in looking:
        visitor = cast(Client, app.test_client())
        sign_in(visitor, person)
        seen[person] = visitor.get(f"/people/{britt.id}").status_code
    assert seen == looking


def test_her_enrolments_are_linked_for_who_may_open_them_and_for_nobody_else(
    client: Client, add: Add, cardio: Programme, neuro: Programme
) -> None:
    britt, nicole, leon = add("Britt Bauwens", Role.RESEARCHER), add("Nicole Coenen"), add("Leon Colman")
    ended, running = enrol(britt, cardio, nicole, until=date(2026, 9, 30)), enrol(britt, neuro, leon)
    looking = {
        britt: {ended, running},
        nicole: {ended},
        leon: {running},
        add("Leen Adams", Role.ADMINISTRATOR): {ended, running},
        add("Dora Reads", Role.READER): {ended, running},
        add("Roger Meunier", Role.COORDINATOR, programme=cardio): {ended},
        add("Vanessa Raes", Role.LEADER, programme=neuro): {running},
    }
    linked, opened = {}, set()
    for person in looking:
        sign_in(client, person)
        page = client.get(f"/people/{britt.id}").text
        linked[person] = {int(number) for number in re.findall(r'href="/enrolments/(\d+)"', page)}
        opened |= {client.get(f"/enrolments/{number}").status_code for number in linked[person]}
    assert (linked, opened) == (looking, {200})


def test_what_changed_and_the_number_are_not_shown_to_coordinators(client: Client, add: Add, cardio: Programme) -> None:
    britt, promotor = add("Britt Bauwens", Role.RESEARCHER), add("Nicole Coenen", Role.SUPERVISOR)
    enrol(britt, cardio, promotor)
    with write(by=SYSTEM, why="Numbered", at=START):
        britt.personnel_number = "u0001"
    shown = []
    for person in (add("Leen Adams", Role.ADMINISTRATOR), add("Roger Meunier", Role.COORDINATOR, programme=cardio)):
        sign_in(client, person)
        page = client.get(f"/people/{britt.id}").text
        shown.append(("What changed" in page, "u0001" in page, "Nicole Coenen" in page))
    assert shown == [(True, True, True), (False, False, True)]


@pytest.mark.parametrize("page", ["/people/{}", "/people/{}/edit", "/people/{}/roles/new", "/people/1/roles/{}/end"])
def test_nothing_stands_under_a_number_that_is_nobodys(client: Client, add: Add, page: str) -> None:
    sign_in(client, add("Leen Adams", Role.ADMINISTRATOR))
    assert [client.get(page.format(number)).status_code for number in (0, 999999, 2**31, 10**20)] == [404] * 4


def test_a_name_with_markup_is_shown_as_it_is(client: Client, add: Add) -> None:
    leen = add("Leen <script>alert(1)</script>", Role.ADMINISTRATOR)
    sign_in(client, leen)
    pages = client.get("/people").text + client.get("/me").text + client.get(f"/people/{leen.id}/edit").text
    assert ("<script>alert" in pages, pages.count("&lt;script&gt;alert(1)") > 3) == (False, True)


def test_the_history_tells_what_changed_in_words(client: Client, add: Add, cardio: Programme) -> None:
    leen, britt = add("Leen Adams", Role.ADMINISTRATOR), add("Britt Bauwens")
    sign_in(client, leen)
    given = {"role": "coordinator", "programme": str(cardio.id), "since": "2026-11-24"}
    client.post(f"/people/{britt.id}/roles/new", data=given)
    grant = queries.roles_of(db.session(), britt.id)[0]
    client.post(f"/people/{britt.id}/roles/{grant.id}/end", data={"on": "2026-12-24"})
    client.post(f"/people/{britt.id}/roles/{grant.id}/end", data={"on": "2026-11-01"})
    told = client.get(f"/people/{britt.id}").text.partition("What changed")[2]
    rows = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in re.findall(r"<li>[^<].*?</li>", told)]
    role = "Programme coordinator, Cardio, since Tue 24 Nov 2026"
    assert rows == [
        "Programme coordinator, Last day: Thu 24 Dec 2026",
        f"Role: {role}, until Thu 24 Dec 2026, removed",
        f"Role: {role}",
        "Known here: Britt Bauwens, brittbauwens@school.example",
    ]


# ---- Roles ----


def test_no_role_is_chosen_before_somebody_chooses_one(client: Client, add: Add) -> None:
    leen = add("Leen Adams", Role.ADMINISTRATOR)
    sign_in(client, leen)
    select = client.get(f"/people/{leen.id}/roles/new").text.partition('id="role"')[2].partition("</select>")[0]
    assert re.findall(r"<option( selected)? value=\"(\w*)\">", select)[:2] == [("", ""), ("", "researcher")]


def test_an_administrator_gives_a_role_in_a_programme(client: Client, add: Add, cardio: Programme) -> None:
    leen, roger = add("Leen Adams", Role.ADMINISTRATOR), add("Roger Meunier")
    sign_in(client, leen)
    given = {"role": "coordinator", "programme": str(cardio.id), "since": "2026-11-24", "until": "2027-11-23"}
    answer = client.post(f"/people/{roger.id}/roles/new", data=given)
    held = queries.roles_of(db.session(), roger.id)
    assert (answer.location, [(grant.role, grant.programme_id, grant.since, grant.until) for grant in held]) == (
        f"/people/{roger.id}",
        [(Role.COORDINATOR, cardio.id, TODAY, date(2027, 11, 23))],
    )


@pytest.mark.parametrize(
    ("typed", "anchor", "sentence"),
    [
        ({"role": "coordinator"}, "programme", "Choose the programme that this role is for."),
        ({"role": "reader", "until": "2020-01-01"}, "until", "The last day comes before the first."),
        ({"role": ""}, "role", "Choose a role."),
        ({"role": "organiser"}, "role", "Not a valid choice."),
        ({"role": "emperor"}, "role", "Not a valid choice."),
        ({"role": "reader", "programme": "999999"}, "programme", "Not a valid choice."),
        ({"role": "reader", "since": "2026-02-31"}, "since", "This day does not exist."),
        ({"role": "reader", "since": ""}, "since", "Choose the first day."),
    ],
)
def test_a_role_that_cannot_be_is_told_beside_its_field(
    sqlite_app: Flask, client: Client, add: Add, cardio: Programme, typed: dict[str, str], anchor: str, sentence: str
) -> None:
    leen, roger = add("Leen Adams", Role.ADMINISTRATOR), add("Roger Meunier")
    sign_in(client, leen)
    answer = client.post(f"/people/{roger.id}/roles/new", data={"since": "2026-11-24", "programme": "", **typed})
    told = re.findall(rf'<a href="#{anchor}">[^<:]+: ([^<]+)</a>', answer.text)
    assert (answer.status_code, [line.startswith(sentence) for line in told]) == (200, [True])
    assert queries.roles_of(db.session(), roger.id) == []


def test_what_the_end_of_a_role_stops_is_said_before(client: Client, add: Add) -> None:
    leen, olga = add("Leen Adams", Role.ADMINISTRATOR), add("Olga Claes", Role.READER)
    sign_in(client, leen)
    (held,) = queries.roles_of(db.session(), olga.id)
    page = client.get(f"/people/{olga.id}/roles/{held.id}/end").text
    assert ("button-stop" in page, "Olga Claes can no longer do what this role allows." in page) == (True, True)


def test_nobody_ends_her_own_administrator_role(client: Client, add: Add) -> None:
    leen, _ = add("Leen Adams", Role.ADMINISTRATOR), add("Jan Maes", Role.ADMINISTRATOR)
    grant = queries.roles_of(db.session(), leen.id)[0]
    sign_in(client, leen)
    answer = client.post(f"/people/{leen.id}/roles/{grant.id}/end", data={"on": "2026-11-24"})
    assert "You cannot end your own administrator role. Another administrator can." in answer.text


def test_a_role_is_ended_only_on_the_page_of_who_holds_it(client: Client, add: Add) -> None:
    leen, jan = add("Leen Adams", Role.ADMINISTRATOR), add("Jan Maes", Role.READER)
    grant = queries.roles_of(db.session(), jan.id)[0]
    sign_in(client, leen)
    assert client.get(f"/people/{leen.id}/roles/{grant.id}/end").status_code == 404


@pytest.mark.parametrize("page", ["/people/{0}/roles/new", "/people/{0}/roles/{1}/end"])
@pytest.mark.parametrize("role", [Role.READER, Role.COORDINATOR])
def test_nobody_else_gives_or_ends_roles(
    sqlite_app: Flask, client: Client, add: Add, cardio: Programme, role: Role, page: str
) -> None:
    somebody = add("Some Body", role, programme=cardio)
    grant = queries.roles_of(db.session(), somebody.id)[0]
    sign_in(client, somebody)
    path = page.format(somebody.id, grant.id)
    given = {"role": "administrator", "since": "2026-11-24", "on": "2026-11-24"}
    assert [client.get(path).status_code, client.post(path, data=given).status_code] == [403, 403]


def test_who_runs_a_session_ends_that_on_its_page(client: Client, add: Add) -> None:
    course = Cast(START).course()
    tess = add("Tess Molendijks")
    with write(by=SYSTEM, why="Set the stage", at=START) as session:
        grant = name_organiser(session, session_id=course.id, person=tess, today=TODAY)
    sign_in(client, add("Leen De Smet", Role.ADMINISTRATOR))

    answer = client.post(f"/people/{tess.id}/roles/{grant.id}/end", data={"on": "2026-11-24"})

    assert (answer.status_code, answer.location) == (302, f"/sessions/{course.id}/people")
    db.session.rollback()
    assert db.session.get_one(RoleGrant, grant.id).until is None
