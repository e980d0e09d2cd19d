"""A change of a session that goes on to those that follow: all that it does is shown first, then done in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from flask import render_template, request
from flask_babel import gettext as _

from dsbs.activities import series as reads
from dsbs.activities.effects import NewClash
from dsbs.activities.following import Becoming, Chosen
from dsbs.activities.forms import ScopeForm, SessionForm
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import SessionPlan
from dsbs.activities.rules.series import Aspect
from dsbs.activities.service import following
from dsbs.activities.service.following import Done
from dsbs.activities.views.aspects import name_of, names_of, value_in_words
from dsbs.activities.views.effects import effects_in_words
from dsbs.activities.views.looking_up import session_to_manage
from dsbs.activities.views.planning import doubt_in_words, typed
from dsbs.agenda import venue_queries
from dsbs.core import clock, dates
from dsbs.core.access import viewer
from dsbs.core.db import db, write
from dsbs.core.errors import sentence_of
from dsbs.core.language import ngettext


class LookFirst(Exception):
    """The change can be saved as far as ``done`` says, but its planner has not seen all of it. Nothing is written."""

    def __init__(self, done: Sequence[Done]) -> None:
        super().__init__(done)
        self.done = done


@dataclass(frozen=True)
class Also:
    """A box to tick: let a session follow in this aspect all the same."""

    value: str
    words: str
    is_ticked: bool


@dataclass(frozen=True)
class Line:
    """One session of the preview, in words. ``is_kept`` is None for the edited session, which has no box."""

    session_id: int
    when: str
    then: str | None
    changes: str
    sentences: Sequence[str]
    also: Sequence[Also]
    is_kept: bool | None
    is_refused: bool


def offer_scopes(form: ScopeForm, offered: ActivitySession, now: datetime) -> int:
    """Let the form go on to the sessions that follow, where there are any and this one has not begun; how many."""
    follow = len(reads.following_ids(db.session(), offered, now=now)) if offered.starts_at > now else 0
    if follow:
        form.offer_scopes(
            _("Only this session"),
            ngettext("This one and the one that follows", "This one and the %(num)d that follow", follow),
            chosen=request.args.get("scope") if request.method == "GET" else None,
        )
    return follow


def change_with_following(session_id: int, form: SessionForm) -> Sequence[Done]:
    """Save what was typed, for the session and those that follow. Raises ``LookFirst`` until all of it was seen."""
    now = clock.now()
    with write(by=viewer().actor, why="Changed a session and those that follow", at=now) as session:
        session_to_manage(session, viewer(), session_id)
        done = following.change_following(
            session,
            session_id=session_id,
            revision=form.revision.seen,
            plan=form.plan(),
            chosen=_chosen(reads.following_ids(session, session.get_one(ActivitySession, session_id), now=now)),
            language=dates.language(),
            now=now,
        )
        seen = set(request.form.get("seen", "").split())
        if request.form.get("step") != "save" or _is_stopped(done) or not seen.issuperset(_tokens(done)):
            raise LookFirst(done)
    return done


def _chosen(follower_ids: Sequence[int]) -> Chosen:
    """What is ticked in the preview; before it was shown everybody follows, and nobody who differed."""
    if request.form.get("step") not in ("save", "look"):
        return Chosen()
    kept = set(request.form.getlist("with", type=int))
    also = {
        (id_, aspect) for id_ in follower_ids for aspect in Aspect if f"{id_}-{aspect}" in request.form.getlist("also")
    }
    return Chosen(left_out=[id_ for id_ in follower_ids if id_ not in kept], also=also)


def _is_stopped(done: Sequence[Done]) -> bool:
    """Whether a session that cannot be changed so is not left out."""
    return any(one.becoming.refusal is not None and not one.becoming.is_left_out for one in done)


def _tokens(done: Sequence[Done], *, shown: bool = False) -> list[str]:
    """By what it is known again that somebody has seen what becomes of each session that is changed, or is shown."""
    found = []
    for one in done:
        own = one.becoming.session_id
        if shown or one.becoming.is_written:
            found.append(f"{own}.{one.becoming.revision}")
            found += [f"{own}-{effect.token}" for effect in one.effects]
            found += [f"{own}-{crc32(repr(doubt).encode())}" for doubt in one.doubts]
    return found


def look_first(found: LookFirst, offered: ActivitySession) -> str:
    """The page that shows what becomes of each session, and sends all that was typed again."""
    venues = {venue.id: venue.place for venue in venue_queries.venues(db.session())}
    lines = [_line(one, venues, is_edited=place == 0) for place, one in enumerate(found.done)]
    return render_template(
        "activities/look_first.html",
        activity=offered.activity,
        lines=lines,
        sums=_sums(found.done),
        seen=" ".join(_tokens(found.done, shown=True)),
        typed=typed(),
        was_sure=request.form.get("step") == "save",
        stopped=_is_stopped(found.done),
        may_save=found.done[0].becoming.refusal is None
        and any(one.becoming.plan != one.becoming.stood for one in found.done),
    )


def _line(one: Done, venues: dict[int, str], *, is_edited: bool) -> Line:
    becoming = one.becoming
    stood, plan = _span(becoming.stood), _span(becoming.plan)
    sentences = [sentence_of(becoming.refusal)] if becoming.refusal else []
    if not (becoming.refusal or becoming.is_left_out or becoming.is_written):
        sentences.append(_("Stays as it is."))
    sentences += [doubt_in_words(doubt) for doubt in one.doubts]
    return Line(
        session_id=becoming.session_id,
        when=stood,
        then=plan if plan != stood else None,
        changes=names_of(aspect for aspect in Aspect if aspect in becoming.aspects),
        sentences=[*sentences, *effects_in_words(one.effects)],
        also=[_also(becoming, aspect, venues) for aspect in becoming.differs],
        is_kept=None if is_edited else not becoming.is_left_out,
        is_refused=becoming.refusal is not None,
    )


def _also(becoming: Becoming, aspect: Aspect, venues: dict[int, str]) -> Also:
    nothing = _("none")
    was, then = (value_in_words(aspect, values, venues) or nothing for values in (becoming.was, becoming.then))
    words = _("%(name)s: it has %(was)s. Let it become %(then)s, too.", name=name_of(aspect), was=was, then=then)
    return Also(f"{becoming.session_id}-{aspect}", words, aspect in becoming.aspects)


def _span(plan: SessionPlan) -> str:
    first = min(plan.meetings, key=lambda meeting: meeting.start)
    return dates.span(first.start, first.end)


def _sums(done: Sequence[Done]) -> list[str]:
    """What it comes to, over all sessions."""
    written = [one for one in done if one.becoming.is_written]
    clashing = {effect.clash.person_id for one in written for effect in one.effects if isinstance(effect, NewClash)}
    refused = sum(one.becoming.refusal is not None and not one.becoming.is_left_out for one in done)
    doubtful = sum(bool(one.doubts) for one in written)
    said = [
        (len(written), ngettext("%(num)d session changes.", "%(num)d sessions change.", len(written))),
        (len({person_id for one in written for person_id in one.told}), told_in_words(done)),
        (
            len(clashing),
            ngettext("%(num)d person then has a clash.", "%(num)d people then have a clash.", len(clashing)),
        ),
        (doubtful, ngettext("%(num)d session needs a look.", "%(num)d sessions need a look.", doubtful)),
        (
            refused,
            ngettext(
                "%(num)d session cannot be changed so: leave it out, or change what you typed.",
                "%(num)d sessions cannot be changed so: leave them out, or change what you typed.",
                refused,
            ),
        ),
    ]
    return [sentence for count, sentence in said if count]


def told_in_words(done: Sequence[Done]) -> str:
    """How many people are told, and in how many sessions; empty where nobody is."""
    people = {person_id for one in done for person_id in one.told}
    if not people:
        return ""
    return ngettext("%(num)d person is told by mail.", "%(num)d people are told by mail.", len(people))
