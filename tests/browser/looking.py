"""Looks at one page as a person and as a machine would, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.support.browser import Trouble

Scheme = Literal["light", "dark"]
Pictures = Mapping[Scheme, Path]

WIDTHS = {1280: 800, 390: 844}

#: In the light everything that axe knows, with the rule of WCAG 2.2 that it leaves off by default. The dark changes
#: nothing but colours, and the page is the one that was looked at in the light: only they are asked for there, by name,
#: for the tag of colours would ask for the contrast of level AAA as well, which the light is not asked for.
_ASKED: Mapping[Scheme, Mapping[str, Any]] = {
    "light": {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}},
    "dark": {
        "resultTypes": ["violations"],
        "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    },
}
_SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def faults_of(
    page: Page, address: str, status: int, trouble: Trouble, pictures: Pictures, *, then: Callable[[Page], None]
) -> list[str]:
    """What is wrong with the page at this address, in each scheme that has a folder for its pictures, at each width.

    ``then`` goes on from there to the page that is looked at.
    """
    answer = page.goto(address)
    found = [] if answer and answer.status == status else [f"answered {answer and answer.status}, not {status}"]
    then(page)
    page.evaluate(Axe().axe_script)
    for scheme, folder in pictures.items():
        # Without motion the colours of the other scheme are there at once.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            found += [f"at {width} px, {scheme}: {fault}" for fault in _faults_of_this_look(page, scheme)]
            page.screenshot(path=folder / f"{width}.png", full_page=True, animations="disabled")
    # The browser itself notes every answer that is an error; here one was asked for.
    return found + [fault for fault in trouble.found if status == 200 or "Failed to load resource" not in fault]


def _faults_of_this_look(page: Page, scheme: Scheme) -> list[str]:
    faults = ["scrolls sideways"] if page.evaluate(_SCROLLS_SIDEWAYS) else []
    for violation in page.evaluate("options => axe.run(options)", _ASKED[scheme])["violations"]:
        where = "; ".join(str(node["target"]) for node in violation["nodes"][:5])
        faults.append(f"axe: {violation['help']} ({violation['id']}): {where}")
    return faults
