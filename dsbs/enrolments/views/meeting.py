"""Saying that a milestone was met, and setting its date by hand."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.core import clock
from dsbs.core.access import STAFF, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.refusals import NotFound, Refused
from dsbs.core.template import confirm
from dsbs.enrolments import access, queries, service, track_queries
from dsbs.enrolments.forms import MilestoneForm
from dsbs.enrolments.models import Milestone
from dsbs.enrolments.views.blueprint import blueprint


@blueprint.route("/milestones/<int:milestone_id>/edit", methods=["GET", "POST"])
@requires(*STAFF)
def change_milestone(milestone_id: int) -> str | Response:
    """Say when it was met, or set its date by hand; emptied again, it is reckoned as ever."""
    found = _milestone(milestone_id)
    form = MilestoneForm(data={"set_to": found.due_on if found.is_set else None, "met_on": found.met_on})
    if form.validate_on_submit():
        try:
            _save(form, found)
        except Refused as refused:
            form.refuse(refused)
            found = _milestone(milestone_id)
        else:
            confirm(_("Saved"), _("What hangs on it counts from this day."))
            page = url_for(".enrolment", enrolment_id=found.enrolment_id)
            return redirect(f"{page}#milestone-{milestone_id}")
    form.revision.raw_data, form.revision.data = None, found.revision
    return render_template("enrolments/milestone.html", form=form, milestone=found, enrolment=found.enrolment)


def _milestone(milestone_id: int) -> Milestone:
    found = track_queries.milestone(db.session(), milestone_id)
    if not access.may_change_milestones(viewer(), queries.facts_of(found.enrolment)):
        raise NotFound
    return found


def _save(form: MilestoneForm, found: Milestone) -> None:
    why = form.reason.data or "Changed a milestone"
    with write(by=viewer().actor, why=why, at=clock.now()) as session:
        enrolment = queries.enrolment_to_edit(session, found.enrolment_id)
        service.change_milestone(
            session,
            milestone=track_queries.milestone(session, found.id),
            enrolment=enrolment,
            revision=form.revision.data or 0,
            met_on=form.met_on.data,
            set_to=form.set_to.data,
            today=clock.today(),
        )
