"""What activities ask for: is it well shaped? Whether it is allowed is for the rules to say."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import (
    Form as PlainForm,
)
from wtforms.form import BaseForm
from wtforms.validators import URL, DataRequired, InputRequired, Length, NumberRange, Optional, StopValidation
from wtforms.widgets import HiddenInput

from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import MeetingPlan, Mode, SessionPlan
from dsbs.activities.rules.pools import Reservation
from dsbs.activities.service.offering import plan_of
from dsbs.core import clock
from dsbs.core.fields import Choice, DayField, MomentField, RevisionField, TimeOfDayField, WholeNumberField
from dsbs.core.forms import Form
from dsbs.core.refusals import N_, Refused

MOST_MEETINGS = 20
#: There are no more programmes than this to keep seats for.
_MOST_KEPT = 30
#: Nobody plans further ahead; a day beyond is a mistyped year.
_YEARS_AHEAD = 5


class Between(NumberRange):
    """A number within limits; what is no number at all has been told already."""

    def __call__(self, form: BaseForm, field: Field) -> None:
        """Refuse what lies outside."""
        if field.process_errors:
            raise StopValidation
        super().__call__(form, field)


def needed_for_seats(form: BaseForm, field: Field) -> None:
    """The number of seats: needed where there are seats, of no matter elsewhere."""
    written = field.raw_data and str(field.raw_data[0]).strip()
    if written:
        return
    if form["mode"].data == Mode.SEAT.value:
        raise StopValidation(_("Say how many seats there are."))
    raise StopValidation


def unless_empty(form: BaseForm, field: Field) -> None:
    """Ask nothing further of a field that was left empty, where the form does not call it optional by itself."""
    if not (field.raw_data and str(field.raw_data[0]).strip()):
        raise StopValidation


class MeetingForm(PlainForm):
    """One meeting; a row left quite empty is none."""

    day = DayField(_l("Day"))
    start = TimeOfDayField(_l("From"))
    end = TimeOfDayField(_l("To"))
    venue = SelectField(_l("Where"), coerce=int, validate_choice=False, default=0)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed into this row."""
        return not any(field.raw_data and field.raw_data[0] for field in (self.day, self.start, self.end))

    def is_complete(self, today: date, known: Collection[date]) -> bool:
        """Whether all of it was given, on a day that can be meant; what is missing is told beside each field."""
        for field, sentence in (
            (self.day, _("Choose a day.")),
            (self.start, _("Say when it begins.")),
            (self.end, _("Say when it ends.")),
        ):
            if field.data is None and not field.errors:
                field.errors = [sentence]
        day = self.day.data
        mistyped = _mistyped(day, today) if day is not None and day not in known else None
        if mistyped is not None:
            self.day.errors = [_(mistyped)]
        return not (self.day.errors or self.start.errors or self.end.errors)

    def move(self, days: int) -> None:
        """Show the day that comes so many days later; one that was not read stays as it was typed."""
        if self.day.data is not None:
            moved = self.day.data.toordinal() + days
            self.day.data = date.fromordinal(min(max(moved, 1), date.max.toordinal()))
            self.day.raw_data = None

    def plan(self) -> MeetingPlan:
        """The meeting in UTC; one that ends at or before its start goes on past midnight.

        Refused when a part is missing, or the clocks skip or repeat one of its times that day.
        """
        if self.day.data is None or self.start.data is None or self.end.data is None:
            raise Refused(N_("A meeting needs a day, a start and an end."), field="meetings")
        start = clock.from_school_time(self.day.data, self.start.data, field="meetings")
        last = self.day.data if self.end.data > self.start.data else clock.day_after(self.day.data)
        return MeetingPlan(
            start=start,
            end=clock.from_school_time(last, self.end.data, field="meetings"),
            venue_id=self.venue.data or None,
        )


def _mistyped(day: date, today: date) -> str | None:
    """Why this day can hardly be meant for something to come, untranslated; None when it can."""
    if day < today:
        return N_("This day is past. Check the year.")
    return N_("This day is years away. Check the year.") if day.year > today.year + _YEARS_AHEAD else None


