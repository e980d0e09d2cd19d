"""Form fields for days, times and moments, with sentences of our own for what cannot be read."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the stubs
    DateField,
    DateTimeLocalField,
    DecimalField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectMultipleField,
    TimeField,
)
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from dsbs.core import clock
from dsbs.core.errors import sentence_of
from dsbs.core.refusals import Refused

#: One choice of a list: its value and its label.
Choice = SelectChoice


class RevisionField(HiddenField):
    """The revision of a row that was on the screen, so that nobody saves over what she has not seen."""

    @property
    def seen(self) -> int:
        """That revision; one that never was, when the field came back empty or bent."""
        sent = self.data or ""
        return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else -1


class DayField(DateField):
    """A day, as ``date``."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the day; an empty one is None, an impossible one is told."""
        self.data = _read(self, valuelist, date.fromisoformat, _("This day does not exist. Write it like 2027-01-14."))


class TimeOfDayField(TimeField):
    """A time on the school's clocks, as ``time``."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the time; an empty one is None, an impossible one is told."""
        self.data = _read(self, valuelist, time.fromisoformat, _("This time cannot be read. Write it like 14:30."))


class MomentField(DateTimeLocalField):
    """A day and a time on the school's clocks, as an aware moment in UTC.

    A time that the clocks skip or show twice is told beside the field.
    """

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the moment; an empty one is None."""
        self.data = _read(
            self, valuelist, datetime.fromisoformat, _("This moment cannot be read. Write it like 2027-01-14 14:30.")
        )
        if self.data is not None:
            try:
                self.data = clock.from_school_time(self.data.date(), self.data.time())
            except Refused as refused:
                raise ValueError(sentence_of(refused)) from refused

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.astimezone(clock.zone()).strftime("%Y-%m-%dT%H:%M") if self.data else ""


class WholeNumberField(IntegerField):
    """A whole number, or None when left empty."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the number; what is none is told."""
        self.data = _read(self, valuelist, int, _("This is not a whole number."))


class AmountField(DecimalField):
    """A number with a decimal point or comma, or None when left empty."""

    # A field for numbers reads 3,5 as 35 where the browser speaks English.
    widget = TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the number; a comma counts as the decimal point, and what is no number is told."""
        written = [value.replace(",", ".") for value in valuelist]
        if not written or not written[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(written)
        except ValueError as error:
            raise ValueError(_("This is not a number. Write it like 1.5.")) from error
        if self.data is not None and not self.data.is_finite():
            self.data = None
            raise ValueError(_("This is not a number. Write it like 1.5."))


class TicksField(SelectMultipleField):
    """Several choices, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _read(field: Any, written: list[Any], parse: Any, sentence: str) -> Any:
    if not written or not str(written[0]).strip():
        return None
    try:
        return parse(str(written[0]).strip())
    except ValueError as error:
        raise ValueError(sentence) from error
