"""Coming to the program for the first time, in a real browser."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_an_address_that_was_typed_goes_along_to_the_password_and_to_a_new_one(
    sqlite_app: Flask, live_server: str, page: Page
) -> None:
    page.goto("/sign-in")
    page.locator("#mail").press_sequentially("britt@school.example")
    page.get_by_text("Sign in with a password").click()

    expect(page.locator("#password-mail")).to_have_value("britt@school.example")

    page.get_by_role("link", name="Forgotten, or never set one?").click()

    expect(page.locator("#mail")).to_have_value("britt@school.example")


def test_who_is_not_signed_in_is_asked_to_and_comes_back_to_where_she_wanted(
    sqlite_app: Flask, live_server: str, page: Page
) -> None:
    page.goto("/my/activities")

    expect(page).to_have_url(f"{live_server}/sign-in?next=/my/activities")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
