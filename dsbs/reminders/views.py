"""Reminders: what was sent to whom by which rule, what is coming, and the rules as sentences."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _

from dsbs.core import clock
from dsbs.core.access import STAFF, requires, viewer
from dsbs.core.db import db
from dsbs.core.feature import features
from dsbs.core.filters import number_asked, page_asked, search_chips, without
from dsbs.core.template import Link, url_with
from dsbs.programmes import queries as programmes
from dsbs.programmes import rule_queries
from dsbs.programmes.tables.reminders import ReminderRule, table
from dsbs.programmes.wording import scope_words
from dsbs.reminders import queries, words
from dsbs.reminders.dues import unused
from dsbs.reminders.models import Reminder
from dsbs.reminders.occasions import Occasions, occasions_of
from dsbs.reminders.queries import EventKey, Filter
from dsbs.reminders.rules import Shown, Unused, shown_as

blueprint = Blueprint("reminders", __name__)


@blueprint.get("/reminders")
@requires(*STAFF)
def sent() -> str:
    """The ledger, newest first, with the filters beside it."""
    occasions, wanted = occasions_of(features()), _wanted()
    used = queries.rules_used(db.session())
    return render_template(
        "reminders/sent.html",
        found=queries.ledger(db.session(), viewer(), occasions, wanted, page=page_asked()),
        wanted=wanted,
        states=[(shown.value, words.state_pill(shown)[1], None) for shown in Shown],
        rules=[(rule.line, _named(rule), None) for rule in used],
        chips=_chips(wanted, used),
        tabs=_tabs(),
        shown_of=_shown_of,
        page_of_event=lambda event: _page_of_event(occasions, event),
        page_of_person=_page_of_person,
        words=words,
    )


@blueprint.get("/reminders/coming")
@requires(*STAFF)
def coming() -> str:
    """What will leave in the next thirty days, if nothing changes."""
    occasions = occasions_of(features())
    return render_template(
        "reminders/coming.html",
        found=queries.coming(db.session(), viewer(), occasions, now=clock.now(), page=page_asked()),
        tabs=_tabs(),
        page_of_event=lambda event: _page_of_event(occasions, event),
        words=words,
    )


@blueprint.get("/reminders/rules")
@requires(*STAFF)
def rules() -> str:
    """The rules that hold today or will, as sentences: those at work, and those that are not yet."""
    occasions, scopes = occasions_of(features()), programmes.scope_names(db.session())
    lines = rule_queries.lines(db.session(), table, clock.today())
    shown = [cast(ReminderRule, line.shown) for line in lines if not line.has_ended]
    told: list[dict[str, Any]] = [
        {
            "sentence": words.sentence(row),
            "scope": scope_words(row, scopes),
            "mark": row.mark,
            "condition": row.condition,
            "why_not": words.unused_sentence(why, row) if (why := unused(row, occasions)) else "",
            "is_early": why is Unused.OCCASION,
            "url": url_for("programmes.rule", word=table.word, row_id=row.id),
        }
        for row in shown
    ]
    return render_template(
        "reminders/rules.html",
        at_work=[rule for rule in told if not rule["why_not"]],
        idle=[rule for rule in told if rule["why_not"]],
        tabs=_tabs(),
        table_url=url_for("programmes.rule_table", word=table.word),
        may_edit=viewer().is_administrator,
    )


def _tabs() -> list[Link]:
    names = {"reminders.sent": _("Sent"), "reminders.coming": _("Coming"), "reminders.rules": _("Rules")}
    return [Link(name, url_for(endpoint), "", current=request.endpoint == endpoint) for endpoint, name in names.items()]


def _wanted() -> Filter:
    kind, number = request.args.get("about", ""), number_asked("id")
    return Filter(
        shown=tuple(shown for shown in Shown if shown.value in request.args.getlist("state")),
        lines=tuple(request.args.getlist("rule")),
        search=request.args.get("q", "").strip()[:200],
        event=(kind, number) if kind and number is not None else None,
    )


def _chips(wanted: Filter, used: Any) -> list[tuple[str, str]]:
    named = {rule.line: _named(rule) for rule in used}
    chips = [(words.state_pill(shown)[1], without("state", shown.value)) for shown in wanted.shown]
    chips += [(named.get(line, line), without("rule", line)) for line in wanted.lines]
    if wanted.event is not None:
        chips.append((_("About one thing"), url_with(about=None, id=None, page=None)))
    return chips + search_chips(wanted.search)


def _named(rule: ReminderRule) -> str:
    """The rule as a sentence; one of a faculty or programme says so."""
    return f"{words.sentence(rule)} ({rule.scope_code})" if rule.scope_code else words.sentence(rule)


def _shown_of(reminder: Reminder) -> Shown:
    return shown_as(reminder.state, reminder.message.state if reminder.message else None)


def _page_of_event(occasions: Occasions, event: EventKey) -> str | None:
    found = queries.events_of(occasions).get(event[0])
    return url_for(found.endpoint, **{found.argument: event[1]}) if found else None  # type: ignore[arg-type]


def _page_of_person(person_id: int) -> str | None:
    """The address of a person's page, as the feature that shows people gives it; None where the viewer may not go."""
    known = current_app.extensions.get("dsbs.page_of_person")
    return cast("str | None", known(person_id)) if known else None
