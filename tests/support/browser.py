"""A real headless Chromium for the tests: one on the path, else Playwright's own, else Debian's.

Run as a program (``python -m tests.support.browser``) it makes sure that one is there, and says what it does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from dsbs.accounts.models import Person
from tests.support.client import session_of

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_REMEMBERED = Path(sys.prefix) / "chromium"
_TRY_SECONDS = 60
_MISSING = (
    "The tests need a Chromium and none could be installed. "
    "Install one (Debian: apt-get install chromium), then start bin/test again."
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser. Raises ``RuntimeError`` when the machine has none."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=_ARGUMENTS)
        yield browser
        browser.close()


def executable() -> str:
    """The Chromium that ``bin/test`` found."""
    if not _REMEMBERED.exists():
        raise RuntimeError("No Chromium was looked for yet: start bin/test once.")
    return _REMEMBERED.read_text()


def sign_in_browser(context: BrowserContext, app: Flask, person: Person, address: str) -> None:
    """Let this person be signed in in this browser window."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    value = serializer.dumps(session_of(person))
    context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": address}])


@dataclass
class Trouble:
    """What a page did that no page may: errors on its console, requests to another host."""

    address: str
    found: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note the trouble that this page makes from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"script error: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.found.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}" != self.address:
            self.found.append(f"request to another host: {request.url}")


def main() -> None:
    """Remember a Chromium that runs; install one where there is none. Exits with a sentence when that fails."""
    if _REMEMBERED.exists() and os.access(_REMEMBERED.read_text(), os.X_OK):
        return
    for install in (lambda: None, _install_by_playwright, _install_by_apt):
        install()
        found = next(filter(_runs, _candidates()), None)
        if found:
            _REMEMBERED.write_text(found)
            return
    raise SystemExit(_MISSING)


def _candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, _NAMES))
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def _runs(path: str) -> bool:
    """Whether it draws a page: a name on the path may be a stub, and libraries may be missing."""
    command = [path, "--headless", *_ARGUMENTS, "--dump-dom", "about:blank"]
    try:
        return subprocess.run(command, capture_output=True, timeout=_TRY_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install_by_playwright() -> None:
    _say_and_try("Installing Chromium by Playwright", [sys.executable, "-m", "playwright", "install", "chromium"])


def _install_by_apt() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
        _say_and_try("Installing Chromium by apt", [*apt, "update"])
        _say_and_try("Installing Chromium by apt", [*apt, "install", "-y", "--no-install-recommends", "chromium"])


def _say_and_try(what: str, command: list[str]) -> None:
    print(what, flush=True)  # noqa: T201 - progress of a command
    subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    )


if __name__ == "__main__":
    main()
