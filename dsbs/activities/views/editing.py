"""Describing activities and planning their sessions: coordinators for their programmes, administrators for all."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.activities import access, queries
from dsbs.activities.activity_form import ActivityForm
from dsbs.activities.effects import effects_of, how_it_stood
from dsbs.activities.forms import SessionForm, form_of
from dsbs.activities.models import Activity, ActivitySession
from dsbs.activities.offers import requirements_of
from dsbs.activities.rules import SessionState
from dsbs.activities.rules.conditions import ConditionKind
from dsbs.activities.rules.requirements import conditions_in
from dsbs.activities.series import concerned, series_id_of
from dsbs.activities.service import offering, publishing
from dsbs.activities.views.following import (
    LookFirst,
    change_with_following,
    look_first,
    offer_scopes,
    told_in_words,
)
from dsbs.activities.views.looking_up import activity_to_manage, session_to_manage
from dsbs.activities.views.planning import (
    Unsure,
    ask_first,
    check_sure,
    copied_session,
    form_of_copy,
    in_the_way,
    is_sent,
    session_form,
)
from dsbs.activities.views.telling import in_words
from dsbs.core import clock, dates
from dsbs.core.access import STAFF, Role, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.fields import Choice
from dsbs.core.language import ngettext
from dsbs.core.refusals import N_, Refused
from dsbs.core.template import confirm
from dsbs.programmes import queries as programmes

NOT_YOURS = N_("Choose at least one programme of yours. What the whole school offers is for administrators.")


@requires(*STAFF)
def plan() -> str:
    """The activities that the viewer looks after, with their sessions to come."""
    now = clock.now()
    return render_template(
        "activities/plan.html",
        found=queries.activities_managed(
            db.session(), viewer=viewer(), now=now, page=request.args.get("page", 1, type=int)
        ),
        kinds=_kind_names(),
        now=now,
    )


@requires(*STAFF)
def activity(activity_id: int) -> str:
    """One activity with all its sessions."""
    found = activity_to_manage(db.session(), viewer(), activity_id)
    sessions, asked = queries.sessions_of(db.session(), activity_id), requirements_of(db.session(), activity_id)
    return render_template(
        "activities/activity.html",
        activity=found,
        sessions=sessions,
        counts=queries.counts_of(db.session(), [offered.id for offered in sessions]),
        kind=_kind_names().get(found.kind, found.kind),
        conditions=[in_words(requirement, dates.language()) for requirement in asked],
        by_invitation=any(condition.kind is ConditionKind.INVITED for condition in conditions_in(asked)),
        now=clock.now(),
    )


@requires(*STAFF)
def new_activity() -> str | Response:
    """Describe a new activity, then plan its first session."""
    form = _activity_form()
    if not form.is_submitted():
        form.programmes.data = sorted(viewer().programmes_as(Role.COORDINATOR, Role.LEADER))
    elif _is_to_be_saved(form):
        try:
            with write(by=viewer().actor, why="Described a new activity", at=clock.now()) as session:
                made = offering.add_activity(session, text=_own_text(form))
                activity_id = made.id
            flash(_("The activity is described. Plan its first session now."), "good")
            return redirect(url_for("activities.new_session", activity_id=activity_id))
        except Refused as refused:
            form.refuse(refused)
    return render_template("activities/edit.html", form=form, activity=None)


@requires(*STAFF)
def edit_activity(activity_id: int) -> str | Response:
    """Change what an activity says of itself."""
    found = activity_to_manage(db.session(), viewer(), activity_id)
    form = _activity_form(found)
    if form.is_submitted() and _is_to_be_saved(form):
        try:
            with write(by=viewer().actor, why="Changed an activity", at=clock.now()) as session:
                activity_to_manage(session, viewer(), activity_id)
                offering.edit_activity(
                    session,
                    activity_id=activity_id,
                    revision=form.revision.seen,
                    text=_own_text(form),
                    now=clock.now(),
                )
            flash(_("The activity is changed, in the catalogue and in calendars."), "good")
            return redirect(url_for("activities.activity", activity_id=activity_id))
        except Refused as refused:
            form.refuse(refused)
    return render_template("activities/edit.html", form=form, activity=found)


@requires(*STAFF)
def new_session(activity_id: int) -> str | Response:
    """Plan a session as a draft; ``copy`` fills the form with another one, at a date to come."""
    found, copied = activity_to_manage(db.session(), viewer(), activity_id), copied_session(activity_id)
    form = session_form(lambda: form_of_copy(copied))
    consequence, there = _("Nobody sees a draft but its coordinators."), None
    if is_sent(form):
        try:
            with write(by=viewer().actor, why="Planned a session", at=clock.now()) as session:
                activity_to_manage(session, viewer(), activity_id)
                plan = form.plan()
                made = offering.plan_session(session, activity_id=activity_id, plan=plan, now=clock.now())
                check_sure(session, plan)
                session_id = made.id
            flash(_("The draft is saved and its rooms are held. Publish it when it is ready."), "good")
            return redirect(url_for("activities.session", session_id=session_id))
        except Unsure as unsure:
            return ask_first(unsure, found, consequence=consequence, anyway=_("Plan it anyway"))
        except Refused as refused:
            form.refuse(refused)
            there = in_the_way(refused)
    return render_template(
        "activities/edit_session.html",
        form=form,
        activity=found,
        offered=None,
        copied=copied,
        there=there,
        consequence=consequence,
    )


@requires(*STAFF)
def edit_session(session_id: int) -> str | Response:
    """Change a session; whoever is registered keeps her seat."""
    offered = session_to_manage(db.session(), viewer(), session_id)
    form = session_form(lambda: form_of(offered))
    form.known_days = {clock.local(meeting.slot.start).date() for meeting in offered.meetings}
    offer_scopes(form, offered, clock.now())
    there = None
    if is_sent(form):
        try:
            return _changed_with_following(session_id, form) if form.goes_on else _changed_alone(session_id, form)
        except LookFirst as found:
            return look_first(found, session_to_manage(db.session(), viewer(), session_id))
        except Unsure as unsure:
            anyway = _("Change it anyway") if unsure.doubts else _("Change it")
            consequence = "" if unsure.effects else _consequence(offered)
            return ask_first(unsure, offered.activity, consequence=consequence, anyway=anyway)
        except Refused as refused:
            form.refuse(refused)
            there = in_the_way(refused)
    return render_template(
        "activities/edit_session.html",
        form=form,
        activity=offered.activity,
        offered=offered,
        copied=None,
        there=there,
        consequence=_consequence(offered),
    )


def _changed_alone(session_id: int, form: SessionForm) -> Response:
    confirm(_("The session is changed."), _told_of_change(_change_session(session_id, form)))
    return redirect(url_for("activities.session", session_id=session_id))


def _changed_with_following(session_id: int, form: SessionForm) -> Response:
    done = change_with_following(session_id, form)
    changed = sum(one.becoming.is_written for one in done)
    said = ngettext("%(num)d session is changed", "%(num)d sessions are changed", changed)
    confirm(said, told_in_words(done))
    return redirect(url_for("activities.series", series_id=series_id_of(db.session(), session_id)))


def _change_session(session_id: int, form: SessionForm) -> int:
    """Save what was typed; gives how many people are told."""
    with write(by=viewer().actor, why="Changed a session", at=clock.now()) as session:
        offered = session_to_manage(session, viewer(), session_id)
        stood, now = offering.plan_of(offered), clock.now()
        plan = offering.with_its_deadline(session, offered, form.plan(), today=clock.today())
        before = how_it_stood(session, offered, now=now)
        told = offering.edit_session(session, session_id=session_id, revision=form.revision.seen, plan=plan, now=now)
        effects = effects_of(session, offered, stood=before, told=told, now=now)
        check_sure(session, plan, stood=stood, effects=effects)
    return told


def _told_of_change(told: int) -> str:
    if not told:
        return ""
    return ngettext(
        "%(num)d person is told by mail of the new time or place.",
        "%(num)d people are told by mail of the new time or place.",
        told,
    )


def _consequence(offered: ActivitySession) -> str:
    """What saving a session does to others, for the foot of its form."""
    if offered.state is SessionState.DRAFT:
        return _("Nobody sees a draft but its coordinators.")
    concerned = _people_concerned(offered.id)
    if not concerned:
        return _("Nobody is registered yet, so nobody is told.")
    return ngettext(
        "%(num)d person will be told if time or place change.",
        "%(num)d people will be told if time or place change.",
        concerned,
    )


def _people_concerned(session_id: int) -> int:
    """How many have this session in their plans: who is in it, and who runs it."""
    return len(concerned(db.session(), [session_id], today=clock.today())[session_id])


@requires(*STAFF)
def publish_session(session_id: int) -> Response:
    """Show a draft to researchers."""
    with write(by=viewer().actor, why="Published a session", at=clock.now()) as session:
        session_to_manage(session, viewer(), session_id)
        publishing.publish_draft(session, session_id=session_id, now=clock.now())
    flash(_("Published: researchers see it in the catalogue now."), "good")
    return redirect(url_for("activities.session", session_id=session_id))


@requires(*STAFF)
def delete_draft(session_id: int) -> str | Response:
    """Throw a draft away; asks first, since it cannot be had back."""
    if request.method == "GET":
        offered = session_to_manage(db.session(), viewer(), session_id)
        return render_template("activities/delete_draft.html", offered=offered)
    with write(by=viewer().actor, why="Threw a draft away", at=clock.now()) as session:
        offered = session_to_manage(session, viewer(), session_id)
        activity_id = offered.activity_id
        offering.delete_draft(session, session_id=session_id)
    flash(_("The draft is gone and its rooms are free."), "good")
    return redirect(url_for("activities.activity", activity_id=activity_id))


#: Buttons that add a row to the form or take one away, and save nothing.
_ON_THE_FORM = ("add_requirement", "add_alternative", "take_away")


def _activity_form(activity: Activity | None = None) -> ActivityForm:
    """The form as sent, with one row more or less by its buttons; on a first visit as the activity is."""
    form = ActivityForm()
    form.kind.choices = [Choice("", _("Choose one"))]
    form.kind.choices += [Choice(code, name) for code, name in _kind_names().items()]
    if activity is not None and not form.is_submitted():
        form.fill(activity, requirements_of(db.session(), activity.id))
    for button in _ON_THE_FORM:
        if button in request.form:
            form.press(button, request.form[button])
    form.offer_choices(
        [(found.id, found.short_name) for found in programmes.programmes(db.session())],
        queries.titles_to_name(db.session(), viewer=viewer(), besides=activity),
    )
    return form


def _is_to_be_saved(form: ActivityForm) -> bool:
    return request.form.keys().isdisjoint(_ON_THE_FORM) and bool(form.validate())


def _own_text(form: ActivityForm) -> offering.ActivityText:
    text = form.text()
    if not access.may_manage_activity(viewer(), frozenset(text.programmes)):
        raise Refused(NOT_YOURS, field="programmes")
    return text


def _kind_names() -> dict[str, str]:
    return programmes.activity_kind_names(db.session())
