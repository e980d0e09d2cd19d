"""States and reasons as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import current_app
from flask_babel import gettext as _
from markupsafe import Markup, escape

from dsbs.core.feature import features
from dsbs.core.refusals import N_
from dsbs.mail.rules import MessageState, Reason

_STATES: Mapping[MessageState, tuple[str, str]] = {
    MessageState.QUEUED: ("waiting", N_("Waiting to leave")),
    MessageState.SENDING: ("waiting", N_("Leaving now")),
    MessageState.SENT: ("good", N_("Sent")),
    MessageState.FAILED: ("stopped", N_("Not delivered")),
    MessageState.MISSED: ("neutral", N_("Missed its time")),
    MessageState.WITHDRAWN: ("neutral", N_("Taken back")),
}

_REASONS: Mapping[Reason, str] = {
    Reason.UNREACHABLE: N_("The mail server could not be reached."),
    Reason.PUT_OFF: N_("The mail server asked to come back later."),
    Reason.REFUSED: N_("The mail server refuses this mail for good."),
    Reason.BAD_ADDRESS: N_("No mail can be written to this address. Correct it on the person's page, then send again."),
    Reason.UNWRITABLE: N_("The letter has a defect. It has been written down for the people who mend it."),
    Reason.UNREADABLE: N_("The database was too busy for it to be written."),
    Reason.TOO_LATE: N_("What it says was no longer true when it could leave."),
    Reason.CUT_OFF: N_("Its delivery was cut off again and again."),
    Reason.POINTLESS: N_("What it speaks of is gone, so there was nothing left to say."),
}

#: What only a right address would have helped, said to the one whom it was for.
_TO_HERSELF: Mapping[Reason, str] = {
    Reason.REFUSED: N_("Your address refused it. Is the one below right? Your data says whom to ask."),
    Reason.BAD_ADDRESS: N_("No mail can be written to your address. Your data says whom to ask to correct it."),
}

_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


def state_pill(state: MessageState) -> tuple[str, str]:
    """The tone and the word of a state."""
    tone, word = _STATES[state]
    return tone, _(word)


def reason_sentence(reason: Reason) -> str:
    """Why a try did not end with the mail on its way."""
    sentence: str = _(_REASONS[reason])
    return sentence


def is_about_address(reason: Reason | None) -> bool:
    """Whether a right address would have helped."""
    return reason in _TO_HERSELF


def reason_to_herself(reason: Reason | None) -> str:
    """Why a mail did not arrive and what to do, said to the one whom it was for."""
    if reason and reason in _TO_HERSELF:
        return str(_(_TO_HERSELF[reason]))
    return str(_("It could not be delivered. Your address is not the cause: there is nothing that you need to do."))


def letter_name(template: str) -> str:
    """What kind of letter it is: "Cancelled session". One that nobody writes any more has only its own name."""
    if any(template in feature.letters for feature in features()):
        return current_app.jinja_env.get_template(f"mail/{template}.kind.txt").render().strip()
    return template.rpartition("/")[2].replace("_", " ").capitalize()


def paragraphs(text: str) -> list[Markup]:
    """The text of a mail for a page: its paragraphs, with the addresses in them as links."""
    return [_linked(paragraph) for paragraph in re.split(r"\n\s*\n", text.strip()) if paragraph]


def _linked(paragraph: str) -> Markup:
    pieces: list[Markup] = []
    end = 0
    for found in _ADDRESS.finditer(paragraph):
        link = Markup('<a href="{0}" rel="nofollow noreferrer">{0}</a>').format(found[0])
        pieces += [escape(paragraph[end : found.start()]), link]
        end = found.end()
    pieces.append(escape(paragraph[end:]))
    return Markup("").join(pieces).replace("\n", Markup("<br>"))
