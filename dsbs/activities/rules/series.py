"""What sessions of a series have in common, and how a change of one goes on to those that follow. Pure.

Each session is looked at from its own first day, so that ten Tuesdays at 14:00 are the same ten times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from dsbs.activities.rules import MeetingPlan, Mode, SessionPlan


class Aspect(StrEnum):
    """One thing in which sessions of a series are alike or differ.

    ``DAYS``: the day of the week, and how the meetings lie after the first day. ``HOURS``: from when to when on the
    clocks. ``MEETINGS``: days, hours and places together, where the number of meetings differs. ``OPENS``, ``CLOSES``,
    ``FREE`` and ``KEPT`` (seats for a programme) have moments counted from the first day.
    """

    LABEL = "label"
    MEETINGS = "meetings"
    DAYS = "days"
    HOURS = "hours"
    PLACES = "places"
    LINK = "link"
    WORDS = "words"
    SEATS = "seats"
    KEPT = "kept"
    OPENS = "opens"
    CLOSES = "closes"
    FREE = "free"


Values = Mapping[Aspect, Hashable]
#: A moment as a session has it: so many days from the first one, at this time of the clocks.
_Relative = tuple[int, time]
_OF_MEETINGS = frozenset({Aspect.DAYS, Aspect.HOURS, Aspect.PLACES})


def values_of(plan: SessionPlan, zone: tzinfo, *, usual_free: datetime | None = None) -> Values:
    """How a session stands in each aspect, the same for those that are alike.

    ``usual_free`` is when free cancellation ends for it by the rules of the school; one that ends so is like any other.
    """
    days, hours, places = _days(plan, zone), _hours(plan, zone), _places(plan)
    relative = [(day - days[0]).days for day in days]
    free = plan.free_cancellation_until
    return {
        Aspect.LABEL: plan.label,
        Aspect.MEETINGS: (days[0].weekday(), *zip(relative, hours, places, strict=True)),
        Aspect.DAYS: (days[0].weekday(), *relative),
        Aspect.HOURS: tuple(hours),
        Aspect.PLACES: tuple(places),
        Aspect.LINK: plan.online_link,
        Aspect.WORDS: plan.mail_words,
        Aspect.SEATS: _seats(plan),
        Aspect.KEPT: frozenset(
            (kept.programme_id, kept.seats, _relative(kept.until, days[0], zone)) for kept in plan.reservations
        ),
        Aspect.OPENS: _relative(plan.opens_at, days[0], zone),
        Aspect.CLOSES: _relative(plan.closes_at, days[0], zone),
        Aspect.FREE: None if free == usual_free else _relative(free, days[0], zone),
    }


def common(each: Sequence[Values], among: Iterable[Aspect]) -> Values:
    """What most of them have in each of these aspects; of two that are equally frequent the earlier one's."""
    return {aspect: Counter(values[aspect] for values in each).most_common(1)[0][0] for aspect in among}


def changed_aspects(before: SessionPlan, after: SessionPlan, zone: tzinfo) -> frozenset[Aspect]:
    """In what an edit changes a session. Moments that were not typed anew do not count, wherever the session goes."""
    was, now = values_of(before, zone), values_of(after, zone)
    plain = (Aspect.LABEL, Aspect.HOURS, Aspect.PLACES, Aspect.LINK, Aspect.WORDS, Aspect.SEATS)
    found = {aspect for aspect in plain if was[aspect] != now[aspect]}
    moved = {
        Aspect.DAYS: (_days(before, zone), _days(after, zone)),
        Aspect.KEPT: (set(before.reservations), set(after.reservations)),
        Aspect.OPENS: (before.opens_at, after.opens_at),
        Aspect.CLOSES: (before.closes_at, after.closes_at),
        Aspect.FREE: (before.free_cancellation_until, after.free_cancellation_until),
    }
    found |= {aspect for aspect, (old, new) in moved.items() if old != new}
    return _folded(found) if len(before.meetings) != len(after.meetings) else frozenset(found)


def wanted_for(plan: SessionPlan, before: SessionPlan, changed: Collection[Aspect]) -> frozenset[Aspect]:
    """The same for a follower: one with another number of meetings has all that is theirs changed, or nothing."""
    return _folded(changed) if len(plan.meetings) != len(before.meetings) else frozenset(changed)


