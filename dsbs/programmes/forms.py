"""What programmes, units, closures and rules ask for."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the stubs
    Field,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, StopValidation
from wtforms.widgets import HiddenInput

from dsbs.core.fields import DayField, TicksField
from dsbs.core.forms import Form
from dsbs.programmes.columns import Column, Kind, RuleTable, Value, read, written
from dsbs.programmes.models import UnitKind
from dsbs.programmes.palette import PALETTE, colour_name
from dsbs.programmes.rule_row import RuleRow
from dsbs.programmes.rules import Mark, Severity
from dsbs.programmes.wording import MARKS, ONE_UNIT, SEVERITIES, Known, ScopeNames

_SOURCE_HELP = _l("Where the value is written, or who decided it.")
_MARK_HELP = _l("Sourced: published for this school. Elsewhere: by another unit or university. Assumed: a guess.")


class Needed:
    """Refuses an empty field by its name. What cannot be read keeps its own sentence."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Raise where nothing was typed or ticked."""
        empty = not field.data.strip() if isinstance(field.data, str) else not field.data
        if empty and not field.process_errors:
            raise StopValidation(_("%(field)s: fill this in.", field=field.label.text))


def _marks() -> list[SelectChoice]:
    return [SelectChoice(mark.value, _(word)) for mark, word in MARKS.items()]


def _mark_field(label: str, help: str = "") -> SelectField:
    return SelectField(label, choices=_marks, coerce=_mark, description=help)


def _mark(value: str | Mark) -> Mark | str:
    """A mark for what a browser sends; anything else is left for the choices to refuse."""
    return Mark(value) if value in list(Mark) else value


def _at_most(letters: int) -> Length:
    return Length(max=letters, message=_l("Use at most %(most)d characters.", most=letters))


def _source_field() -> StringField:
    return StringField(_l("Source"), [Optional(), _at_most(300)], description=_SOURCE_HELP)


class _RevisedForm(Form):
    """The form of a row that two people may open at once."""

    revision = IntegerField(widget=HiddenInput(), validators=[Optional()])


class ProgrammeForm(_RevisedForm):
    """What the school says about a programme."""

    name = StringField(_l("Name"), [Needed()])
    short_name = StringField(
        _l("Short name"),
        [Needed(), _at_most(20)],
        description=_l("Stands beside the colour everywhere; 20 characters at most."),
    )
    colour = SelectField(_l("Colour"), choices=lambda: [SelectChoice(code, colour_name(code)) for code in PALETTE])
    description = TextAreaField(
        _l("Description"),
        [Optional()],
        description=_l("Markdown: *emphasis*, lists, links. What the programme studies, and what it offers."),
    )
    live_from = DayField(
        _l("Works with this program since"),
        [Optional()],
        description=_l("What was due on its tracks before that day is before our time: shown, and never reminded of."),
    )
    lead_faculty_id = SelectField(_l("Lead faculty"), coerce=int)
    lead_faculty_mark = _mark_field(_l("How sure is the lead faculty"))
    mark = _mark_field(_l("How sure is the name"), _MARK_HELP)
    source = _source_field()


class UnitForm(_RevisedForm):
    """A unit; kind and code are asked for once."""

    kind = SelectField(
        _l("Kind"),
        choices=lambda: [SelectChoice(kind.value, _(ONE_UNIT[kind])) for kind in UnitKind],
        coerce=lambda v: UnitKind(v),
    )
    code = StringField(
        _l("Code"),
        [Needed()],
        description=_l("Imports and rules name the unit by it. Capital letters; it never changes."),
    )
    name = StringField(_l("Name"), [Needed()])
    faculty_id = SelectField(_l("Faculty"), coerce=lambda v: int(v) if v and v != "None" else None)
    faculty_mark = SelectField(
        _l("How sure is the faculty"),
        choices=lambda: [SelectChoice("", _("No faculty")), *_marks()],
        coerce=lambda v: _mark(v) if v and v != "None" else None,
    )
    mark = _mark_field(_l("How sure is the name"), _MARK_HELP)
    source = _source_field()


class ClosureForm(_RevisedForm):
    """Days on which the school is closed."""

    name = StringField(_l("Name"), [Needed()], description=_l("Such as Christmas holidays."))
    first_day = DayField(_l("First day"), [Needed()])
    last_day = DayField(_l("Last day"), [Needed()], description=_l("The day itself is closed too."))
    mark = _mark_field(_l("How sure are the days"), _MARK_HELP)
    source = _source_field()


class _ReasonedForm(Form):
    """The form of a change that says why."""

    reason = StringField(_l("Why"), [Needed()], description=_l("Kept in the history of the rule."))

    @property
    def why(self) -> str:
        """The reason, for the history."""
        return self.reason.data or ""


class EndForm(_ReasonedForm):
    """Until when a rule still holds."""

    base = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    last_day = DayField(_l("Last day"), [Needed()], description=_l("The rule still holds on this day."))

    @property
    def last(self) -> date:
        """The last day of a form that was found sound."""
        return cast(date, self.last_day.data)


