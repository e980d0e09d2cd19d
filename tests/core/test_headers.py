"""What every answer carries, also one that no page gave, and only where it stands behind a secure proxy."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from config import Settings
from dsbs import create_app


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere"])
def test_every_answer_of_the_program_is_guarded_once(sqlite_app: Flask, path: str) -> None:
    headers = sqlite_app.test_client().get(path).headers
    names = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control")
    assert [len(headers.getlist(name)) for name in names] == [1, 1, 1, 1]


@pytest.mark.parametrize(("proxies", "secure"), [(1, True), (0, False)])
def test_browsers_stay_with_https_where_a_trusted_proxy_says_that_they_came_so(
    sqlite_app: Flask, settings: Settings, proxies: int, secure: bool
) -> None:
    app = create_app(replace(settings, trusted_proxies=proxies))
    answer = app.test_client().get("/sign-in", headers={"X-Forwarded-Proto": "https"})
    assert ("Strict-Transport-Security" in answer.headers) == secure
