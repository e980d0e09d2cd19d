"""Whom a coordinator means when she adds people by hand: looked up by name, typed, or pasted."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import Field, StringField, SubmitField, TextAreaField
from wtforms.form import BaseForm
from wtforms.validators import AnyOf, Length, Optional, StopValidation
from wtforms.widgets import HiddenInput

from dsbs.accounts.models import Person
from dsbs.accounts.rules import folded
from dsbs.activities import offers, queries
from dsbs.activities.clashing import clashes_of_session
from dsbs.activities.forms import ScopeForm, names_in
from dsbs.activities.views.clashing import by_person
from dsbs.core import clock
from dsbs.core.access import Viewer
from dsbs.core.addresses import LARGEST_ID
from dsbs.core.fields import Choice, TicksField, WholeNumberField
from dsbs.core.forms import Form
from dsbs.core.language import ngettext
from dsbs.core.refusals import N_, NotFound, Refused
from dsbs.enrolments import queries as enrolments

#: How many of those found are shown; more words find fewer.
_MOST_FOUND = 10
#: Nobody ticks more boxes than a few look-ups show; a database takes only so many ids at once.
_MOST_TICKED = 1_000
#: A confirmation travels in the session cookie, which holds little.
_MOST_NAMED = 10
#: Nobody pastes more names than a large session has seats; addresses have no such limit.
_MOST_NAMES = 100


def _needed_unless_ticked(form: BaseForm, field: Field) -> None:
    if not field.data and not form["ticked"].data:
        raise StopValidation(_("Name somebody."))


def _person_id(value: object) -> int:
    """The id that a box stands for; what could be no row's is refused like any choice that is not there."""
    sent = str(value)
    if not (sent.isascii() and sent.isdecimal() and len(sent) < 11 and int(sent) <= LARGEST_ID):
        raise ValueError
    return int(sent)


def _needed_beyond_the_seats(form: BaseForm, field: Field) -> None:
    if form["instead"].data and not field.data:
        raise StopValidation(_("Say why; it stands in the history."))


#: What may be done for more people than there are seats.
WAIT, RAISE = "wait", "raise"


class LookingUpForm(Form):
    """People who are ticked among those looked up by name."""

    wanted = StringField(_l("Look up by name"), validators=[Optional(), Length(max=100)])
    look_up = SubmitField(_l("Look up"))
    ticked = TicksField(_l("Add these"), coerce=_person_id, validate_choice=False)


class TeacherForm(ScopeForm, LookingUpForm):
    """Who is to run a session, or those that follow too.

    It stands beside another form of this kind, so its fields have names of their own.
    """

    ticked = TicksField(_l("Name as teacher"), coerce=_person_id, validate_choice=False)
    organiser = StringField(_l("Mail address or personnel number"), validators=[_needed_unless_ticked])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="teacher-", **kwargs)


class InvitingForm(LookingUpForm):
    """People to name: ticked among those looked up, and a list as it was typed or pasted."""

    people = TextAreaField(_l("Names, mail addresses or personnel numbers"), validators=[_needed_unless_ticked])


class AddingForm(InvitingForm):
    """People to add to a session, with the reason."""

    reason = StringField(
        _l("Reason, for the history"), validators=[_needed_beyond_the_seats, Optional(), Length(max=300)]
    )
    #: Seats for all of them, as the page offered it when there were too few, and what is to be done then.
    enough = WholeNumberField(widget=HiddenInput(), validators=[Optional()])
    instead = StringField(validators=[Optional(), AnyOf([WAIT, RAISE])])


def _ticked(form: LookingUpForm) -> Collection[int]:
    """The ids of those who are ticked, each once. Raises ``NotFound`` for more than the page can have shown."""
    ids = frozenset(form.ticked.data or ())
    if len(ids) > _MOST_TICKED:
        raise NotFound
    return ids


def look_up(
    session: Session, viewer: Viewer, session_id: int | None, form: LookingUpForm, *, inside: Collection[int]
) -> str:
    """Let those be ticked who have these words in their name, after those who are ticked already.

    Only people whom the viewer may list; ``inside`` are in it already and are said so, as is who has something else at
    the time of the session, where it is one. Gives what there is to say of it, nothing unless it was asked for.
    """
    # Looking up is no sending of the form, which would refuse what no name holds.
    today, wanted = clock.today(), (form.wanted.data or "").replace("\0", "")[:100]
    ticked = list(enrolments.people_seen(session, viewer, today=today, ids=_ticked(form)))
    found, total = enrolments.people_found(session, viewer, today=today, search=wanted) if wanted else ([], 0)
    shown = list({person.id: person for person in [*ticked, *found[:_MOST_FOUND]]}.values())
    ids = [person.id for person in shown]
    programmes = _programmes_of(session, ids)
    clashes = clashes_of_session(session, session_id, ids, now=clock.now()) if session_id else ()
    busy = by_person(clashes)
    form.ticked.choices = [Choice(person.id, _line(person, programmes, inside, busy)) for person in shown]
    return _told(wanted, min(len(found), _MOST_FOUND), total) if form.look_up.data else ""


