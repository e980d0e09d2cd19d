"""What the shell gives to who runs the installation."""

from __future__ import annotations

import pytest
from flask import Flask

from dsbs.accounts import links, queries, rules
from dsbs.accounts.models import Person
from dsbs.core.access import Role
from dsbs.core.db import db
from tests.support.clock import START, Clock

pytestmark = pytest.mark.usefixtures("clock")


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(arguments))
    return result.exit_code, result.output.strip()


def test_the_first_administrator_signs_in_by_the_link_that_is_printed(app: Flask) -> None:
    code, output = run(app, "administrator", "add", "Leen De Smet", "Leen@School.example")
    address, token = output.rsplit("/", 1)
    link = links.find(db.session(), token=token, purpose=rules.SIGN_IN, now=START)
    assert (code, address, link.person.given_name, link.person.family_name) == (
        0,
        "http://localhost/sign-in/with",
        "Leen",
        "De Smet",
    )
    assert (link.expires_at - START, link.uses_left) == (rules.COMMAND_LIFETIME, 1)
    assert [grant.role for grant in link.person.grants] == [Role.ADMINISTRATOR]


def test_who_is_known_keeps_her_name_and_is_let_in_again(app: Flask, britt: Person, clock: Clock) -> None:
    for _ in range(2):
        run(app, "administrator", "add", "Another Name", "britt.bauwens@school.example")
    db.session.rollback()
    roles = sorted(grant.role for grant in queries.roles_of(db.session(), britt.id))
    assert (britt.name, roles) == ("Britt Bauwens", [Role.ADMINISTRATOR, Role.RESEARCHER])


@pytest.mark.parametrize(
    ("name", "mail", "sentence"),
    [
        ("Leen", "leen@school.example", 'Error: Write given and family name: "Given Family".'),
        ("Leen Desmet", "nowhere", "Error: This is not a mail address. Write it like name@school.example."),
    ],
)
def test_what_cannot_be_an_administrator_is_said_in_one_sentence(
    sqlite_app: Flask, name: str, mail: str, sentence: str
) -> None:
    assert run(sqlite_app, "administrator", "add", name, mail) == (1, sentence)


def test_a_sign_in_link_is_printed_for_who_is_known(app: Flask, britt: Person) -> None:
    code, output = run(app, "sign-in-link", "Britt.Bauwens@school.example")
    link = links.find(db.session(), token=output.rsplit("/", 1)[1], purpose=rules.SIGN_IN, now=START)
    assert (code, link.person_id) == (0, britt.id)


def test_no_link_is_printed_for_who_is_unknown(sqlite_app: Flask) -> None:
    assert run(sqlite_app, "sign-in-link", "nobody@school.example") == (
        1,
        "Error: Nobody with the address nobody@school.example can sign in.",
    )
