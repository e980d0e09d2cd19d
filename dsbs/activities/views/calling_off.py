"""Calling a session off, alone or with those of its series that follow: who will be told is said first."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.activities import queries
from dsbs.activities.forms import CallOffForm
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import SessionState
from dsbs.activities.series import concerned, following_ids
from dsbs.activities.service import following, offering
from dsbs.activities.views.looking_up import session_to_manage
from dsbs.core import clock
from dsbs.core.access import STAFF, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.language import ngettext
from dsbs.core.refusals import Refused
from dsbs.core.template import confirm


@requires(*STAFF)
def call_off(session_id: int) -> str | Response:
    """Call a published session off, and those that follow if that is chosen: says first how many will be told."""
    offered = session_to_manage(db.session(), viewer(), session_id)
    form, followers = CallOffForm(), _followers(offered)
    published = [one for one in followers if one.state is SessionState.PUBLISHED]
    if published:
        _offer_scopes(form, offered, published)
    if form.validate_on_submit():
        try:
            return _with_following(session_id, form) if form.goes_on else _alone(session_id, form.reason.data or "")
        except Refused as refused:
            form.refuse(refused)
    concerns = [offered, *published]
    return render_template(
        "activities/call_off.html",
        form=form,
        offered=offered,
        told=len(_people([offered])),
        drafts=len(followers) - len(published) if published else 0,
        booked=[
            meeting.slot
            for one in concerns
            for meeting in one.meetings
            if meeting.slot.asked_on and meeting.slot.end > clock.now()
        ],
    )


def _followers(offered: ActivitySession) -> Sequence[ActivitySession]:
    ids = following_ids(db.session(), offered, now=clock.now()) if offered.starts_at > clock.now() else ()
    return queries.sessions_in_full(db.session(), ids)


def _offer_scopes(form: CallOffForm, offered: ActivitySession, published: Sequence[ActivitySession]) -> None:
    alone, together = len(_people([offered])), len(_people([offered, *published]))
    following_words = ngettext(
        "This one and the one that follows", "This one and the %(num)d that follow", len(published)
    )
    form.offer_scopes(
        _("%(what)s: %(told)s", what=_("Only this session"), told=_told(alone)),
        _("%(what)s: %(told)s", what=following_words, told=_told(together)),
        chosen=request.args.get("scope") if request.method == "GET" else None,
    )


def _told(people: int) -> str:
    if not people:
        return _("nobody is registered, so nobody is told")
    return ngettext("%(num)d person is told by mail", "%(num)d people are told by mail", people)


def _people(sessions: Sequence[ActivitySession]) -> Collection[int]:
    """Who has any of these in her plans."""
    found = concerned(db.session(), [one.id for one in sessions], today=clock.today())
    return {person_id for people in found.values() for person_id in people}


def _alone(session_id: int, reason: str) -> Response:
    with write(by=viewer().actor, why=f"Called off: {reason}", at=clock.now()) as session:
        session_to_manage(session, viewer(), session_id)
        told = offering.cancel_session(session, session_id=session_id, reason=reason, now=clock.now())
    confirm(_("The session is called off"), _told_of_end(told))
    return redirect(url_for("activities.session", session_id=session_id))


def _with_following(session_id: int, form: CallOffForm) -> Response:
    reason = form.reason.data or ""
    with write(by=viewer().actor, why=f"Called off: {reason}", at=clock.now()) as session:
        series_id = session_to_manage(session, viewer(), session_id).series_id
        done = following.call_off_following(
            session, session_id=session_id, reason=reason, drafts_too=bool(form.drafts_too.data), now=clock.now()
        )
    said = ngettext("%(num)d session is called off", "%(num)d sessions are called off", done.sessions)
    drafts = ngettext("%(num)d draft is thrown away.", "%(num)d drafts are thrown away.", done.drafts)
    confirm(said, f"{_told_of_end(done.people)} {drafts if done.drafts else ''}".strip())
    return redirect(url_for("activities.series", series_id=series_id))


def _told_of_end(told: int) -> str:
    if not told:
        return _("Nobody was registered.")
    return ngettext("%(num)d person is told by mail.", "%(num)d people are told by mail.", told)
