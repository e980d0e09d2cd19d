"""The list of those who may join an activity that is by invitation."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.activities import queries
from dsbs.activities.rules.conditions import ConditionKind
from dsbs.activities.service import inviting
from dsbs.activities.views.adding import InvitingForm, look_up, names_in_words, people_meant
from dsbs.activities.views.looking_up import activity_to_manage, page_of_person
from dsbs.core import clock
from dsbs.core.access import STAFF, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.language import ngettext
from dsbs.core.refusals import Refused
from dsbs.core.template import confirm


@requires(*STAFF)
def invitations(activity_id: int) -> str | Response:
    """Everybody on the list; more are looked up by name, typed, or pasted. Nobody is told until the mail is sent."""
    activity = activity_to_manage(db.session(), viewer(), activity_id)
    form = InvitingForm()
    if not form.look_up.data and form.validate_on_submit():
        try:
            added, passed_over = _invite(activity_id, form)
            told = ngettext("%(num)d person is on the list now", "%(num)d more people are on the list now", added)
            confirm(told if added else _("Nobody was added"), passed_over)
            return redirect(url_for("activities.invitations", activity_id=activity_id))
        except Refused as refused:
            form.refuse(refused)
    invited = queries.invitations_of(db.session(), activity_id)
    inside = {invitation.person_id for invitation in invited}
    return render_template(
        "activities/invitations.html",
        activity=activity,
        invited=invited,
        untold=sum(invitation.told_at is None for invitation in invited),
        counts=any(row.kind is ConditionKind.INVITED for row in activity.conditions),
        has_session=bool(queries.open_sessions_of(db.session(), activity_id, now=clock.now())),
        form=form,
        looked_up=look_up(db.session(), viewer(), None, form, inside=inside) if form.is_submitted() else "",
        page_of_person=page_of_person,
    )


def _invite(activity_id: int, form: InvitingForm) -> tuple[int, str]:
    """Put all of the people named on the list, or nobody: how many are new, and who was on it already in words."""
    with write(by=viewer().actor, why="Invited people", at=clock.now()) as session:
        activity_to_manage(session, viewer(), activity_id)
        found = people_meant(session, viewer(), form)
        added = inviting.invite(session, activity_id=activity_id, people=found)
        known = [person.name for person in found if person not in added]
    return len(added), _("On it already: %(names)s.", names=names_in_words(known)) if known else ""


@requires(*STAFF)
def tell_invited(activity_id: int) -> Response:
    """Mail the invitation to everybody on the list who was not told."""
    with write(by=viewer().actor, why="Mailed an invitation", at=clock.now()) as session:
        activity_to_manage(session, viewer(), activity_id)
        told = inviting.tell_invited(session, activity_id=activity_id, now=clock.now())
    confirm(
        ngettext("%(num)d person is invited by mail", "%(num)d people are invited by mail", told)
        if told
        else _("Everybody on the list was told already")
    )
    return redirect(url_for("activities.invitations", activity_id=activity_id))


@requires(*STAFF)
def uninvite(activity_id: int, invitation_id: int) -> Response:
    """Take somebody off the list; she is not told, and keeps a seat that she has."""
    with write(by=viewer().actor, why="Took somebody off a list of invited people", at=clock.now()) as session:
        activity_to_manage(session, viewer(), activity_id)
        name = inviting.uninvite(session, activity_id=activity_id, invitation_id=invitation_id).name
    confirm(_("%(name)s is off the list", name=name), _("A seat that was taken already stays."))
    return redirect(url_for("activities.invitations", activity_id=activity_id))
