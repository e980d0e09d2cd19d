"""The drawn strip of a track: where years, pauses, marks and their labels stand.

Places across are per cent of the width, so that the drawing stretches while its words keep their size; places down are
pixels. Two sets of marks are worked out: one for a wide strip with labels, and one for a phone, without. Labels are
set for the narrowest wide strip; on a wider one they only move apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

Tone = Literal["overdue", "act", "waiting", "target", "later", "done"]
Side = Literal["above", "below"]
Place = Callable[[date], float]

#: The worst first: it is the one that shows where marks merge, and the one that is given a label first.
_WORST_FIRST: tuple[Tone, ...] = ("overdue", "act", "waiting", "target", "later", "done")
_WIDE, _NARROW = 860.0, 328.0
_MERGE = 14.0
_LANES = 4
LANE_HEIGHT, YEARS_HEIGHT, BAR_HEIGHT, FLAG_HEIGHT = 40, 24, 28, 28
_LETTER, _BESIDE, _APART = 6.9, 7.0, 10.0
_MOST_LABELS = 6


@dataclass(frozen=True)
class Mark:
    """One thing on the track. What happens to the person herself stands above, what others do or later, below."""

    on: date
    tone: Tone
    title: str
    note: str = ""
    side: Side = "below"
    named: bool = True


@dataclass(frozen=True)
class Pause:
    """Days on which the time stands still, first and last included; a drafted one is only drawn, not decided."""

    first: date
    last: date
    title: str
    note: str = ""
    drafted: bool = False


@dataclass(frozen=True)
class Year:
    """One year of the track: from its first day until the next one's."""

    first: date
    title: str
    short: str


@dataclass(frozen=True)
class Stretch:
    """A drawn part of the bar."""

    x: float
    width: float
    drafted: bool = False


@dataclass(frozen=True)
class Label:
    """Two lines of words beside a line to the bar. ``anchor`` is the end of the words that touches the line."""

    x: float
    anchor: Literal["start", "end"]
    lane: int
    side: Side
    tone: Tone
    title: str
    note: str
    drafted: bool = False


@dataclass(frozen=True)
class YearLabel:
    """The name of a year above its stretch, moved aside where a line would cross it; then ``free`` is false."""

    x: float
    title: str
    short: str
    centre: float
    free: bool


@dataclass(frozen=True)
class Strip:
    """The whole drawing."""

    today: float | None
    nominal_end: float | None
    gone: float
    years: tuple[YearLabel, ...]
    borders: tuple[float, ...]
    pauses: tuple[Stretch, ...]
    wide: tuple[tuple[float, Tone], ...]
    narrow: tuple[tuple[float, Tone], ...]
    labels: tuple[Label, ...]
    lanes_above: int
    lanes_below: int

    @property
    def bar_top(self) -> int:
        """Where the bar begins, with the labels above it."""
        return self.lanes_above * LANE_HEIGHT + YEARS_HEIGHT

    @property
    def height(self) -> int:
        """The whole height with labels above and below."""
        return self.bar_top + BAR_HEIGHT + FLAG_HEIGHT + self.lanes_below * LANE_HEIGHT


def draw(
    *,
    first: date,
    last: date,
    today: date,
    years: Sequence[Year],
    marks: Sequence[Mark],
    pauses: Sequence[Pause] = (),
    nominal_end: date | None = None,
) -> Strip:
    """Draw the days from ``first`` to ``last``, both included.

    ``nominal_end`` is where the track would end without pauses. A label that finds no room is left out: the list
    under the strip says the same.
    """
    days = (last - first).days + 1

    def place(on: date) -> float:
        return round(min(max((on - first).days / days, 0), 1) * 100, 2)

    labels = _placed(_wishes(marks, pauses, place))
    return Strip(
        today=place(today) if first <= today <= last else None,
        nominal_end=None if nominal_end is None else place(nominal_end),
        gone=place(today),
        years=tuple(_year_labels(years, place, labels)),
        borders=tuple(place(year.first) for year in years[1:]),
        pauses=tuple(_stretch(pause, place) for pause in pauses),
        wide=_merged(marks, place, _WIDE),
        narrow=_merged(marks, place, _NARROW),
        labels=tuple(labels),
        lanes_above=_lanes(labels, "above"),
        lanes_below=_lanes(labels, "below"),
    )


