"""Finding a session and looking at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from flask import Response, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.activities import access, offers, queries
from dsbs.activities import catalogue as listing
from dsbs.activities.clashing import clashes_of_session
from dsbs.activities.letters import calendar_of
from dsbs.activities.offers import Labels, Offer
from dsbs.activities.place_words import kept_for_others_in_words, why_this_place
from dsbs.activities.places import places_of
from dsbs.activities.rules import Mode, Obstacle, Reason, RegistrationState, SessionFacts, obstacle, refusal
from dsbs.activities.rules.conditions import Candidate
from dsbs.activities.rules.places import Place
from dsbs.activities.standing import Standing, pools_of, standing
from dsbs.activities.views.clashing import as_known, told_to_herself
from dsbs.activities.views.headings import grouped
from dsbs.activities.views.looking_up import candidate_of, owners_of
from dsbs.activities.views.telling import kept_in_words, requirements_told
from dsbs.agenda.clashes import Clash
from dsbs.core import clock, dates
from dsbs.core.access import STAFF, Role, signed_in, viewer
from dsbs.core.db import db
from dsbs.core.errors import sentence_of
from dsbs.core.language import KNOWN
from dsbs.core.refusals import NotFound
from dsbs.core.template import url_with
from dsbs.history.addresses import page_of_changes

_PERIODS = {
    "week": lambda: _("This week"),
    "month": lambda: _("This month"),
    "year": lambda: _("Until the end of the year"),
    "later": lambda: _("After that"),
}


@signed_in
def catalogue() -> str:
    """The sessions to come, by week, with the filters beside them."""
    now, today = clock.now(), clock.today()
    wanted, show = _wanted(today), request.args.get("show", listing.PAGE, type=int)
    found = listing.coming(
        db.session(),
        viewer_id=viewer().id,
        candidate=candidate_of(db.session(), viewer(), listing.requirements_to_come(db.session(), now), now=now),
        wanted=wanted,
        now=now,
        show=min(max(show, 1), 1000),
    )
    labels = offers.labels(db.session())
    return render_template(
        "activities/list.html",
        found=found,
        groups=grouped(found.listings, now, today),
        wanted=wanted,
        period=request.args.get("period", ""),
        words=request.args.get("q", ""),
        filters=_filters(found, labels),
        for_me=_for_me(found, wanted),
        chips=_chips(wanted, labels),
        now=now,
        next_page=show + listing.PAGE,
        why_not=_why_not,
        may_plan=viewer().has(*STAFF),
        lead=_lead(),
    )


@signed_in
def session(session_id: int) -> str:
    """One session: facts first, then what one can do, then what it is about."""
    reading, looking, now = db.session(), viewer(), clock.now()
    offer = offers.offer(reading, session_id)
    owners = access.SessionOwners(offer.id, offer.programmes, offer.state)
    if not access.may_see_session(looking, owners):
        raise NotFound
    people = standing(reading, session_id=session_id, person_id=looking.id, now=now)
    pools = pools_of(reading, [offer.id], now=now).get(offer.id, ()) if offer.keeps_seats(now) else ()
    facts = offer.facts(people.taken, people.waiting, pools)
    place = _place(reading, offer, people, facts)
    candidate = candidate_of(reading, looking, offer.requirements, now=now)
    may_manage = access.may_manage_activity(looking, owners.programmes)
    sees_history = access.may_see_history_of_session(looking, owners)
    why_not = obstacle(facts, candidate, now)
    clashes = _clashes(reading, offer, people, why_not, now)
    return render_template(
        "activities/detail.html",
        offer=offer,
        people=people if place is None else people._replace(place=place.place),
        why_place="" if place is None else why_this_place(place),
        obstacle=why_not,
        why_not=sentence_of(refusal(why_not, facts)) if why_not and people.state is None else None,
        fact_rows=_facts_in_words(offer, dates.language()),
        conditions=requirements_told(reading, offer, candidate, now),
        kept=kept_in_words(pools, facts.free) or _kept_for_others(facts, people, candidate),
        other_dates=_other_dates(reading, offer, now),
        may_enter=people.state is RegistrationState.REGISTERED or may_manage or offer.mode is Mode.OPEN,
        may_manage=may_manage,
        may_see_people=access.may_see_people(looking, owners),
        has_begun=offer.starts_at <= now,
        is_free=offer.free_cancellation_until is not None and now < offer.free_cancellation_until,
        changes_page=page_of_changes("activity_session", offer.id) if sees_history else None,
        clashes=told_to_herself(clashes),
        knows=as_known(clashes),
    )


def _kept_for_others(facts: SessionFacts, people: Standing, candidate: Candidate) -> str:
    """Said where no seat is free, to who may ask or has asked; who waits reads it beside her place."""
    if people.state not in (None, RegistrationState.REQUESTED):
        return ""
    return kept_for_others_in_words(facts.room, candidate.programmes)


def _place(reading: Session, offer: Offer, people: Standing, facts: SessionFacts) -> Place | None:
    """Where the viewer stands in the line, asked only where seats are kept: elsewhere her ticket says it."""
    if not facts.pools or people.state is not RegistrationState.WAITING or people.registration_id is None:
        return None
    return places_of(reading, offer.id, facts).get(people.registration_id)


def _clashes(
    reading: Session, offer: Offer, people: Standing, why_not: Reason | None, now: datetime
) -> Sequence[Clash]:
    """What the viewer has at that time, asked only where she has a part in it or may take one."""
    may_take = why_not in (None, Obstacle.FULL, Obstacle.APPROVAL)
    if not people.is_busy or (people.state is None and not may_take):
        return ()
    return clashes_of_session(reading, offer.id, [viewer().id], now=now)


@signed_in
def session_calendar(session_id: int) -> Response:
    """The meetings of a session as a calendar file."""
    offered = queries.session_in_full(db.session(), session_id)
    if not access.may_see_session(viewer(), owners_of(offered)):
        raise NotFound
    body = calendar_of(offered, stamp=max(meeting.slot.changed_at for meeting in offered.meetings))
    return Response(
        body,
        mimetype="text/calendar",
        headers={"Content-Disposition": f"attachment; filename=session-{offered.id}.ics"},
    )


def _why_not(offer: Offer, taken: int, waiting: int, found: Reason) -> str:
    return sentence_of(refusal(found, offer.facts(taken, waiting)))


def _other_dates(reading: Session, offer: Offer, now: datetime) -> tuple[Offer, ...]:
    """The other sessions of the same activity that have not begun, soonest first."""
    coming = offers.offers_to_come(reading, now.date())
    return tuple(
        other
        for other in coming
        if other.activity_id == offer.activity_id and other.id != offer.id and other.starts_at > now
    )


@lru_cache(1024)
def _facts_in_words(offered: Offer, language: str) -> tuple[tuple[str, str], ...]:
    """What there is to know beside date and place, in this language; what is not given is left out."""
    rows = [
        (_("Spoken in"), KNOWN.get(offered.language, offered.language)),
        (_("Hours"), dates.hours(offered.hours) if offered.hours else ""),
        (_("ECTS credits"), dates.number(offered.credits) if offered.credits else ""),
        (_("Registration opens"), dates.moment(offered.opens_at) if offered.opens_at else ""),
        (_("Registration closes"), dates.moment(offered.closes_at) if offered.closes_at else ""),
        (
            _("Free cancellation until"),
            dates.moment(offered.free_cancellation_until) if offered.free_cancellation_until else "",
        ),
    ]
    return tuple(row for row in rows if row[1])


def _wanted(today: date) -> listing.Wanted:
    """What the address asks for; what it asks for wrongly is left out, since a link may be old."""
    args = request.args
    first, last = _period(args.get("period", ""), today)
    return listing.Wanted(
        words=tuple(args.get("q", "").replace("\0", "").split()[:8]),
        first=first,
        last=last,
        programmes=frozenset(args.getlist("programme", type=int)),
        kinds=frozenset(args.getlist("kind")),
        languages=frozenset(args.getlist("language")),
        free_only="free" in args,
        joinable_only="joinable" in args,
        mine_only="mine" in args,
    )


def _period(name: str, today: date) -> tuple[datetime | None, datetime | None]:
    monday = today - timedelta(days=today.weekday())
    ends = {
        "week": monday + timedelta(days=7),
        "month": (today.replace(day=1) + timedelta(days=32)).replace(day=1),
        "year": today.replace(year=today.year + 1, month=1, day=1),
    }
    if name == "later":
        return clock.from_school_time(ends["year"], time()), None
    return None, clock.from_school_time(ends[name], time()) if name in ends else None


def _lead() -> str:
    words: str = (
        _("Courses, seminars and lectures to come. Take a seat here; the dates go into your calendar.")
        if viewer().has(Role.RESEARCHER)
        else _("Courses, seminars and lectures to come, and how they fill.")
    )
    return words


def _for_me(found: listing.Catalogue, wanted: listing.Wanted) -> tuple[tuple[str, str, int, bool], ...]:
    """What a researcher narrows by for herself; who takes no seats looks for free ones only, for somebody else."""
    free = ("free", _("Has free seats"), found.free, wanted.free_only)
    if not viewer().has(Role.RESEARCHER):
        return (free,)
    return (
        ("joinable", _("I can join"), found.joinable, wanted.joinable_only),
        free,
        ("mine", _("I am in"), found.mine, wanted.mine_only),
    )


def _filters(found: listing.Catalogue, labels: Labels) -> Mapping[str, tuple[tuple[object, ...], ...]]:
    """What each filter may be set to, with how many sessions there are of it; what none is to come of is left out."""
    return {
        "kind": tuple((code, name, found.kinds[code]) for code, name in labels.kinds.items() if code in found.kinds),
        "programme": tuple(
            (programme.id, programme.short_name, found.programmes[programme.id], programme.colour)
            for programme in labels.programmes
            if programme.id in found.programmes
        ),
        "language": tuple((code, KNOWN.get(code, code), count) for code, count in sorted(found.languages.items())),
    }


def _chips(wanted: listing.Wanted, labels: Labels) -> list[tuple[str, str]]:
    """What is filtered now, each with the address without it."""
    args = request.args
    set_now: list[tuple[str, str, object]] = [
        *(
            ("kind", labels.kinds.get(code, code), [kind for kind in args.getlist("kind") if kind != code])
            for code in sorted(wanted.kinds)
        ),
        *(
            ("programme", programme.short_name, [id for id in args.getlist("programme") if id != str(programme.id)])
            for programme in labels.programmes
            if programme.id in wanted.programmes
        ),
        *(
            ("language", KNOWN.get(code, code), [kept for kept in args.getlist("language") if kept != code])
            for code in sorted(wanted.languages)
        ),
    ]
    simple = {
        "joinable": _("I can join"),
        "free": _("Has free seats"),
        "mine": _("I am in"),
    } | ({"period": _PERIODS[args["period"]]()} if args.get("period") in _PERIODS else {})
    set_now += [(name, str(label), None) for name, label in simple.items() if name in args]
    if wanted.words:
        set_now.append(("q", " ".join(wanted.words), None))
    return [(label, url_with(**{name: kept, "show": None})) for name, label, kept in set_now]
