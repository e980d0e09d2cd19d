"""Which language a page speaks: the viewer's own, else the one chosen on this device, else the browser's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from babel import Locale
from flask import Flask, request
from flask_babel import Babel, get_translations
from jinja2 import pass_context, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from markupsafe import Markup

from dsbs.core import dates
from dsbs.core.access import current_viewer

#: What people may have on record as their language. It is theirs, whether pages speak it or not.
KNOWN = {"en": "English", "nl": "Nederlands"}
_TRANSLATIONS = Path(__file__).parents[1] / "translations"
#: What pages and mails speak: English, in which the sentences are written, and whatever they are translated into.
#: Dates in another language than the sentence around them would help nobody.
LANGUAGES = {code: name for code, name in KNOWN.items() if code == "en" or (_TRANSLATIONS / code).is_dir()}
_LOCALES = {code: Locale.parse(code) for code in KNOWN}
COOKIE = "language"
_REMEMBERED = 8192


def init_app(app: Flask) -> None:
    """Let Flask-Babel ask us for the language, and look for translations beside the package."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    Babel(app, locale_selector=lambda: _LOCALES[chosen()])
    app.jinja_env.globals.update(_=_translated, gettext=_translated, ngettext=_translated_number)


def chosen() -> str:
    """The code of the language for this request."""
    viewer = current_viewer()
    if viewer is not None:
        return spoken(viewer.language)
    on_device = request.cookies.get(COOKIE)
    if on_device in LANGUAGES:
        return on_device
    return request.accept_languages.best_match(LANGUAGES) or "en"


def spoken(language: str) -> str:
    """The language in which to speak to somebody who has this one on record."""
    return language if language in LANGUAGES else "en"


def said(words: str, values: Mapping[str, object]) -> str:
    """A sentence marked by ``N_`` in the reader's language, with its values."""
    found = _looked_up(words, False, dates.language())
    return found % values if values else found


def gettext(words: str, **values: object) -> str:
    """A sentence of a view in the reader's language, with its values; remembered, as those of pages are."""
    return said(words, values)


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """The same for a sentence that counts; ``num`` is one of its values."""
    return _looked_up_for(singular, plural, num, dates.language()) % {"num": num, **values}


@pass_context
def _translated(context: Context, words: str, /, **values: object) -> str:
    """A sentence of a template in the reader's language, with its values; in HTML these are escaped.

    A page has some hundred of them: each is looked up once per language and then remembered. The page itself was given
    its language as ``locale``; a macro from another file asks for it.
    """
    language, is_html = context.get("locale") or dates.language(), context.eval_ctx.autoescape
    if not values:
        return _without_values(words, is_html, language)
    return _looked_up(words, is_html, language) % values


@pass_eval_context
def _translated_number(context: EvalContext, singular: str, plural: str, num: int, /, **values: object) -> str:
    """The same for a sentence that counts; ``num`` is one of its values."""
    found = _looked_up_for(singular, plural, num, dates.language())
    return (Markup(found) if context.autoescape else found) % {"num": num, **values}  # noqa: S704 - our own sentence


@lru_cache(_REMEMBERED)
def _looked_up(words: str, is_html: bool, language: str) -> str:
    found = get_translations().ugettext(words)
    return Markup(found) if is_html else found  # noqa: S704 - our own sentence


@lru_cache(_REMEMBERED)
def _looked_up_for(singular: str, plural: str, num: int, language: str) -> str:
    found: str = get_translations().ungettext(singular, plural, num)
    return found


@lru_cache(_REMEMBERED)
def _without_values(words: str, is_html: bool, language: str) -> str:
    """A sentence alone; its percent signs are doubled like those of the others."""
    return _looked_up(words, is_html, language) % {}
