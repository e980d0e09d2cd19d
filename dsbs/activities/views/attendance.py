"""Who was there: the list of one meeting, ticked on a phone at the door or later at a desk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length, Optional

from dsbs.accounts.models import Person
from dsbs.accounts.rules import folded
from dsbs.activities import access, queries, records
from dsbs.activities.attending import OPENS_BEFORE, Presence, needs_reason
from dsbs.activities.models import ActivitySession, Meeting
from dsbs.activities.records import Line
from dsbs.activities.rules import Mode, SessionState
from dsbs.activities.service import ticking
from dsbs.activities.service.ticking import Tick, Ticked
from dsbs.activities.views.adding import AddingForm, look_up, people_meant
from dsbs.activities.views.looking_up import owners_of, page_of_person, session_to_look_at
from dsbs.activities.views.people import RUNS_SESSIONS
from dsbs.core import clock
from dsbs.core.access import STAFF, Role, requires, viewer
from dsbs.core.addresses import LARGEST_ID
from dsbs.core.db import db, write
from dsbs.core.forms import Form
from dsbs.core.language import ngettext
from dsbs.core.refusals import NotFound, Refused
from dsbs.core.template import confirm

#: Nobody looks for a name in a shorter list.
_LONG = 20
#: A confirmation travels in the session cookie, which holds little.
_MOST_NAMED = 10
#: More than any page shows.
_MOST_SENT = 10_000

_SHOWN, _WANTED = "was-", "mark-"
_WHY = "Ticked who was there"


class TicksForm(Form):
    """The list of a meeting: its ticks are read beside it, one group of choices for each person."""

    q = StringField(_l("Find a name"), validators=[Optional(), Length(max=100)])
    reason = StringField(_l("Reason"), validators=[Optional(), Length(max=300)])


@dataclass(frozen=True, slots=True)
class Row:
    """One person on the page: what it showed of her, and what is ticked now."""

    person: Person
    tick: Tick
    reason: str | None
    registered: bool


@requires(*RUNS_SESSIONS)
def attendance(session_id: int) -> str | Response:
    """Everybody who is expected at a meeting, by family name; what is sent is written as far as it was changed.

    Looking for a name saves what is ticked so far, so that nothing is lost.
    """
    offered = session_to_look_at(db.session(), viewer(), session_id)
    meeting, form = _meeting_of(offered), TicksForm(data={"q": request.args.get("q", "")[:100]})
    if form.is_submitted() and not _may_tick(offered):
        raise NotFound
    sent = _sent() if form.is_submitted() else {}
    if form.validate_on_submit():
        try:
            _say(offered, meeting, *_tick(offered, meeting, form, sent))
            return redirect(_address(offered, meeting, form.q.data))
        except Refused as refused:
            form.refuse(refused)
    return _page(offered, meeting, form, AddingForm(formdata=None), sent)


@requires(*STAFF, Role.ORGANISER)
def add_at_door(session_id: int) -> str | Response:
    """Note somebody as present who is not on the list, with a seat where one is needed."""
    offered = session_to_look_at(db.session(), viewer(), session_id)
    if not _may_tick(offered):
        raise NotFound
    meeting, form = _meeting_of(offered), AddingForm()
    if not form.look_up.data and form.validate_on_submit():
        try:
            _say_added(offered, meeting, *_add(offered, meeting, form))
            return redirect(_address(offered, meeting))
        except Refused as refused:
            form.refuse(refused)
    return _page(offered, meeting, TicksForm(formdata=None), form, {})


def _may_tick(offered: ActivitySession) -> bool:
    return access.may_tick(viewer(), owners_of(offered))


def _meeting_of(offered: ActivitySession) -> Meeting:
    """The meeting that the address names, else the latest at which people can be ticked, else the first."""
    wanted = request.args.get("meeting", type=int)
    if wanted is not None:
        found = next((meeting for meeting in offered.meetings if meeting.id == wanted), None)
        if found is None:
            raise NotFound
        return found
    begun = [meeting for meeting in offered.meetings if meeting.slot.start - OPENS_BEFORE <= clock.now()]
    return begun[-1] if begun else offered.meetings[0]


def _address(offered: ActivitySession, meeting: Meeting, search: str | None = None) -> str:
    return url_for("activities.attendance", session_id=offered.id, meeting=meeting.id, q=search or None)


def _sent() -> Mapping[int, Tick]:
    """What the page showed and what it says now, by person. "All the others" stands for who is not ticked at all.

    Raises ``NotFound`` for what no page sends.
    """
    names = [name for name in request.form if name.startswith(_SHOWN)]
    if len(names) > _MOST_SENT:
        raise NotFound
    others = _presence(request.form.get("others", ""))
    found = {}
    for name in names:
        number, shown = name.removeprefix(_SHOWN), request.form[name]
        if not (number.isascii() and number.isdecimal() and len(number) < 11 and int(number) <= LARGEST_ID):
            raise NotFound
        tick = Tick(_presence(shown), _presence(request.form.get(_WANTED + number, shown)))
        found[int(number)] = Tick(None, others) if tick == (None, None) else tick
    return found


def _presence(value: str) -> Presence | None:
    if value not in ("", *Presence):
        raise NotFound
    return Presence(value) if value else None


def _tick(
    offered: ActivitySession, meeting: Meeting, form: TicksForm, sent: Mapping[int, Tick]
) -> tuple[Ticked, Mapping[int, str]]:
    """Write what was changed; what was found and kept comes with the names of whom it is about."""
    reason, now = form.reason.data or "", clock.now()
    with write(by=viewer().actor, why=_why(reason), at=now) as session:
        _still_may(offered.id)
        done = ticking.tick(session, meeting_id=meeting.id, ticks=sent, by_id=viewer().id, reason=reason, now=now)
        lines = records.list_of(session, session_id=offered.id, meeting_id=meeting.id)
        return done, {line.person.id: line.person.name for line in lines}


def _add(offered: ActivitySession, meeting: Meeting, form: AddingForm) -> tuple[list[str], Ticked, Mapping[int, str]]:
    """Add all of the people named, or nobody: the names of who got a seat by it, what was noted, who was named."""
    reason, now = form.reason.data or "", clock.now()
    with write(by=viewer().actor, why=_why(reason), at=now) as session:
        _still_may(offered.id)
        people = people_meant(session, viewer(), form)
        added, done = ticking.add_at_door(
            session, meeting_id=meeting.id, people=people, by_id=viewer().id, reason=reason, now=now
        )
        return [person.name for person in added], done, {person.id: person.name for person in people}


def _still_may(session_id: int) -> None:
    """Ask again inside the write scope, where nobody can take the viewer's part in between."""
    if not _may_tick(queries.session_in_full(db.session(), session_id)):
        raise NotFound


