"""What all pages have in common that somebody opens by the link in a mail, signed in or not."""

from __future__ import annotations

from datetime import datetime

from flask import render_template
from werkzeug.wrappers import Response

from dsbs.accounts.models import SignedLink
from dsbs.activities import offers
from dsbs.activities.models import Registration
from dsbs.activities.rules import RegistrationState
from dsbs.core import clock
from dsbs.core.access import current_viewer
from dsbs.core.db import db
from dsbs.core.errors import sentence_of
from dsbs.core.headers import unseen
from dsbs.core.refusals import Refused


def page(
    template: str, link: SignedLink, token: str, registration: Registration, refused: Refused | None, **own: object
) -> Response:
    """How she stands to whom the link was sent: what is asked of her, or what has become of it.

    ``own`` is what this kind of link says beside, ``is_open`` always: whether her answer still counts. A refusal
    stands above it, and the status says that nothing was done (409).
    """
    shown = render_template(
        template,
        person=link.person,
        other=_somebody_else(link),
        registration=registration,
        offer=offers.offer(db.session(), registration.session_id),
        stopped=sentence_of(refused) if refused else None,
        token=token,
        **own,
    )
    return unseen(shown, 409 if refused else 200)


def is_open(link: SignedLink, registration: Registration, state: RegistrationState, until: datetime) -> bool:
    """Whether her answer counts: her part stands so, the time for it is not over, and the link opens something."""
    counts = registration.state is state and clock.now() < until
    return counts and link.revoked_at is None and link.person.active


def unknown() -> Response:
    """A link that opens nothing."""
    return unseen(render_template("activities/link_unknown.html"), 404)


def _somebody_else(link: SignedLink) -> str | None:
    """Who is signed in on this device, if it is not the one to whom the link was sent."""
    looking = current_viewer()
    return looking.name if looking is not None and looking.id != link.person_id else None
