"""What browser tests may ask for beyond ``tests/conftest.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page

from config import Settings
from tests.browser.states import Site, site_in
from tests.mail.processes import workers
from tests.support.broker import OwnBroker
from tests.support.browser import Trouble, chromium
from tests.support.databases import Databases
from tests.support.servers import Run


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests of this worker."""
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser, live_server: str) -> Iterator[Page]:
    """A page of a fresh window on ``live_server``. The test fails if it troubles: console errors, foreign requests."""
    trouble = Trouble(live_server)
    with browser.new_context(base_url=live_server, locale="en-GB", timezone_id="Europe/Brussels") as window:
        page = window.new_page()
        trouble.watch(page)
        yield page
    assert trouble.found == []


@pytest.fixture
def worker(settings: Settings, own_broker: OwnBroker) -> Iterator[None]:
    """A worker with its beat and broker, as an installation runs it."""
    own_broker.start()
    with workers(settings):
        yield


@pytest.fixture(scope="session")
def sites(run: Run, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Site]]:
    """Gives the program in a state (``sites("empty")``), started at the first question and shared by this worker."""
    started: dict[str, Site] = {}
    with ExitStack() as stack:

        def site(state: str) -> Site:
            if state not in started:
                folder = tmp_path_factory.mktemp(state.replace(" ", "-"))
                started[state] = stack.enter_context(site_in(state, run, databases, folder))
            return started[state]

        yield site
