"""What the agenda asks for."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import Field, HiddenField, RadioField, StringField, TextAreaField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, StopValidation

from dsbs.agenda.models import Slot, Venue
from dsbs.agenda.rules import EQUIPMENT_WORDS, Equipment
from dsbs.agenda.service import Confirmation, VenueFacts
from dsbs.core.fields import Choice, DayField, TicksField, WholeNumberField
from dsbs.core.forms import Form
from dsbs.core.refusals import Refused
from dsbs.exchange.fetching import check_address

#: What the form shows of a venue as it is; given one by one, since a whole object would outdo the words for ``ours``.
_AS_IT_STANDS = ("name", "building", "address", "capacity", "equipment", "contact", "notes", "calendar_url")


def _at_most(number: int) -> Length:
    return Length(max=number, message=_l("Use at most %(max)d characters."))


def _https(form: BaseForm, field: Field) -> None:
    try:
        check_address((field.data or "").strip())
    except Refused as refused:
        raise StopValidation(_(refused.sentence)) from None


class CalendarFileForm(Form):
    """The calendar of a venue elsewhere, as a file."""

    calendar = FileField(_l("iCalendar file"), validators=[FileRequired(_l("Choose a file that ends in .ics."))])


class VenueForm(Form):
    """A venue; ``seen`` is the moment of its last change when the form was opened."""

    name = StringField(_l("Name"), validators=[DataRequired(_l("Give the venue a name.")), _at_most(100)])
    building = StringField(_l("Building"), validators=[Optional(), _at_most(100)])
    address = StringField(_l("Address"), validators=[Optional(), _at_most(200)])
    capacity = WholeNumberField(
        _l("Seats"),
        validators=[Optional(), NumberRange(1, 5000, _l("Write a number from 1 to 5000, or leave it empty."))],
    )
    ours = RadioField(
        _l("Whose room is it?"),
        choices=[
            Choice("yes", _l("Ours: planned here, and never double-booked")),
            Choice("no", _l("Elsewhere: asked for, then confirmed by those who run it")),
        ],
        validators=[InputRequired(_l("Say whose room it is."))],
    )
    equipment = TicksField(
        _l("Equipment"),
        choices=[Choice(kind.value, _l(EQUIPMENT_WORDS[kind])) for kind in Equipment],
        validators=[Optional()],
    )
    contact = StringField(_l("Whom to ask"), validators=[Optional(), _at_most(200)])
    notes = TextAreaField(_l("Notes"), validators=[Optional(), _at_most(2000)])
    calendar_url = StringField(_l("Address of its calendar"), validators=[Optional(), _at_most(500), _https])
    seen = HiddenField()

    @property
    def facts(self) -> VenueFacts:
        """What was typed, as the service takes it."""
        return VenueFacts(
            name=self.name.data or "",
            building=self.building.data or "",
            address=self.address.data or "",
            capacity=self.capacity.data,
            ours=self.ours.data == "yes",
            equipment=frozenset(Equipment(value) for value in self.equipment.data or []),
            contact=self.contact.data or "",
            notes=self.notes.data or "",
            calendar_url=(self.calendar_url.data or "").strip() or None,
        )

    @classmethod
    def of(cls, venue: Venue | None) -> VenueForm:
        """The form, filled with what is known of a venue; an answer that was sent goes first."""
        if venue is None:
            return cls()
        known = {name: getattr(venue, name) for name in _AS_IT_STANDS}
        return cls(data={**known, "ours": "yes" if venue.ours else "no", "seen": venue.changed_at.isoformat()})


class SettlingForm(Form):
    """Who cancelled a booking elsewhere that is not needed any more."""

    on = DayField(_l("Cancelled on"), validators=[InputRequired(_l("Give the day of the answer."))])
    by = StringField(_l("Confirmed by"), validators=[DataRequired(_l("Say who there cancelled it.")), _at_most(200)])
    reference = StringField(_l("Their reference"), validators=[Optional(), _at_most(100)])


class ConfirmationForm(Form):
    """When a venue elsewhere was asked for, and its answer once there is one.

    ``revision`` is the sequence of the slot whose time and place were on the screen.
    """

    revision = HiddenField()
    asked_on = DayField(_l("Asked for on"), validators=[Optional()])
    confirmed_on = DayField(_l("Confirmed on"), validators=[Optional()])
    reference = StringField(_l("Their reference"), validators=[Optional(), _at_most(100)])
    confirmed_by = StringField(_l("Confirmed by"), validators=[Optional(), _at_most(200)])

    def validate(self, extra_validators: Any = None) -> bool:
        """An answer has all of its three parts or none; what is missing is told beside it."""
        is_good: bool = super().validate(extra_validators)
        answer = [
            (self.confirmed_on, _("Give the day of the answer.")),
            (self.reference, _("Give their reference.")),
            (self.confirmed_by, _("Say who confirmed.")),
        ]
        missing = [(part, sentence) for part, sentence in answer if not part.data and not part.errors]
        if len(missing) == len(answer):
            return is_good
        for part, sentence in missing:
            part.errors = [sentence]
        return is_good and not missing

    @property
    def confirmation(self) -> Confirmation | None:
        """The answer, if there is one."""
        if self.confirmed_on.data is None:
            return None
        return Confirmation(
            on=self.confirmed_on.data,
            reference=self.reference.data or "",
            by=self.confirmed_by.data or "",
        )

    @classmethod
    def of(cls, slot: Slot) -> ConfirmationForm:
        """The form, filled with what was written down for a slot."""
        return cls(obj=slot, revision=slot.sequence)
