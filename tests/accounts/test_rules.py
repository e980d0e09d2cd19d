"""Rules of people, passwords and links, on plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs.accounts import rules
from dsbs.core.refusals import Refused
from tests.support.refusals import is_refused

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Müller", "muller"),
        ("  Van   den Bôsch ", "van den bosch"),
        ("Preiß", "preiss"),
        ("Żółw Øster Łukasz", "zolw oster lukasz"),
        ("ΑΘΗΝΑ", "αθηνα"),
    ],
)
def test_words_are_searched_without_case_and_accents(words: str, expected: str) -> None:
    assert rules.folded(words) == expected


@given(st.text())
def test_folding_twice_is_folding_once(words: str) -> None:
    once = rules.folded(words)
    assert rules.folded(once) == once


@pytest.mark.parametrize("target", ["/", "/activities?kind=course#seats", "/a%2F%2Fb", "/zoeken?q=café"])
def test_a_page_of_ours_is_a_place_to_go_on_to(target: str) -> None:
    assert rules.own_path(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "javascript:alert(1)",
        "activities",
        "/\t/elsewhere.example",
        "\n//elsewhere.example",
        "/a\x00b",
        "/" + "a" * 500,
        " /start",
    ],
)
def test_what_could_lead_elsewhere_is_no_place_to_go_on_to(target: str | None) -> None:
    assert rules.own_path(target) is None


@pytest.mark.parametrize(
    ("typed", "kept"), [(" Leen@School.Example ", "leen@school.example"), ("", None), (None, None), ("   ", None)]
)
def test_an_address_is_kept_trimmed_and_in_lower_case(typed: str | None, kept: str | None) -> None:
    assert rules.normal_mail(typed) == kept


@pytest.mark.parametrize(
    "typed", ["leen", "leen@", "@school.example", "a b@school.example", "a@b@c.d", "a@nodot", "x" * 250 + "@a.be"]
)
def test_what_is_no_address_is_refused_beside_its_field(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.normal_mail(typed)
    assert refused.value.field == "mail"


@pytest.mark.parametrize("password", ["kettle orbit basil tram", "Ωmega-Ünter 42 zz", "9fQ!x-8Lm#2p"])
def test_a_password_that_nobody_guesses_is_taken(password: str) -> None:
    known = ["Britt", "Bauwens", "britt.bauwens@school.example"]
    assert not is_refused(rules.check_password, password, known_words=known)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "aaaaaaaaaaaaaaaa",
        "BrittBauwensBritt",
        "britt.bauwens@school.example",
        "x" * 201,
    ],
)
def test_a_password_that_is_short_endless_or_made_of_the_name_is_refused(password: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_password(password, known_words=["Britt", "Bauwens", "britt.bauwens@school.example"])
    assert refused.value.field == "password"


def _link(**changes: object) -> dict[str, object]:
    return {"now": NOW, "expires_at": NOW + timedelta(minutes=1), "uses_left": 1, "revoked_at": None, **changes}


def test_a_link_opens_until_the_moment_at_which_it_expires() -> None:
    left = [timedelta(minutes=1), timedelta(microseconds=1), timedelta()]
    assert [is_refused(rules.check_link, **_link(expires_at=NOW + time)) for time in left] == [False, False, True]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"uses_left": 0}, rules.USED),
        ({"uses_left": 0, "expires_at": NOW - timedelta(days=1)}, rules.USED),
        ({"expires_at": NOW}, "This link is too old."),
        ({"revoked_at": NOW}, "This link was withdrawn, because a newer one or a change took its place."),
        ({"active": False}, "You can no longer sign in here. Ask the school if you think that you should."),
    ],
)
def test_a_link_says_the_one_reason_why_it_opens_nothing(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_link(**_link(**changes))  # type: ignore[arg-type]
    assert refused.value.sentence == sentence


def test_a_role_of_one_day_is_allowed_and_one_of_less_is_not() -> None:
    day = date(2026, 11, 24)
    rules.check_period(since=day, until=day)
    with pytest.raises(Refused) as refused:
        rules.check_period(since=day, until=day - timedelta(days=1))
    assert refused.value.field == "until"
