"""Who is reminded of what, and when."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from dsbs.core.refusals import N_
from dsbs.programmes.columns import Codes, Column, Kind, RuleTable
from dsbs.programmes.rule_row import RuleRow
from dsbs.programmes.tables.vocabulary import UNITS

OCCASIONS = {
    "milestone_due": N_("A milestone is due"),
    "approval_waiting": N_("An approval is waiting"),
    "target_date": N_("A target date comes"),
    "suspension_end": N_("A suspension ends"),
    "funding_end": N_("Funding ends"),
    "free_cancellation_end": N_("Free cancellation ends"),
    "session_start": N_("A session starts"),
    "offer_expiring": N_("An offered seat lapses"),
    "survey_open": N_("A survey is open"),
    "lecture_invited": N_("A speaker was invited"),
    "lecture_room_missing": N_("A lecture has no room"),
    "lecture_travel_missing": N_("A lecture has no travel"),
    "lecture_abstract_missing": N_("A lecture has no abstract"),
    "lecture_start": N_("A lecture starts"),
    "lecture_closing": N_("A lecture is to be closed"),
    "defence_step_due": N_("A step of a defence is due"),
    "defence_jury_unanswered": N_("A jury invitation is unanswered"),
    "poll_unanswered": N_("A poll is unanswered"),
    "defence_preliminary": N_("A preliminary defence comes"),
    "defence_public": N_("A public defence comes"),
    "weekly_bulletin": N_("Weekly bulletin"),
    "weekly_digest": N_("Weekly digest"),
}


AUDIENCES = {
    "responsible": N_("Who has to hand in"),
    "approver": N_("Who has to approve"),
    "owner": N_("Who has to do the step"),
    "researcher": N_("PhD researcher"),
    "supervisor": N_("Supervisor"),
    "coordinator": N_("Programme coordinator"),
    "administrator": N_("Administrator"),
    "jury_member": N_("Each member of the jury"),
    "speaker": N_("Speaker"),
    "host": N_("Host"),
    "registered": N_("Who is registered"),
    "offered": N_("Who was offered a seat"),
    "present": N_("Who was there"),
    "asked": N_("Who was asked"),
    "members": N_("Who is in the programme"),
    "opted_in": N_("Who asked for it"),
}


class ReminderRule(RuleRow):
    """One step of a ladder of reminders: ``offset`` in ``unit`` from the occasion, negative for before.

    One that was held up is still sent for ``useful_days``; None is as long as is usual.
    """

    __tablename__ = "reminder_rule"

    occasion: Mapped[str] = mapped_column(String(40))
    offset: Mapped[int]
    unit: Mapped[str] = mapped_column(String(20))
    audience: Mapped[tuple[str, ...]] = mapped_column(Codes(200))
    condition: Mapped[str] = mapped_column(String(100))
    template: Mapped[str] = mapped_column(String(60))
    useful_days: Mapped[int | None]


def _code_of(line: Mapping[str, str]) -> str:
    """The default data names no code: the occasion and its offset are one."""
    offset = int(line["offset"])
    if offset == 0:
        return f"{line['occasion']}_on_the_day"
    return f"{line['occasion']}_{abs(offset)}_{line['unit']}_{'before' if offset < 0 else 'after'}"


table = RuleTable(
    word="reminders",
    model=ReminderRule,
    label=N_("Reminders"),
    lead=N_("Who gets a mail, how long before or after what, and as long as what is still open."),
    title="occasion",
    title_detail="offset",
    columns=(
        Column(name="occasion", label=N_("Occasion"), kind=Kind.CHOICE, choices=OCCASIONS, required=True),
        Column(
            name="offset",
            label=N_("When"),
            kind=Kind.OFFSET,
            unit="unit",
            required=True,
            help=N_("Such as 3 for after the occasion, -3 for before it. The unit stands in the next field."),
        ),
        Column(
            name="unit",
            label=N_("Unit"),
            kind=Kind.CHOICE,
            choices={"hours": N_("Hours"), **UNITS, "school_week": N_("School weeks")},
            required=True,
        ),
        Column(name="audience", label=N_("Who gets it"), kind=Kind.CODES, choices=AUDIENCES, required=True),
        Column(name="condition", label=N_("As long as"), required=True),
        Column(name="template", label=N_("Mail"), required=True, help=N_("The name of the mail that is sent.")),
        Column(
            name="useful_days",
            label=N_("Days it may be late"),
            kind=Kind.NUMBER,
            help=N_("A mail that was held up for longer is not sent any more. Empty: 3 days."),
        ),
    ),
    shown=("audience", "condition"),
    file="reminder_rules.csv",
    scoped=True,
    code_of=_code_of,
)
