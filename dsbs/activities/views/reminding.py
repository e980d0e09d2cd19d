"""Reminding people in a session now: how many first, then done."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.activities.rules import RegistrationState
from dsbs.activities.service import reminding
from dsbs.activities.service.reminding import Reminded
from dsbs.activities.views.adding import names_in_words
from dsbs.activities.views.matters import session_to_write_in
from dsbs.activities.views.writing import RUNS
from dsbs.core import clock
from dsbs.core.access import requires, viewer
from dsbs.core.db import db, write
from dsbs.core.feature import features
from dsbs.core.language import ngettext
from dsbs.core.template import confirm
from dsbs.reminders.occasions import occasions_of
from dsbs.reminders.rules import PassedOver


@requires(*RUNS)
def remind(session_id: int) -> str | Response:
    """Remind who was ticked in the list (``chosen``), or everybody; ``step`` says ``choose`` while it is only asked."""
    offered, now = session_to_write_in(db.session(), session_id), clock.now()
    chosen = frozenset(request.form.getlist("chosen", type=int))
    if request.method == "POST" and request.form.get("step") != "choose":
        return _done(session_id, chosen)
    would = reminding.who_would_be(db.session(), occasions_of(features()), offered=offered, person_ids=chosen, now=now)
    return render_template(
        "activities/remind.html",
        offered=offered,
        chosen=sorted(chosen & {person.id for people in would.told.values() for person in people}),
        would=would,
        registered=would.told[RegistrationState.REGISTERED],
        with_offer=would.told[RegistrationState.OFFERED],
        count=_count(would),
        not_reminded=_not_reminded(would),
    )


def _done(session_id: int, chosen: frozenset[int]) -> Response:
    with write(by=viewer().actor, why="Reminded by hand", at=clock.now()) as session:
        session_to_write_in(session, session_id)
        done = reminding.remind(
            session,
            occasions_of(features()),
            session_id=session_id,
            person_ids=chosen,
            by=viewer().actor,
            now=clock.now(),
        )
        told, left = _count(done), _not_reminded(done)
    title = ngettext("%(num)d person reminded by mail", "%(num)d people reminded by mail", told)
    confirm(title if told else _("Nobody was reminded"), " ".join(left))
    return redirect(url_for("activities.people", session_id=session_id))


def _count(reminded: Reminded) -> int:
    return sum(len(people) for people in reminded.told.values())


def _not_reminded(reminded: Reminded) -> list[str]:
    """Who is passed over and why, a sentence for each reason."""
    sentences = (
        (_("Reminded today already: %(names)s."), reminded.passed_over[PassedOver.TODAY]),
        (_("Had every reminder of the rules already: %(names)s."), reminded.passed_over[PassedOver.HAD_ALL]),
        (
            _("It has begun or the offer has ended, so it is too late to remind %(names)s."),
            reminded.passed_over[PassedOver.OVER],
        ),
        (_("No rule of the school sends a reminder to %(names)s."), reminded.passed_over[PassedOver.NOT_RULED]),
        (_("May no longer sign in: %(names)s."), reminded.inactive),
    )
    return [
        sentence % {"names": names_in_words([person.name for person in people])}
        for sentence, people in sentences
        if people
    ]