class RuleForm(_ReasonedForm):
    """What every rule is asked for, besides the columns of its table: see ``rule_form``."""

    base = IntegerField(widget=HiddenInput(), validators=[Optional()])
    mark = _mark_field(_l("How sure is this"), _MARK_HELP)
    source = _source_field()
    in_force_from = DayField(
        _l("Holds from"), [Needed()], description=_l("Today or later. Until then the old version holds.")
    )

    @property
    def first(self) -> date:
        """The first day of a form that was found sound."""
        return cast(date, self.in_force_from.data)


def rule_form(table: RuleTable, known: Known, *, scopes: ScopeNames | None = None) -> type[RuleForm]:
    """The form of one table of rules. ``known`` holds the codes that columns choose among.

    With ``scopes`` it asks as well for whom a new rule is made.
    """
    fields: dict[str, Any] = {column.name: _column_field(table, column, known) for column in table.columns}
    if table.has_severity:
        fields["severity"] = SelectField(
            _l("Where it is not kept"),
            choices=lambda: [SelectChoice(kind.value, _(word)) for kind, word in SEVERITIES.items()],
        )
    if scopes is not None:
        fields.update(_placement_fields(table, scopes))
    return type("RuleForm", (RuleForm,), fields)


def _column_field(table: RuleTable, column: Column, known: Known) -> Field:
    options: dict[str, Any] = {"description": _(column.help) if column.help else ""}
    validators = [Needed()] if column.required else [Optional()]
    if column.kind is Kind.CHOICE:
        return SelectField(_l(column.label), validators, choices=_choices(column, known), **options)
    if column.kind is Kind.CODES and (column.choices or column.among):
        return TicksField(_l(column.label), validators, choices=_choices(column, known), **options)
    if column.kind is Kind.PARAGRAPH:
        return TextAreaField(_l(column.label), validators, **options)
    return StringField(_l(column.label), [*validators, _at_most(table.most_letters(column) or 10)], **options)


def _choices(column: Column, known: Known) -> list[SelectChoice]:
    own = [SelectChoice(code, _(word)) for code, word in column.choices.items()]
    others = {code: word for name in column.among for code, word in known[name].items() if code not in column.choices}
    empty = (
        [] if column.required or "" in column.choices or column.kind is Kind.CODES else [SelectChoice("", _("None"))]
    )
    return [*empty, *own, *(SelectChoice(code, word) for code, word in others.items())]


def _placement_fields(table: RuleTable, scopes: ScopeNames) -> dict[str, Field]:
    fields: dict[str, Field] = {
        "code": StringField(
            _l("Code"),
            [Needed(), _at_most(60)],
            description=_l("The code of an existing rule, for a narrower scope; else a new one. Small letters."),
        )
    }
    if table.scoped:
        fields["scope"] = SelectField(_l("For whom"), choices=_scope_choices(scopes))
    if table.by_cohort:
        fields["cohort_from"] = DayField(
            _l("Started from"), [Optional()], description=_l("Only for tracks that started on this day or later.")
        )
        fields["cohort_to"] = DayField(_l("Started until"), [Optional()])
    return fields


def _scope_choices(scopes: ScopeNames) -> list[SelectChoice]:
    named = [
        SelectChoice(f"{kind}:{code}", _("Faculty: %(name)s", name=name) if kind == "faculty" else name)
        for (kind, code), name in scopes.items()
    ]
    return [SelectChoice("school", _("Whole school")), *named]


def start_of(table: RuleTable, row: RuleRow) -> dict[str, Any]:
    """What the fields of a version's editor hold at first."""
    fields: dict[str, Any] = {column.name: _start(column, getattr(row, column.name)) for column in table.columns}
    return {**fields, "severity": row.severity.value, "mark": row.mark, "source": row.source}


def _start(column: Column, value: Value) -> Any:
    if column.kind is Kind.CODES and (column.choices or column.among):
        return list(value) if isinstance(value, tuple) else []
    return written(column, value)


def values_of(form: RuleForm, table: RuleTable, seen: RuleRow | None = None) -> dict[str, Value]:
    """The values that were typed. Boxes know no order: where the same ones as in ``seen`` are ticked, its order stays.

    Raises ``Refused`` beside the field that cannot be read.
    """
    typed = {column.name: _typed(column, form[column.name].data) for column in table.columns}
    for name, value in typed.items():
        before = getattr(seen, name) if seen is not None else None
        if isinstance(value, tuple) and isinstance(before, tuple) and set(value) == set(before):
            typed[name] = before
    return typed


def _typed(column: Column, data: Any) -> Value:
    return tuple(data) if isinstance(data, list) else read(column, data or "")


def severity_of(form: RuleForm) -> Severity:
    """The severity that was chosen; tables without one inform."""
    return Severity(form["severity"].data) if "severity" in form else Severity.INFO


def words_in(field: Field, value: object) -> str:
    """What a value of this field is called on the page."""
    if isinstance(field, SelectField):
        names = {field.coerce(code): word for code, word, *_more in field.iter_choices()}
        return str(names.get(value, value))
    return "" if value is None else str(value)
