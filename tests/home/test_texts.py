"""The texts, and the style guide: who reads which."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from config import Settings
from dsbs import create_app
from dsbs.core.access import Role
from tests.home.reading import headings
from tests.support.cast import Cast
from tests.support.client import Client, sign_in


def test_everybody_reads_the_texts_and_only_those_signed_in_the_names(client: Client, cast: Cast) -> None:
    cast.person("Leen Adams", Role.ADMINISTRATOR)
    visitor = client.get("/texts").text
    sign_in(client, cast.researcher("Britt Bauwens"))
    reader = client.get("/texts").text
    assert headings(visitor) == headings(reader) == ["Privacy", "Accessibility", "How mails work"]
    assert ("leen.adams@school.example" in visitor, "leen.adams@school.example" in reader) == (False, True)


def test_every_page_leads_to_the_texts(client: Client) -> None:
    assert 'href="/texts"' in client.get("/sign-in").text


def test_the_texts_say_what_the_program_does(client: Client, settings: Settings) -> None:
    page = client.get("/texts").text
    assert ("for 30 days" in page, "once, for 15 minutes" in page) == (True, True)


def test_the_style_guide_is_for_developers_only(sqlite_app: Flask, settings: Settings) -> None:
    shown = {}
    for environment in ("testing", "development", "demonstration", "production"):
        app = create_app(replace(settings, environment=environment))  # type: ignore[arg-type]
        shown[environment] = "styleguide.show" in app.view_functions
    assert shown == {"testing": True, "development": True, "demonstration": False, "production": False}
    assert sqlite_app.test_client().get("/styleguide").status_code == 200
