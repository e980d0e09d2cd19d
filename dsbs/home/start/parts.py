"""What a start page is composed of; a role's file fills it, the page orders it and the template draws it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from markupsafe import Markup
from sqlalchemy.orm import Session

from dsbs.core import clock, dates
from dsbs.core.access import Viewer

#: So many steps are shown; the others are one click away.
STEPS_SHOWN = 5


@dataclass(frozen=True)
class Look:
    """Who looks, and when."""

    session: Session
    viewer: Viewer
    now: datetime
    today: date


@dataclass(frozen=True)
class Action:
    """A button: its words and where it leads. ``post`` changes something."""

    label: str
    url: str
    post: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do or to be at, in the reader's language.

    ``at`` is the moment that it is about; what has none shows a ``count`` of (number, what they are) instead of a day.
    ``lost_at`` is when something is lost if the reader does nothing: the earliest of these stands first. The first of
    the ``actions`` is its button; the others are shown only on the first step of the page. ``url`` is where the title
    leads, when that is not where the button leads.
    """

    title: str
    text: str
    actions: tuple[Action, ...]
    at: datetime | None = None
    url: str | None = None
    count: tuple[int, str] | None = None
    detail: str = ""
    state: tuple[str, str] | None = None
    lost_at: datetime | None = None

    @property
    def on(self) -> date | None:
        """The day that it is about, as the school's calendar has it."""
        return clock.local(self.at).date() if self.at else None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody else has to do; ``state`` is its tone and words, ``link`` where one sees it."""

    title: str
    state: tuple[str, str]
    text: str
    link: tuple[str, str] | None = None


@dataclass(frozen=True)
class Section:
    """A part of the page below the steps: the template that draws it, and its values."""

    template: str
    values: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Empty:
    """What a page without steps says: what would be here, why it is not, the one thing to do."""

    title: str
    text: str
    label: str
    url: str


@dataclass(kw_only=True)
class Part:
    """What one role adds to the page. ``foot`` is whom to ask, as (name, mail address)."""

    empty: Empty | None = None
    steps: Sequence[Step] = ()
    asked: Sequence[Asked] = ()
    sections: Sequence[Section] = ()
    foot: tuple[str, str] | None = None


@dataclass(frozen=True)
class Steps:
    """All steps in their order: what is lost first, then by their moment, then what has none."""

    first: Step | None = None
    shown: Sequence[Step] = field(default_factory=list)
    rest: Sequence[Step] = field(default_factory=list)


def ordered(steps: Iterable[Step]) -> Steps:
    """Put the steps of all roles into one order."""
    in_order = sorted(steps, key=lambda step: (_timestamp(step.at), step.title))
    if not in_order:
        return Steps()
    at_stake = (step for step in in_order if step.lost_at)
    first = min(at_stake, key=lambda step: _timestamp(step.lost_at), default=in_order[0])
    others = [step for step in in_order if step is not first]
    return Steps(first, others[: STEPS_SHOWN - 1], others[STEPS_SHOWN - 1 :])


def _timestamp(moment: datetime | None) -> float:
    return moment.timestamp() if moment else float("inf")


def when_and_where(start: datetime, end: datetime, where: str) -> str:
    """One line: the day in full, the times unbroken, the place."""
    day, times = dates.span_parts(start, end)
    line = Markup('{}<span class="nw">{}</span>').format(day, times)
    return Markup("{}, {}").format(line, where) if where else line
