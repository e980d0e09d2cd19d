"""Writing to people in a session or a series: typed, looked at as one of them gets it, sent, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

from flask import Flask, current_app, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired

from dsbs.accounts.models import Person
from dsbs.activities import messages as reads
from dsbs.activities.letters import written_to
from dsbs.activities.messages import About, Addressed, Recipients
from dsbs.activities.models import Registration, SessionMessage
from dsbs.activities.rules import RegistrationState
from dsbs.activities.service import writing
from dsbs.activities.service.writing import TEMPLATE, Written
from dsbs.activities.views.adding import names_in_words
from dsbs.activities.views.matters import Matter, matter_to_write_about
from dsbs.core import clock
from dsbs.core.access import STAFF, Role, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.fields import Choice, RevisionField, TicksField
from dsbs.core.forms import Form
from dsbs.core.language import ngettext
from dsbs.core.refusals import NotFound, Refused
from dsbs.core.template import confirm
from dsbs.mail import as_html, words
from dsbs.mail.rendering import written
from dsbs.mail.rules import OPEN, MessageState

#: Who may come; which session or series is for ``access`` to say.
RUNS = (*STAFF, Role.ORGANISER)
#: How somebody in a session stands, in words.
GROUPS = {
    RegistrationState.REGISTERED: _l("Registered"),
    RegistrationState.OFFERED: _l("A seat is offered"),
    RegistrationState.WAITING: _l("Waiting list"),
    RegistrationState.REQUESTED: _l("Asked for a seat"),
    RegistrationState.CALLED_OFF: _l("Registered when it was called off"),
}


class WritingForm(Form):
    """A message to people. ``revision`` is that of the draft on the screen, empty for a new one."""

    revision = RevisionField()
    states = TicksField(_l("To everybody who is"), validate_choice=False)
    people = TicksField(_l("To these people"), coerce=int, validate_choice=False)
    subject = StringField(_l("Subject"), validators=[DataRequired(_l("Give it a subject."))])
    text = TextAreaField(_l("Message"), validators=[DataRequired(_l("Write what you want to say."))])

    def fill(self, draft: SessionMessage) -> None:
        """Show a draft as it stands."""
        self.revision.data, self.subject.data, self.text.data = str(draft.revision), draft.subject, draft.text
        self.states.data, self.people.data = list(draft.states), list(draft.person_ids)

    def offer(self, registrations: Sequence[Registration]) -> None:
        """Let those be ticked who are in the session: all who stand alike, and whoever was chosen in the list."""
        counts = Counter(state for state, _id in {(found.state, found.person_id) for found in registrations})
        self.states.choices = [
            Choice(state.value, f"{name} ({counts[state]})") for state, name in GROUPS.items() if counts[state]
        ]
        chosen = set(self.people.data or ())
        there = {found.person_id: found.person.sorted_name for found in registrations if found.person_id in chosen}
        self.people.choices = [Choice(id_, name) for id_, name in there.items()]
        self.people.data = list(there)

    def written(self) -> Written:
        """What was typed, as the service takes it, after ``offer``: only what could be ticked counts."""
        ticked = set(self.states.data or ())
        return Written(
            addressed=Addressed(
                states=frozenset(state for state in GROUPS if state.value in ticked),
                person_ids=frozenset(self.people.data or ()),
            ),
            subject=self.subject.data or "",
            text=self.text.data or "",
        )


@requires(*RUNS)
def messages(**about: int) -> str:
    """What was written to the people of a session or a series, the newest first, with what became of it."""
    matter = matter_to_write_about(db.session(), About(**about))
    return render_template(
        "activities/messages.html",
        matter=matter,
        found=reads.messages_of(db.session(), matter.about, page=request.args.get("page", 1, type=int)),
        counts_in_words=counts_in_words,
        anybody=bool(_parts_in(matter)),
    )


@requires(*RUNS)
def write_message(**about: int) -> str | Response:
    """Write to all who stand alike, or to those who were ticked in the list of people (``step`` says ``choose``)."""
    matter = matter_to_write_about(db.session(), About(**about))
    is_fresh = request.method == "GET" or request.form.get("step") == "choose"
    form = WritingForm(formdata=None) if is_fresh else WritingForm()
    if is_fresh:
        form.people.data = request.form.getlist("chosen", type=int)
        form.states.data = [] if form.people.data else [RegistrationState.REGISTERED.value]
    return _typed(matter, form, None)


@requires(*RUNS)
def edit_message(message_id: int, **about: int) -> str | Response:
    """Change what was not sent yet."""
    matter = matter_to_write_about(db.session(), About(**about))
    draft = reads.message(db.session(), message_id, about=matter.about)
    if draft.sent_at is not None:
        return redirect(matter.page("message", message_id=draft.id))
    form = WritingForm() if request.method == "POST" else WritingForm(formdata=None)
    if request.method == "GET":
        form.fill(draft)
    return _typed(matter, form, draft)


def _typed(matter: Matter, form: WritingForm, draft: SessionMessage | None) -> str | Response:
    """Keep what was typed and go on to look at it; what is refused is shown again."""
    registrations = _parts_in(matter)
    form.offer(registrations)
    if request.form.get("step") != "choose" and form.validate_on_submit():
        try:
            kept = _keep(matter.about, form, draft.id if draft else None)
            return redirect(matter.page("message", message_id=kept.id))
        except Refused as refused:
            form.refuse(refused)
            form.offer(_parts_in(matter))
    return render_template(
        "activities/write_message.html", form=form, matter=matter, draft=draft, anybody=bool(registrations)
    )


def _parts_in(matter: Matter) -> Sequence[Registration]:
    return reads.parts_in(db.session(), matter.about, now=clock.now())


def _keep(about: About, form: WritingForm, draft_id: int | None) -> SessionMessage:
    now = clock.now()
    with write(by=viewer().actor, why="Wrote a message", at=now) as session:
        matter_to_write_about(session, about)
        if draft_id is None:
            return writing.write_draft(session, about=about, by_id=viewer().id, written=form.written(), now=now)
        return writing.change_draft(
            session,
            about=about,
            message_id=draft_id,
            revision=form.revision.seen,
            by_id=viewer().id,
            written=form.written(),
            now=now,
        )


@requires(*RUNS)
def message(message_id: int, **about: int) -> str:
    """A draft as one of its recipients would get it, with how many they are; one that was sent, with its copies."""
    matter = matter_to_write_about(db.session(), About(**about))
    found = reads.message(db.session(), message_id, about=matter.about)
    copies = reads.copies_of(db.session(), found.id) if found.sent_at else []
    going = _recipients(matter, found) if not found.sent_at else Recipients([copy[0] for copy in copies], [])
    reader = going.told[0] if going.told else None
    return render_template(
        "activities/message.html",
        matter=matter,
        written=found,
        reader=reader,
        mail=_as_read(found, reader) if reader else None,
        going=going,
        without_address=[person for person in going.told if not person.mail],
        copies=copies,
        counts=counts_in_words(Counter(copy[2] for copy in copies)),
        names_in_words=_names,
        state_pill=words.state_pill,
    )


@requires(*RUNS)
def message_html(message_id: int, **about: int) -> Response:
    """The mail as mail programs show it, to the first of those who get it."""
    matter = matter_to_write_about(db.session(), About(**about))
    found = reads.message(db.session(), message_id, about=matter.about)
    told = [copy[0] for copy in reads.copies_of(db.session(), found.id)] or _recipients(matter, found).told
    if not told:
        raise NotFound
    app = cast(Flask, cast(Any, current_app)._get_current_object())
    to = told[0].recipient
    rendered = written(
        app, template=TEMPLATE, ids=writing.ids_of(found, told[0].id), name=to.name, language=to.language
    )
    return as_html.answer(rendered.html)


class SendingForm(Form):
    """That a message leaves as it was on the screen."""

    revision = RevisionField()


@requires(*RUNS)
def send_message(message_id: int, **about: int) -> Response:
    """Send it to everybody to whom it goes now; a second click finds it sent."""
    with write(by=viewer().actor, why="Sent a message", at=clock.now()) as session:
        matter = matter_to_write_about(session, About(**about))
        sent = writing.send(
            session,
            about=matter.about,
            message_id=message_id,
            revision=SendingForm().revision.seen,
            by_id=viewer().id,
            now=clock.now(),
        )
        told, left_out = len(sent.told), _names(sent.left_out)
    confirm(
        ngettext("The message leaves to one person", "The message leaves to %(num)d people", told),
        _("Left out, since they may no longer sign in: %(names)s.", names=left_out) if left_out else "",
    )
    return redirect(matter.page("message", message_id=message_id))


@requires(*RUNS)
def throw_message_away(message_id: int, **about: int) -> Response:
    """Throw away what was not sent."""
    with write(by=viewer().actor, why="Threw a message away", at=clock.now()) as session:
        matter = matter_to_write_about(session, About(**about))
        writing.throw_away(session, about=matter.about, message_id=message_id)
    confirm(_("The message is thrown away"), _("It was not sent to anybody."))
    return redirect(matter.page("messages"))


def counts_in_words(counts: Counter[MessageState]) -> str:
    """``18 sent, 2 waiting to leave, 1 not delivered``; what none is stays unsaid."""
    waiting = sum(counts[state] for state in OPEN)
    ended = counts.total() - waiting - counts[MessageState.SENT] - counts[MessageState.FAILED]
    told = (
        (counts[MessageState.SENT], _("%(num)d sent", num=counts[MessageState.SENT])),
        (waiting, _("%(num)d waiting to leave", num=waiting)),
        (counts[MessageState.FAILED], _("%(num)d not delivered", num=counts[MessageState.FAILED])),
        (ended, _("%(num)d taken back", num=ended)),
    )
    return ", ".join(sentence for count, sentence in told if count)


def _recipients(matter: Matter, found: SessionMessage) -> Recipients:
    return reads.recipients(_parts_in(matter), Addressed.of(found))


def _as_read(found: SessionMessage, reader: Person) -> object:
    """What the mail says to this reader."""
    return written_to(**writing.ids_of(found, reader.id))["mail"]


def _names(people: Sequence[Person]) -> str:
    return names_in_words([person.name for person in people])
