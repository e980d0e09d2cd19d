"""The pages of activities as a researcher uses them: finding, taking a seat, one's own page."""

from __future__ import annotations

import icalendar
import pytest
from flask import Flask

from dsbs.activities import queries
from dsbs.activities.rules import Mode
from dsbs.core.db import db
from tests.activities.reading import read, words
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock
from tests.support.statements import statements


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


def test_a_draft_is_nothing_to_researchers(app: Flask, client: Client, cast: Cast, britt: int) -> None:
    draft = cast.course(title="Secret plans", published=False)

    assert client.get(f"/sessions/{draft.id}").status_code == 404
    assert "Secret plans" not in words(client.get("/activities"))


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
