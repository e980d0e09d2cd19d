"""From a letter to what a mail says: subject, text and HTML in its recipient's language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

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
    """Work out what the message says.

    The letter is asked in an application context of its own, as if a page at the installation's address were made in
    the recipient's language, so links come out whole. Raises ``NotFound`` when there is nothing left to say; whatever
    else it raises is a defect of the letter. Reads the database, changes nothing.
    """
    settings: Settings = app.config["SETTINGS"]
    language = spoken(outgoing.language)
    with app.app_context(), app.test_request_context(base_url=settings.base_url), speaking(language):
        values = _letter(outgoing.template)(**outgoing.ids)
        return _fill(outgoing, values)


def one_line(text: str) -> str:
    """The text on one line, without what no header may hold: nothing typed anywhere can begin a header of its own."""
    plain = "".join(" " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter for letter in text)
    return " ".join(_TURNING.sub("", plain).split())


def _letter(template: str) -> Letter:
    for feature in features():
        if template in feature.letters:
            return feature.letters[template]
    raise LookupError(f"No feature fills the letter {template!r}")


def _fill(outgoing: Outgoing, values: Mapping[str, object]) -> Rendered:
    about = {"action": None, "unsubscribe": None, **values, "recipient": one_line(outgoing.name)}
    subject = one_line(_template(outgoing, "subject.txt", about))[:_SUBJECT]
    about |= {"subject": subject, "language": spoken(outgoing.language)}
    calendar, unsubscribe = about.get("calendar"), about["unsubscribe"]
    return Rendered(
        subject=subject,
        text=_tidy(_template(outgoing, "txt", about)),
        html=styling.inlined(_template(outgoing, "html", about)),
        calendar=str(calendar) if calendar else None,
        unsubscribe_url=str(unsubscribe) if unsubscribe else None,
    )


def _template(outgoing: Outgoing, ending: str, about: Mapping[str, object]) -> str:
    # Straight from the environment: what the layout of pages needs (navigation, banners) has no place in a mail.
    return current_app.jinja_env.get_template(f"mail/{outgoing.template}.{ending}").render(about)


def _tidy(text: str) -> str:
    """One blank line at most between paragraphs, none at the ends, no blanks at the end of lines."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip() + "\n"
