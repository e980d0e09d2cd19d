"""Rules of reminders as sentences, and where a reminder stands, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext as _

from dsbs.core import dates
from dsbs.core.language import ngettext
from dsbs.core.refusals import N_
from dsbs.programmes.tables.reminders import AUDIENCES, OCCASIONS, ReminderRule
from dsbs.reminders.rules import Shown, Unused

#: What happens, as it goes on after "One day before"; an occasion without a line goes by its name.
_WHAT = {
    "milestone_due": N_("a milestone is due"),
    "approval_waiting": N_("an approval was asked for"),
    "target_date": N_("a target date"),
    "suspension_end": N_("a suspension ends"),
    "funding_end": N_("funding ends"),
    "free_cancellation_end": N_("free cancellation ends"),
    "session_start": N_("a session begins"),
    "offer_expiring": N_("an offered seat lapses"),
    "survey_open": N_("a survey opened"),
    "lecture_invited": N_("a speaker was invited"),
    "lecture_room_missing": N_("a lecture that has no room"),
    "lecture_travel_missing": N_("a lecture that has no travel"),
    "lecture_abstract_missing": N_("a lecture that has no abstract"),
    "lecture_start": N_("a lecture begins"),
    "lecture_closing": N_("a lecture that is to be closed"),
    "defence_step_due": N_("a step of a defence is due"),
    "defence_jury_unanswered": N_("a jury was invited"),
    "poll_unanswered": N_("a poll was sent"),
    "defence_preliminary": N_("a preliminary defence"),
    "defence_public": N_("a public defence"),
}

#: To whom, as it ends a sentence; an audience without a line goes by its name.
_WHOM = {
    "responsible": N_("whoever has to hand it in"),
    "approver": N_("whoever has to approve"),
    "owner": N_("whoever has to do it"),
    "researcher": N_("the PhD researcher"),
    "supervisor": N_("the supervisor"),
    "coordinator": N_("the programme coordinator"),
    "administrator": N_("the administrator"),
    "jury_member": N_("each member of the jury"),
    "speaker": N_("the speaker"),
    "host": N_("the host"),
    "registered": N_("everyone registered"),
    "offered": N_("whoever was offered it"),
    "present": N_("everyone who was there"),
    "asked": N_("everyone who was asked"),
    "members": N_("everyone in the programme"),
    "opted_in": N_("everyone who asked for it"),
}

_AMOUNTS: Mapping[str, Callable[[int, str], str]] = {
    "hours": lambda n, num: ngettext("One hour", "%(amount)s hours", n, amount=num),
    "days": lambda n, num: ngettext("One day", "%(amount)s days", n, amount=num),
    "working_days": lambda n, num: ngettext("One working day", "%(amount)s working days", n, amount=num),
    "weeks": lambda n, num: ngettext("One week", "%(amount)s weeks", n, amount=num),
    "months": lambda n, num: ngettext("One month", "%(amount)s months", n, amount=num),
    "years": lambda n, num: ngettext("One year", "%(amount)s years", n, amount=num),
    "school_week": lambda n, num: ngettext("One school week", "%(amount)s school weeks", n, amount=num),
}

_SHOWN: Mapping[Shown, tuple[str, str]] = {
    Shown.WAITING: ("waiting", N_("Waiting to leave")),
    Shown.SENT: ("good", N_("Sent")),
    Shown.NOT_DELIVERED: ("stopped", N_("Not delivered")),
    Shown.MERGED: ("neutral", N_("In another mail of that day")),
    Shown.SUPERSEDED: ("neutral", N_("Replaced by a later one")),
    Shown.MISSED: ("neutral", N_("Too late to send")),
    Shown.WITHDRAWN: ("neutral", N_("Taken back")),
}

_UNUSED: Mapping[Unused, str] = {
    Unused.OCCASION: N_("Nothing reports this occasion so far."),
    Unused.UNIT: N_("Reminders count in hours, days, working days or weeks."),
    Unused.AUDIENCE: N_("This occasion is not told to any of these people."),
    Unused.CONDITION: N_("This occasion does not know the condition “%(condition)s”."),
    Unused.LETTER: N_("There is no mail named “%(letter)s” for this occasion."),
}


def sentence(rule: ReminderRule) -> str:
    """The rule as one says it: "One working day before a session begins, to everyone registered"."""
    whom = _(" and ").join(_(_WHOM.get(code, AUDIENCES.get(code, code))) for code in rule.audience)
    what = _(_WHAT.get(rule.occasion, OCCASIONS.get(rule.occasion, rule.occasion)))
    if rule.unit == "school_week" and rule.offset == 0:
        return _("Every school week: %(what)s, to %(whom)s", what=what, whom=whom)
    if rule.offset == 0:
        return _("On the day: %(what)s, to %(whom)s", what=what, whom=whom)
    amount = _AMOUNTS[rule.unit](abs(rule.offset), dates.number(abs(rule.offset)))
    if rule.offset < 0:
        return _("%(amount)s before %(what)s, to %(whom)s", amount=amount, what=what, whom=whom)
    return _("%(amount)s after %(what)s, to %(whom)s", amount=amount, what=what, whom=whom)


def state_pill(shown: Shown) -> tuple[str, str]:
    """The tone and the word of a state."""
    tone, word = _SHOWN[shown]
    return tone, _(word)


def unused_sentence(why: Unused, rule: ReminderRule) -> str:
    """Why a rule does nothing."""
    told: str = _(_UNUSED[why], condition=rule.condition, letter=rule.template)
    return told
