"""The forms in which a coordinator describes an activity and plans its sessions."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.activities import queries
from dsbs.activities.models import Activity, ActivitySession
from dsbs.activities.rules import SessionState
from dsbs.core.db import db
from tests.activities.reading import read, words
from tests.support.cast import Cast
from tests.support.client import Client
from tests.support.reading import hidden

NASTY = [
    "<script>alert(1)</script>",
    "محاضرة في أمراض القلب",
    "𝔖𝔠𝔦𝔢𝔫𝔠𝔢 🧬",
    "'; DROP TABLE activity; --",
]


def plan_form(**other: str) -> dict[str, str]:
    """A sound session as the form sends it."""
    return {
        "label": "",
        "mode": "seat",
        "capacity": "12",
        "meetings-0-day": "2026-12-10",
        "meetings-0-start": "09:00",
        "meetings-0-end": "12:30",
        "meetings-0-venue": "0",
        **other,
    }


def test_a_coordinator_describes_plans_and_publishes(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    cardio = cast.programme("CARDIO").id
    described = client.post(
        "/activities/new",
        data={
            "title": "Reading cardiac MRI",
            "kind": "phd_course",
            "language": "en",
            "description": "Hands on.",
            "hours": "10,5",
            "programmes": [str(cardio)],
        },
    )
    activity = db.session.scalars(select(Activity)).one()
    assert described.headers["Location"] == f"/activities/{activity.id}/sessions/new"
    assert str(activity.hours) == "10.5"

    client.post(f"/activities/{activity.id}/sessions/new", data=plan_form())
    draft = db.session.scalars(select(ActivitySession)).one()
    assert (draft.state, draft.starts_at.isoformat()) == (SessionState.DRAFT, "2026-12-10T08:00:00+00:00")

    client.post(f"/sessions/{draft.id}/publish")
    db.session.rollback()
    published = db.session.scalars(select(ActivitySession)).one()
    assert published.state is SessionState.PUBLISHED
    # Five working days before Thu 10 Dec 2026.
    assert published.free_cancellation_until is not None
    assert published.free_cancellation_until.isoformat() == "2026-12-03T22:59:00+00:00"


def test_free_cancellation_moves_with_its_session_unless_a_coordinator_set_it(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    activity = cast.course(title="Statistics", programmes=["CARDIO"]).activity
    client.post(f"/activities/{activity.id}/sessions/new", data=plan_form())
    made = db.session.scalars(select(ActivitySession).where(ActivitySession.state == SessionState.DRAFT)).one().id
    client.post(f"/sessions/{made}/publish")

    def moved(day: str, until: str) -> str:
        db.session.rollback()
        seen = str(db.session.get_one(ActivitySession, made).revision)
        form = plan_form(revision=seen, free_cancellation_until=until, **{"meetings-0-day": day})
        client.post(f"/sessions/{made}/edit", data=form)
        db.session.rollback()
        kept = db.session.get_one(ActivitySession, made)
        return f"{kept.starts_at:%d %b}, free until {kept.free_cancellation_until:%d %b %H:%M}"

    # Five working days before, 23:59 in Brussels.
    assert moved("2026-12-15", "2026-12-03T23:59") == "15 Dec, free until 08 Dec 22:59"
    assert moved("2026-12-02", "2026-12-08T23:59") == "02 Dec, free until 25 Nov 22:59"
    assert moved("2026-12-10", "2026-12-01T12:00") == "10 Dec, free until 01 Dec 11:00"
    assert moved("2026-12-15", "2026-12-01T12:00") == "15 Dec, free until 01 Dec 11:00"


@pytest.mark.parametrize("title", NASTY)
def test_whatever_is_typed_is_kept_and_shown_as_text(
    app: Flask, client: Client, cast: Cast, roger: int, title: str
) -> None:
    cardio = cast.programme("CARDIO").id
    form = {"title": title, "kind": "phd_course", "language": "en", "description": title}

    answer = client.post("/activities/new", data={**form, "programmes": [str(cardio)]}, follow_redirects=True)

    assert answer.status_code == 200
    assert db.session.scalars(select(Activity.title)).one() == title
    assert "<script>alert" not in words(client.get("/activities/plan"))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"title": ""}, "Give it a title."),
        ({"title": "x" * 201}, "Use at most 200 characters."),
        ({"title": "a\x00b"}, "This holds characters that cannot be shown."),
        ({"kind": "nonsense"}, "Not a valid choice"),
        ({"hours": "many"}, "This is not a number."),
        ({"hours": "nan"}, "This is not a number."),
        ({"hours": "1000"}, "Between half an hour and 999 hours."),
        ({"credits": "61"}, "Between 0.1 and 60 credits."),
        ({"programmes": []}, "Choose at least one programme of yours."),
    ],
)
def test_a_form_with_a_mistake_says_so_beside_the_field_and_keeps_what_was_typed(
    app: Flask, client: Client, cast: Cast, roger: int, changed: dict[str, object], sentence: str
) -> None:
    cardio = str(cast.programme("CARDIO").id)
    sound: dict[str, object] = {
        "title": "Reading cardiac MRI",
        "kind": "phd_course",
        "language": "en",
        "description": "What was typed before",
        "programmes": [cardio],
    }

    page = words(client.post("/activities/new", data=sound | changed))

    assert sentence in page
    assert "What was typed before" in page
    assert db.session.scalars(select(Activity)).all() == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"capacity": ""}, "Say how many seats there are."),
        ({"capacity": "0"}, "Between 1 and 2,000 seats."),
        ({"capacity": "ten"}, "This is not a whole number."),
        ({"meetings-0-day": "2026-02-31"}, "This day does not exist."),
        ({"meetings-0-day": ""}, "Choose a day."),
        ({"meetings-0-day": "2025-12-10"}, "This day is past. Check the year."),
        ({"meetings-0-day": "2062-12-10"}, "This day is years away. Check the year."),
        ({"meetings-0-start": "25:00"}, "This time cannot be read."),
        ({"meetings-0-end": "08:00"}, "A meeting lasts longer than 14 hours."),
        ({"meetings-0-day": "2027-03-28", "meetings-0-start": "02:30"}, "the clocks go forward"),
        ({"meetings-0-day": "2027-10-31", "meetings-0-start": "02:30"}, "the clocks go back"),
        ({"online_link": "javascript:alert(1)"}, "This is not a web address."),
        ({"opens_at": "2027-01-01T09:00"}, "Registration opens after the session has begun."),
    ],
)
def test_a_session_with_a_mistake_is_told_in_one_sentence(
    app: Flask, client: Client, cast: Cast, roger: int, changed: dict[str, str], sentence: str
) -> None:
    activity_id = cast.course(programmes=["CARDIO"]).activity_id

    page = words(client.post(f"/activities/{activity_id}/sessions/new", data=plan_form(**changed)))

    assert sentence in page
    assert len(db.session.scalars(select(ActivitySession)).all()) == 1


def test_an_empty_session_names_all_that_is_missing_at_once(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    activity_id = cast.course(programmes=["CARDIO"]).activity_id
    nothing = dict.fromkeys(("capacity", "meetings-0-day", "meetings-0-start", "meetings-0-end"), "")

    page = words(client.post(f"/activities/{activity_id}/sessions/new", data=plan_form(**nothing)))

    beside = {field: page.partition(f'id="{field}-error"')[2].partition("</span></span>")[0] for field in nothing}
    told = {field: read(error.partition("<span>")[2]) for field, error in beside.items()}
    assert told == {
        "capacity": "Say how many seats there are.",
        "meetings-0-day": "Choose a day.",
        "meetings-0-start": "Say when it begins.",
        "meetings-0-end": "Say when it ends.",
    }


def test_seats_are_asked_for_only_where_there_are_seats(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    activity_id = cast.course(programmes=["CARDIO"]).activity_id

    client.post(f"/activities/{activity_id}/sessions/new", data=plan_form(mode="count", capacity=""))

    assert len(db.session.scalars(select(ActivitySession)).all()) == 2
    page = read(client.get(f"/activities/{activity_id}/sessions/new"))
    assert "Seats (optional)" not in page


def test_a_mistyped_year_is_told_as_one_and_not_by_what_follows_from_it(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    course_id = cast.course(programmes=["CARDIO"]).id
    mistyped = plan_form(revision="1", free_cancellation_until="2026-12-03T23:59", **{"meetings-0-day": "2016-12-10"})

    page = words(client.post(f"/sessions/{course_id}/edit", data=mistyped))

    assert "This day is past. Check the year." in page
    assert "Free cancellation ends after" not in page


def test_a_session_across_midnight_ends_on_the_next_day(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    activity_id = cast.course(programmes=["CARDIO"]).activity_id
    late = plan_form(**{"meetings-0-start": "20:00", "meetings-0-end": "01:00"})

    client.post(f"/activities/{activity_id}/sessions/new", data=late)

    made = db.session.scalars(select(ActivitySession).order_by(ActivitySession.id.desc())).first()
    assert made is not None
    assert (made.ends_at - made.starts_at).total_seconds() == 5 * 3600
    assert "Thu 10 Dec 2026, 20:00 – Fri 11 Dec 2026, 1:00" in read(client.get(f"/sessions/{made.id}"))


def test_a_room_that_is_taken_is_named_and_what_was_typed_stays(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    room = cast.venue("Room 02.114")
    there = cast.course(title="First here", venue=room, programmes=["CARDIO"])
    form = plan_form(**{"meetings-0-venue": str(room.id), "meetings-0-start": "10:30", "label": "Kept label"})

    page = words(client.post(f"/activities/{there.activity_id}/sessions/new", data=form))

    assert "Room 02.114 is taken by" in page
    assert "First here" in page
    assert "Kept label" in page


def test_another_meeting_is_a_row_more_and_saves_nothing(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    activity_id = cast.course(programmes=["CARDIO"]).activity_id

    page = words(client.post(f"/activities/{activity_id}/sessions/new", data=plan_form(add_meeting="1")))

    assert 'name="meetings-1-day"' in page
    assert 'value="2026-12-10"' in page
    assert len(db.session.scalars(select(ActivitySession)).all()) == 1


def test_the_second_of_two_coordinators_sees_that_something_changed_and_may_save_after_a_look(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    course = cast.course(programmes=["CARDIO"])
    first = plan_form(revision="1", label="By the first")
    client.post(f"/sessions/{course.id}/edit", data=first)

    page = words(client.post(f"/sessions/{course.id}/edit", data=plan_form(revision="1", label="By the second")))

    assert "Somebody changed this session while you were typing." in page
    assert "By the second" in page
    db.session.rollback()
    assert db.session.get_one(ActivitySession, course.id).label == "By the first"

    (now,) = re.findall(r'name="revision"[^>]*value="(\d+)"', page)
    client.post(f"/sessions/{course.id}/edit", data=plan_form(revision=now, label="By the second"))

    db.session.rollback()
    assert db.session.get_one(ActivitySession, course.id).label == "By the second"


def test_a_course_that_is_spoken_in_dutch_stays_so_when_its_text_is_saved(
    client: Client, cast: Cast, roger: int
) -> None:
    activity = cast.course(title="Wetenschappelijk Nederlands", programmes=["CARDIO"]).activity
    text = {"title": activity.title, "kind": activity.kind, "hours": "3"}
    text["programmes"] = str(cast.programme("CARDIO").id)
    client.post(f"/activities/{activity.id}/edit", data={**text, "language": "nl", "revision": "1"})

    form = client.get(f"/activities/{activity.id}/edit").text

    assert '<option selected value="nl">Nederlands</option>' in form


def test_the_second_of_two_who_change_an_activity_undoes_nothing_unseen(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    course, cardio = cast.course(title="Writing", programmes=["CARDIO"]), str(cast.programme("CARDIO").id)
    address = f"/activities/{course.activity_id}/edit"
    both = {"kind": "phd_course", "language": "en", "programmes": cardio}
    seen = hidden(client.get(address))
    asked = {"title": "Writing", "requirements-0-one_of-0-kind": "approval"}
    client.post(address, data={**both, **seen, **asked})

    late = client.post(address, data={**both, **seen, "title": "Writing well"})
    kept = as_it_stands(course.activity_id)
    again = client.post(address, data={**both, **hidden(late), "title": "Writing well"})

    assert ("Somebody changed this" in words(late), kept) == (True, ("Writing", ["approval"]))
    assert (again.status_code, as_it_stands(course.activity_id)[0]) == (302, "Writing well")


def as_it_stands(activity_id: int) -> tuple[str, list[str]]:
    """The title and the kinds of conditions, read anew."""
    db.session.rollback()
    activity = queries.activity_in_full(db.session(), activity_id)
    return activity.title, [condition.kind.value for condition in activity.conditions]
