"""When what is due on a track: the worked examples of decision 16, and what must hold for every track."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import ROOT
from dsbs.enrolments.rules.counting import Course, Pace, Pause, add_months, counted, merged, reached, stood_still
from dsbs.enrolments.rules.milestones import Key, Track, reckon, reckonings
from dsbs.programmes.queries import ClosedCalendar

SCHOOL_DAYS = ClosedCalendar(())
DAY = timedelta(days=1)
LEAVE = Pause(date(2026, 1, 5), date(2026, 4, 6))


@dataclass(frozen=True)
class Rule:
    """A rule row in plain values: a yearly report unless said otherwise."""

    code: str = "report"
    kind: str = "duty"
    anchor: str = "start"
    offset: str = "12"
    unit: str = "months"
    pace: str = "calendar"
    repeat: str = ""


DEFENCE = Rule("public_defence", "target", offset="48", pace="scales")


def course(start: str = "2024-09-02", speed: str = "1", *pauses: Pause) -> Course:
    return Course((Pace(date.fromisoformat(start), Fraction(speed)),), pauses)


def track(*pauses: Pause, speed: str = "1", **known: Any) -> Track:
    return Track(course("2024-09-02", speed, *pauses), SCHOOL_DAYS, **known)


def due(found: dict[Key, Any], code: str, number: int = 1) -> date | None:
    answer: date | None = found[Key(code, number)].due
    return answer


def _examples() -> Iterator[list[str]]:
    for line in (ROOT / "docs/decisions/0016-due-dates.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 5 and cells[0][:2] == "20":
            yield cells


EXAMPLES = list(_examples())


def test_decision_16_holds_twelve_examples() -> None:
    assert len(EXAMPLES) == 12


@pytest.mark.parametrize("cells", EXAMPLES, ids=" ".join)
def test_an_example_of_the_decision_comes_out_as_it_is_told(cells: list[str]) -> None:
    start, told_pace, told_pauses, told_rule, told_due = cells
    speed, _, since = told_pace.partition(" from ")
    paces = [Pace(date.fromisoformat(start), Fraction(1 if since else speed))]
    if since:
        paces.append(Pace(date.fromisoformat(since), Fraction(speed)))
    pauses = [told.split(" to") for told in told_pauses.split(", ") if told]
    made = tuple(
        Pause(date.fromisoformat(first), date.fromisoformat(last.strip()) if last.strip() else None)
        for first, last in pauses
    )
    amount, unit = told_rule.split()

    reckoned = reckon(date.fromisoformat(start), int(amount), unit, Course(tuple(paces), made), SCHOOL_DAYS)

    assert reckoned.due == (date.fromisoformat(told_due) if told_due else None)


def test_the_sum_of_a_date_names_what_each_pause_adds() -> None:
    reckoned = reckon(date(2024, 9, 2), 24, "months", course("2024-09-02", "1", LEAVE), SCHOOL_DAYS)

    assert (reckoned.nominal, reckoned.paced) == (date(2026, 9, 2), date(2026, 9, 2))
    assert [(stay.pause, stay.days, stay.then) for stay in reckoned.stays] == [(LEAVE, 92, date(2026, 12, 3))]


def test_a_pause_before_the_milestone_from_which_is_counted_does_not_count_again() -> None:
    rules = [DEFENCE, Rule("letter", anchor="public_defence", offset="2")]

    found = reckonings(rules, track(LEAVE))

    assert due(found, "public_defence") == date(2028, 12, 3)
    assert due(found, "letter") == date(2029, 2, 3)


def test_what_is_counted_back_goes_by_the_calendar_from_the_day_that_has_moved() -> None:
    rules = [DEFENCE, Rule("plan", anchor="public_defence", offset="-7")]

    assert due(reckonings(rules, track(LEAVE)), "plan") == date(2028, 5, 3)


def test_working_days_are_counted_back_past_holidays() -> None:
    rules = [DEFENCE, Rule("record", anchor="public_defence", offset="-21", unit="working_days")]
    held = track(standing={Key("public_defence"): date(2028, 11, 30)})

    # All Saints' Day, 1 November, is a Wednesday that year.
    assert due(reckonings(rules, held), "record") == date(2028, 10, 31)


def test_what_hangs_on_a_milestone_counts_from_the_day_on_which_it_stands() -> None:
    rules = [DEFENCE, Rule("plan", anchor="public_defence", offset="-7")]
    moved = track(standing={Key("public_defence"): date(2029, 3, 1)})

    assert due(reckonings(rules, moved), "plan") == date(2028, 8, 1)


def test_a_date_that_stands_still_says_what_it_would_be() -> None:
    moved = track(standing={Key("public_defence"): date(2029, 3, 1)})

    assert due(reckonings([DEFENCE], moved), "public_defence") == date(2028, 9, 2)


def test_pace_touches_only_what_scales() -> None:
    rules = [DEFENCE, Rule("yearly")]

    found = reckonings(rules, track(speed="2/3"))

    assert due(found, "public_defence") == date(2030, 9, 3)
    assert due(found, "yearly") == date(2025, 9, 2)


def test_a_report_comes_every_year_until_the_defence() -> None:
    rules = [DEFENCE, Rule("report", repeat="12 months until defence")]

    found = reckonings(rules, track(LEAVE))

    reports = [reckoned.due for key, reckoned in found.items() if key.code == "report" and reckoned]
    assert reports == [date(2025, 9, 2), date(2026, 12, 3), date(2027, 12, 3)]


def test_a_defence_that_is_later_brings_another_report() -> None:
    rules = [DEFENCE, Rule("report", repeat="12 months until defence")]
    later = track(LEAVE, standing={Key("public_defence"): date(2029, 1, 1)})

    assert Key("report", 4) in reckonings(rules, later)


def test_a_fixed_day_comes_every_year_and_does_not_move_with_a_leave() -> None:
    rules = [DEFENCE, Rule("re_enrolment", anchor="fixed_day", offset="09-30", unit="day", repeat="yearly")]

    found = reckonings(rules, track(LEAVE))

    days = [reckoned.due for key, reckoned in found.items() if key.code == "re_enrolment" and reckoned]
    assert days == [date(year, 9, 30) for year in (2024, 2025, 2026, 2027, 2028)]


def test_the_29th_of_february_is_the_28th_where_there_is_none() -> None:
    rules = [DEFENCE, Rule("leap", anchor="fixed_day", offset="02-29", unit="day", repeat="yearly")]

    found = reckonings(rules, track())

    days = [reckoned.due for key, reckoned in found.items() if key.code == "leap" and reckoned]
    assert days == [date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)]


def test_while_nobody_knows_the_end_of_a_leave_what_comes_after_it_has_no_date() -> None:
    rules = [DEFENCE, Rule("report", repeat="12 months until defence")]

    found = reckonings(rules, track(Pause(date(2026, 1, 5), None)))

    assert due(found, "public_defence") is None
    assert [key.number for key in found if key.code == "report"] == [1]


def test_counted_from_admission_there_is_no_date_before_it() -> None:
    rule = Rule("predoctoral_end", anchor="admission", offset="24")

    assert reckonings([rule], track())[Key("predoctoral_end")] is None
    assert due(reckonings([rule], track(admitted=date(2024, 11, 4))), "predoctoral_end") == date(2026, 11, 4)


def test_milestones_that_count_from_each_other_in_a_circle_have_no_date() -> None:
    rules = [Rule("one", anchor="other"), Rule("other", anchor="one")]

    assert set(reckonings(rules, track()).values()) == {None}


# What must hold for every track

starts = st.dates(date(2015, 1, 1), date(2035, 12, 31))
months = st.integers(1, 96)
speeds = st.fractions(Fraction(1, 5), Fraction(1), max_denominator=12)


@st.composite
def pauses(draw: st.DrawFn, start: date, most: int = 4) -> tuple[Pause, ...]:
    begins = st.integers(-100, 2000).map(lambda days: start + timedelta(days=days))
    lasts = st.integers(0, 500)
    drawn = [(draw(begins), draw(lasts)) for _ in range(draw(st.integers(0, most)))]
    return tuple(Pause(first, first + timedelta(days=days)) for first, days in drawn)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    start = draw(starts)
    changes = sorted(draw(st.sets(st.integers(1, 2000), max_size=3)))
    paces = [Pace(start, draw(speeds)), *(Pace(start + timedelta(days=days), draw(speeds)) for days in changes)]
    return Course(tuple(paces), draw(pauses(start)))


def nominal(of: Course, count: int) -> int:
    return (add_months(of.start, count) - of.start).days


@given(courses(), months)
def test_the_due_date_is_the_first_day_on_which_the_count_is_reached(of: Course, count: int) -> None:
    on = reached(of, nominal(of, count))

    assert on is not None
    assert counted(of, on) >= nominal(of, count) > counted(of, on - DAY)


@given(starts, st.integers(0, 400), months)
def test_at_full_pace_a_later_start_never_gives_an_earlier_date(start: date, later: int, count: int) -> None:
    one, other = (Course((Pace(day, Fraction(1)),)) for day in (start, start + timedelta(days=later)))

    first, second = reached(one, nominal(one, count)), reached(other, nominal(other, count))

    assert first is not None
    assert second is not None
    assert first == add_months(start, count) <= second


@given(courses(), months, st.integers(0, 300))
def test_a_longer_suspension_never_gives_an_earlier_date(of: Course, count: int, more: int) -> None:
    longer = tuple(Pause(pause.first, pause.last and pause.last + timedelta(days=more)) for pause in of.pauses)

    assert _on(of, count) <= _on(replace(of, pauses=longer), count)


@given(courses(), months, speeds)
def test_a_slower_pace_never_gives_an_earlier_date(of: Course, count: int, by: Fraction) -> None:
    slower = tuple(Pace(pace.since, pace.speed * by) for pace in of.paces)

    assert _on(of, count) <= _on(replace(of, paces=slower), count)


@given(courses(), months, st.integers(0, 500), st.integers(0, 500))
def test_a_suspension_from_the_due_date_on_changes_nothing(of: Course, count: int, wait: int, days: int) -> None:
    on = _on(of, count)
    after = Pause(on + timedelta(days=wait), on + timedelta(days=wait + days))

    assert _on(replace(of, pauses=(*of.pauses, after)), count) == on


@given(courses(), months, st.data())
def test_two_suspensions_that_touch_equal_one(of: Course, count: int, data: st.DataObject) -> None:
    first = of.start + timedelta(days=data.draw(st.integers(0, 1500)))
    middle, last = (first + timedelta(days=days) for days in sorted(data.draw(st.tuples(*[st.integers(0, 300)] * 2))))
    one = replace(of, pauses=(Pause(first, last + DAY),))
    two = replace(of, pauses=(Pause(first, middle), Pause(middle + DAY, last + DAY)))

    assert _on(one, count) == _on(two, count)


@given(courses())
def test_merged_pauses_hold_the_same_days(of: Course) -> None:
    found = merged(of.pauses)

    assert _days(tuple(found)) == _days(of.pauses)
    assert all(one.last and one.last + DAY < other.first for one, other in pairwise(found))


@given(courses(), months)
def test_the_sum_of_a_date_adds_up(of: Course, count: int) -> None:
    reckoned = reckon(of.start, count, "months", of, SCHOOL_DAYS)

    assert reckoned.due == _on(of, count)
    running = reckoned.paced
    for stay in reckoned.stays:
        assert stay.days
        running += timedelta(days=stay.days)
        assert running == stay.then


@given(courses(), st.integers(0, 3000))
def test_a_day_counts_or_the_track_stands_still(of: Course, days: int) -> None:
    full = replace(of, paces=(Pace(of.start, Fraction(1)),))
    until = of.start + timedelta(days=days)

    assert counted(full, until) + stood_still(full, of.start, until) == days


def _on(of: Course, count: int) -> date:
    on = reached(of, nominal(of, count))
    assert on is not None
    return on


def _days(of: tuple[Pause, ...]) -> set[date]:
    return {
        pause.first + timedelta(days=days)
        for pause in of
        if pause.last
        for days in range((pause.last - pause.first).days + 1)
    }
