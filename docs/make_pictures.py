"""Makes the pictures of the README from the running program: ``.venv/bin/python -m docs.make_pictures``.

A demonstration school in a folder of its own, a real browser; run ``bin/test`` once before, which finds the browser.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import flask_migrate
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select

from config import ROOT
from dsbs import create_app
from dsbs.accounts.models import Person
from dsbs.core.db import db
from dsbs.demonstration.names import address
from dsbs.demonstration.shown import SHOWN
from tests.support import serving
from tests.support.browser import chromium, sign_in_browser
from tests.support.settings import settings_for

PICTURES = ROOT / "docs" / "pictures"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def main() -> None:
    """Set the school up, look at it, write the pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serving.listening() as listener:
        data = Path(folder)
        where = serving.address_of(listener)
        app = create_app(settings_for(data, database_url=f"sqlite:///{data / 'dsbs.sqlite3'}", base_url=where))
        _set_up(app)
        with serving.serving(app, listener) as site, chromium() as browser:
            _take(browser, app, site, "/", "start-researcher", WIDE)
            _take(browser, app, site, "/activities", "catalogue", WIDE)
            _take(browser, app, site, "/activities?joinable=1", "catalogue-phone", PHONE)


def _set_up(app: Flask) -> None:
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
    for command in (["defaults", "load"], ["demonstration", "create"]):
        app.test_cli_runner().invoke(args=command)


def _take(browser: Browser, app: Flask, site: str, path: str, name: str, size: dict[str, int]) -> None:
    with browser.new_context(viewport=size, locale="en-GB", timezone_id="Europe/Brussels") as window:
        with app.app_context():
            mail = address(*SHOWN[0].name)
            sign_in_browser(window, app, db.session.scalars(select(Person).where(Person.mail == mail)).one(), site)
            db.session.remove()
        page = window.new_page()
        page.goto(site + path)
        page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
