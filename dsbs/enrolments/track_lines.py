"""What is due on a track in words: who acts, until when, and the date as a sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from flask_babel import gettext as _

from dsbs.core import dates
from dsbs.core.language import ngettext
from dsbs.core.strip import Tone
from dsbs.enrolments.models import Enrolment, Milestone, Suspension
from dsbs.enrolments.rules.milestones import Key, Reckoning, Stay
from dsbs.enrolments.rules.states import MilestoneState, state_of
from dsbs.enrolments.words import OF_RESEARCHER, SUSPENSIONS, TRACKS
from dsbs.programmes.rules import repeat_in
from dsbs.programmes.tables.vocabulary import PEOPLE
from dsbs.programmes.wording import amount_words

_TONES: Mapping[MilestoneState, Tone] = {
    MilestoneState.OVERDUE: "overdue",
    MilestoneState.PASSED: "act",
    MilestoneState.DUE: "act",
    MilestoneState.HANDED_IN: "waiting",
    MilestoneState.TARGET: "target",
    MilestoneState.MET: "done",
}


@dataclass(frozen=True)
class Looking:
    """Who looks and when: ``hers`` says "you", ``reasons`` that the reader may know why a track stands still."""

    today: date
    hers: bool
    reasons: bool


class Step(NamedTuple):
    """One line of the sum of a date: what, how much, and the date then."""

    words: str
    amount: str
    then: str


@dataclass(frozen=True)
class Line:
    """One milestone in words: how it stands (``told`` with its day), who acts, its date as a sum, which rule."""

    id: int
    name: str
    state: MilestoneState
    tone: Tone
    told: str
    day: date | None
    who: str
    is_set: bool
    steps: Sequence[Step]
    result: str
    source: str


def suspension_title(suspension: Suspension, *, reasons: bool) -> str:
    """What a suspension is called: why for who may know it, else that it is one."""
    return _(SUSPENSIONS[suspension.kind]) if reasons else _("Suspension")


def days_of(suspension: Suspension) -> str:
    """The days of a suspension in words."""
    first = dates.day(suspension.first_day)
    if suspension.last_day is None:
        return _("from %(first)s, its end is not known yet", first=first)
    return _("%(first)s to %(last)s", first=first, last=dates.day(suspension.last_day))


def length_of(suspension: Suspension) -> str:
    """How many days a suspension lasts, first and last included; nothing while its end is not known."""
    if suspension.last_day is None:
        return ""
    return ngettext("%(num)d day", "%(num)d days", (suspension.last_day - suspension.first_day).days + 1)


@dataclass(frozen=True)
class Teller:
    """Tells the milestones of one track. The enrolment's programme is loaded."""

    enrolment: Enrolment
    milestones: Mapping[Key, Milestone]
    suspensions: Sequence[Suspension]
    looking: Looking

    def line(self, row: Milestone, reckoning: Reckoning | None) -> Line:
        """One milestone in words; without a reckoning it is counted from what has not happened."""
        live_from, today = self.enrolment.programme.live_from, self.looking.today
        state = state_of(
            row.due_on,
            handed_in_on=row.handed_in_on,
            met_on=row.met_on,
            kind=row.rule.kind,
            live_from=live_from,
            today=today,
        )
        return Line(
            id=row.id,
            name=row.rule.name,
            state=state,
            tone=_TONES.get(state, "later"),
            told=self._told(row, state),
            day=row.met_on or row.handed_in_on or row.due_on,
            who=self._who(row),
            is_set=row.is_set,
            steps=self._steps(row, reckoning) if reckoning else (),
            result=dates.day(reckoning.due) if reckoning and reckoning.due else _("not known yet"),
            source=self._source(row),
        )

    def _told(self, row: Milestone, state: MilestoneState) -> str:
        if row.met_on is not None:
            return dates.day(row.met_on)
        if row.handed_in_on is not None:
            return _("handed in on %(day)s", day=dates.day(row.handed_in_on))
        if row.due_on is None:
            return _("counted from what has not happened yet")
        if state is MilestoneState.OVERDUE:
            return _("overdue since %(day)s", day=dates.day(row.due_on))
        if state is MilestoneState.DUE:
            when = dates.relative(row.due_on, self.looking.today)
            return _("due %(day)s, %(when)s", day=dates.day(row.due_on), when=when)
        return dates.day(row.due_on)

    def _who(self, row: Milestone) -> str:
        words = OF_RESEARCHER if self.looking.hers else PEOPLE
        said = ", ".join(_(words[who]) for who in row.rule.responsible if who in words)
        return said[:1].upper() + said[1:]

    def _steps(self, row: Milestone, reckoning: Reckoning) -> list[Step]:
        rule = row.rule
        steps = [
            Step(self._anchor(row), "", dates.day(reckoning.anchor)),
            Step(_("Rule: %(name)s", name=rule.name), _offset(row), dates.day(reckoning.nominal)),
        ]
        if rule.pace == "scales":
            track = _(TRACKS[self.enrolment.track])
            moved = reckoning.paced != reckoning.nominal
            then = dates.day(reckoning.paced) if moved else _("no change")
            steps.append(Step(_("Pace: %(track)s", track=track), "", then))
        return steps + [self._stay(stay) for stay in reckoning.stays]

    def _stay(self, stay: Stay) -> Step:
        row = next((row for row in self.suspensions if row.first_day == stay.pause.first), None)
        words = _("Suspension")
        if row is not None:
            words = f"{suspension_title(row, reasons=self.looking.reasons)}, {days_of(row)}"
        if stay.days is None or stay.then is None:
            return Step(words, "", _("after the return"))
        return Step(words, ngettext("+ %(num)d day", "+ %(num)d days", stay.days), dates.day(stay.then))

    def _anchor(self, row: Milestone) -> str:
        anchor, hers = row.rule.anchor, self.looking.hers
        if anchor in ("start", "fixed_day"):
            return _("You started") if hers else _("Start of the track")
        if anchor == "admission":
            return _("You were admitted") if hers else _("Admission")
        other = self.milestones.get(Key(anchor))
        return other.rule.name if other is not None else anchor

    def _source(self, row: Milestone) -> str:
        name = row.rule.name
        said = (
            _("The rule is “%(name)s”, for who started as you did.", name=name)
            if self.looking.hers
            else _("The rule is “%(name)s”, for who started on that day.", name=name)
        )
        return f"{said} {_('The school has not signed it off yet.')}" if row.rule.waits else said


def _offset(row: Milestone) -> str:
    rule = row.rule
    if rule.anchor == "fixed_day":
        return _("every %(day)s", day=amount_words(rule.offset, rule.unit))
    repeat = repeat_in(rule.repeat)
    amount = int(rule.offset) + (row.number - 1) * (repeat.months if repeat else 0)
    words = amount_words(str(abs(amount)), rule.unit)
    return f"+ {words}" if amount >= 0 else f"− {words}"
