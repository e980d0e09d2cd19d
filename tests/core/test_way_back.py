"""The way back to the page before leads to one that opens."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.client import Client


@pytest.mark.parametrize(
    ("before", "back"),
    [
        ("http://localhost/sign-in?next=/x#end", "http://localhost/sign-in?next=/x#end"),
        ("http://localhost/sessions/7/register", "http://localhost/sessions/7"),
        ("http://localhost/imports/files/7/apply?a=b", "http://localhost/imports/files/7"),
        ("http://localhost/nowhere/at/all", "http://localhost/"),
        ("http://localhost///[x", "http://localhost/"),
        ("http://localhost/", "http://localhost/"),
        ("http://elsewhere.example/sign-in", "http://localhost/"),
        ("", "http://localhost/"),
    ],
)
def test_the_way_back_leads_to_a_page_that_opens(sqlite_app: Flask, before: str, back: str) -> None:
    client = sqlite_app.test_client()
    assert isinstance(client, Client)

    answer = client.post("/theme", data={"theme": "dark"}, headers={"Referer": before})

    assert answer.location == back
