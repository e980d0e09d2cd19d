"""Static files under names that carry their hash."""

from __future__ import annotations

import gzip
import io
import re
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import brotli
import pytest
from flask import Flask
from fontTools.ttLib import TTFont

from dsbs.core import typeface
from dsbs.core.assets import SOURCE, publish
from tests.support.client import Client

PAPER = b"body { background: #fbfaf8 }\n" * 20


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with one stylesheet and one drawing that it names."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "paper.css").write_bytes(PAPER)
    (folder / "mark.svg").write_text("<svg/>")
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the files go; not there yet."""
    return tmp_path / "target"


def test_the_name_changes_with_the_content_and_only_with_it(source: Path, target: Path) -> None:
    first = publish(source, target)
    (source / "mark.svg").write_text("<svg></svg>")
    second = publish(source, target)

    assert re.fullmatch(r"mark\.[0-9a-f]{12}\.svg", first["mark.svg"])
    assert second["mark.svg"] != first["mark.svg"]
    assert second["paper.css"] == first["paper.css"]


def test_texts_stand_there_plain_and_in_both_compressions(source: Path, target: Path) -> None:
    name = publish(source, target)["paper.css"]

    assert (target / name).read_bytes() == PAPER
    assert gzip.decompress((target / f"{name}.gz").read_bytes()) == PAPER
    assert brotli.decompress((target / f"{name}.br").read_bytes()) == PAPER


def test_a_stylesheet_names_files_as_they_are_published(source: Path, target: Path) -> None:
    (source / "paper.css").write_text('a { src: url("mark.svg") url("text.woff2") url("data:image/svg+xml,x") }')

    published = publish(source, target, known={"text.woff2": "text.1.woff2"})

    expected = f'a {{ src: url("{published["mark.svg"]}") url("text.1.woff2") url("data:image/svg+xml,x") }}'
    assert (target / published["paper.css"]).read_text() == expected


def test_a_stylesheet_that_names_a_missing_file_stops_the_start(source: Path, target: Path) -> None:
    (source / "paper.css").write_text('a { src: url("gone.woff2") }')

    with pytest.raises(ValueError, match=r"paper\.css names 'gone\.woff2'"):
        publish(source, target)


def test_publishing_again_writes_nothing(source: Path, target: Path) -> None:
    publish(source, target)
    before = {path: path.stat().st_ino for path in target.iterdir()}

    publish(source, target)

    assert {path: path.stat().st_ino for path in target.iterdir()} == before


def test_two_processes_at_once_leave_whole_files_and_nothing_else(source: Path, target: Path) -> None:
    with ProcessPoolExecutor(2) as pool:
        first, second = pool.map(publish, [source] * 2, [target] * 2)

    assert first == second
    names = set(first.values())
    assert {path.name for path in target.iterdir()} == names | {
        f"{name}.{end}" for name in names for end in ("gz", "br")
    }
    assert (target / first["paper.css"]).read_bytes() == PAPER


def test_the_typeface_is_cut_once(target: Path) -> None:
    names = typeface.cut(target)
    before = {path: path.stat().st_ino for path in target.iterdir()}

    assert typeface.cut(target) == names
    assert {path: path.stat().st_ino for path in target.iterdir()} == before
    assert set(names) == {"text-400.woff2", "text-600.woff2"}


def test_the_cut_typeface_writes_latin_greek_and_vietnamese_under_its_own_name(target: Path) -> None:
    font = TTFont(io.BytesIO((target / typeface.cut(target)["text-400.woff2"]).read_bytes()))

    letters = set(font.getBestCmap())
    assert [letter for letter in "AzéőşβΩỄự–→€0" if ord(letter) not in letters] == []
    assert font["name"].getDebugName(1) == "Dsbs Sans"
    assert "SIL Open Font License" in font["name"].getDebugName(13)


def test_the_stylesheet_stays_under_40_kb() -> None:
    assert (SOURCE / "app.css").stat().st_size < 40_000


def test_a_page_names_files_that_a_browser_may_keep_for_a_year(sqlite_app: Flask, client: Client) -> None:
    with sqlite_app.test_request_context():
        address = sqlite_app.jinja_env.from_string("{{ asset('app.css') }}").render()

    answer = client.get(address, headers={"Accept-Encoding": "br"})
    answer.close()

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "max-age=31536000, public, immutable"
    assert answer.headers["Content-Encoding"] == "br"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == 'text/css; charset="utf-8"'


def test_the_plain_name_is_not_served(sqlite_app: Flask, client: Client) -> None:
    assert client.get("/static/app.css").status_code == 404
