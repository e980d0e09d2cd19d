"""Coming to the program for the first time, in a real browser."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_who_is_not_signed_in_is_asked_to_and_comes_back_to_where_she_wanted(
    sqlite_app: Flask, live_server: str, page: Page
) -> None:
    page.goto("/my/activities")

    expect(page).to_have_url(f"{live_server}/sign-in?next=/my/activities")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
