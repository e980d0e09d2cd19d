"""Recording a suspension: the days, then the dates that move, then saving exactly that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dsbs.core import clock, dates
from dsbs.core.access import Role, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.refusals import Refused
from dsbs.core.template import confirm
from dsbs.enrolments import queries, service, track_queries
from dsbs.enrolments.forms import SuspensionForm
from dsbs.enrolments.models import Enrolment, Suspension
from dsbs.enrolments.service import Move, MovesChanged, digest_of, would_move
from dsbs.enrolments.views.blueprint import blueprint


@blueprint.route("/enrolments/<int:enrolment_id>/suspend", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def suspend(enrolment_id: int) -> str | Response:
    """Record that a track stands still."""
    return _asked(SuspensionForm(), queries.enrolment(db.session(), enrolment_id), None)


@blueprint.route("/suspensions/<int:suspension_id>/edit", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def change_suspension(suspension_id: int) -> str | Response:
    """Change the days of a suspension, give it its end, or take it back."""
    row = track_queries.suspension(db.session(), suspension_id)
    form = SuspensionForm(obj=None if request.form else row)
    return _asked(form, queries.enrolment(db.session(), row.enrolment_id), row)


def _asked(form: SuspensionForm, enrolment: Enrolment, row: Suspension | None) -> str | Response:
    """The page of the days; with days that can be, what moves; with the moves that were seen, the deed."""
    moves: Sequence[Move] | None = None
    if "remove" in request.form or form.validate_on_submit():
        try:
            if form.seen.data:
                return _saved(form, enrolment.id, row.id if row else None)
            moves = would_move(db.session(), enrolment=enrolment, days=_days(form), instead_of=row)
        except MovesChanged as changed:
            form.refuse(changed)
            enrolment = queries.enrolment(db.session(), enrolment.id)
            moves = changed.moves
        except Refused as refused:
            form.refuse(refused)
    if moves is not None:
        form.seen.raw_data, form.seen.data = None, digest_of(moves)
    return render_template(
        "enrolments/suspend.html",
        form=form,
        enrolment=enrolment,
        suspension=row,
        moves=None if moves is None else [_in_words(move) for move in moves],
        removes="remove" in request.form,
    )


def _days(form: SuspensionForm) -> service.Suspended | None:
    return None if "remove" in request.form else form.days()


def _saved(form: SuspensionForm, enrolment_id: int, suspension_id: int | None) -> Response:
    now = clock.now()
    with write(by=viewer().actor, why=_why(suspension_id), at=now) as session:
        enrolment = queries.enrolment_to_edit(session, enrolment_id)
        row = track_queries.suspension(session, suspension_id) if suspension_id is not None else None
        _do(session, form, enrolment, row, now)
    confirm(
        _("The suspension is taken back") if "remove" in request.form else _("The suspension is recorded"),
        _("The dates of the track moved as you saw. She, her supervisors and her coordinators are told the days."),
    )
    return redirect(url_for(".enrolment", enrolment_id=enrolment_id))


def _why(suspension_id: int | None) -> str:
    if "remove" in request.form:
        return "Took a suspension back"
    return "Recorded a suspension" if suspension_id is None else "Changed a suspension"


def _do(session: Session, form: SuspensionForm, enrolment: Enrolment, row: Suspension | None, now: datetime) -> None:
    seen, days = form.seen.data or "", _days(form)
    if days is not None:
        service.suspend(session, enrolment=enrolment, days=days, seen=seen, now=now, instead_of=row)
    elif row is not None:
        service.remove(session, enrolment=enrolment, suspension=row, seen=seen, now=now)


def _in_words(move: Move) -> tuple[str, str, str]:
    """What a preview prints: the milestone, its date now, and then."""
    now = _in_one_line(move.now) if move.now else _("no date yet")
    then = _in_one_line(move.then) if move.then else _("after the return")
    return move.name, now, then


def _in_one_line(day: date) -> str:
    return dates.day(day).replace(" ", "\N{NO-BREAK SPACE}")
