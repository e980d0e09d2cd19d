"""Static files: published under names that carry their content's hash, compressed, cached for a year.

A page asks for ``asset("app.css")`` and gets the address of exactly the content it was made with; a changed file has
another address, so nobody ever sees yesterday's stylesheet on today's page.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import cast
from wsgiref.headers import Headers

import brotli
from flask import Flask
from whitenoise import WhiteNoise

from config import Settings
from dsbs.core import typeface
from dsbs.core.written import write_once

PREFIX = "/static/"
SOURCE = Path(__file__).resolve().parents[1] / "static"
_TEXT = {".css", ".js", ".svg", ".webmanifest"}
_LOCAL_URL = re.compile(r'url\("([^":]+)"\)')
_NOTHING: Mapping[str, str] = MappingProxyType({})


class _YearLong(WhiteNoise):  # type: ignore[misc]  # whitenoise carries no types
    """WhiteNoise for files that never change under their name."""

    FOREVER = 365 * 24 * 60 * 60

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Every file served here carries its hash."""
        return True


def init_app(app: Flask) -> None:
    """Publish ``dsbs/static`` into the data folder, serve it before the application, give templates ``asset``."""
    target = cast(Settings, app.config["SETTINGS"]).data / "static"
    fonts = typeface.cut(target)
    published = {**fonts, **publish(SOURCE, target, known=fonts)}
    noise = _YearLong(app.wsgi_app, allow_all_origins=False, add_headers_function=_harmless)
    # Only what this start published is served, file by file: a folder listing could meet another start's half work.
    for name in published.values():
        noise.add_file_to_dictionary(PREFIX + name, str(target / name))
    app.wsgi_app = noise  # type: ignore[method-assign]
    addresses = {plain: PREFIX + name for plain, name in published.items()}
    app.jinja_env.globals["asset"] = addresses.__getitem__


def publish(source: Path, target: Path, *, known: Mapping[str, str] = _NOTHING) -> Mapping[str, str]:
    """Copy every file under ``source`` to ``target`` as ``name.<hash>.ext``; return plain names and published ones.

    Texts get a ``.gz`` and a ``.br`` beside them. Stylesheets come last: their ``url("...")`` is rewritten to the
    published name, taken from this call or from ``known``; one that names no published file raises ``ValueError``.
    Safe to repeat, and safe when two processes do it at once.
    """
    published: dict[str, str] = {}
    paths = (path for path in source.rglob("*") if path.is_file() and not path.name.startswith("."))
    for path in sorted(paths, key=lambda path: (path.suffix == ".css", path)):
        content = path.read_bytes()
        if path.suffix == ".css":
            content = _with_published_urls(path.name, content, {**known, **published})
        plain = path.relative_to(source).as_posix()
        published[plain] = _publish_one(plain, content, target)
    return published


def _publish_one(plain: str, content: bytes, target: Path) -> str:
    path = PurePosixPath(plain)
    name = str(path.with_name(f"{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"))
    variants: dict[str, Callable[[], bytes]] = {name: lambda: content}
    if path.suffix in _TEXT:
        variants[f"{name}.gz"] = lambda: gzip.compress(content, 9, mtime=0)
        variants[f"{name}.br"] = lambda: brotli.compress(content, quality=11)
    for variant, made in variants.items():
        if not (target / variant).exists():
            write_once(target / variant, made())
    return name


def _with_published_urls(sheet: str, content: bytes, published: Mapping[str, str]) -> bytes:
    def rewritten(found: re.Match[str]) -> str:
        if found[1] not in published:
            raise ValueError(f"{sheet} names {found[1]!r}, which is not among the published files")
        return f'url("{published[found[1]]}")'

    return _LOCAL_URL.sub(rewritten, content.decode()).encode()


def _harmless(headers: Headers, path: str, url: str) -> None:
    """An image opened by itself may run nothing, whatever it holds."""
    headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    headers["X-Content-Type-Options"] = "nosniff"
