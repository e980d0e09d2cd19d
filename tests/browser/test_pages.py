"""Every page, in every state, is clean for eyes and machines: no fault that axe finds, no sideways scroll at 1280 and
390 px, nothing on the console, no request to another host. Pictures of all go to ``build/contact/``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import pytest
from flask import Flask
from playwright.sync_api import Browser
from playwright.sync_api import Page as Opened

from dsbs.core.db import db
from tests.browser.looking import Scheme, faults_of
from tests.browser.pages import NO_PAGES, PAGES, Page, Value
from tests.browser.states import DEMONSTRATION, MANY, Site
from tests.support import contact
from tests.support.browser import Trouble, sign_in_browser

Sites = Callable[[str], Site]

pytestmark = pytest.mark.browser


def _marks(page: Page, state: str) -> tuple[pytest.MarkDecorator, ...]:
    """Three hundred rows of what the demonstration shows as well take their time, and are for the long run."""
    is_more_of_the_same = state == MANY and DEMONSTRATION in page.states
    return (pytest.mark.long,) if is_more_of_the_same else ()


EVERY_STATE = [
    pytest.param(page, state, id=f"{page.name}-{state}", marks=_marks(page, state))
    for page in PAGES
    for state in page.states
]


@pytest.mark.parametrize(("page", "state"), EVERY_STATE)
def test_page_is_clean(page: Page, state: str, sites: Sites, browser: Browser, request: pytest.FixtureRequest) -> None:
    in_the_dark = request.config.getoption("--long") and _shows_new_colours(page, state)
    assert_clean(look(page, state, sites(state), browser, ("light", "dark") if in_the_dark else ("light",)))


def _shows_new_colours(page: Page, state: str) -> bool:
    """More rows or none show no colour that the demonstration does not show."""
    return state == DEMONSTRATION or DEMONSTRATION not in page.states


def test_every_page_has_a_line(sqlite_app: Flask) -> None:
    answering = {rule.endpoint for rule in sqlite_app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    listed = {page.endpoint for page in PAGES if page.path is None} | NO_PAGES.keys()

    assert_clean([f"{endpoint} has no line in tests/browser/pages.py" for endpoint in sorted(answering - listed)])
    assert_clean([f"{endpoint} has a line but answers no more" for endpoint in sorted(listed - answering)])


def assert_clean(faults: list[str]) -> None:
    """Fail with every fault in full, a line each."""
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def look(page: Page, state: str, site: Site, browser: Browser, schemes: Iterable[Scheme]) -> list[str]:
    """Open the page as who is to see it, and tell what is wrong with it."""
    trouble = Trouble(site.address)
    with browser.new_context(locale="en-GB", timezone_id="Europe/Brussels") as window:
        with site.app.app_context():
            viewer = site.person(page.seen_by) if page.seen_by else None
            if viewer:
                sign_in_browser(window, site.app, viewer, site.address)
            values = {name: _found(name, value, viewer) for name, value in page.values.items()}
            path = page.path or _path(site.app, page.endpoint, values)
            db.session.remove()
        opened = window.new_page()
        trouble.watch(opened)
        pictures = {scheme: contact.folder_of(page=page.name, state=state, scheme=scheme) for scheme in schemes}
        return faults_of(opened, site.address + path, page.status, trouble, pictures, then=partial(_go_on, page))


def _go_on(page: Page, opened: Opened) -> None:
    """From the page at the address to the one that is meant."""
    for name, value in page.types.items():
        opened.locator(f"[name='{name}']").fill(value)
    if page.press:
        with opened.expect_navigation():
            opened.get_by_role("button", name=page.press).first.click()


def _found(name: str, value: Value, viewer: object) -> object:
    found = value(db.session(), viewer) if callable(value) else value  # type: ignore[arg-type]
    assert found is not None, f"This state holds no row for {name}."
    return found


def _path(app: Flask, endpoint: str, values: dict[str, object]) -> str:
    with app.test_request_context():
        return app.url_for(endpoint, **values)  # type: ignore[arg-type]
