"""What an enrolment asks for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from dsbs.core.fields import AmountField, Choice, DayField
from dsbs.core.forms import Form
from dsbs.enrolments.models import Enrolment
from dsbs.enrolments.rules import Part, SuspensionKind, Track
from dsbs.enrolments.service import Suspended
from dsbs.enrolments.words import SUSPENSIONS, TRACKS

_NEEDED = _l("This is needed.")
_CHOOSE = _l("Choose one.")
_PERSON_HELP = _l("Mail address or personnel number.")


def _id(value: str | int) -> int | str:
    """An id for what a browser sends; anything else is left for the choices to refuse."""
    return int(value) if str(value).isdecimal() else value


class EnrolmentForm(Form):
    """All that an enrolment says; ``revision`` is the one that the page showed."""

    revision = IntegerField(widget=HiddenInput(), validators=[Optional()])
    programme = SelectField(_l("Programme"), [DataRequired(_CHOOSE)], coerce=_id)
    department = SelectField(_l("Department"), [DataRequired(_CHOOSE)], coerce=_id)
    supervisor = StringField(_l("Supervisor"), [DataRequired(_NEEDED)], description=_PERSON_HELP)
    co_supervisors = StringField(
        _l("Co-supervisors"),
        [Optional(), Length(max=2000)],
        description=_l("Mail addresses, with commas between them."),
    )
    start = DayField(_l("Start"), [InputRequired(_NEEDED)])
    track = RadioField(
        _l("Track"),
        choices=lambda: [Choice(track.value, _(word)) for track, word in TRACKS.items()],
        validators=[InputRequired(_CHOOSE)],
    )
    employment_percentage = AmountField(
        _l("Employment, in percent of full time"),
        [InputRequired(_l("Type a number, such as 100 or 50.5."))],
        places=None,
        description=_l("A fact of its own: it does not slow the track down."),
    )
    funding_end = DayField(_l("Funded until"), [Optional()])
    until = DayField(_l("Last day of the enrolment"), [Optional()], description=_l("Empty while it runs."))
    joint_partner = StringField(
        _l("Joint PhD with"), [Optional()], description=_l("The other university of a joint degree.")
    )
    project_title = StringField(_l("Project"), [Optional(), Length(max=300)])

    def show(self, enrolment: Enrolment) -> None:
        """Fill the form with what an enrolment says; its supervisors are loaded."""
        for name in ("revision", "start", "funding_end", "until", "joint_partner", "project_title"):
            self[name].data = getattr(enrolment, name)
        self.employment_percentage.data = Decimal(f"{enrolment.employment_percentage.normalize():f}")
        self.programme.data, self.department.data = enrolment.programme_id, enrolment.department_id
        self.track.data = enrolment.track.value
        named = {part: [row.person for row in enrolment.supervisions if row.part is part] for part in Part}
        self.supervisor.data = _called(named[Part.MAIN])
        self.co_supervisors.data = _called(named[Part.CO])

    def values(self) -> dict[str, Any]:
        """What was typed that needs no looking up, by the names of ``rules.Facts``."""
        names = ("start", "employment_percentage", "funding_end", "until")
        return {name: self[name].data for name in names} | {
            "programme_id": self.programme.data,
            "department_id": self.department.data,
            "track": Track(self.track.data),
            "joint_partner": self.joint_partner.data or "",
            "project_title": self.project_title.data or "",
        }


class NewEnrolmentForm(EnrolmentForm):
    """The same, with whose it is to be."""

    person = StringField(_l("Researcher"), [DataRequired(_NEEDED)], description=_PERSON_HELP)


class EndForm(Form):
    """The last day of an enrolment."""

    until = DayField(_l("Last day"), [InputRequired(_l("Choose the last day."))])


class SuspensionForm(Form):
    """The days of a suspension, and why; ``seen`` is the digest of the moves that the page showed."""

    seen = StringField(widget=HiddenInput(), validators=[Optional()])
    first_day = DayField(_l("First day"), [InputRequired(_NEEDED)], description=_l("The day itself counts."))
    last_day = DayField(
        _l("Last day"),
        [Optional()],
        description=_l("The day itself counts. Empty while nobody knows it: the dates after it then wait."),
    )
    kind = RadioField(
        _l("Why"),
        choices=lambda: [Choice(kind.value, _(word)) for kind, word in SUSPENSIONS.items()],
        validators=[InputRequired(_CHOOSE)],
        description=_l("Read by the researcher and by administrators; everybody else sees the days only."),
    )

    def days(self) -> Suspended:
        """What was typed; the form is valid."""
        first_day = cast(date, self.first_day.data)
        return Suspended(first_day=first_day, last_day=self.last_day.data, kind=SuspensionKind(self.kind.data))


class MilestoneForm(Form):
    """When a milestone was met, and its date set by hand; ``revision`` is the one that the page showed."""

    revision = IntegerField(widget=HiddenInput(), validators=[Optional()])
    met_on = DayField(_l("Done on"), [Optional()], description=_l("Empty while it is open."))
    set_to = DayField(
        _l("Date set by hand"),
        [Optional()],
        description=_l("It then moves with nothing any more. Empty: it is reckoned by the rule."),
    )
    reason = StringField(_l("Why"), description=_l("Kept in the history. Needed for a date by hand."))

    def validate_reason(self, field: StringField) -> None:
        """A date by hand is explained."""
        if self.set_to.data and self.set_to.data != self.set_to.object_data and not field.data:
            raise ValidationError(_("Say why: who reads the date later wants to know."))


def _called(people: list[Any]) -> str:
    return ", ".join(person.mail or person.personnel_number or "" for person in people)