def _programmes_of(session: Session, person_ids: Collection[int]) -> Mapping[int, str]:
    names = {programme.id: programme.short_name for programme in offers.labels(session).programmes}
    enrolled = enrolments.programme_ids_of(session, person_ids, clock.today())
    return {person_id: names[programme_id] for person_id, programme_id in enrolled.items()}


def _line(person: Person, programmes: Mapping[int, str], inside: Collection[int], busy: Mapping[int, str]) -> str:
    about = programmes.get(person.id) or person.mail or ""
    line = f"{person.sorted_name} ({about})" if about else person.sorted_name
    if person.id in busy and person.id not in inside:
        return _("%(person)s, at that time in %(clash)s", person=line, clash=busy[person.id])
    return _("%(person)s, in it already", person=line) if person.id in inside else line


def _told(wanted: str, shown: int, total: int) -> str:
    said: str
    if not wanted:
        said = _("Write a part of the name first.")
    elif not total:
        said = _("Nobody is found by this name. Write less of it, or the mail address below.")
    elif shown < total:
        said = _("Showing %(shown)d of %(total)d. Write more of the name to find fewer.", shown=shown, total=total)
    else:
        said = ngettext("%(num)d person is found.", "%(num)d people are found.", total)
    return said


def people_meant(session: Session, viewer: Viewer, form: InvitingForm) -> list[Person]:
    """Who is ticked and who is named, each once, in this order. Refused when a line names nobody, or several people."""
    ticked = _people_ticked(session, viewer, form)
    lines = re.split(r"[;\n]", form.people.data or "")
    called = _called(session, viewer, [line for line in lines if _is_name(line)])
    typed = list(dict.fromkeys(name for line in lines if not _is_name(line) for name in names_in(line)))
    known, missing = queries.people_named(session, typed)
    missing += [name for name, people in called.items() if not people]
    if missing:
        raise Refused(N_("Not known here: %(names)s. Nobody was added."), field="people", names=", ".join(missing))
    meant = [*ticked, *known, *(_only(name, people) for name, people in called.items())]
    return list({person.id: person for person in meant}.values())


def _people_ticked(session: Session, viewer: Viewer, form: LookingUpForm) -> Sequence[Person]:
    """Who is ticked. Raises ``NotFound`` for somebody whom the viewer may not list."""
    ids = _ticked(form)
    ticked = enrolments.people_seen(session, viewer, today=clock.today(), ids=ids)
    if len(ticked) < len(ids):
        raise NotFound
    return ticked


def teacher_meant(session: Session, viewer: Viewer, form: TeacherForm) -> Person:
    """Who is ticked or named. Refused when nobody is known so, and for more than one."""
    named, missing = queries.people_named(session, names_in(form.organiser.data or ""))
    if missing:
        raise Refused(
            N_("Nobody is known by this mail address or personnel number. Look the name up, or correct it."),
            field="organiser",
        )
    meant = {person.id: person for person in [*_people_ticked(session, viewer, form), *named]}
    if len(meant) != 1:
        raise Refused(N_("Name one person at a time."), field="organiser")
    return next(iter(meant.values()))


def _is_name(entry: str) -> bool:
    """Whether an entry is somebody's full name: several words, without what addresses and numbers have."""
    return len(entry.replace(",", " ").split()) > 1 and not re.search(r"[@<>\d]", entry)


def _called(session: Session, viewer: Viewer, lines: Sequence[str]) -> Mapping[str, Sequence[Person]]:
    """Whom the viewer may list of those who are called as these lines say, whichever name comes first.

    A line with one comma is one name, as in ``De Smet, Jan Willem``: two only when nobody is called like all of it and
    somebody like each part. One with more commas parts whole names.
    """
    read = {
        " ".join(line.split()): [" ".join(part.split()) for part in line.split(",") if part.strip()] for line in lines
    }
    if sum(len(parts) if len(parts) > _ONE_COMMA else 1 for parts in read.values()) > _MOST_NAMES:
        raise Refused(
            N_("These are more than %(most)d names. Add them in parts, or write addresses."),
            field="people",
            most=_MOST_NAMES,
        )
    words = {name: folded(name.replace(",", " ")) for line, parts in read.items() for name in (line, *parts)}
    found = enrolments.people_called_so(session, viewer, set(words.values()), today=clock.today())
    called = {name: found.get(those, ()) for name, those in words.items()}

    def names_on(line: str, parts: Sequence[str]) -> Sequence[str]:
        is_list = len(parts) > _ONE_COMMA or (not called[line] and all(called[part] for part in parts))
        return parts if is_list and all(map(_is_name, parts)) else [line]

    return {name: called[name] for line, parts in read.items() for name in names_on(line, parts)}


#: So many parts has a line with one comma.
_ONE_COMMA = 2


def _only(name: str, people: Sequence[Person]) -> Person:
    if len(people) > 1:
        raise Refused(
            N_("Several people are called %(name)s: %(people)s. Write the mail address of the one you mean."),
            field="people",
            name=name,
            people=", ".join(person.mail or person.personnel_number or person.name for person in people),
        )
    return people[0]


def names_in_words(names: Sequence[str]) -> str:
    """These names; of a long list the first ones, and how many more."""
    told, more = ", ".join(names[:_MOST_NAMED]), len(names) - _MOST_NAMED
    return _("%(names)s and %(more)d more", names=told, more=more) if more > 0 else told
