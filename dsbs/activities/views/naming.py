"""Who runs a session: named for it or for those that follow too, with what clashes shown first; and the end of that."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dsbs.accounts.models import Person
from dsbs.activities import queries
from dsbs.activities.clashing import clashes_with_sessions
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import SEATED, SessionState
from dsbs.activities.series import following_ids
from dsbs.activities.service import following, teaching
from dsbs.activities.service.following import Naming
from dsbs.activities.standing import states
from dsbs.activities.views.adding import AddingForm, TeacherForm, teacher_meant
from dsbs.activities.views.clashing import told_to_others
from dsbs.activities.views.following import offer_scopes
from dsbs.activities.views.looking_up import session_to_manage
from dsbs.activities.views.people import page_of_people
from dsbs.activities.views.planning import typed
from dsbs.agenda.clashes import Clash
from dsbs.core import clock, dates
from dsbs.core.access import STAFF, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.language import ngettext
from dsbs.core.refusals import NotFound, Refused
from dsbs.core.template import confirm


@dataclass(frozen=True)
class Line:
    """One session for which somebody is to be named, in words. ``is_kept`` is None where there is nothing to tick."""

    session_id: int
    when: str
    is_draft: bool
    is_run_already: bool
    clashes: Sequence[str]
    is_kept: bool | None


class LookFirst(Exception):
    """She can be named for ``lines``, but who names her has not seen all of it. Nothing is written."""

    def __init__(self, name: str, lines: Sequence[Line], seen: Sequence[str]) -> None:
        super().__init__(name)
        self.name, self.lines, self.seen = name, lines, seen


@requires(*STAFF)
def add_organiser(session_id: int) -> str | Response:
    """Name somebody who runs this session: she sees it and its people, and nothing else of the programme."""
    offered = session_to_manage(db.session(), viewer(), session_id)
    form = TeacherForm()
    offer_scopes(form, offered, clock.now())
    goes_back = form.look_up.data or request.form.get("step") == "edit"
    if not goes_back and form.validate_on_submit():
        try:
            confirm(*_named_in_words(*_name(session_id, form)))
            return redirect(url_for("activities.people", session_id=session_id))
        except LookFirst as found:
            return _look_first(found, session_to_manage(db.session(), viewer(), session_id))
        except Refused as refused:
            form.refuse(Refused(refused.sentence, field="organiser", **refused.values))
    return page_of_people(offered, AddingForm(formdata=None), form)


def _name(session_id: int, form: TeacherForm) -> tuple[str, int | None]:
    """Her name, and for how many sessions of the series she was named; None where only this one was meant.

    Raises ``LookFirst`` until what clashes was seen.
    """
    with write(by=viewer().actor, why="Named a teacher", at=clock.now()) as session:
        offered = session_to_manage(session, viewer(), session_id)
        person = teacher_meant(session, viewer(), form)
        each = _for_following(session, offered, person) if form.goes_on else _for_one(session, offered, person)
        _check_seen(session, person, each)
        return person.name, sum(one.is_named for one in each) if form.goes_on else None


def _for_one(session: Session, offered: ActivitySession, person: Person) -> Sequence[Naming]:
    teaching.name_organiser(session, session_id=offered.id, person=person, today=clock.today())
    return [Naming(offered, is_run_already=False, is_left_out=False)]


def _for_following(session: Session, offered: ActivitySession, person: Person) -> Sequence[Naming]:
    now = clock.now()
    kept = set(request.form.getlist("with", type=int))
    left_out = set(following_ids(session, offered, now=now)) - kept if _was_asked() else set()
    return following.name_for_following(
        session, session_id=offered.id, person=person, left_out=left_out, now=now, today=clock.today()
    )


def _was_asked() -> bool:
    return request.form.get("step") == "save"


def _check_seen(session: Session, person: Person, each: Sequence[Naming]) -> None:
    clashes = clashes_with_sessions(session, [one.offered.id for one in each], person.id, now=clock.now())
    told = {one.offered.id: clashes.get(one.offered.id, ()) for one in each}
    needed = _tokens(told, [one.offered.id for one in each if one.is_named])
    if (len(each) > 1 and not _was_asked()) or not set(request.form.get("seen", "").split()).issuperset(needed):
        lines = [_line(one, told[one.offered.id], is_first=place == 0) for place, one in enumerate(each)]
        raise LookFirst(person.name, lines, _tokens(told, told))


def _tokens(clashes: Mapping[int, Sequence[Clash]], session_ids: Collection[int]) -> list[str]:
    """By what it is known again that somebody has seen what she has at the times of these sessions."""
    return [f"{id_}-{clash.slot_id}" for id_ in session_ids for clash in clashes[id_]]


def _line(one: Naming, clashes: Sequence[Clash], *, is_first: bool) -> Line:
    return Line(
        session_id=one.offered.id,
        when=dates.span(one.offered.meetings[0].slot.start, one.offered.meetings[0].slot.end),
        is_draft=one.offered.state is SessionState.DRAFT,
        is_run_already=one.is_run_already,
        clashes=[told_to_others(clash) for clash in clashes],
        is_kept=None if is_first or one.is_run_already else not one.is_left_out,
    )


def _look_first(found: LookFirst, offered: ActivitySession) -> str:
    return render_template(
        "activities/name_teacher.html",
        offered=offered,
        name=found.name,
        lines=found.lines,
        clashing=sum(bool(line.clashes) and not line.is_run_already for line in found.lines),
        seen=" ".join(found.seen),
        typed=typed(),
        was_sure=_was_asked(),
    )


def _named_in_words(name: str, sessions: int | None) -> tuple[str, str]:
    if sessions is None:
        return (
            _("%(name)s is a teacher of this session now", name=name),
            _("The session and its people are open to who teaches it, and its meetings stand in that calendar."),
        )
    return (
        ngettext(
            "%(name)s is a teacher of %(num)d session now",
            "%(name)s is a teacher of %(num)d sessions now",
            sessions,
            name=name,
        ),
        _("They and their people are open to who teaches them, and their meetings stand in that calendar."),
    )


@requires(*STAFF)
def end_organiser(session_id: int, grant_id: int) -> str | Response:
    """End somebody's part in running this session, at once; says first what that does, and what it does not."""
    if request.method == "GET":
        return _ask_about_the_end(session_to_manage(db.session(), viewer(), session_id), grant_id)
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


def _ask_about_the_end(offered: ActivitySession, grant_id: int) -> str:
    running = queries.organisers_of(db.session(), session_id=offered.id, today=clock.today())
    grant = next((grant for grant in running if grant.id == grant_id), None)
    if grant is None:
        raise NotFound
    own = states(db.session(), offered.id).get(grant.person_id)
    return render_template(
        "activities/end_organiser.html",
        offered=offered,
        name=grant.person.name,
        keeps_a_seat=own in SEATED,
        is_told=offered.state is SessionState.PUBLISHED and clock.now() < offered.ends_at,
        is_last=len(running) == 1,
    )
