"""The style guide: every piece once, in real words. For developers; not there in production. It needs no database."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the stubs
    BooleanField,
    DateField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from dsbs.core import icons
from dsbs.core.access import public
from dsbs.core.forms import Form
from dsbs.core.strip import Mark, Pause, Year, draw

blueprint = Blueprint("styleguide", __name__)

TODAY = date(2026, 11, 24)

#: The twelve programmes of the palette with the short names that always stand beside their colours.
PROGRAMMES = (
    ("CARDIO", "Cardio"),
    ("CANCER", "Cancer"),
    ("EXERCISE", "Exercise"),
    ("PUBLIC", "Public health"),
    ("NEURO", "Neuro"),
    ("INFECT", "Infection"),
    ("IMAGING", "Imaging"),
    ("GENETICS", "Genetics"),
    ("DEVREG", "Dev. & Reg."),
    ("METABOL", "Metabolism"),
    ("DRUGS", "Drugs"),
    ("MOLCELL", "Mol. & Cell."),
)

#: Name, class of the pair, its contrast in the light and in the dark.
COLOURS = (
    ("Text", "pair-text", "15.0", "14.9"),
    ("Text, quiet", "pair-quiet", "6.1", "8.3"),
    ("Ink", "pair-ink", "10.0", "11.6"),
    ("Action", "pair-action", "5.6", "8.1"),
    ("On action", "pair-on-action", "5.9", "8.1"),
    ("Good", "pair-tone tone-good", "5.7", "7.4"),
    ("Waiting", "pair-tone tone-waiting", "6.6", "7.4"),
    ("Act", "pair-tone tone-act", "6.5", "7.7"),
    ("Stopped", "pair-tone tone-stopped", "6.4", "7.1"),
    ("Neutral", "pair-tone tone-neutral", "6.4", "7.1"),
)


class LeaveForm(Form):
    """One of each kind of field."""

    reason = SelectField(
        _("Why"), choices=[SelectChoice("parental", _("Parental leave")), SelectChoice("illness", _("Illness"))]
    )
    first = DateField(
        _("First day of the leave"), description=_("The day itself counts."), validators=[InputRequired()]
    )
    last = DateField(_("Last day"), validators=[InputRequired()])
    cover = StringField(_("Who looks after your experiments"), validators=[Optional()])
    remarks = TextAreaField(_("Remarks for your supervisor"), validators=[Optional()])
    how = RadioField(
        _("How long"),
        choices=[SelectChoice("full", _("Full time")), SelectChoice("half", _("Half time"))],
        default="full",
    )
    told = SelectMultipleField(
        _("Also tell"),
        choices=[SelectChoice("co", _("Co-supervisor")), SelectChoice("committee", _("Committee"))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    sure = BooleanField(_("I have spoken with my supervisor"))


@dataclass(frozen=True)
class Entry:
    """One entry of a calendar."""

    title: str
    time: str | None
    place: str | None
    url: str | None = None
    colour: str | None = None
    programme: str | None = None
    held: bool = False


ENTRIES = {
    date(2026, 11, 23): [Entry("Talk with your supervisor", "10:00–11:00", "Office 5.21")],
    TODAY: [
        Entry("Guest lecture", "16:00–17:00", "Auditorium 3", url="#calendar", colour="CARDIO", programme="Cardio")
    ],
    date(2026, 11, 25): [Entry("Your offered seat lapses", "14:00", None, held=True)],
    date(2026, 11, 26): [
        Entry(
            "Statistics with R, day 2 of 4",
            "9:30–12:30",
            "PC room 1.08",
            url="#calendar",
            colour="PUBLIC",
            programme="Public health",
        ),
        Entry("Heart failure journal club", "12:30–13:30", "Seminar room 4", colour="CARDIO", programme="Cardio"),
    ],
}

MARKS = (
    Mark(date(2024, 10, 18), "done", "Supervisory committee", named=False),
    Mark(date(2024, 11, 29), "done", "Training plan", named=False),
    Mark(date(2025, 3, 12), "done", "Integrity course", named=False),
    Mark(date(2025, 5, 27), "done", "First progress report", named=False),
    Mark(
        date(2026, 9, 2), "overdue", "Mid-term evaluation", "overdue since 2 Sep, your committee is asked", side="above"
    ),
    Mark(date(2026, 10, 16), "waiting", "Training plan, revised", "waiting for your supervisor"),
    Mark(date(2026, 12, 3), "act", "Yearly progress report", "due Thu 3 Dec 2026, in 9 days", side="above"),
    Mark(date(2027, 12, 3), "later", "Final progress presentation", "Fri 3 Dec 2027"),
    Mark(date(2028, 8, 2), "later", "Thesis submission", "Wed 2 Aug 2028"),
    Mark(date(2028, 12, 3), "target", "Public defence", "by Sun 3 Dec 2028, 92 days later for the leave", side="above"),
)

YEARS = tuple(Year(date(2023 + n, 9, 2), f"Year {n}, {2023 + n}–{24 + n}", f"Year {n}") for n in range(1, 5))
PAUSES = (
    Pause(date(2026, 1, 5), date(2026, 4, 6), "Parental leave", "92 days"),
    Pause(date(2027, 2, 1), date(2027, 5, 2), "Leave you are drafting", "91 days, nothing is sent yet", drafted=True),
)


@blueprint.get("/styleguide")
@public
def show() -> str:
    """Every piece, as every page uses it."""
    form = LeaveForm(formdata=None, first=date(2027, 2, 1), last=date(2027, 1, 30))
    form.last.errors = ["The last day comes before the first day. Choose a day after 1 Feb 2027."]
    return render_template(
        "home/styleguide.html",
        today=TODAY,
        programmes=PROGRAMMES,
        colours=COLOURS,
        icon_names=icons.NAMES,
        form=form,
        start=datetime(2027, 1, 14, 13, tzinfo=UTC),
        end=datetime(2027, 1, 14, 15, tzinfo=UTC),
        week=[*ENTRIES, date(2026, 11, 27)],
        weeks=Calendar().monthdatescalendar(2026, 11),
        entries=ENTRIES,
        drawn=draw(
            first=date(2024, 9, 2),
            last=date(2028, 12, 31),
            today=TODAY,
            years=YEARS,
            marks=MARKS,
            pauses=PAUSES,
            nominal_end=date(2028, 9, 2),
        ),
        twin=tuple((mark.tone, mark.title, mark.note) for mark in MARKS if mark.named),
    )
