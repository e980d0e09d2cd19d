"""The register of messages for administrators, and for everybody those to herself."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from config import Settings
from dsbs.core import clock
from dsbs.core.access import Role, requires, signed_in, viewer
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.filters import number_asked, page_asked, search_chips, without
from dsbs.core.language import KNOWN
from dsbs.core.refusals import NotFound
from dsbs.core.template import confirm, url_with
from dsbs.mail import access, as_html, queries, service, words
from dsbs.mail.marks import hidden
from dsbs.mail.models import Message
from dsbs.mail.outgoing import rendered_of
from dsbs.mail.recipients import Recipient
from dsbs.mail.rules import MessageState

#: Where the feature that shows people puts its answer: a function of an id, which gives the address of that person's
#: page, or None when the viewer may not see it.
PAGE_OF_PERSON = "dsbs.page_of_person"


@requires(Role.ADMINISTRATOR)
def register() -> str:
    """Every message of the school, newest first, with the filters beside it."""
    wanted = _wanted()
    counts = queries.counts_by_state(db.session())
    templates = queries.templates_used(db.session())
    return render_template(
        "mail/pages/register.html",
        found=queries.register(db.session(), viewer(), wanted, page=page_asked()),
        wanted=wanted,
        states=[
            (state.value, words.state_pill(state)[1], counts.get(state, 0))
            for state in MessageState
            if state in counts or state in wanted.states
        ],
        templates=[(name, words.letter_name(name), None) for name in templates],
        chips=_chips(wanted),
        mailbox_is_open=access.mailbox_is_open(cast(Settings, current_app.config["SETTINGS"])),
        page_of=_page_of,
        words=words,
    )


@signed_in
def own_messages() -> str:
    """Every message that was sent to the viewer."""
    found = queries.sent_to(db.session(), viewer(), page=page_asked())
    return render_template("mail/pages/own.html", found=found, words=words)


@signed_in
def message(message_id: int) -> str:
    """One message: what it says and, for administrators, its way."""
    found = queries.message_in_full(db.session(), viewer(), message_id)
    rendered = rendered_of(found)
    return render_template(
        "mail/pages/detail.html",
        message=found,
        subject=rendered.subject if rendered else words.letter_name(found.template),
        paragraphs=words.paragraphs(hidden(rendered.text)) if rendered else None,
        language=KNOWN.get(found.language, found.language),
        failure=found.steps[-1] if found.state is MessageState.FAILED else None,
        program=SYSTEM.name,
        can_send_again=viewer().is_administrator and found.state is MessageState.FAILED,
        person_page=_page_of(found),
        own=found.person_id == viewer().id,
        words=words,
    )


@signed_in
def message_html(message_id: int) -> Response:
    """One message as mail programs show it."""
    rendered = rendered_of(queries.message_in_full(db.session(), viewer(), message_id))
    if rendered is None:
        raise NotFound
    return as_html.answer(hidden(rendered.html))


@requires(Role.ADMINISTRATOR)
def send_again(message_id: int) -> Answer:
    """Send a failed message again, to the person's address as it is now."""
    now = clock.now()
    with write(by=viewer().actor, why="Sent a message again", at=now) as session:
        found = queries.message_in_full(session, viewer(), message_id)
        service.send_again(session, message=found, now=now, to=_recipient_now(found.person_id))
        address = found.recipient_address
    confirm(_("The message leaves again"), _("It goes to %(address)s within a minute.", address=address))
    return redirect(url_for("mail.message", message_id=message_id))


def _recipient_now(person_id: int | None) -> Recipient | None:
    """The person as she is known now: a wrong address is put right on her page, not here."""
    if person_id is None:
        return None
    known_as = cast("Callable[[int], Recipient]", current_app.extensions["dsbs.recipient_of"])
    return known_as(person_id)


def _page_of(message: Message) -> str | None:
    """The address of the page of the person whom it is for, when there is one that the viewer may see."""
    known = cast("Callable[[int], str | None] | None", current_app.extensions.get(PAGE_OF_PERSON))
    return known(message.person_id) if known and message.person_id is not None else None


def _wanted() -> queries.Filter:
    states = [state for state in MessageState if state.value in request.args.getlist("state")]
    return queries.Filter(
        states=tuple(states),
        templates=tuple(request.args.getlist("letter")),
        search=request.args.get("q", "").strip()[:200],
        person_id=number_asked("person"),
    )


def _chips(wanted: queries.Filter) -> list[tuple[str, str]]:
    chips = [(words.state_pill(state)[1], without("state", state.value)) for state in wanted.states]
    chips += [(words.letter_name(name), without("letter", name)) for name in wanted.templates]
    if wanted.person_id is not None:
        chips.append((_("One person"), url_with(person=None, page=None)))
    return chips + search_chips(wanted.search)
