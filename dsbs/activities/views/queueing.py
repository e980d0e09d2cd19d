"""Deciding by hand about somebody who waits: a seat at once, or another place in the line."""

from __future__ import annotations

from collections.abc import Sequence

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import HiddenInput

from dsbs.activities import standing
from dsbs.activities.models import Registration
from dsbs.activities.places import places_of
from dsbs.activities.rules import Edge, NotEnoughSeats, RegistrationState
from dsbs.activities.service import making_room, queueing
from dsbs.activities.views.looking_up import part_in, session_to_manage
from dsbs.activities.views.room import beyond
from dsbs.core import clock
from dsbs.core.access import STAFF, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.fields import Choice, WholeNumberField
from dsbs.core.forms import Form
from dsbs.core.refusals import N_, Refused
from dsbs.core.template import confirm


class SeatForm(Form):
    """Why somebody who waits has a seat now, and the seats up to which the capacity may be raised for it."""

    reason = StringField(
        _l("Reason"), validators=[DataRequired(_l("Say why; it stands in the mail.")), Length(max=300)]
    )
    enough = WholeNumberField(widget=HiddenInput(), validators=[Optional()])


class MoveForm(Form):
    """Where somebody who waits is to stand, and why."""

    before = SelectField(_l("New place"), validate_choice=False)
    reason = StringField(
        _l("Reason, for the history"),
        validators=[DataRequired(_l("Say why; it stands in the history.")), Length(max=300)],
    )

    def place(self) -> int | Edge:
        """An end of the line, or the registration before which she is to stand."""
        sent = str(self.before.data)
        if sent in set(Edge):
            return Edge(sent)
        # What could be no row's is nobody in the line.
        return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 11 else 0


@requires(*STAFF)
def give_seat(session_id: int, registration_id: int) -> str | Response:
    """Give who waits, or is offered a seat, one at once; in a full session the capacity rises, as the page says."""
    offered = session_to_manage(db.session(), viewer(), session_id)
    registration = part_in(db.session(), session_id, registration_id)
    form = SeatForm()
    if form.validate_on_submit():
        try:
            _seat(session_id, registration_id, form)
            confirm(_("%(name)s has a seat and is told by mail", name=registration.person.name))
            return redirect(url_for("activities.people", session_id=session_id))
        except NotEnoughSeats as short:
            form.refuse(short)
            form.enough.raw_data, form.enough.data = None, short.enough
        except Refused as refused:
            form.refuse(refused)
    if not form.is_submitted():
        form.enough.data = _enough_for_one_more(registration)
    return render_template(
        "activities/give_seat.html",
        form=form,
        offered=offered,
        registration=registration,
        beyond=beyond(db.session(), offered, form.enough.data) if form.enough.data else None,
    )


def _seat(session_id: int, registration_id: int, form: SeatForm) -> None:
    reason, now = form.reason.data or "", clock.now()
    with write(by=viewer().actor, why=f"Given a seat by hand: {reason}", at=now) as session:
        session_to_manage(session, viewer(), session_id)
        # Locked first: she may answer, or her offer lapse, this very moment.
        standing.lock(session, session_id, now=now)
        registration = part_in(db.session(), session_id, registration_id)
        if registration.state not in (RegistrationState.WAITING, RegistrationState.OFFERED):
            raise Refused(N_("This person waits no longer. Look at the list of people."))
        making_room.add_with_more_seats(
            session,
            session_id=session_id,
            people=[registration.person],
            most=form.enough.data or 0,
            reason=reason,
            now=now,
        )


def _enough_for_one_more(registration: Registration) -> int | None:
    """The capacity that would seat her too, where all seats are taken; None where one is free, or hers already."""
    facts = standing.facts_of(db.session(), registration.session_id, now=clock.now())
    if registration.state is not RegistrationState.WAITING or facts.capacity is None or facts.free:
        return None
    return facts.taken + 1


@requires(*STAFF)
def move_person(session_id: int, registration_id: int) -> str | Response:
    """Let somebody who waits stand elsewhere in the line, with a reason for the history."""
    offered = session_to_manage(db.session(), viewer(), session_id)
    registration = part_in(db.session(), session_id, registration_id)
    line = standing.first_in_line(db.session(), session_id)
    form = MoveForm()
    form.before.choices = _places(line, registration_id)
    if form.validate_on_submit():
        try:
            why, now, before = f"Moved in the waiting list: {form.reason.data}", clock.now(), form.place()
            with write(by=viewer().actor, why=why, at=now) as session:
                session_to_manage(session, viewer(), session_id)
                queueing.move(session, session_id=session_id, registration_id=registration_id, before=before, now=now)
                place = _place(session, session_id, registration_id)
            confirm(_("%(name)s has place %(place)d now", name=registration.person.name, place=place))
            return redirect(url_for("activities.people", session_id=session_id))
        except Refused as refused:
            form.refuse(refused)
    return render_template(
        "activities/move_person.html",
        form=form,
        offered=offered,
        registration=registration,
        place=_place(db.session(), session_id, registration_id),
        waiting=len(line),
    )


def _place(session: Session, session_id: int, registration_id: int) -> int | None:
    """In which order she is offered a seat, from 1; None when she does not wait."""
    facts = standing.facts_of(session, session_id, now=clock.now())
    found = places_of(session, session_id, facts).get(registration_id)
    return found.place if found else None


def _places(line: Sequence[Registration], registration_id: int) -> list[Choice]:
    """The ends of the line, and before each of the others; the first of them is the front."""
    others = [one for one in line if one.id != registration_id]
    between = [Choice(str(one.id), _("Before %(name)s", name=one.person.sorted_name)) for one in others[1:]]
    return [Choice(Edge.FRONT.value, _("To the front")), *between, Choice(Edge.END.value, _("To the end"))]