def _stretch(pause: Pause, place: Place) -> Stretch:
    start = place(pause.first)
    return Stretch(start, round(place(pause.last + timedelta(days=1)) - start, 2), pause.drafted)


def _merged(marks: Iterable[Mark], place: Place, width: float) -> tuple[tuple[float, Tone], ...]:
    """Marks that would touch at this width become one, the worst of them."""
    groups: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: mark.on):
        near = bool(groups) and (place(mark.on) - place(groups[-1][0].on)) / 100 * width < _MERGE
        if near:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    worst = (min(group, key=lambda mark: _WORST_FIRST.index(mark.tone)) for group in groups)
    return tuple((place(mark.on), mark.tone) for mark in worst)


def _wishes(marks: Iterable[Mark], pauses: Iterable[Pause], place: Place) -> list[Label]:
    """The labels that we should like to see, the most urgent first."""
    named = sorted((mark for mark in marks if mark.named), key=lambda mark: (_WORST_FIRST.index(mark.tone), mark.on))
    wishes = [Label(place(mark.on), "start", 0, mark.side, mark.tone, mark.title, mark.note) for mark in named]
    for pause in pauses:
        tone: Tone = "act" if pause.drafted else "later"
        wishes.append(Label(place(pause.first), "start", 0, "below", tone, pause.title, pause.note, pause.drafted))
    return wishes


def _placed(wishes: Sequence[Label]) -> list[Label]:
    """All labels where that is possible, else the most urgent ones; above and below do not touch."""
    placed: list[Label] = []
    for side in ("above", "below"):
        of_side = [wish for wish in wishes if wish.side == side][:_MOST_LABELS]
        ways = [list(_ways(wish)) for wish in of_side]
        left_out = range(len(ways) + 1)
        placed += next(found for most in left_out if (found := _fitted(ways, [], most)) is not None)
    return placed


def _fitted(ways: Sequence[Sequence[Label]], placed: list[Label], may_leave_out: int) -> list[Label] | None:
    """The labels placed so far and one way for each of the others, leaving out at most so many of them."""
    if not ways:
        return placed
    for way in ways[0]:
        if all(_apart(way, other) for other in placed):
            found = _fitted(ways[1:], [*placed, way], may_leave_out)
            if found is not None:
                return found
    return _fitted(ways[1:], placed, may_leave_out - 1) if may_leave_out else None


def _ways(wish: Label) -> Iterable[Label]:
    """The same label in each lane and on each side of its line, as far as it stays inside the strip."""
    anchors: tuple[Literal["start", "end"], ...] = ("start", "end") if wish.x < 50 else ("end", "start")
    for lane in range(_LANES):
        for anchor in anchors:
            way = replace(wish, lane=lane, anchor=anchor)
            start, end = _reach(way)
            if start >= 0 and end <= _WIDE:
                yield way


def _reach(label: Label) -> tuple[float, float]:
    """From where to where the words go, in pixels of the narrowest wide strip."""
    at = label.x / 100 * _WIDE
    length = max(len(label.title), len(label.note)) * _LETTER + _BESIDE
    return (at, at + length) if label.anchor == "start" else (at - length, at)


def _apart(one: Label, other: Label) -> bool:
    """Whether no words touch and no line of one runs through the words of the other."""
    (a, b), (c, d) = _reach(one), _reach(other)
    if one.lane == other.lane:
        return b + _APART <= c or d + _APART <= a
    inner, outer = (one, other) if one.lane < other.lane else (other, one)
    start, end = _reach(inner)
    return not start - _APART < outer.x / 100 * _WIDE < end + _APART


def _year_labels(years: Sequence[Year], place: Place, labels: Sequence[Label]) -> Iterable[YearLabel]:
    lines = [label.x / 100 * _WIDE for label in labels if label.side == "above"]
    ends = [place(year.first) for year in years[1:]] + [100.0]
    for year, end in zip(years, ends, strict=True):
        start = place(year.first)
        half = len(year.title) * _LETTER / 2
        ways = [start + (end - start) * share for share in (0.5, 0.35, 0.65, 0.25, 0.75)]
        free = [x for x in ways if all(abs(line - x / 100 * _WIDE) > half for line in lines)]
        yield YearLabel(round((free or ways)[0], 2), year.title, year.short, round(ways[0], 2), bool(free))


def _lanes(labels: Iterable[Label], side: Side) -> int:
    return max((label.lane + 1 for label in labels if label.side == side), default=0)
