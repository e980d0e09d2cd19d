"""Buttons that look alike in the rows of a list are told apart by who only hears them."""

from __future__ import annotations

import re

from flask import Flask

from tests.support.cast import Cast
from tests.support.client import Client, sign_in


def test_each_button_of_the_catalogue_names_its_session(sqlite_app: Flask, client: Client, cast: Cast) -> None:
    for title in ("Statistics", "Reading cardiac MRI"):
        cast.course(title=title)
    sign_in(client, cast.researcher("Britt Bauwens"))

    page = client.get("/activities").text

    assert set(re.findall(r'>Take a seat<span class="hidden-words"> ([^<]+)</span></button>', page)) == {
        "Statistics",
        "Reading cardiac MRI",
    }
