"""Who is in a session: seen by who runs it, added and removed by hand, and who its organisers are."""

from __future__ import annotations

import csv
import io

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from dsbs.accounts import service as accounts_service
from dsbs.activities import access, queries
from dsbs.activities.forms import OrganiserForm, PeopleForm, ReasonForm
from dsbs.activities.models import ActivitySession
from dsbs.activities.service import registering
from dsbs.activities.views.looking_up import owners_of, session_to_manage
from dsbs.core import clock
from dsbs.core.access import STAFF, Role, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.refusals import N_, NotFound, Refused

RUNS_SESSIONS = (*STAFF, Role.ORGANISER, Role.READER)


@requires(*RUNS_SESSIONS)
def people(session_id: int) -> str | Response:
    """Everybody in the session; whoever manages it adds people, one or a pasted list."""
    offered = _to_look_at(session_id)
    may_manage = access.may_manage_activity(viewer(), owners_of(offered).programmes)
    form = PeopleForm()
    if form.is_submitted() and not may_manage:
        raise NotFound
    if form.validate_on_submit():
        try:
            added = _add(session_id, form)
            flash(
                ngettext("%(num)d person added and told by mail.", "%(num)d people added and told by mail.", added),
                "good",
            )
            return redirect(url_for("activities.people", session_id=session_id))
        except Refused as refused:
            form.refuse(refused)
    return render_template(
        "activities/people.html",
        offered=offered,
        form=form,
        organiser_form=OrganiserForm(formdata=None),
        registrations=queries.active_registrations(db.session(), session_id),
        organisers=queries.organisers_of(db.session(), session_id=session_id, today=clock.today()),
        may_manage=may_manage,
        now=clock.now(),
    )


@requires(*RUNS_SESSIONS)
def people_csv(session_id: int) -> Response:
    """The same as a file that a spreadsheet opens: UTF-8 with a byte order mark, semicolons."""
    offered = _to_look_at(session_id)
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";")
    writer.writerow([_("Seat"), _("Family name"), _("Given name"), _("Mail address"), _("Registered on")])
    for registration in queries.active_registrations(db.session(), session_id):
        person, made = registration.person, clock.local(registration.made_at)
        row = [registration.number or "", person.family_name, person.given_name, person.mail or "", made.date()]
        writer.writerow([_harmless(cell) for cell in row])
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
            name = removed.person.name
        flash(_("%(name)s is out and told by mail. The seat is free.", name=name), "good")
        return redirect(url_for("activities.people", session_id=session_id))
    registration = queries.registration_in_full(db.session(), registration_id)
    if registration.session_id != session_id:
        raise NotFound
    return render_template("activities/remove_person.html", form=form, offered=offered, registration=registration)


@requires(*STAFF)
def add_organiser(session_id: int) -> Response:
    """Name somebody who runs this session: she sees it and its people, and nothing else of the programme."""
    form = OrganiserForm()
    with write(by=viewer().actor, why="Named an organiser", at=clock.now()) as session:
        session_to_manage(session, viewer(), session_id)
        found, missing = queries.people_named(session, (form.organiser.data or "").split()[:1])
        if missing or not found:
            raise Refused(N_("Nobody is known by this mail address or personnel number."))
        accounts_service.grant(
            session, person=found[0], role=Role.ORGANISER, since=clock.today(), session_id=session_id
        )
        name = found[0].name
    flash(_("%(name)s runs this session now.", name=name), "good")
    return redirect(url_for("activities.people", session_id=session_id))


@requires(*STAFF)
def end_organiser(session_id: int, grant_id: int) -> Response:
    """End somebody's part in running this session."""
    with write(by=viewer().actor, why="Ended an organiser's part", at=clock.now()) as session:
        session_to_manage(session, viewer(), session_id)
        running = queries.organisers_of(session, session_id=session_id, today=clock.today())
        grant = next((grant for grant in running if grant.id == grant_id), None)
        if grant is None:
            raise NotFound
        accounts_service.end_grant(session, grant=grant, on=clock.today())
    flash(_("This person no longer runs the session."), "good")
    return redirect(url_for("activities.people", session_id=session_id))


def _to_look_at(session_id: int) -> ActivitySession:
    offered = queries.session_in_full(db.session(), session_id)
    if not access.may_see_people(viewer(), owners_of(offered)):
        raise NotFound
    return offered


def _add(session_id: int, form: PeopleForm) -> int:
    """Add all of the people named, or nobody; who is in the session already is passed over."""
    now = clock.now()
    with write(by=viewer().actor, why=f"Added by hand: {form.reason.data or '-'}", at=now) as session:
        session_to_manage(session, viewer(), session_id)
        found, missing = queries.people_named(session, form.names())
        if missing:
            raise Refused(N_("Not known here: %(names)s. Nobody was added."), field="people", names=", ".join(missing))
        added = registering.add(session, session_id=session_id, people=found, reason=form.reason.data or "", now=now)
        return len(added)


def _harmless(cell: object) -> object:
    """A cell that a spreadsheet shows and does not run."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t")) else cell
