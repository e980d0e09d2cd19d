"""Making rules in two steps: write the new version, look at old and new beside each other, save."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from dsbs.core import clock, dates
from dsbs.core.access import viewer
from dsbs.core.db import db, write
from dsbs.core.refusals import Refused
from dsbs.core.template import confirm
from dsbs.programmes import queries, rule_queries, service
from dsbs.programmes.columns import RuleTable
from dsbs.programmes.forms import RuleForm, rule_form, severity_of, start_of, values_of
from dsbs.programmes.rule_queries import Line
from dsbs.programmes.rule_row import RuleRow
from dsbs.programmes.rules import Mark, Outdated, ScopeKind
from dsbs.programmes.service.ruling import Placement, Terms, known_codes
from dsbs.programmes.tables import table_by_word
from dsbs.programmes.views.blueprint import administrators, blueprint
from dsbs.programmes.wording import Known, changed_words, scope_words, title


@blueprint.route("/rules/<word>/<int:row_id>/edit", methods=["GET", "POST"])
@administrators
def edit_rule(word: str, row_id: int) -> str | Response:
    """Let a new version take over. ``step`` says what a POST wants: edit, preview or save."""
    table, today = table_by_word(word), clock.today()
    line = rule_queries.line_of_row(db.session(), table, row_id, today)
    known = known_codes(db.session(), table)
    form = rule_form(table, known)(
        data={**start_of(table, line.newest), "base": line.newest.id, "in_force_from": today}
    )
    step = request.form.get("step", "edit")
    meanwhile: list[tuple[str, str, str]] = []
    if step != "edit" and form.validate_on_submit():
        try:
            seen = _seen(line, form)
            if step == "preview":
                return _preview(table, seen, form, known)
            row = _replace(table, seen, form)
        except Outdated as outdated:
            form.refuse(outdated)
            line = rule_queries.line_of_row(db.session(), table, row_id, today)
            meanwhile = _meanwhile(table, line, form, known)
        except Refused as refused:
            form.refuse(refused)
        else:
            confirm(_("The new version is saved"), _("It holds from %(day)s.", day=dates.day(form.first)))
            return redirect(url_for(".rule", word=word, row_id=row.id))
    return render_template(
        "programmes/edit_rule.html",
        table=table,
        line=line,
        title=title(table, line.newest, known),
        scope=scope_words(line.newest, queries.scope_names(db.session())),
        form=form,
        meanwhile=meanwhile,
    )


@blueprint.route("/rules/<word>/add", methods=["GET", "POST"])
@administrators
def add_rule(word: str) -> str | Response:
    """Add a rule: a new one, or one for a narrower scope."""
    table = table_by_word(word)
    known, scopes = known_codes(db.session(), table), queries.scope_names(db.session())
    form = rule_form(table, known, scopes=scopes)(data={"in_force_from": clock.today(), "mark": Mark.SOURCED})
    if form.validate_on_submit():
        try:
            row = _add(table, form)
        except Refused as refused:
            form.refuse(refused)
        else:
            confirm(_("The rule is added"), _("It holds from %(day)s.", day=dates.day(form.first)))
            return redirect(url_for(".rule", word=word, row_id=row.id))
    return render_template("programmes/add_rule.html", table=table, form=form)


def _seen(line: Line, form: RuleForm) -> RuleRow:
    """The version that this page was opened with; one that is not the newest any more is outdated."""
    if line.newest.id != form.base.data:
        raise Outdated
    return line.newest


def _terms(form: RuleForm, table: RuleTable, seen: RuleRow | None = None) -> Terms:
    return Terms(
        values=values_of(form, table, seen),
        mark=form.mark.data,
        source=form.source.data or "",
        severity=severity_of(form),
    )


def _preview(table: RuleTable, seen: RuleRow, form: RuleForm, known: Known) -> str:
    then = service.foresee(
        db.session(),
        table=table,
        seen=seen,
        terms=_terms(form, table, seen),
        in_force_from=form.first,
        today=clock.today(),
    )
    return render_template(
        "programmes/preview_rule.html",
        table=table,
        row=seen,
        title=title(table, seen, known),
        rows=changed_words(table, seen, then, known),
        form=form,
        typed=_typed(request.form),
    )


def _typed(typed: MultiDict[str, str]) -> list[tuple[str, str]]:
    """What was typed, to be sent again by the next step."""
    return [(name, value) for name, value in typed.items(multi=True) if name not in ("csrf_token", "step")]


def _replace(table: RuleTable, seen: RuleRow, form: RuleForm) -> RuleRow:
    terms = _terms(form, table, seen)
    with write(by=viewer().actor, why=form.why, at=clock.now()) as session:
        return service.replace_rule(
            session, table=table, seen=seen, terms=terms, in_force_from=form.first, today=clock.today()
        )


def _meanwhile(table: RuleTable, line: Line, form: RuleForm, known: Known) -> list[tuple[str, str, str]]:
    """What changed between the version that this page was opened with and the newest; the next try is against that."""
    opened = next((row for row in line.versions if row.id == form.base.data), line.versions[0])
    form.base.data, form.base.raw_data = line.newest.id, None
    newest = {column.name: getattr(line.newest, column.name) for column in table.columns}
    return changed_words(
        table,
        opened,
        {**newest, "severity": line.newest.severity, "mark": line.newest.mark, "source": line.newest.source},
        known,
    )


def _add(table: RuleTable, form: RuleForm) -> RuleRow:
    terms, placement = _terms(form, table), _placement(form)
    with write(by=viewer().actor, why=form.why, at=clock.now()) as session:
        return service.add_rule(
            session, table=table, placement=placement, terms=terms, in_force_from=form.first, today=clock.today()
        )


def _placement(form: RuleForm) -> Placement:
    kind, _colon, code = (form["scope"].data if "scope" in form else "school").partition(":")
    by_cohort = "cohort_from" in form
    return Placement(
        code=form["code"].data,
        scope_kind=ScopeKind(kind),
        scope_code=code,
        cohort_from=form["cohort_from"].data if by_cohort else None,
        cohort_to=form["cohort_to"].data if by_cohort else None,
    )