def carried_over(
    plan: SessionPlan, *, before: SessionPlan, after: SessionPlan, aspects: Collection[Aspect], zone: tzinfo
) -> SessionPlan:
    """A follower's plan with what an edit did in these aspects, at the same hours of the clocks in ``zone``.

    Its days move by as many days as the edited session's first one, from that one's day of the week.
    """
    meetings = _meetings(plan, before, after, aspects, zone)
    first, origin = _first(meetings, zone), _days(after, zone)[0]

    def here(moment: datetime | None) -> datetime | None:
        relative = _relative(moment, origin, zone)
        return None if relative is None else _moment(first, *relative, zone)

    new: dict[Aspect, dict[str, object]] = {
        Aspect.LABEL: {"label": after.label},
        Aspect.LINK: {"online_link": after.online_link},
        Aspect.WORDS: {"mail_words": after.mail_words},
        Aspect.SEATS: {"mode": after.mode, "capacity": after.capacity},
        Aspect.KEPT: {
            "reservations": [replace(kept, until=here(kept.until)) for kept in after.reservations]  # type: ignore[arg-type]
        },
        Aspect.OPENS: {"opens_at": here(after.opens_at)},
        Aspect.CLOSES: {"closes_at": here(after.closes_at)},
        Aspect.FREE: {"free_cancellation_until": here(after.free_cancellation_until)},
    }
    values = {name: value for aspect in aspects for name, value in new.get(aspect, {}).items()}
    return replace(plan, meetings=meetings, **values)  # type: ignore[arg-type]


def _meetings(
    plan: SessionPlan, before: SessionPlan, after: SessionPlan, aspects: Collection[Aspect], zone: tzinfo
) -> Sequence[MeetingPlan]:
    if _OF_MEETINGS.isdisjoint(aspects) and Aspect.MEETINGS not in aspects:
        return plan.meetings

    def is_new(aspect: Aspect) -> bool:
        return not {aspect, Aspect.MEETINGS}.isdisjoint(aspects)

    days, hours, places = _days(plan, zone), _hours(plan, zone), _places(plan)
    if is_new(Aspect.DAYS):
        was, then = _days(before, zone), _days(after, zone)
        first = days[0] + timedelta(days=was[0].weekday() - days[0].weekday()) + (then[0] - was[0])
        days = [first + (day - then[0]) for day in then]
    if is_new(Aspect.HOURS):
        hours = _hours(after, zone)
    if is_new(Aspect.PLACES):
        places = _places(after)
    return [
        MeetingPlan(start=_moment(day, 0, begins, zone), end=_moment(day, nights, ends, zone), venue_id=place)
        for day, (begins, nights, ends), place in zip(days, hours, places, strict=True)
    ]


def _folded(aspects: Collection[Aspect]) -> frozenset[Aspect]:
    """Days, hours and places as one, where any of them is among these."""
    if _OF_MEETINGS.isdisjoint(aspects):
        return frozenset(aspects)
    return frozenset({Aspect.MEETINGS, *aspects} - _OF_MEETINGS)


def _in_order(plan: SessionPlan) -> list[MeetingPlan]:
    return sorted(plan.meetings, key=lambda meeting: meeting.start)


def _days(plan: SessionPlan, zone: tzinfo) -> list[date]:
    return [meeting.start.astimezone(zone).date() for meeting in _in_order(plan)]


def _hours(plan: SessionPlan, zone: tzinfo) -> list[tuple[time, int, time]]:
    """When each meeting begins, and when it ends so many nights later."""
    spans = [(meeting.start.astimezone(zone), meeting.end.astimezone(zone)) for meeting in _in_order(plan)]
    return [(start.time(), (end.date() - start.date()).days, end.time()) for start, end in spans]


def _places(plan: SessionPlan) -> list[int | None]:
    return [meeting.venue_id for meeting in _in_order(plan)]


def _seats(plan: SessionPlan) -> tuple[Mode, int | None]:
    return plan.mode, plan.capacity if plan.mode is Mode.SEAT else None


def _first(meetings: Sequence[MeetingPlan], zone: tzinfo) -> date:
    return min(meeting.start for meeting in meetings).astimezone(zone).date()


def _relative(moment: datetime | None, first: date, zone: tzinfo) -> _Relative | None:
    if moment is None:
        return None
    local = moment.astimezone(zone)
    return (local.date() - first).days, local.time()


def _moment(first: date, days: int, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(first + timedelta(days=days), at, zone).astimezone(UTC)
