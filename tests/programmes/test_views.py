"""The pages of programmes, units, closures and rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from dsbs.accounts.models import Person
from dsbs.core.access import Role
from dsbs.programmes import queries, service
from dsbs.programmes.models import Closure, Unit
from dsbs.programmes.rules import Mark
from dsbs.programmes.tables import defence_rules, milestones, registration
from tests.programmes.conftest import Stage
from tests.programmes.test_service import change_value, edit_neuro, newest
from tests.support.client import Client, sign_in
from tests.support.statements import statements

TODAY = date(2026, 11, 24)
CHRISTMAS = {
    "name": "Christmas",
    "first_day": "2026-12-24",
    "last_day": "2027-01-03",
    "mark": "sourced",
    "source": "",
}
STRANGE = ["<script>alert(1)</script>", "مرحبا\u202eabc", "🫀🧠 𝔊𝔢𝔫𝔢𝔰", 'O\'Brien "x" & co']


class _Words(HTMLParser):
    """What a page says, tag by tag."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.said.append(" ".join(data.split()))


def words(answer: TestResponse) -> list[str]:
    """The texts of a page, in their order."""
    reader = _Words()
    reader.feed(answer.text)
    return reader.said


def errors(answer: TestResponse) -> list[str]:
    """The sentences beside the fields of a form that was sent back."""
    reader = _Words()
    reader.feed(" ".join(re.findall(r'<span class="field-error".*?<span>(.*?)</span>', answer.text, re.DOTALL)))
    return reader.said


def rule_address(session: Session, code: str = "free_cancellation", page: str = "edit") -> str:
    """The address of a page of a rule of registering."""
    return f"/rules/registration/{newest(session, registration.table, code).id}/{page}"


def typed_rule(session: Session, **changes: object) -> dict[str, object]:
    """What the editor of free cancellation sends, with some of it changed."""
    row = newest(session, registration.table, "free_cancellation")
    typed = {
        "base": row.id,
        "sentence": "Cancel without consequence until before the start",
        "value": "7",
        "unit": "working_days",
        "mark": "sourced",
        "source": "Board of 24 November",
        "in_force_from": "2026-12-01",
        "reason": "The board decided so",
    }
    return typed | changes


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


@pytest.fixture
def as_leen(sqlite_stage: Stage, client: Client, leen: Person) -> Client:
    """An administrator's browser."""
    sign_in(client, leen)
    return client


# ---- Programmes, as everybody sees them


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


# ---- Who may come


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


# ---- Changing a programme


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


# ---- Units and closures


def typed_unit(**changes: object) -> dict[str, object]:
    """What the form of a new department sends."""
    return {
        "kind": "department",
        "code": "GER",
        "name": "Geriatrics",
        "mark": "assumed",
        "faculty_id": "1",
        "faculty_mark": "assumed",
        "source": "",
    } | changes


def test_a_unit_is_added(as_leen: Client, session: Session) -> None:
    as_leen.post("/units/add", data=typed_unit())

    row = session.scalars(select(Unit).where(Unit.code == "GER")).one()
    assert (row.name, row.faculty_id, row.faculty_mark, row.mark) == ("Geriatrics", 1, Mark.ASSUMED, Mark.ASSUMED)


def test_a_partner_needs_no_faculty(as_leen: Client, session: Session) -> None:
    as_leen.post("/units/add", data=typed_unit(kind="partner", faculty_id="", faculty_mark=""))

    assert session.scalars(select(Unit).where(Unit.code == "GER")).one().faculty_id is None


def test_a_unit_that_cannot_be_is_told_beside_its_field(as_leen: Client, session: Session) -> None:
    cases: list[tuple[dict[str, str], list[str]]] = [
        ({"code": ""}, ["Code: fill this in."]),
        ({"code": "CVS"}, ["There is a unit with this code already."]),
        ({"code": "<b>"}, ["Write capital letters, digits and underscores, a letter first, 20 at most."]),
        ({"name": "Oncology"}, ["There is a unit with this kind and name already."]),
        ({"kind": "palace"}, ["Invalid Choice: could not coerce."]),
        ({"faculty_id": "99"}, ["Not a valid choice."]),
        ({"faculty_mark": ""}, ["Say how sure the faculty is."]),
        ({"kind": "partner"}, ["Only a department belongs to a faculty."]),
    ]
    for changes, said in cases:
        assert errors(as_leen.post("/units/add", data=typed_unit(**changes))) == said
    assert session.scalars(select(Unit).where(Unit.name == "Geriatrics")).all() == []


