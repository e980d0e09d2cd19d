"""From a letter to what a mail says: subject, text and HTML in its recipient's language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from flask import Flask, current_app

from config import Settings
from dsbs.core.dates import speaking
from dsbs.core.feature import Letter, features
from dsbs.core.language import spoken
from dsbs.mail import styling
from dsbs.mail.outgoing import Outgoing, Rendered

_SUBJECT = 300
#: These turn the direction of what follows them, also outside the name that they came in.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def render(app: Flask, outgoing: Outgoing) -> Rendered:
    """Work out what the message says; see ``written``."""
    return written(app, template=outgoing.template, ids=outgoing.ids, name=outgoing.name, language=outgoing.language)


def written(app: Flask, *, template: str, ids: Mapping[str, int], name: str, language: str) -> Rendered:
    """What a letter about these rows says to somebody of this name, in this language.

    The letter is asked in an application context of its own, as if a page at the installation's address were made in
    the recipient's language, so links come out whole. Raises ``NotFound`` when there is nothing left to say; whatever
    else it raises is a defect of the letter. Reads the database, changes nothing.
    """
    settings: Settings = app.config["SETTINGS"]
    with app.app_context(), app.test_request_context(base_url=settings.base_url), speaking(spoken(language)):
        about = {"action": None, "unsubscribe": None, **_letter(template)(**ids)}
        return _fill(template, {**about, "recipient": one_line(name), "language": spoken(language)})


def one_line(text: str) -> str:
    """The text on one line, without what no header may hold: nothing typed anywhere can begin a header of its own."""
    plain = "".join(" " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter for letter in text)
    return " ".join(_TURNING.sub("", plain).split())


def _letter(template: str) -> Letter:
    for feature in features():
        if template in feature.letters:
            return feature.letters[template]
    raise LookupError(f"No feature fills the letter {template!r}")


def _fill(template: str, about: dict[str, object]) -> Rendered:
    about["subject"] = subject = one_line(_template(template, "subject.txt", about))[:_SUBJECT]
    calendar, unsubscribe, reply_to = about.get("calendar"), about["unsubscribe"], about.get("reply_to")
    return Rendered(
        subject=subject,
        text=_tidy(_template(template, "txt", about)),
        html=styling.inlined(_template(template, "html", about)),
        calendar=str(calendar) if calendar else None,
        unsubscribe_url=str(unsubscribe) if unsubscribe else None,
        reply_to=str(reply_to) if reply_to else None,
        not_after=cast("datetime | None", about.get("not_after")),
    )


def _template(name: str, ending: str, about: Mapping[str, object]) -> str:
    # Straight from the environment: what the layout of pages needs (navigation, banners) has no place in a mail.
    return current_app.jinja_env.get_template(f"mail/{name}.{ending}").render(about)


def _tidy(text: str) -> str:
    """One blank line at most between paragraphs, none at the ends, no blanks at the end of lines."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip() + "\n"
