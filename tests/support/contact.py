"""Contact sheets: all pages of one state, width and scheme on one picture, to be looked at by a person."""

from __future__ import annotations

import html
from pathlib import Path
from tempfile import TemporaryDirectory

from config import ROOT
from tests.support.browser import chromium

FOLDER = ROOT / "build" / "contact"

#: How wide a page is drawn on a sheet, by its own width, and how much of a long page is shown.
_DRAWN = {"1280": 400, "390": 200}
_HEIGHT = 520
_SHEET_WIDTH = 2100

_STYLE = f"""
body {{ margin: 24px; font: 13px sans-serif; background: #ddd; display: flex; flex-wrap: wrap; gap: 20px; }}
figure {{ margin: 0; }} figcaption {{ margin-bottom: 4px; }}
div {{ max-height: {_HEIGHT}px; overflow: hidden; }} img {{ display: block; }}
"""


def folder_of(*, page: str, state: str, scheme: str) -> Path:
    """Where the pictures of one page go, one for each width."""
    folder = FOLDER / "pages" / f"{state.replace(' ', '-')}-{scheme}" / page
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def newest_picture() -> float:
    """When the last picture was taken, in seconds of the system's clock; 0 without any."""
    return max((path.stat().st_mtime for path in FOLDER.glob("pages/*/*/*.png")), default=0)


def make_sheets() -> list[Path]:
    """Put the pictures there are on one sheet for each state, scheme and width; return the sheets."""
    sheets = []
    with chromium() as browser, TemporaryDirectory() as drafts:
        page = browser.new_page(viewport={"width": _SHEET_WIDTH, "height": 600})
        for group in sorted(path for path in (FOLDER / "pages").iterdir() if path.is_dir()):
            for width, drawn in _DRAWN.items():
                draft = Path(drafts) / "sheet.html"
                draft.write_text(_sheet(sorted(group.glob(f"*/{width}.png")), drawn))
                page.goto(draft.as_uri())
                sheets.append(FOLDER / f"{group.name}-{width}.png")
                page.screenshot(path=sheets[-1], full_page=True)
    return sheets


def _sheet(pictures: list[Path], drawn: int) -> str:
    figures = "".join(
        f"<figure><figcaption>{html.escape(picture.parent.name)}</figcaption>"
        f'<div><img width="{drawn}" src="{picture.as_uri()}"></div></figure>'
        for picture in pictures
    )
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style>{figures}"