def test_a_unit_is_renamed(as_leen: Client, session: Session) -> None:
    unit = session.scalars(select(Unit).where(Unit.code == "VIB")).one()
    as_leen.post(f"/units/{unit.id}/edit", data={"revision": "1", "name": "VIB vzw", "mark": "sourced", "source": ""})

    session.rollback()
    assert unit.name == "VIB vzw"


def test_a_double_click_adds_one_unit(as_leen: Client, session: Session) -> None:
    answers = [as_leen.post("/units/add", data=typed_unit()).status_code for _ in range(2)]

    assert answers == [302, 200]
    assert len(session.scalars(select(Unit).where(Unit.code == "GER")).all()) == 1


def test_a_closure_is_added_and_shown(as_leen: Client, session: Session) -> None:
    answer = as_leen.post(
        "/closures/add",
        data={
            "name": "Christmas",
            "first_day": "2026-12-24",
            "last_day": "2027-01-03",
            "mark": "sourced",
            "source": "",
        },
        follow_redirects=True,
    )

    said = words(answer)
    assert said[said.index("Christmas") :][:3] == ["Christmas", "Thu 24 Dec 2026", "Sun 3 Jan 2027"]


def test_days_that_cannot_be_are_told(as_leen: Client, session: Session) -> None:
    cases: list[tuple[dict[str, str], list[str]]] = [
        ({"first_day": "2026-02-30"}, ["This day does not exist. Write it like 2027-01-14."]),
        ({"first_day": ""}, ["First day: fill this in."]),
        ({"last_day": "2026-12-01"}, ["The last day comes before the first."]),
        ({"last_day": "2028-01-01"}, ["A closure takes at most 92 days. Check the years."]),
    ]
    for changes, said in cases:
        assert errors(as_leen.post("/closures/add", data=CHRISTMAS | changes)) == said
    assert session.scalars(select(Closure)).all() == []


def test_a_closure_that_somebody_changed_is_not_removed(sqlite_stage: Stage, as_leen: Client, session: Session) -> None:
    with sqlite_stage.writing() as writing:
        row = service.add_closure(writing, first_day=TODAY, last_day=TODAY, name="Bridge day", mark=Mark.SOURCED)
    as_leen.post(f"/closures/{row.id}/remove", data={"revision": "7"})
    kept = session.scalars(select(Closure.name)).all()
    as_leen.post(f"/closures/{row.id}/remove", data={"revision": "1"})

    assert (kept, session.scalars(select(Closure.name)).all()) == (["Bridge day"], [])


# ---- Rules


def test_a_list_shows_values_in_words(as_leen: Client) -> None:
    said = words(as_leen.get("/rules/registration"))

    for sentence, value in (
        ("Cancel without consequence until before the start", "5 working days"),
        ("An offered seat lapses unless accepted within", "48 hours"),
        ("The time of an offer runs on working days only between", "08:00–20:00"),
        ("A late cancellation counts as an absence unless the seat is filled", "Yes"),
    ):
        assert said[said.index(sentence) + 1] == value


def test_a_faculty_rule_says_for_whom_it_is(as_leen: Client) -> None:
    said = words(as_leen.get("/rules/milestones"))

    at = said.index("Final doctoral plan handed in")
    assert said[at : at + 6] == [
        "Final doctoral plan handed in",
        "7 months before",
        "Thesis submission",
        "PhD researcher",
        "Faculty: Pharmaceutical Sciences",
        "Sourced",
    ]


def test_what_waits_can_be_looked_at_alone(as_leen: Client) -> None:
    def titles(show: str) -> int:
        return len(re.findall(r'<th scope="row">', as_leen.get(f"/rules/milestones?show={show}").text))

    assert (titles(""), titles("waiting"), titles("nonsense")) == (15, 13, 15)


def test_chosen_rules_are_signed_off_together(as_leen: Client, session: Session) -> None:
    chosen = [newest(session, milestones.table, code).stamp for code in ("charter", "midterm")]
    answer = as_leen.post("/sign-off/milestones", data={"chosen": chosen}, follow_redirects=True)

    assert "2 values are signed off" in words(answer)
    assert "Waits for sign-off (11)" in words(answer)


