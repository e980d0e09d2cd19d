"""Who is in a session: seen by who runs it, added and removed by hand, and who its organisers are."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from dsbs.activities import access, queries
from dsbs.activities.clashing import clashes_of_session
from dsbs.activities.forms import OrganiserForm, ReasonForm
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.rules import SEATED, RegistrationState, SessionFacts, SessionState
from dsbs.activities.service import registering, teaching
from dsbs.activities.standing import facts_of
from dsbs.activities.views.adding import AddingForm, look_up, names_in_words, people_meant
from dsbs.activities.views.clashing import by_person, known_in_words
from dsbs.activities.views.looking_up import owners_of, page_of_person, session_to_manage
from dsbs.activities.views.reminded import reminders_of
from dsbs.core import clock
from dsbs.core.access import STAFF, Role, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.refusals import N_, NotFound, Refused
from dsbs.core.template import confirm

_MOST_CLASHING = 5
#: Whose place goes by her ticket.
_BY_TICKET = frozenset({RegistrationState.REQUESTED, RegistrationState.WAITING})
RUNS_SESSIONS = (*STAFF, Role.ORGANISER, Role.READER)


@requires(*RUNS_SESSIONS)
def people(session_id: int) -> str | Response:
    """Everybody in the session; whoever manages it adds people: looked up by name, typed, or a pasted list."""
    offered = _to_look_at(session_id)
    form = AddingForm()
    if form.is_submitted() and not _may_manage(offered):
        raise NotFound
    if not form.look_up.data and form.validate_on_submit():
        try:
            added, passed_over = _add(session_id, form)
            told = (_passed_over_in_words(passed_over), _clashing_in_words(session_id, added))
            confirm(_added_in_words(len(added)), " ".join(filter(None, told)))
            return redirect(url_for("activities.people", session_id=session_id))
        except Refused as refused:
            form.refuse(refused)
    return _page(offered, form, OrganiserForm(formdata=None))


def _page(offered: ActivitySession, form: AddingForm, organiser_form: OrganiserForm) -> str:
    registrations = queries.people_of(db.session(), offered)
    inside = {registration.person_id for registration in registrations}
    return render_template(
        "activities/people.html",
        offered=offered,
        form=form,
        looked_up=look_up(db.session(), viewer(), offered.id, form, inside=inside) if form.is_submitted() else "",
        clashes=by_person(clashes_of_session(db.session(), offered.id, inside, now=clock.now())),
        known_in_words=known_in_words,
        organiser_form=organiser_form,
        registrations=registrations,
        groups=_groups(registrations, called_off=offered.state is SessionState.CANCELLED),
        organisers=queries.organisers_of(db.session(), session_id=offered.id, today=clock.today()),
        may_manage=_may_manage(offered),
        may_write=access.may_write_to_people(viewer(), owners_of(offered)),
        may_remind=offered.state is SessionState.PUBLISHED and clock.now() < offered.starts_at,
        reminders=reminders_of(offered.id, now=clock.now()),
        page_of_person=page_of_person,
        now=clock.now(),
    )


def _groups(
    registrations: Sequence[Registration], *, called_off: bool
) -> list[tuple[RegistrationState, list[Registration]]]:
    """Who asked, who has a seat, who is offered one, who waits, in this order; all alike once it was called off."""
    if called_off:
        return [(RegistrationState.REGISTERED, list(registrations))]
    order = (
        RegistrationState.REQUESTED,
        RegistrationState.REGISTERED,
        RegistrationState.OFFERED,
        RegistrationState.WAITING,
    )
    return [(state, [found for found in registrations if found.state is state]) for state in order]


def _may_manage(offered: ActivitySession) -> bool:
    return access.may_manage_activity(viewer(), owners_of(offered).programmes)


def _added_in_words(added: int) -> str:
    if not added:
        return _("Nobody was added")
    return ngettext("%(num)d person added and told by mail", "%(num)d people added and told by mail", added)


def _passed_over_in_words(names: Sequence[str]) -> str:
    """Who was in the session already; of a long list the first ones by name."""
    return _("In it already: %(names)s.", names=names_in_words(names)) if names else ""


def _clashing_in_words(session_id: int, added: Mapping[int, str]) -> str:
    """Who of those added has something else at that time; of a long list the first ones."""
    found = by_person(clashes_of_session(db.session(), session_id, added, now=clock.now()))
    told = "; ".join(f"{added[id_]} ({there})" for id_, there in list(found.items())[:_MOST_CLASHING])
    if len(found) > _MOST_CLASHING:
        return _(
            "At that time they have something else: %(told)s and %(more)d more.",
            told=told,
            more=len(found) - _MOST_CLASHING,
        )
    return _("At that time they have something else: %(told)s.", told=told) if told else ""


@requires(*RUNS_SESSIONS)
def people_csv(session_id: int) -> Response:
    """The same as a file that a spreadsheet opens: UTF-8 with a byte order mark, semicolons."""
    offered = _to_look_at(session_id)
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";")
    writer.writerow(
        [
            _("Seat"),
            _("Family name"),
            _("Given name"),
            _("Mail address"),
            _("Registered on"),
            _("Ticket"),
            _("Knew that it clashes with"),
        ]
    )
    for registration in queries.people_of(db.session(), offered):
        person, made = registration.person, clock.local(registration.made_at)
        ticket = registration.ticket if registration.state in _BY_TICKET else ""
        row = [registration.number or "", person.family_name, person.given_name, person.mail or "", made.date(), ticket]
        writer.writerow([_harmless(cell) for cell in (*row, known_in_words(registration.knew_of))])
    return Response(
        written.getvalue().encode("utf-8-sig"),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename=session-{offered.id}.csv"},
    )


@requires(*STAFF)
def remove_person(session_id: int, registration_id: int) -> str | Response:
    """Take a person out, with a reason that she reads in the mail about it."""
    offered = session_to_manage(db.session(), viewer(), session_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with write(by=viewer().actor, why=f"Removed from a session: {form.reason.data}", at=clock.now()) as session:
            session_to_manage(session, viewer(), session_id)
            removed = registering.remove(
                session,
                registration_id=registration_id,
                session_id=session_id,
                reason=form.reason.data or "",
                now=clock.now(),
            )
            name, facts = removed.person.name, facts_of(session, session_id, now=clock.now())
        confirm(_("%(name)s is out and told by mail", name=name), _seats_left(facts))
        return redirect(url_for("activities.people", session_id=session_id))
    registration = queries.registration_in_full(db.session(), registration_id)
    if registration.session_id != session_id:
        raise NotFound
    facts = facts_of(db.session(), offered.id, now=clock.now())
    return render_template(
        "activities/remove_person.html",
        form=form,
        offered=offered,
        registration=registration,
        then=_seats_left(replace(facts, taken=facts.taken - 1)) if registration.state in SEATED else "",
    )


def _seats_left(facts: SessionFacts) -> str:
    """What a removal does for others, once so many people are in."""
    if facts.capacity is None:
        return ""
    if facts.free:
        return _("The seat is free for somebody else at once.")
    return _(
        "No seat is free by it: %(taken)d are still in, for %(capacity)d seats.",
        taken=facts.taken,
        capacity=facts.capacity,
    )


@requires(*STAFF)
def add_organiser(session_id: int) -> str | Response:
    """Name somebody who runs this session: she sees it and its people, and nothing else of the programme."""
    offered = session_to_manage(db.session(), viewer(), session_id)
    form = OrganiserForm()
    if form.validate_on_submit():
        try:
            name = _name_organiser(session_id, form)
            confirm(
                _("%(name)s is a teacher of this session now", name=name),
                _("The session and its people are open to who teaches it, and its meetings stand in that calendar."),
            )
            return redirect(url_for("activities.people", session_id=session_id))
        except Refused as refused:
            form.refuse(Refused(refused.sentence, field="organiser", **refused.values))
    return _page(offered, AddingForm(formdata=None), form)


def _name_organiser(session_id: int, form: OrganiserForm) -> str:
    with write(by=viewer().actor, why="Named a teacher", at=clock.now()) as session:
        session_to_manage(session, viewer(), session_id)
        found, missing = queries.people_named(session, form.names())
        if missing:
            raise Refused(N_("Nobody is known by this mail address or personnel number."))
        if len(found) > 1:
            raise Refused(N_("Name one person at a time."))
        teaching.name_organiser(session, session_id=session_id, person=found[0], today=clock.today())
        return found[0].name


@requires(*STAFF)
def end_organiser(session_id: int, grant_id: int) -> Response:
    """End somebody's part in running this session, at once."""
    with write(by=viewer().actor, why="Ended a teacher's part", at=clock.now()) as session:
        session_to_manage(session, viewer(), session_id)
        name = teaching.end_organiser(
            session, session_id=session_id, grant_id=grant_id, now=clock.now(), today=clock.today()
        )
    confirm(
        _("%(name)s is no longer a teacher of this session", name=name),
        _("What was to come has left the calendar too."),
    )
    return redirect(url_for("activities.people", session_id=session_id))


def _to_look_at(session_id: int) -> ActivitySession:
    offered = queries.session_in_full(db.session(), session_id)
    if not access.may_see_people(viewer(), owners_of(offered)):
        raise NotFound
    return offered


def _add(session_id: int, form: AddingForm) -> tuple[dict[int, str], list[str]]:
    """Add all of the people named, or nobody: who was added, by id, and the names of those who were in it already."""
    now = clock.now()
    why = f"Added by hand: {form.reason.data}" if form.reason.data else "Added by hand"
    with write(by=viewer().actor, why=why, at=now) as session:
        session_to_manage(session, viewer(), session_id)
        found = people_meant(session, viewer(), form)
        added = registering.add(session, session_id=session_id, people=found, reason=form.reason.data or "", now=now)
        return {person.id: person.name for person in added}, [person.name for person in found if person not in added]


def _harmless(cell: object) -> object:
    """A cell that a spreadsheet shows and does not run."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t")) else cell
