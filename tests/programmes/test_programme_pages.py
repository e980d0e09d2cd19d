"""The pages of programmes: what a visitor reads, who may come, changing one."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.core.access import Role
from dsbs.programmes import queries
from dsbs.programmes.tables import registration
from tests.programmes.changing import edit_neuro, newest
from tests.programmes.conftest import Stage
from tests.programmes.reading import errors, words
from tests.support.client import Client, sign_in
from tests.support.statements import statements

STRANGE = ["<script>alert(1)</script>", "مرحبا\u202eabc", "🫀🧠 𝔊𝔢𝔫𝔢𝔰", 'O\'Brien "x" & co']


def typed_programme(session: Session, **changes: object) -> dict[str, object]:
    """What the editor of NEURO sends, with some of it changed."""
    row = queries.programme_by_code(session, "NEURO")
    typed = {
        "revision": row.revision,
        "name": "Neurosciences",
        "short_name": "Neuro",
        "colour": "NEURO",
        "description": "",
        "lead_faculty_id": row.lead_faculty_id,
        "lead_faculty_mark": "assumed",
        "mark": "assumed",
        "source": "",
    }
    return typed | changes


def test_a_visitor_reads_who_looks_after_a_programme(sqlite_stage: Stage, client: Client, roger: Person) -> None:
    said = words(client.get("/programmes/CARDIO"))

    assert [text for text in said if text in ("Roger Meunier", "coordinates it", roger.mail)] == [
        "Roger Meunier",
        "coordinates it",
    ]


def test_addresses_are_for_who_is_signed_in(sqlite_stage: Stage, client: Client, roger: Person) -> None:
    as_visitor = f"mailto:{roger.mail}" in client.get("/programmes/CARDIO").text
    sign_in(client, roger)
    signed_in = f"mailto:{roger.mail}" in client.get("/programmes/CARDIO").text

    assert (as_visitor, signed_in) == (False, True)


def test_a_placeholder_says_so_to_administrators_only(
    sqlite_stage: Stage, client: Client, leen: Person, roger: Person
) -> None:
    placeholder = "A placeholder: the name was taken from a department until the school decides."
    seen = []
    for person in (None, roger, leen):
        if person is not None:
            sign_in(client, person)
        seen.append(placeholder in words(client.get("/programmes/NEURO")))

    assert seen == [False, False, True]


def test_the_list_marks_names_for_administrators_only(
    sqlite_stage: Stage, client: Client, leen: Person, roger: Person
) -> None:
    sign_in(client, roger)
    for_roger = words(client.get("/programmes")).count("Assumed")
    sign_in(client, leen)
    for_leen = words(client.get("/programmes")).count("Assumed")

    # Eight placeholder names, twelve lead faculties, one in the legend.
    assert (for_roger, for_leen) == (0, 8 + 12 + 1)


def test_a_description_is_markdown_that_runs_nothing(sqlite_stage: Stage, client: Client) -> None:
    with sqlite_stage.writing() as writing:
        edit_neuro(writing, description="*Why* we think <script>alert(1)</script>")

    page = client.get("/programmes/NEURO").text
    assert "<em>Why</em> we think &lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_an_unknown_programme_is_a_page_of_ours(sqlite_stage: Stage, client: Client) -> None:
    for code in ("LAW", "CARDIO'--", "%00", "🫀"):
        answer = client.get(f"/programmes/{code}")

        assert (answer.status_code, "There is nothing here" in words(answer)) == (404, True)


def test_the_list_asks_the_same_however_many_people(sqlite_stage: Stage, client: Client) -> None:
    def count() -> int:
        with statements() as asked:
            client.get("/programmes")
        return len(asked)

    sqlite_stage.cast.person("Ann Peeters", Role.LEADER, programme="CARDIO")
    count()
    with_one = count()
    for number in range(10):
        sqlite_stage.cast.person(f"Ann{number} Peeters", Role.COORDINATOR, programme="CARDIO")

    assert count() == with_one


@pytest.fixture
def addresses(sqlite_stage: Stage, session: Session) -> dict[str, list[str]]:
    """Pages for those who read the school, and pages for those who change it."""
    rule = newest(session, registration.table, "free_cancellation").id
    return {
        "read": ["/units", "/closures", "/rules", "/rules/registration", f"/rules/registration/{rule}"],
        "change": [
            "/units/add",
            "/units/5/edit",
            "/closures/add",
            "/programmes/CARDIO/edit",
            "/rules/registration/add",
            f"/rules/registration/{rule}/edit",
            f"/rules/registration/{rule}/end",
        ],
    }


def test_who_looks_after_programmes_reads_and_administrators_change(
    sqlite_stage: Stage, client: Client, addresses: dict[str, list[str]]
) -> None:
    answers = {}
    for role in (Role.ADMINISTRATOR, Role.READER, Role.COORDINATOR, Role.LEADER, Role.RESEARCHER, Role.SUPERVISOR):
        sign_in(client, sqlite_stage.cast.person(f"Dirk {role}", role, programme="CARDIO"))
        answers[role.value] = {
            kind: {client.get(address).status_code for address in pages} for kind, pages in addresses.items()
        }

    assert answers == {
        "administrator": {"read": {200}, "change": {200}},
        "reader": {"read": {200}, "change": {403}},
        "coordinator": {"read": {200}, "change": {403}},
        "leader": {"read": {200}, "change": {403}},
        "researcher": {"read": {403}, "change": {403}},
        "supervisor": {"read": {403}, "change": {403}},
    }


def test_only_administrators_sign_off_and_remove(sqlite_stage: Stage, client: Client, roger: Person) -> None:
    sign_in(client, roger)

    assert [client.post(address).status_code for address in ("/sign-off/units", "/closures/1/remove")] == [403, 403]


def test_a_post_without_its_token_changes_nothing(as_leen: Client, session: Session) -> None:
    answer = as_leen.post("/sign-off/units", data={"chosen": "1.1"}, csrf=False)

    assert answer.status_code == 400


def test_a_programme_is_changed_and_says_so(as_leen: Client, session: Session) -> None:
    answer = as_leen.post(
        "/programmes/NEURO/edit",
        data=typed_programme(session, name="Brain and Mind", colour="MOLCELL"),
        follow_redirects=True,
    )

    assert [text for text in words(answer) if text in ("Saved", "Brain and Mind")] == ["Saved", "Brain and Mind"]


def test_colours_go_by_numbers_that_hold_in_light_and_in_dark(as_leen: Client) -> None:
    page = as_leen.get("/programmes/NEURO/edit").text
    assert ('value="CARDIO">Colour 1<' in page, "programme-CARDIO" in page, "Colour 12 by" in page) == (
        True,
        True,
        True,
    )


def test_a_name_in_any_script_is_kept_and_shown_as_typed(as_leen: Client, session: Session) -> None:
    for text in STRANGE:
        as_leen.post("/programmes/NEURO/edit", data=typed_programme(session, name=text))

        assert queries.programme_by_code(session, "NEURO").name == text
        assert text in words(as_leen.get("/programmes/NEURO"))
        assert "<script>alert" not in as_leen.get("/programmes").text


def test_bad_input_is_told_beside_its_field_and_nothing_is_saved(as_leen: Client, session: Session) -> None:
    cases: list[tuple[dict[str, str], list[str]]] = [
        ({"name": ""}, ["Name: fill this in."]),
        ({"name": "  "}, ["Name: fill this in."]),
        ({"name": "x" * 201}, ["Use at most 200 characters."]),
        ({"name": "a\x00b"}, ["This holds characters that cannot be shown. Type it again."]),
        ({"short_name": "x" * 21}, ["Use at most 20 characters."]),
        ({"short_name": "Cardio"}, ["Another programme goes by this short name."]),
        ({"colour": "PINK"}, ["Not a valid choice."]),
        ({"mark": "certain"}, ["Not a valid choice."]),
        ({"lead_faculty_id": "one"}, ["Invalid Choice: could not coerce."]),
        ({"description": "x" * 20_001}, ["Use at most 20000 characters."]),
    ]
    for changes, said in cases:
        assert errors(as_leen.post("/programmes/NEURO/edit", data=typed_programme(session, **changes))) == said
    assert queries.programme_by_code(session, "NEURO").revision == 1


def test_the_second_of_two_sees_what_changed_and_loses_nothing(
    sqlite_stage: Stage, as_leen: Client, session: Session
) -> None:
    opened = typed_programme(session, name="Minds")
    with sqlite_stage.writing() as writing:
        edit_neuro(writing, name="Brain and Mind")
    answer = as_leen.post("/programmes/NEURO/edit", data=opened)

    said = words(answer)
    assert said[said.index("Saved meanwhile") :][:5] == [
        "Saved meanwhile",
        "becomes",
        "You typed",
        "Name",
        "Brain and Mind",
    ]
    assert 'value="Minds"' in answer.text
    assert queries.programme_by_code(session, "NEURO").name == "Brain and Mind"


def test_who_has_seen_what_changed_may_save_over_it(sqlite_stage: Stage, as_leen: Client, session: Session) -> None:
    opened = typed_programme(session, name="Minds")
    with sqlite_stage.writing() as writing:
        edit_neuro(writing, name="Brain and Mind")
    answer = as_leen.post("/programmes/NEURO/edit", data=opened)
    (revision,) = re.findall(r'name="revision" type="hidden" value="(\d+)"', answer.text)
    as_leen.post("/programmes/NEURO/edit", data={**opened, "revision": revision})

    assert queries.programme_by_code(session, "NEURO").name == "Minds"


def test_a_forged_revision_saves_nothing(as_leen: Client, session: Session) -> None:
    for revision in ("", "x", "0", "99"):
        as_leen.post("/programmes/NEURO/edit", data=typed_programme(session, name="Minds", revision=revision))

    assert queries.programme_by_code(session, "NEURO").name == "Neurosciences"
