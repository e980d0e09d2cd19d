"""Looks at one page as a person and as a machine would, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.support.browser import Trouble

Scheme = Literal["light", "dark"]

WIDTHS = {1280: 800, 390: 844}

#: Everything that axe knows, with the rule of WCAG 2.2 that it leaves off by default.
_AXE = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
_SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def faults_of(
    page: Page, address: str, status: int, trouble: Trouble, pictures: Path, *, then: Callable[[Page], None]
) -> list[str]:
    """What is wrong with the page at this address, at each width; puts a picture of each into the folder.

    ``then`` goes on from there to the page that is looked at.
    """
    answer = page.goto(address)
    found = [] if answer and answer.status == status else [f"answered {answer and answer.status}, not {status}"]
    then(page)
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        found += [f"at {width} px: {fault}" for fault in _faults_at_this_width(page)]
        page.screenshot(path=pictures / f"{width}.png", full_page=True, animations="disabled")
    # The browser itself notes every answer that is an error; here one was asked for.
    return found + [fault for fault in trouble.found if status == 200 or "Failed to load resource" not in fault]


def _faults_at_this_width(page: Page) -> list[str]:
    faults = ["scrolls sideways"] if page.evaluate(_SCROLLS_SIDEWAYS) else []
    for violation in Axe().run(page, options=_AXE).response["violations"]:
        where = "; ".join(str(node["target"]) for node in violation["nodes"][:5])
        faults.append(f"axe: {violation['help']} ({violation['id']}): {where}")
    return faults