def test_signing_nothing_says_what_to_do(as_leen: Client) -> None:
    answer = as_leen.post("/sign-off/units", headers={"Referer": "http://localhost/units"}, follow_redirects=True)

    assert "Choose at least one row to sign off." in words(answer)


def test_a_change_is_shown_old_beside_new_before_it_is_saved(as_leen: Client, session: Session) -> None:
    answer = as_leen.post(rule_address(session), data=typed_rule(session, step="preview"))

    said = words(answer)
    assert said[said.index("3 values change") :][:13] == [
        "3 values change",
        "Now",
        "becomes",
        "Then",
        "Value",
        "5 working days",
        "7 working days",
        "How sure is this",
        "Elsewhere",
        "Sourced",
        "Source",
        "Board of 24 November",
        "From Tue 1 Dec 2026 on. Until the day before, the old version holds; what people were promised by it stays.",
    ]
    assert newest(session, registration.table, "free_cancellation").version == 1


def hidden(answer: TestResponse) -> Iterator[tuple[str, str]]:
    """What a page sends again by itself."""
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text):
        if name != "csrf_token":
            yield name, value


def test_what_was_previewed_is_what_is_saved(as_leen: Client, session: Session) -> None:
    address = rule_address(session)
    preview = as_leen.post(address, data=typed_rule(session, step="preview"))
    as_leen.post(address, data={**dict(hidden(preview)), "step": "save"})

    row = newest(session, registration.table, "free_cancellation")
    assert (row.version, row.value, row.in_force_from, row.source) == (  # type: ignore[attr-defined]
        2,
        "7",
        date(2026, 12, 1),
        "Board of 24 November",
    )


def test_one_may_go_on_writing_after_the_preview(as_leen: Client, session: Session) -> None:
    answer = as_leen.post(rule_address(session), data=typed_rule(session, step="edit", value="8"))

    assert 'name="value" required type="text" value="8"' in answer.text or 'value="8"' in answer.text
    assert newest(session, registration.table, "free_cancellation").version == 1


def test_the_reason_is_kept_with_the_version(as_leen: Client, session: Session) -> None:
    answer = as_leen.post(rule_address(session), data=typed_rule(session, step="save"), follow_redirects=True)

    assert "The board decided so (Leen Desmet, Tue 24 Nov 2026, 10:00)" in words(answer)


def test_a_rule_that_cannot_be_is_told_before_the_preview(as_leen: Client, session: Session) -> None:
    cases: list[tuple[dict[str, str], list[str]]] = [
        ({"value": "soon"}, ["Write a number of at most 10,000."]),
        ({"value": ""}, ["Value: fill this in."]),
        ({"value": "1" * 61}, ["Use at most 60 characters."]),
        ({"unit": "fortnights"}, ["Not a valid choice."]),
        (
            {"in_force_from": "2026-11-23"},
            ["Until yesterday the rule may have been used as it stands. Choose today or a later day."],
        ),
        ({"in_force_from": "31/12/2026"}, ["This day does not exist. Write it like 2027-01-14."]),
        ({"reason": ""}, ["Why: fill this in."]),
        ({"sentence": "\x07"}, ["This holds characters that cannot be shown. Type it again."]),
    ]
    for changes, said in cases:
        assert errors(as_leen.post(rule_address(session), data=typed_rule(session, step="preview", **changes))) == said


@pytest.mark.parametrize("step", ["preview", "save"])
def test_the_second_of_two_at_a_rule_sees_what_changed_and_loses_nothing(
    sqlite_stage: Stage, as_leen: Client, session: Session, step: str
) -> None:
    address, opened = rule_address(session), typed_rule(session, step=step, value="9")
    with sqlite_stage.writing() as writing:
        change_value(writing, "8")
    answer = as_leen.post(address, data=opened)

    said = words(answer)
    assert said[said.index("One value was changed meanwhile") :][:7] == [
        "One value was changed meanwhile",
        "When you opened it",
        "becomes",
        "Saved meanwhile",
        "Value",
        "5 working days",
        "8 working days",
    ]
    assert 'value="9"' in answer.text
    assert newest(session, registration.table, "free_cancellation").value == "8"  # type: ignore[attr-defined]


def test_who_has_seen_what_changed_may_put_her_version_over_it(
    sqlite_stage: Stage, as_leen: Client, session: Session
) -> None:
    address, opened = rule_address(session), typed_rule(session, step="save", value="9")
    with sqlite_stage.writing() as writing:
        change_value(writing, "8")
    answer = as_leen.post(address, data=opened)
    (base,) = re.findall(r'name="base" type="hidden" value="(\d+)"', answer.text)
    as_leen.post(address, data={**opened, "base": base})

    row = newest(session, registration.table, "free_cancellation")
    assert (row.version, row.value) == (3, "9")  # type: ignore[attr-defined]