class KeptForm(PlainForm):
    """Seats that are kept for one programme; a row without a programme is none."""

    programme = SelectField(_l("For"), coerce=int, default=0)
    seats = WholeNumberField(
        _l("How many"), validators=[unless_empty, Between(1, 2000, _l("Between 1 and 2,000 seats."))]
    )
    until = MomentField(_l("Until"))

    @property
    def is_empty(self) -> bool:
        """Whether no programme is chosen."""
        return not self.programme.data

    def is_complete(self) -> bool:
        """Whether all of it was given; what is missing is told beside each field."""
        for field, sentence in (
            (self.seats, _("Say how many seats are kept.")),
            (self.until, _("Say until when they are kept.")),
        ):
            if field.data is None and not field.errors:
                field.errors = [sentence]
        return not (self.seats.errors or self.until.errors)

    def reservation(self) -> Reservation:
        """What was typed, as the service takes it. Refused when a part is missing."""
        if self.seats.data is None or self.until.data is None:
            raise Refused(N_("Say how many seats are kept, and until when."), field="kept")
        return Reservation(self.programme.data, self.seats.data, self.until.data)


class Scope(StrEnum):
    """How far a change of a session of a series goes."""

    ONE = "one"
    FOLLOWING = "following"


class ScopeForm(Form):
    """Whether a change goes on to the sessions of the series that follow; asked where there are any."""

    scope = RadioField(
        _l("Which sessions"),
        choices=[Choice(Scope.ONE.value, ""), Choice(Scope.FOLLOWING.value, "")],
        default=Scope.ONE.value,
    )

    #: The words of each scope; empty where there is nothing to choose.
    scopes: Sequence[Choice] = ()

    def offer_scopes(self, one: str, following: str, *, chosen: str | None) -> None:
        """Let it be chosen, in these words; ``chosen`` stands for a form that was not sent yet."""
        self.scopes = self.scope.choices = [Choice(Scope.ONE.value, one), Choice(Scope.FOLLOWING.value, following)]
        if chosen in {scope.value for scope in Scope}:
            self.scope.data = chosen

    @property
    def goes_on(self) -> bool:
        """Whether it is to go on to those that follow."""
        return bool(self.scopes) and self.scope.data == Scope.FOLLOWING.value


