"""Why somebody is where she is: her steps in a session in words, for who plans it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template
from flask_babel import gettext as _

from dsbs.activities import access, queries
from dsbs.activities.place_words import why_this_place
from dsbs.activities.places import places_of
from dsbs.activities.rules import RegistrationState
from dsbs.activities.standing import facts_of
from dsbs.activities.steps import Step
from dsbs.activities.steps import steps_of as steps_in
from dsbs.activities.views.adding import names_in_words
from dsbs.activities.views.looking_up import owners_of, part_in
from dsbs.core import clock, dates
from dsbs.core.access import STAFF, Role, requires, viewer
from dsbs.core.db import db
from dsbs.core.language import ngettext
from dsbs.core.refusals import N_, NotFound
from dsbs.core.seats import ordinal

_ENDED = {
    RegistrationState.WITHDRAWN: N_("Took the request back."),
    RegistrationState.REFUSED: N_("The request was refused."),
    RegistrationState.EXPIRED: N_("Nobody answered the request before the session began."),
    RegistrationState.DECLINED: N_("Left the offered seat to the next in line."),
    RegistrationState.LAPSED: N_("Let the offer lapse."),
    RegistrationState.LEFT: N_("Left the waiting list."),
    RegistrationState.CANCELLED: N_("Gave the seat back."),
    RegistrationState.REMOVED: N_("Was taken out."),
    RegistrationState.CALLED_OFF: N_("The session was called off."),
}


@requires(*STAFF, Role.READER)
def steps_of(session_id: int, registration_id: int) -> str:
    """Every step of one person in a session, oldest first."""
    offered = queries.session_in_full(db.session(), session_id)
    registration = part_in(db.session(), session_id, registration_id)
    if not access.may_see_history_of_session(viewer(), owners_of(offered)):
        raise NotFound
    names = queries.names_of_registrations(db.session(), session_id)
    person = registration.person
    told = [(step, _in_words(step, person.id, names)) for step in steps_in(db.session(), session_id, person.id)]
    now_here = _now_in_line(session_id, registration_id, names)
    return render_template("activities/steps_of.html", offered=offered, person=person, steps=told, now_here=now_here)


def _now_in_line(session_id: int, registration_id: int, names: Mapping[int, str]) -> str:
    """Her place today, who is offered a seat before her, and why it is not that of her ticket; nothing in no line."""
    places = places_of(db.session(), session_id, facts_of(db.session(), session_id, now=clock.now()))
    own = places.get(registration_id)
    if own is None:
        return ""
    before = sorted((place.place, one) for one, place in places.items() if place.place < own.place)
    if not before:
        said = _("Now first in the order in which seats are offered.")
    else:
        said = _(
            "Now %(place)s in the order in which seats are offered, after %(names)s.",
            place=ordinal(own.place),
            names=names_in_words([names[one] for _place, one in before]),
        )
    return f"{said} {why_this_place(own)}".strip()


def _in_words(step: Step, person_id: int, names: Mapping[int, str]) -> str:
    """The step as a sentence, with who did it where it was not she, and the reason where one was typed."""
    said = _place_in_words(step, names) if step.state is None else _state_in_words(step, step.state)
    # Who gave a seat back decides nothing about whom it is offered to.
    if step.by_id in (None, person_id) or step.state is RegistrationState.OFFERED:
        return said
    if step.reason:
        return _("%(said)s By %(name)s: “%(reason)s”", said=said, name=step.by, reason=step.reason)
    return _("%(said)s By %(name)s.", said=said, name=step.by)


def _place_in_words(step: Step, names: Mapping[int, str]) -> str:
    if step.other is None:
        return _("Moved from place %(was)d to place %(now)d.", was=step.was, now=step.place)
    name = names[step.other]
    if step.was == step.place:
        return _("%(name)s was given a seat at once; place %(now)d stays.", name=name, now=step.place)
    return _("%(name)s was moved, so place %(was)d became place %(now)d.", name=name, was=step.was, now=step.place)


def _state_in_words(step: Step, state: RegistrationState) -> str:
    match state:
        case RegistrationState.REQUESTED:
            return _("Asked for a seat with ticket %(ticket)d; the coordinator decides.", ticket=step.ticket)
        case RegistrationState.WAITING:
            before = (step.place or 1) - 1
            if not before:
                return _("Joined the waiting list with ticket %(ticket)d, nobody before.", ticket=step.ticket)
            return ngettext(
                "Joined the waiting list with ticket %(ticket)d, %(num)d person before.",
                "Joined the waiting list with ticket %(ticket)d, %(num)d people before.",
                before,
                ticket=step.ticket,
            )
        case RegistrationState.OFFERED:
            until = dates.moment(step.until) if step.until else ""
            return _("Was offered seat %(number)d until %(until)s.", number=step.number, until=until)
        case RegistrationState.REGISTERED:
            return _registered_in_words(step)
        case _:
            return str(_(_ENDED[state]))


def _registered_in_words(step: Step) -> str:
    if step.number is None:
        return _("Is in it: no seats are counted.")
    if step.came_from is RegistrationState.OFFERED:
        return _("Took the offered seat %(number)d.", number=step.number)
    return _("Got seat %(number)d.", number=step.number)