def test_a_forged_base_saves_nothing(as_leen: Client, session: Session) -> None:
    for base in ("", "x", "99999"):
        as_leen.post(rule_address(session), data=typed_rule(session, step="save", base=base))

    assert newest(session, registration.table, "free_cancellation").version == 1


def typed_jury(**changes: object) -> dict[str, object]:
    """What the form of a new defence rule sends: a jury of four is enough in one programme."""
    return {
        "code": "jury_min",
        "scope": "programme:DRUGS",
        "cohort_from": "",
        "cohort_to": "",
        "sentence": "A jury has at least 4 members",
        "kind": "count",
        "of": "member",
        "direction": "at_least",
        "value": "4",
        "unit": "persons",
        "severity": "block",
        "mark": "sourced",
        "source": "",
        "in_force_from": "2026-11-24",
        "reason": "Small field",
    } | changes


def test_a_rule_for_one_programme_is_added(as_leen: Client, session: Session) -> None:
    answer = as_leen.post("/rules/defences/add", data=typed_jury(), follow_redirects=True)

    row = newest(session, defence_rules.table, "jury_min", "DRUGS")
    assert (row.version, row.value, row.severity.value) == (1, "4", "block")  # type: ignore[attr-defined]
    assert "Drugs" in words(answer)


def test_a_new_rule_that_cannot_be_is_told(as_leen: Client, session: Session) -> None:
    cases: list[tuple[dict[str, str], list[str]]] = [
        (
            {"scope": "school"},
            ["There is a rule with this code for the same scope and cohorts already. Change that one."],
        ),
        ({"scope": "programme:LAW"}, ["Not a valid choice."]),
        ({"code": "Jury!"}, ["Write small letters, digits and underscores, a letter first, 60 at most."]),
        ({"value": "four"}, ["Write a number of at most 10,000."]),
        ({"cohort_from": "2027-01-01", "cohort_to": "2026-01-01"}, ["The last day comes before the first."]),
    ]
    for changes, said in cases:
        assert errors(as_leen.post("/rules/defences/add", data=typed_jury(**changes))) == said


def test_a_rule_is_let_end(as_leen: Client, session: Session) -> None:
    base = newest(session, registration.table, "free_cancellation").id
    answer = as_leen.post(
        rule_address(session, page="end"),
        data={"base": base, "last_day": "2026-12-31", "reason": "No longer wanted"},
        follow_redirects=True,
    )

    assert "It holds until Thu 31 Dec 2026." in words(answer)
    assert "free_cancellation" not in queries.registration_rules(session, date(2027, 1, 1))


def test_what_is_not_there_is_a_page_of_ours(as_leen: Client) -> None:
    for address in ("/rules/laws", "/rules/registration/99999", "/rules/laws/1", "/units/999/edit"):
        answer = as_leen.get(address)

        assert (answer.status_code, "There is nothing here" in words(answer)) == (404, True)


def test_a_page_asks_the_same_however_much_is_signed_off(
    sqlite_stage: Stage, as_leen: Client, session: Session
) -> None:
    def counts() -> dict[str, int]:
        found = {}
        for address in ("/units", "/closures", "/rules", "/rules/reminders", "/rules/requirements", "/rules/defences"):
            as_leen.get(address)
            with statements() as asked:
                as_leen.get(address)
            found[address] = len(asked)
        return found

    before = counts()
    for word in ("reminders", "requirements", "defences"):
        page = as_leen.get(f"/rules/{word}").text
        as_leen.post(f"/sign-off/{word}", data={"chosen": re.findall(r'name="chosen" value="([^"]+)"', page)})
    as_leen.post("/sign-off/units", data={"chosen": [row.stamp for row in queries.units(session)]})

    assert counts() == before


def test_the_code_of_a_rule_is_for_the_technically_minded_only(as_leen: Client, session: Session) -> None:
    address = rule_address(session).removesuffix("/edit")
    shown, _, folded = as_leen.get(address).text.partition("For the technically minded")
    assert ("<dd>free_cancellation</dd>" in shown, "<code>free_cancellation</code>" in folded) == (False, True)
