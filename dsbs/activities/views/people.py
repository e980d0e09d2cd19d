"""Who is in a session: seen by who runs it, added and removed by hand, and who its organisers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dsbs.accounts.models import Person, RoleGrant
from dsbs.activities import access, offers, queries
from dsbs.activities.changes import capacity_set
from dsbs.activities.clashing import clashes_of_session
from dsbs.activities.forms import ReasonForm
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.place_words import which_are_kept
from dsbs.activities.places import places_of
from dsbs.activities.rules import SEATED, NotEnoughSeats, RegistrationState, SessionFacts, SessionState
from dsbs.activities.rules.places import Place
from dsbs.activities.service import making_room, registering
from dsbs.activities.standing import facts_of
from dsbs.activities.views.adding import (
    RAISE,
    WAIT,
    AddingForm,
    TeacherForm,
    look_up,
    names_in_words,
    people_meant,
)
from dsbs.activities.views.clashing import by_person, known_in_words
from dsbs.activities.views.following import offer_scopes
from dsbs.activities.views.looking_up import owners_of, page_of_person, part_in, session_to_look_at, session_to_manage
from dsbs.activities.views.reminded import reminders_of
from dsbs.activities.views.room import beyond
from dsbs.activities.views.writing import GROUPS
from dsbs.core import clock
from dsbs.core.access import STAFF, Role, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.language import ngettext
from dsbs.core.refusals import NotFound, Refused
from dsbs.core.template import confirm
from dsbs.exchange import tables

_MOST_CLASHING = 5
#: Whose place goes by her ticket.
_BY_TICKET = frozenset({RegistrationState.REQUESTED, RegistrationState.WAITING})
RUNS_SESSIONS = (*STAFF, Role.ORGANISER, Role.READER)


@requires(*RUNS_SESSIONS)
def people(session_id: int) -> str | Response:
    """Everybody in the session; whoever manages it adds people: looked up by name, typed, or a pasted list."""
    offered = session_to_look_at(db.session(), viewer(), session_id)
    form = AddingForm()
    if form.is_submitted() and not _may_manage(offered):
        raise NotFound
    if not form.look_up.data and form.validate_on_submit():
        try:
            confirm(*_done_in_words(session_id, _add(session_id, form)))
            return redirect(url_for("activities.people", session_id=session_id))
        except Refused as refused:
            form.refuse(refused)
            form.enough.raw_data = None
            form.enough.data = refused.enough if isinstance(refused, NotEnoughSeats) else None
    return page_of_people(offered, form, TeacherForm(formdata=None))


def page_of_people(offered: ActivitySession, form: AddingForm, teacher_form: TeacherForm) -> str:
    """The page with these forms as they were sent, or fresh."""
    registrations = queries.people_of(db.session(), offered)
    inside = {registration.person_id for registration in registrations}
    places = _places(offered)
    offer_scopes(teacher_form, offered, clock.now())
    organisers = queries.organisers_of(db.session(), session_id=offered.id, today=clock.today())
    return render_template(
        "activities/people.html",
        offered=offered,
        form=form,
        beyond=beyond(db.session(), offered, form.enough.data) if form.enough.data else None,
        capacity_set=capacity_set(db.session(), offered) if offered.capacity else None,
        looked_up=look_up(db.session(), viewer(), offered.id, form, inside=inside) if form.is_submitted() else "",
        clashes=by_person(clashes_of_session(db.session(), offered.id, inside, now=clock.now())),
        known_in_words=known_in_words,
        teacher_form=teacher_form,
        teacher_looked_up=_look_up_teacher(offered, teacher_form, organisers),
        registrations=registrations,
        groups=_groups(registrations, places, called_off=offered.state is SessionState.CANCELLED),
        kept_words=" ".join({which_are_kept(place.kept): None for place in places.values() if place.kept}),
        organisers=organisers,
        may_manage=_may_manage(offered),
        may_write=access.may_write_to_people(viewer(), owners_of(offered)),
        may_remind=offered.state is SessionState.PUBLISHED and clock.now() < offered.starts_at,
        may_see_steps=access.may_see_history_of_session(viewer(), owners_of(offered)),
        reminders=reminders_of(offered.id, now=clock.now()),
        page_of_person=page_of_person,
        now=clock.now(),
    )


def _look_up_teacher(offered: ActivitySession, form: TeacherForm, organisers: Sequence[RoleGrant]) -> str:
    running = {grant.person_id for grant in organisers}
    return look_up(db.session(), viewer(), offered.id, form, inside=running) if form.is_submitted() else ""


def _places(offered: ActivitySession) -> Mapping[int, Place]:
    """Where each of those who wait stands, by registration; asked only where seats are kept, else tickets say it."""
    if not offers.offer(db.session(), offered.id).keeps_seats(clock.now()):
        return {}
    return places_of(db.session(), offered.id, facts_of(db.session(), offered.id, now=clock.now()))


def _groups(
    registrations: Sequence[Registration], places: Mapping[int, Place], *, called_off: bool
) -> list[tuple[RegistrationState, list[Registration]]]:
    """Who asked, who has a seat, who is offered one, who waits, in this order; all alike once it was called off.

    Who waits stands in the order in which seats are offered.
    """
    if called_off:
        return [(RegistrationState.REGISTERED, list(registrations))]
    order = (
        RegistrationState.REQUESTED,
        RegistrationState.REGISTERED,
        RegistrationState.OFFERED,
        RegistrationState.WAITING,
    )
    groups = [(state, [found for found in registrations if found.state is state]) for state in order]
    if places:
        groups[-1][1].sort(key=lambda found: places[found.id].place)
    return groups


def _may_manage(offered: ActivitySession) -> bool:
    return access.may_manage_activity(viewer(), owners_of(offered).programmes)


def _done_in_words(session_id: int, done: _Done) -> tuple[str, str]:
    """What came of adding people: a title, and what else there is to say."""
    waiting = ngettext(
        "%(num)d person waits and is told by mail.", "%(num)d people wait and are told by mail.", len(done.waiting)
    )
    seats = _("There are %(num)d seats now.", num=done.raised_to) if done.raised_to else ""
    passed_over, clashes = _passed_over_in_words(done.passed_over), _clashing_in_words(session_id, done.added)
    more = " ".join(filter(None, (seats, waiting if done.waiting and done.added else "", passed_over, clashes)))
    return (waiting.rstrip("."), more) if done.waiting and not done.added else (_added_in_words(len(done.added)), more)


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
    offered = session_to_look_at(db.session(), viewer(), session_id)
    heading = (
        _("State"),
        _("Seat"),
        _("Family name"),
        _("Given name"),
        _("Mail address"),
        _("Registered on"),
        _("Ticket"),
        _("Knew that it clashes with"),
    )
    return Response(
        tables.written([heading, *map(_row, queries.people_of(db.session(), offered))]),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename=session-{offered.id}.csv"},
    )


def _row(registration: Registration) -> tuple[object, ...]:
    """One person in the file, under its heading."""
    return (
        GROUPS[registration.state],
        registration.number or "",
        registration.person.family_name,
        registration.person.given_name,
        registration.person.mail or "",
        clock.local(registration.made_at).date(),
        registration.ticket if registration.state in _BY_TICKET else "",
        known_in_words(registration.knew_of),
    )


@requires(*STAFF)
def remove_person(session_id: int, registration_id: int) -> str | Response:
    """Take a person out, with a reason that she reads in the mail about it."""
    offered = session_to_manage(db.session(), viewer(), session_id)
    form = ReasonForm()
    if form.validate_on_submit():
        reason = form.reason.data or ""
        try:
            with write(by=viewer().actor, why=f"Removed from a session: {reason}", at=clock.now()) as session:
                session_to_manage(session, viewer(), session_id)
                removed = registering.remove(
                    session, registration_id=registration_id, session_id=session_id, reason=reason, now=clock.now()
                )
                name, facts = removed.person.name, facts_of(session, session_id, now=clock.now())
            confirm(_("%(name)s is out and told by mail", name=name), _seats_left(facts))
            return redirect(url_for("activities.people", session_id=session_id))
        except Refused as refused:
            form.refuse(refused)
    registration = part_in(db.session(), session_id, registration_id)
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


@dataclass(frozen=True)
class _Done:
    """Who has a seat now, by id, who waits now, who was in it already; the new capacity where it was raised."""

    added: Mapping[int, str]
    waiting: Sequence[str]
    passed_over: Sequence[str]
    raised_to: int | None


def _add(session_id: int, form: AddingForm) -> _Done:
    """Add all of the people named, or nobody, unless the form says what to do for want of seats."""
    now, reason = clock.now(), form.reason.data or ""
    why = f"Added by hand: {reason}" if reason else "Added by hand"
    with write(by=viewer().actor, why=why, at=now) as session:
        offered = session_to_manage(session, viewer(), session_id)
        found, capacity = people_meant(session, viewer(), form), offered.capacity
        asked: _Asked = {"session_id": session_id, "people": found, "reason": reason, "now": now}
        added, waiting = _added(session, form, asked)
        concerned = {person.id for person in (*added, *waiting)}
        return _Done(
            added={person.id: person.name for person in added},
            waiting=[person.name for person in waiting],
            passed_over=[person.name for person in found if person.id not in concerned],
            raised_to=offered.capacity if offered.capacity != capacity else None,
        )


class _Asked(TypedDict):
    session_id: int
    people: Sequence[Person]
    reason: str
    now: datetime


def _added(session: Session, form: AddingForm, asked: _Asked) -> making_room.Added:
    if form.instead.data == WAIT:
        return making_room.add_or_line_up(session, **asked)
    if form.instead.data == RAISE:
        return making_room.Added(making_room.add_with_more_seats(session, most=form.enough.data or 0, **asked), ())
    return making_room.Added(registering.add(session, **asked), ())
