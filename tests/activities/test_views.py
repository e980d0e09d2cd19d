"""The pages of activities as people use them."""

from __future__ import annotations

import icalendar
import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.activities import queries
from dsbs.activities.models import Activity, ActivitySession
from dsbs.activities.rules import Mode, SessionState
from dsbs.core.access import Role
from dsbs.core.db import db
from dsbs.mail.models import Message
from tests.activities.reading import read, words
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.statements import statements

NASTY = [
    "<script>alert(1)</script>",
    "محاضرة في أمراض القلب",
    "𝔖𝔠𝔦𝔢𝔫𝔠𝔢 🧬",
    "'; DROP TABLE activity; --",
]


@pytest.fixture
def britt(cast: Cast, client: Client) -> int:
    """A researcher of CARDIO, signed in."""
    person = cast.researcher("Britt Bauwens", "CARDIO")
    sign_in(client, person)
    return person.id


@pytest.fixture
def roger(cast: Cast, client: Client) -> int:
    """The coordinator of CARDIO, signed in."""
    person = cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")
    sign_in(client, person)
    return person.id


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


def test_a_seat_taken_is_confirmed_and_stands_on_ones_own_page(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    course = cast.course(title="Scientific writing", venue=cast.venue("Room 02.114"))

    taken = client.post(f"/sessions/{course.id}/register", follow_redirects=True)

    assert "You have the seat Scientific writing: Thu 10 Dec 2026" in read(taken)
    mine = words(client.get("/my/activities"))
    assert "Scientific writing" in mine
    assert "Thu 10 Dec 2026" in mine
    assert "Room 02.114" in mine


def test_a_double_click_takes_one_seat_and_says_so(app: Flask, client: Client, cast: Cast, britt: int) -> None:
    course_id = cast.course().id
    client.post(f"/sessions/{course_id}/register")

    again = client.post(
        f"/sessions/{course_id}/register",
        follow_redirects=True,
        headers={"Referer": f"http://localhost/sessions/{course_id}"},
    )

    assert "You are registered already." in words(again)
    assert len(queries.active_registrations(db.session(), course_id)) == 1


def test_a_full_session_says_why_and_has_a_waiting_list(app: Flask, client: Client, cast: Cast, britt: int) -> None:
    course = cast.course(capacity=1)
    other = cast.researcher("Hugo Coppens", "NEURO")
    client_of_other = app.test_client()
    sign_in(client_of_other, other)
    client_of_other.post(f"/sessions/{course.id}/register")

    page = words(client.get(f"/sessions/{course.id}"))

    assert "The only seat is taken. If it is given back, it is offered to who waits longest." in page
    assert ("Take a seat" in page, "Join the waiting list" in page) == (False, True)


def test_a_stale_tab_that_asks_for_the_last_seat_reads_that_it_is_full(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    course_id = cast.course(capacity=1).id
    client.get(f"/sessions/{course_id}")
    client_of_other = app.test_client()
    sign_in(client_of_other, cast.researcher("Hugo Coppens"))
    client_of_other.post(f"/sessions/{course_id}/register")

    late = client.post(
        f"/sessions/{course_id}/register",
        follow_redirects=True,
        headers={"Referer": f"http://localhost/sessions/{course_id}"},
    )

    assert "The only seat is taken. If it is given back, it is offered to who waits longest." in words(late)


def test_what_is_for_other_programmes_stays_in_the_list_with_its_reason(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    cast.course(title="Only for neuro", programmes=["NEURO"], conditions=[cast.only("NEURO")])

    page = words(client.get("/activities"))

    assert "Only for neuro" in page
    assert "This is for researchers of Neuro." in page


def test_filters_narrow_the_catalogue_and_can_be_taken_away(app: Flask, client: Client, cast: Cast, britt: int) -> None:
    cast.course(title="Writing for hearts", programmes=["CARDIO"])
    cast.course(title="Writing for brains", programmes=["NEURO"], mode=Mode.COUNT)
    cardio = cast.programme("CARDIO").id

    narrowed = words(client.get(f"/activities?programme={cardio}&q=writing&free=1&language=en&kind=skills_academic"))

    assert "Writing for hearts" in narrowed
    assert "Writing for brains" not in narrowed
    assert "1 of 2 from now on" in narrowed
    assert f"programme={cardio}&amp;free=1" in narrowed.replace("&q=writing", "")


@pytest.mark.parametrize(
    "query", ["q=%00", "kind=a%00b", "programme=x", "kind=nothing", "period=never", "show=-3", "show=a", "q=%25"]
)
def test_a_bent_address_is_answered_as_well_as_it_can_be(
    app: Flask, client: Client, cast: Cast, britt: int, query: str
) -> None:
    cast.course(title="Scientific writing")

    assert client.get(f"/activities?{query}").status_code == 200


def test_a_path_with_a_nul_does_not_exist(app: Flask, client: Client, britt: int) -> None:
    assert client.get("/programmes/%00").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_catalogue(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    def queries_of_a_visit() -> int:
        with statements() as seen:
            assert client.get("/activities").status_code == 200
        return len(seen)

    for number in range(3):
        cast.course(title=f"Course {number}", programmes=["CARDIO", "NEURO"])
    few_read, few_kept = queries_of_a_visit(), queries_of_a_visit()
    for number in range(20):
        cast.course(title=f"More {number}", programmes=["CARDIO"], meetings=2)

    assert (queries_of_a_visit(), queries_of_a_visit()) == (few_read, few_kept)
    assert few_kept < few_read < 12


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


def test_a_draft_is_nothing_to_researchers(app: Flask, client: Client, cast: Cast, britt: int) -> None:
    draft = cast.course(title="Secret plans", published=False)

    assert client.get(f"/sessions/{draft.id}").status_code == 404
    assert "Secret plans" not in words(client.get("/activities"))


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


def test_the_second_of_two_coordinators_sees_that_something_changed(
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


def test_a_course_that_is_spoken_in_dutch_stays_so_when_its_text_is_saved(
    client: Client, cast: Cast, roger: int
) -> None:
    activity = cast.course(title="Wetenschappelijk Nederlands", programmes=["CARDIO"]).activity
    text = {"title": activity.title, "kind": activity.kind, "hours": "3"}
    text["programmes"] = str(cast.programme("CARDIO").id)
    client.post(f"/activities/{activity.id}/edit", data={**text, "language": "nl", "revision": "1"})

    form = client.get(f"/activities/{activity.id}/edit").text

    assert '<option selected value="nl">Nederlands</option>' in form


def test_people_are_added_from_a_pasted_list_and_told(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course = cast.course(programmes=["CARDIO"])
    for name in ("Ada Eerste", "Bea Tweede"):
        cast.person(name, Role.RESEARCHER)
    pasted = "ada.eerste@school.example;\n  BEA.TWEEDE@school.example , "

    client.post(f"/sessions/{course.id}/people", data={"people": pasted, "reason": "From the waiting list"})

    inside = queries.active_registrations(db.session(), course.id)
    assert [(found.person.name, found.number) for found in inside] == [("Ada Eerste", 1), ("Bea Tweede", 2)]
    assert db.session.scalars(select(Message.template)).all() == ["activities/added", "activities/added"]


def test_a_list_with_an_unknown_name_adds_nobody_and_names_it(
    app: Flask, client: Client, cast: Cast, roger: int
) -> None:
    course = cast.course(programmes=["CARDIO"])
    cast.person("Ada Eerste", Role.RESEARCHER)
    pasted = "ada.eerste@school.example nobody@school.example"

    page = words(client.post(f"/sessions/{course.id}/people", data={"people": pasted}))

    assert "Not known here: nobody@school.example. Nobody was added." in page
    assert "ada.eerste@school.example nobody@school.example" in page
    assert queries.active_registrations(db.session(), course.id) == []


def test_more_people_than_seats_are_refused_as_a_whole(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course = cast.course(programmes=["CARDIO"], capacity=1)
    for name in ("Ada Eerste", "Bea Tweede"):
        cast.person(name)

    page = words(
        client.post(
            f"/sessions/{course.id}/people", data={"people": "ada.eerste@school.example bea.tweede@school.example"}
        )
    )

    assert "You named 2, and 1 of 1 seats are free. Nobody was added." in page


def test_who_is_removed_reads_why(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course = cast.course(programmes=["CARDIO"])
    cast.person("Ada Eerste")
    client.post(f"/sessions/{course.id}/people", data={"people": "ada.eerste@school.example"})
    (inside,) = queries.active_registrations(db.session(), course.id)

    client.post(f"/sessions/{course.id}/people/{inside.id}/remove", data={"reason": "Double booking"})

    db.session.rollback()
    ended = queries.registration_in_full(db.session(), inside.id)
    assert (ended.state.value, ended.reason) == ("removed", "Double booking")


def test_the_list_of_people_is_harmless_in_a_spreadsheet(app: Flask, client: Client, cast: Cast, roger: int) -> None:
    course = cast.course(programmes=["CARDIO"])
    cast.person("=1+1 Formula", mail="formula@school.example")
    client.post(f"/sessions/{course.id}/people", data={"people": "formula@school.example"})

    lines = words(client.get(f"/sessions/{course.id}/people.csv")).splitlines()

    assert lines[1] == "1;Formula;'=1+1;formula@school.example;2026-11-24;;"


def test_a_teacher_sees_the_people_of_her_session_and_cannot_change_them(
    app: Flask, client: Client, cast: Cast
) -> None:
    course = cast.course(programmes=["CARDIO"])
    tess = cast.person("Tess Molendijks", Role.ORGANISER, session_id=course.id)
    sign_in(client, tess)

    assert client.get(f"/sessions/{course.id}/people").status_code == 200
    assert client.post(f"/sessions/{course.id}/people", data={"people": "x@school.example"}).status_code == 404


def test_the_calendar_file_of_a_session_is_read_by_a_calendar(
    app: Flask, client: Client, cast: Cast, britt: int
) -> None:
    course = cast.course(title="Scientific writing", meetings=2, venue=cast.venue("Room 02.114"))

    answer = client.get(f"/sessions/{course.id}.ics")

    events = icalendar.Calendar.from_ical(answer.get_data()).walk("VEVENT")
    assert [str(found["SUMMARY"]) for found in events] == ["Scientific writing"] * 2
    assert [str(found["LOCATION"]) for found in events] == ["Room 02.114"] * 2
    assert events[0].decoded("DTSTART") == course.starts_at


def test_a_post_without_the_token_changes_nothing(app: Flask, client: Client, cast: Cast, britt: int) -> None:
    course = cast.course()

    answer = client.post(f"/sessions/{course.id}/register", csrf=False)

    assert answer.status_code == 400
    assert queries.active_registrations(db.session(), course.id) == []


def test_an_id_that_no_row_could_have_is_a_page_that_does_not_exist(app: Flask, client: Client, britt: int) -> None:
    for number in ("0", "99999999999999999999", "2147483648"):
        assert client.get(f"/sessions/{number}").status_code == 404


def test_coming_late_changes_what_can_be_done(app: Flask, client: Client, cast: Cast, clock: Clock, britt: int) -> None:
    course = cast.course()
    starts_at, ends_at = course.starts_at, course.ends_at
    clock.move_to(starts_at)
    assert "This session has begun." in words(client.get(f"/sessions/{course.id}"))

    clock.move_to(ends_at)
    assert "This session is over." in words(client.get(f"/sessions/{course.id}"))
