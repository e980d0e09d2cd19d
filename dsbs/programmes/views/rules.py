"""The rules of the school, for everybody who looks after a programme or reads the school."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext as _

from dsbs.core import clock
from dsbs.core.access import viewer
from dsbs.core.db import db
from dsbs.programmes import queries, rule_queries
from dsbs.programmes.rule_queries import Line
from dsbs.programmes.service.ruling import known_codes
from dsbs.programmes.tables import TABLES, table_by_word
from dsbs.programmes.views.blueprint import blueprint, readers
from dsbs.programmes.wording import cohort_words, facts, listed, scope_words, spell_words, title


@blueprint.get("/rules")
@readers
def rules() -> str:
    """All tables of rules, with what waits for the school in each."""
    counts = rule_queries.waiting_counts(db.session(), clock.today())
    return render_template("programmes/rules.html", tables=TABLES, counts=counts)


@blueprint.get("/rules/<word>")
@readers
def rule_table(word: str) -> str:
    """The rules of one table: all that are or will be in force, only what waits, or what has ended."""
    table = table_by_word(word)
    found = rule_queries.lines(db.session(), table, clock.today())
    groups = {
        "all": [line for line in found if not line.has_ended],
        "waiting": [line for line in found if line.waits],
        "ended": [line for line in found if line.has_ended],
    }
    show = request.args.get("show", "")
    shown = groups.get(show, groups["all"])
    known, scopes = known_codes(db.session(), table), queries.scope_names(db.session())
    return render_template(
        "programmes/rule_table.html",
        table=table,
        rules=[listed(table, line, known, scopes) for line in shown],
        tabs=_tabs(groups, show if show in groups else "all"),
        may_edit=viewer().is_administrator,
    )


@blueprint.get("/rules/<word>/<int:row_id>")
@readers
def rule(word: str, row_id: int) -> str:
    """One rule with all its versions: what each says, since when, why, and who signed it off."""
    table = table_by_word(word)
    line = rule_queries.line_of_row(db.session(), table, row_id, clock.today())
    known, scopes = known_codes(db.session(), table), queries.scope_names(db.session())
    return render_template(
        "programmes/rule.html",
        table=table,
        line=line,
        title=title(table, line.shown, known),
        scope=scope_words(line.shown, scopes),
        cohorts=cohort_words(line.shown),
        facts={row.id: facts(table, row, known) for row in line.versions},
        spells={row.id: spell_words(row) for row in line.versions},
        made=rule_queries.makings(db.session(), line.versions),
        may_edit=viewer().is_administrator,
    )


def _tabs(groups: dict[str, list[Line]], current: str) -> list[dict[str, object]]:
    words = {"all": _("In force"), "waiting": _("Waits for sign-off"), "ended": _("Ended")}
    return [
        {"key": key, "label": word, "count": len(groups[key]), "current": key == current}
        for key, word in words.items()
        if groups[key] or key != "ended"
    ]
