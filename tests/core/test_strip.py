"""The drawn strip: no word on another, no line through a word, the worst mark where marks merge."""

from __future__ import annotations

import time
from datetime import date, timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from dsbs.core.strip import Mark, Pause, Strip, Year, _apart, _reach, draw

FIRST, LAST, TODAY = date(2024, 9, 2), date(2028, 9, 1), date(2026, 11, 24)
YEARS = tuple(Year(date(2023 + n, 9, 2), f"Year {n}, {2023 + n}–{24 + n}", f"Year {n}") for n in range(1, 5))

marks = st.builds(
    Mark,
    on=st.dates(FIRST, LAST),
    tone=st.sampled_from(["overdue", "act", "waiting", "target", "later", "done"]),
    title=st.sampled_from(["Mid-term", "Yearly progress report", "Training plan"]),
    note=st.sampled_from(["", "Wed 2 Aug 2028", "overdue since 2 Sep, your committee is asked"]),
    side=st.sampled_from(["above", "below"]),
)


def strip_of(*given_marks: Mark, pauses: tuple[Pause, ...] = ()) -> Strip:
    return draw(first=FIRST, last=LAST, today=TODAY, years=YEARS, marks=given_marks, pauses=pauses)


@settings(max_examples=60, deadline=None)
@given(st.lists(marks, max_size=10))
def test_no_label_touches_another_or_leaves_the_strip(given_marks: list[Mark]) -> None:
    labels = strip_of(*given_marks).labels

    together = [(a, b) for a, b in combinations(labels, 2) if a.side == b.side and not _apart(a, b)]
    outside = [label for label in labels if not 0 <= _reach(label)[0] <= _reach(label)[1] <= 860]
    assert (together, outside) == ([], [])


def test_labels_of_marks_close_together_stand_on_both_sides_of_their_lines() -> None:
    overdue = Mark(date(2026, 9, 2), "overdue", "Mid-term evaluation", "overdue since 2 Sep", side="above")
    due = Mark(date(2026, 12, 3), "act", "Yearly progress report", "due Thu 3 Dec 2026", side="above")

    labels = strip_of(overdue, due).labels

    assert [(label.title, label.anchor, label.lane) for label in labels] == [
        ("Mid-term evaluation", "end", 0),
        ("Yearly progress report", "start", 0),
    ]


def test_where_marks_would_touch_on_a_phone_the_worst_shows() -> None:
    strip = strip_of(
        Mark(date(2026, 9, 2), "done", "Re-enrolment"),
        Mark(date(2026, 9, 20), "overdue", "Mid-term"),
        Mark(date(2027, 9, 2), "later", "Report"),
    )

    assert [tone for _x, tone in strip.narrow] == ["overdue", "later"]
    assert [tone for _x, tone in strip.wide] == ["overdue", "later"]


def test_what_is_done_and_unnamed_has_a_mark_and_no_label() -> None:
    strip = strip_of(Mark(date(2025, 3, 12), "done", "Integrity course", named=False))

    assert (len(strip.wide), strip.labels) == (1, ())


def test_a_pause_counts_its_first_and_last_day() -> None:
    strip = strip_of(pauses=(Pause(FIRST, FIRST, "One day"),))

    assert strip.pauses[0].width == round(100 / 1461, 2)


def test_today_outside_the_track_is_not_drawn() -> None:
    strip = draw(first=FIRST, last=LAST, today=LAST + timedelta(days=1), years=YEARS, marks=())

    assert (strip.today, strip.gone) == (None, 100)


def test_the_name_of_a_year_makes_way_for_a_line() -> None:
    crossed = Mark(date(2027, 3, 3), "act", "Report", side="above")

    years = strip_of(crossed).years

    assert (years[0].x, years[2].x == years[2].centre, years[2].free) == (12.49, False, True)


def test_a_crowded_month_is_still_drawn_at_once() -> None:
    crowd = [
        Mark(date(2026, 11, 1 + n), "act", "Yearly progress report", "due soon " * 4, side="above") for n in range(12)
    ]

    began = time.perf_counter()
    strip_of(*crowd)

    assert time.perf_counter() - began < 1
