"""The pages of rules: reading them, signing off, changing, adding and ending them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy.orm import Session

from dsbs.programmes import queries
from dsbs.programmes.tables import defence_rules, milestones, registration
from tests.programmes.changing import change_value, newest
from tests.programmes.conftest import Stage
from tests.programmes.reading import errors, words
from tests.support.client import Client
from tests.support.reading import hidden
from tests.support.statements import statements


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


def test_what_was_previewed_is_what_is_saved(as_leen: Client, session: Session) -> None:
    address = rule_address(session)
    preview = as_leen.post(address, data=typed_rule(session, step="preview"))
    as_leen.post(address, data={**hidden(preview), "step": "save"})

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
