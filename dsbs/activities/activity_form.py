"""What an activity asks for in its form: its words, and its requirements, each a list of alternatives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, SelectField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import DataRequired, Optional

from dsbs.activities.forms import Between, unless_empty
from dsbs.activities.models import Activity
from dsbs.activities.rules.conditions import LAST_YEAR, Condition, ConditionKind
from dsbs.activities.rules.requirements import Requirement
from dsbs.activities.service.offering import ActivityText
from dsbs.core.fields import AmountField, Choice, RevisionField, TicksField, WholeNumberField
from dsbs.core.forms import Form
from dsbs.core.language import KNOWN
from dsbs.core.refusals import N_

#: More than anybody reads before she joins.
MOST_REQUIREMENTS, MOST_ALTERNATIVES = 12, 20
_YEAR = N_("Years of the track are 1 to 12.")
_KINDS = {
    ConditionKind.PROGRAMMES: N_("Is enrolled in a programme"),
    ConditionKind.YEARS: N_("Is in a year of the track"),
    ConditionKind.ATTENDED: N_("Has attended another activity"),
    ConditionKind.NOT_ATTENDED: N_("Has not attended this activity yet"),
    ConditionKind.INVITED: N_("Is on the list of invited people"),
    ConditionKind.APPROVAL: N_("Is approved by the coordinator"),
}


class AlternativeForm(PlainForm):
    """One condition; a row without a kind is none. Only the fields of its kind count."""

    kind = SelectField(_l("Who joins"))
    programmes = TicksField(_l("One of these programmes"), coerce=int)
    first_year = WholeNumberField(_l("From year"), validators=[unless_empty, Between(1, LAST_YEAR, _l(_YEAR))])
    last_year = WholeNumberField(_l("To year"), validators=[unless_empty, Between(1, LAST_YEAR, _l(_YEAR))])
    attended = SelectField(_l("Which one"), coerce=int, default=0)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked by this row."""
        return not self.kind.data

    def is_complete(self) -> bool:
        """Whether what its kind needs was given, and can be; what is missing is told beside its field."""
        first, last = self.first_year, self.last_year
        if self.kind.data == ConditionKind.PROGRAMMES and not self.programmes.data:
            self.programmes.errors = [_("Tick at least one programme.")]
        if self.kind.data == ConditionKind.ATTENDED and not self.attended.data:
            self.attended.errors = [_("Choose an activity.")]
        if self.kind.data == ConditionKind.YEARS and not (first.errors or last.errors):
            if not first.data and not last.data:
                first.errors = [_("Give a year.")]
            elif first.data and last.data and first.data > last.data:
                last.errors = [_("The last year comes before the first. Correct one of them.")]
        return not any(field.errors for field in self)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what counts of it is well shaped: what stands in fields of another kind is of no matter."""
        super().validate(extra_validators)
        of_its_kind = {self.kind.name, *(self[name].name for name in _FIELDS.get(self.kind.data, ()))}
        for field in self:
            if field.name not in of_its_kind:
                field.errors = []
        return self.is_empty or self.is_complete()

    def condition(self) -> Condition:
        """What was chosen, as the rules take it."""
        kind = ConditionKind(self.kind.data)
        match kind:
            case ConditionKind.PROGRAMMES:
                return Condition(kind, ids=tuple(self.programmes.data or ()))
            case ConditionKind.ATTENDED:
                return Condition(kind, ids=(self.attended.data,))
            case ConditionKind.YEARS:
                return Condition(kind, first_year=self.first_year.data or 1, last_year=self.last_year.data)
            case _:
                return Condition(kind)


#: What counts of a row beside its kind.
_FIELDS: Mapping[str, Sequence[str]] = {
    ConditionKind.PROGRAMMES: ("programmes",),
    ConditionKind.YEARS: ("first_year", "last_year"),
    ConditionKind.ATTENDED: ("attended",),
}


class RequirementForm(PlainForm):
    """One requirement: a row for each alternative."""

    one_of = FieldList(FormField(AlternativeForm), min_entries=1, max_entries=MOST_ALTERNATIVES)

    @property
    def rows(self) -> Iterator[AlternativeForm]:
        """Its alternatives, empty ones as well."""
        return (entry.form for entry in self.one_of)

    def requirement(self) -> Requirement:
        """What was chosen; nothing when all rows are empty."""
        return Requirement(tuple(row.condition() for row in self.rows if not row.is_empty))


class ActivityForm(Form):
    """What an activity says of itself and asks of who joins. ``revision`` is the one that was on the screen."""

    revision = RevisionField()
    title = StringField(_l("Title"), validators=[DataRequired(_l("Give it a title."))])
    kind = SelectField(_l("Kind"), validators=[DataRequired(_l("Choose a kind."))])
    language = SelectField(_l("Spoken in"), choices=[Choice(code, name) for code, name in KNOWN.items()])
    description = TextAreaField(_l("Description"))
    hours = AmountField(
        _l("Hours"), validators=[Optional(), Between(0.5, 999, _l("Between half an hour and 999 hours."))]
    )
    credits = AmountField(
        _l("ECTS credits"), validators=[Optional(), Between(0.1, 60, _l("Between 0.1 and 60 credits."))]
    )
    programmes = TicksField(_l("Offered by"), coerce=int)
    requirements = FieldList(FormField(RequirementForm), label=_l("Requirements"), max_entries=MOST_REQUIREMENTS)

    def fill(self, activity: Activity, requirements: Sequence[Requirement]) -> None:
        """Show what the activity says now, and what it asks."""
        self.revision.data = str(activity.revision)
        self.title.data, self.kind.data, self.language.data = activity.title, activity.kind, activity.language
        self.description.data, self.hours.data, self.credits.data = (
            activity.description,
            activity.hours,
            activity.credits,
        )
        self.programmes.data = [offer.programme_id for offer in activity.offered_by]
        for requirement in requirements:
            self.requirements.append_entry({"one_of": list(_shown(requirement))})

    def press(self, button: str, value: str) -> None:
        """Do what a button on the form itself asks for: a row more, or one less. One that is gone already stays so."""
        if button == "add_requirement" and len(self.requirements) < MOST_REQUIREMENTS:
            self.requirements.append_entry()
        for entry in list(self.requirements):
            rows = entry.form.one_of
            if button == "add_alternative" and value == entry.name and len(rows) < MOST_ALTERNATIVES:
                rows.append_entry()
            rows.entries = [row for row in rows if button != "take_away" or row.name != value]
            if not rows.entries:
                self.requirements.entries.remove(entry)

    def offer_choices(self, programmes: Sequence[tuple[int, str]], activities: Sequence[tuple[int, str]]) -> None:
        """Let these programmes and activities be chosen, by their ids."""
        self.programmes.choices = [Choice(id, name) for id, name in programmes]
        kinds = [Choice("", _("Choose one")), *(Choice(kind.value, _(words)) for kind, words in _KINDS.items())]
        titles = [Choice(0, _("Choose one")), *(Choice(id, title) for id, title in activities)]
        for row in (row for entry in self.requirements for row in entry.form.rows):
            row.kind.choices, row.attended.choices = kinds, titles
            row.programmes.choices = list(self.programmes.choices)

    def text(self) -> ActivityText:
        """What was typed, as the service takes it; a requirement that is left empty asks for nothing."""
        asked = [entry.form.requirement() for entry in self.requirements]
        return ActivityText(
            title=self.title.data or "",
            kind=self.kind.data,
            language=self.language.data,
            description=self.description.data or "",
            hours=self.hours.data,
            credits=self.credits.data,
            programmes=frozenset(self.programmes.data or ()),
            requirements=[requirement for requirement in asked if requirement.one_of],
        )


def _shown(requirement: Requirement) -> Iterator[Mapping[str, object]]:
    """The rows of a requirement: each activity to be attended has one of its own."""
    for condition in requirement.one_of:
        kind = {"kind": condition.kind.value}
        if condition.kind is ConditionKind.ATTENDED:
            yield from ({**kind, "attended": id_} for id_ in condition.ids)
        elif condition.kind is ConditionKind.PROGRAMMES:
            yield {**kind, "programmes": list(condition.ids)}
        else:
            yield {**kind, "first_year": condition.first_year, "last_year": condition.last_year}