class SessionForm(ScopeForm):
    """A session with its meetings. ``revision`` is the one that was on the screen.

    ``first_day`` is asked where all meetings move as one; ``first_was`` is the one by which they stand on the screen.
    """

    revision = RevisionField()
    first_day = DayField(_l("First day"))
    first_was = DayField(widget=HiddenInput())
    label = StringField(_l("Name of this session"), validators=[Length(max=100)])
    meetings = FieldList(FormField(MeetingForm), label=_l("Meetings"), min_entries=1, max_entries=MOST_MEETINGS)
    online_link = StringField(
        _l("Online link"),
        validators=[Optional(), Length(max=500), URL(require_tld=False, message=_l("This is not a web address."))],
    )
    mail_words = TextAreaField(_l("Words for the mails of this session"), validators=[Length(max=2_000)])
    mode = RadioField(
        _l("How one takes part"),
        choices=[
            Choice(Mode.SEAT.value, _l("Seats: a fixed number of places")),
            Choice(Mode.COUNT.value, _l("Tell us: no limit, but we count")),
            Choice(Mode.OPEN.value, _l("Open: come along and check in")),
        ],
        default=Mode.SEAT.value,
        validators=[InputRequired(_l("Choose how one takes part."))],
    )
    capacity = WholeNumberField(
        _l("Seats"), validators=[needed_for_seats, Between(1, 2000, _l("Between 1 and 2,000 seats."))]
    )
    kept = FieldList(FormField(KeptForm), label=_l("Seats kept for a programme"), min_entries=1, max_entries=_MOST_KEPT)
    opens_at = MomentField(_l("Registration opens"), validators=[Optional()])
    closes_at = MomentField(_l("Registration closes"), validators=[Optional()])
    free_cancellation_until = MomentField(_l("Free cancellation until"), validators=[Optional()])

    #: The days on which the session meets as it stands: these may be past.
    known_days: Collection[date] = ()

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it is well shaped, with everything that is missing told at once."""
        sound = super().validate(extra_validators)
        rows = [entry.form for entry in self.meetings if not entry.form.is_empty] or [self.meetings[0].form]
        complete = [row.is_complete(clock.today(), self.known_days) for row in rows]
        complete += [entry.form.is_complete() for entry in self.kept if not entry.form.is_empty]
        return sound and all(complete)

    def offer_programmes(self, programmes: Sequence[tuple[int, str]]) -> None:
        """Let seats be kept for each of these programmes."""
        for entry in self.kept:
            entry.form.programme.choices = [Choice(0, _("Nobody")), *(Choice(id, name) for id, name in programmes)]

    def offer_venues(self, venues: Sequence[tuple[int, str]]) -> None:
        """Let every meeting choose among these venues, or none."""
        choices = [Choice(0, _("Online, or not yet known")), *(Choice(id, name) for id, name in venues)]
        for entry in self.meetings:
            entry.form.venue.choices = choices

    def fill(self, plan: SessionPlan, revision: int | None) -> None:
        """Show a session as it is planned."""
        self.revision.data = "" if revision is None else str(revision)
        self.label.data, self.mode.data, self.capacity.data = plan.label, plan.mode.value, plan.capacity
        self.online_link.data, self.mail_words.data = plan.online_link, plan.mail_words
        self.opens_at.data, self.closes_at.data = plan.opens_at, plan.closes_at
        self.free_cancellation_until.data = plan.free_cancellation_until
        while self.meetings.entries:
            self.meetings.pop_entry()
        for meeting in plan.meetings:
            start, end = clock.local(meeting.start), clock.local(meeting.end)
            self.meetings.append_entry(
                {"day": start.date(), "start": start.time(), "end": end.time(), "venue": meeting.venue_id or 0}
            )

        while self.kept.entries:
            self.kept.pop_entry()
        for kept in plan.reservations:
            self.kept.append_entry({"programme": kept.programme_id, "seats": kept.seats, "until": kept.until})
        if len(self.kept) < _MOST_KEPT:
            self.kept.append_entry()

    def ask_first_day(self) -> None:
        """Ask for the first day, where further meetings follow it."""
        if len(self.meetings) > 1:
            self.first_day.data = self.first_was.data = self.meetings[0].form.day.data

    def follow_first_day(self, today: date) -> bool:
        """Let all meetings move with a first day that was changed; whether they did. Refuses a mistyped year."""
        was, day = self.first_was.data, self.first_day.data
        if was is None or day is None or day == was:
            return False
        mistyped = _mistyped(day, today)
        if mistyped is not None:
            raise Refused(mistyped, field="first_day")
        for entry in self.meetings:
            entry.form.move((day - was).days)
        self.first_was.data, self.first_was.raw_data = day, None
        return True

    def plan(self) -> SessionPlan:
        """What was typed, as the service takes it."""
        return SessionPlan(
            mode=Mode(self.mode.data),
            capacity=self.capacity.data,
            meetings=[entry.form.plan() for entry in self.meetings if not entry.form.is_empty],
            label=self.label.data or "",
            online_link=self.online_link.data or None,
            mail_words=self.mail_words.data or None,
            opens_at=self.opens_at.data,
            closes_at=self.closes_at.data,
            free_cancellation_until=self.free_cancellation_until.data,
            reservations=[entry.form.reservation() for entry in self.kept if not entry.form.is_empty],
        )


def form_of(offered: ActivitySession) -> SessionForm:
    """A form that shows this session as it stands."""
    form = SessionForm(formdata=None)
    form.fill(plan_of(offered), offered.revision)
    return form


class ReasonForm(Form):
    """Why something is done to others; they read it."""

    reason = StringField(
        _l("Reason"), validators=[DataRequired(_l("Say why; the people concerned read it.")), Length(max=300)]
    )


class CallOffForm(ReasonForm, ScopeForm):
    """Why a session is called off, and how far that goes."""

    drafts_too = BooleanField(_l("Throw away the drafts that follow, too"))


def names_in(text: str) -> list[str]:
    """The mail addresses and personnel numbers in a list as people paste it, each once, in their order.

    They are parted by blanks, commas, semicolons or new lines. ``Bauwens, Britt <britt@school.example>``, as mail
    programs write it, is the address in the brackets; the name before it is left out. So are the other cells of a row
    of a spreadsheet, whose cells are parted by tabs.
    """
    found: list[str] = []
    for entry in re.split(r"[;\n]", text):
        if "\t" in entry:
            found += _in_cells(entry)
            continue
        *named, rest = re.split(r"<\s*([^<>\s]*)\s*>", entry)
        for before, address in zip(named[::2], named[1::2], strict=True):
            found += [*_beside_a_name(before), address.removeprefix("mailto:")]
        found += re.split(r"[\s,]+", rest)
    return [name for name in dict.fromkeys(found) if name]


def _in_cells(row: str) -> list[str]:
    """What names a person in a row of a spreadsheet: the cells with an address, else its numbers, else all of it."""
    cells = row.split("\t")
    telling = [cell for cell in cells if "@" in cell] or cells
    words = [word for cell in telling for word in re.split(r"[\s,]+", cell)]
    return [word for word in words if "@" in word or any(map(str.isdigit, word))] or [" ".join(row.split())]


def _beside_a_name(text: str) -> list[str]:
    """The addresses and numbers that stand before a name and its bracket: whatever is no word of the name."""
    *others, name = re.split(r",", re.sub(r'"[^"]*"', "", text))
    words = [word for part in others for word in part.split() if "@" in word or any(map(str.isdigit, word))]
    return words + [word for word in name.split() if "@" in word]