def _why(reason: str) -> str:
    return f"{_WHY}: {reason}" if reason else _WHY


def _say(offered: ActivitySession, meeting: Meeting, done: Ticked, names: Mapping[int, str]) -> None:
    lines = records.list_of(db.session(), session_id=offered.id, meeting_id=meeting.id)
    title = _("Saved: %(counts)s", counts=_counts(lines)) if done.written else _("Nothing was changed")
    confirm(title, _kept_in_words(done, names))


def _say_added(
    offered: ActivitySession, meeting: Meeting, added: Sequence[str], done: Ticked, names: Mapping[int, str]
) -> None:
    title = ngettext("%(num)d person noted as present", "%(num)d people noted as present", done.written)
    seated = ngettext(
        "%(num)d of them was not registered, and is now; a mail says so.",
        "%(num)d of them were not registered, and are now; a mail says so.",
        len(added),
    )
    confirm(title, " ".join(filter(None, (seated if added else "", _kept_in_words(done, names)))))


def _kept_in_words(done: Ticked, names: Mapping[int, str]) -> str:
    """Whom somebody else ticked differently meanwhile; of many the first ones by name."""
    told = [f"{names[person_id]} ({_words(mark)})" for person_id, mark in done.kept.items() if person_id in names]
    if not told:
        return ""
    more = len(told) - _MOST_NAMED
    people = ", ".join(told[:_MOST_NAMED]) + (_(" and %(more)d more", more=more) if more > 0 else "")
    return _("Somebody else ticked meanwhile, and that stays: %(people)s.", people=people)


def _words(mark: Presence | None) -> str:
    words = {Presence.PRESENT: _("present"), Presence.ABSENT: _("absent"), Presence.EXCUSED: _("excused")}
    return words[mark] if mark else _("not ticked")


def _counts(lines: Sequence[Line]) -> str:
    """``18 present, 2 absent, 1 excused, 9 not ticked``; what nobody is stays unsaid, but for who is present."""
    counted = Counter(line.mark for line in lines)
    order = (*Presence, None)
    return ", ".join(f"{counted[mark]} {_words(mark)}" for mark in order if counted[mark] or mark is Presence.PRESENT)


def _page(
    offered: ActivitySession, meeting: Meeting, form: TicksForm, adding: AddingForm, sent: Mapping[int, Tick]
) -> str:
    lines = records.list_of(db.session(), session_id=offered.id, meeting_id=meeting.id)
    now, search = clock.now(), (request.args.get("q", "") or "")[:100].replace("\0", "")
    inside = {line.person.id for line in lines if line.mark}
    is_open, is_late = meeting.slot.start - OPENS_BEFORE <= now, needs_reason(meeting.slot.end, now, clock.zone())
    form.reason.flags.optional = adding.reason.flags.optional = not is_late
    return render_template(
        "activities/attendance.html",
        offered=offered,
        meeting=meeting,
        rows=_rows(lines, search, sent),
        everybody=len(lines),
        counts=_counts(lines),
        search=search,
        is_long=len(lines) > _LONG,
        form=form,
        adding=adding,
        looked_up=look_up(db.session(), viewer(), offered.id, adding, inside=inside) if adding.is_submitted() else "",
        needs_reason=is_late,
        opens=meeting.slot.start - OPENS_BEFORE,
        is_open=is_open,
        may_tick=_may_tick(offered) and is_open and offered.state is SessionState.PUBLISHED,
        takes_seat=offered.mode is not Mode.OPEN and now < offered.ends_at,
        words={mark: _words(mark) for mark in (*Presence, None)},
        page_of_person=page_of_person,
        address=_address(offered, meeting, search),
        may_look_up=access.may_manage_activity(viewer(), owners_of(offered).programmes),
    )


def _rows(lines: Sequence[Line], search: str, sent: Mapping[int, Tick]) -> list[Row]:
    """The people whose names hold the words looked for; what was sent and refused stays as it was typed."""
    wanted = folded(search).split()
    return [
        Row(line.person, sent.get(line.person.id, Tick(line.mark, line.mark)), line.reason, line.registered)
        for line in lines
        if line.person.id in sent or all(word in folded(line.person.name) for word in wanted)
    ]
