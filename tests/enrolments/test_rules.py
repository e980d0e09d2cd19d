"""What an enrolment may be, on plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs.core.refusals import Refused
from dsbs.enrolments import rules
from dsbs.enrolments.rules import Around, Facts, Period, Track

TODAY = date(2026, 11, 24)
SOUND = Facts(
    programme_id=1,
    department_id=2,
    start=date(2024, 9, 2),
    track=Track.SIX_YEARS,
    employment_percentage=Decimal("50.5"),
    supervisor_id=20,
    co_supervisor_ids=(21, 22),
    funding_end=date(2028, 9, 1),
)
AROUND = Around(person_id=10, others=(), is_researcher=True, supervisor_ids={20, 21, 22})
DAYS = st.dates(date(2020, 1, 1), date(2020, 3, 1))
PERIODS = st.builds(
    lambda start, length: Period(start, None if length is None else start + timedelta(days=length)),
    DAYS,
    st.none() | st.integers(0, 40),
)


def fields(facts: Facts, around: Around = AROUND) -> list[str | None]:
    return [refused.field for refused in rules.refusals(facts, around, today=TODAY)]


def test_a_sound_enrolment_is_not_refused() -> None:
    assert fields(SOUND) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"start": date(1969, 12, 31)}, "start"),
        ({"start": date(2029, 1, 1), "funding_end": None}, "start"),
        ({"until": date(2024, 9, 1)}, "until"),
        ({"funding_end": date(2024, 9, 1)}, "funding_end"),
        ({"employment_percentage": Decimal(0)}, "employment_percentage"),
        ({"employment_percentage": Decimal("100.01")}, "employment_percentage"),
        ({"employment_percentage": Decimal("33.333")}, "employment_percentage"),
        ({"supervisor_id": 99}, "supervisor"),
        ({"co_supervisor_ids": (99,)}, "co_supervisors"),
        ({"co_supervisor_ids": (21, 21)}, "co_supervisors"),
        ({"co_supervisor_ids": (20,)}, "co_supervisors"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(changed: dict[str, object], field: str) -> None:
    assert fields(replace(SOUND, **changed)) == [field]  # type: ignore[arg-type]


@pytest.mark.parametrize("start", [date(1970, 1, 1), date(2028, 12, 31)])
def test_the_edges_of_what_a_start_may_be(start: date) -> None:
    assert fields(replace(SOUND, start=start, funding_end=None)) == []


def test_nobody_supervises_herself() -> None:
    assert fields(SOUND, replace(AROUND, person_id=20)) == ["supervisor"]


def test_only_a_researcher_is_enrolled() -> None:
    assert fields(SOUND, replace(AROUND, is_researcher=False)) == ["person"]


def test_a_second_enrolment_waits_for_the_end_of_the_first() -> None:
    with pytest.raises(Refused, match="End that enrolment first"):
        rules.check(SOUND, replace(AROUND, others=(Period(date(2020, 1, 1), None),)), today=TODAY)
    rules.check(SOUND, replace(AROUND, others=(Period(date(2020, 1, 1), date(2024, 9, 1)),)), today=TODAY)


@given(PERIODS, PERIODS)
def test_periods_overlap_when_they_share_a_day(one: Period, other: Period) -> None:
    def days(period: Period) -> set[date]:
        end = period.until or date(2020, 6, 1)
        return {period.start + timedelta(days=n) for n in range((end - period.start).days + 1)}

    assert one.overlaps(other) == bool(days(one) & days(other)) == other.overlaps(one)
