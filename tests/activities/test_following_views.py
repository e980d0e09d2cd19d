"""“This one and those that follow” on the page: chosen, looked at with all that it does, ticked, saved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from dsbs.core.access import Role
from tests.activities.reading import read, words
from tests.activities.test_planning import hidden
from tests.activities.weekly import Weekly
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock


class Desk:
    """Four Thursdays of CARDIO, which Roger plans; Britt is in the second and third."""

    def __init__(self, client: Client, cast: Cast, clock: Clock) -> None:
        self.client, self.cast, self.weekly = client, cast, Weekly(cast, clock)
        self.britt = cast.person("Britt Bauwens")
        self.weekly.seat(self.britt, 1, 2)
        sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))

    def form(self, place: int = 0, *, hour: int = 14, **more: str) -> dict[str, str]:
        """The session at another hour, for all that follow, as the form sends it."""
        offered = self.weekly.now(place)
        day = self.weekly.meetings(place)[0].start.date().isoformat()
        return {
            "revision": str(offered.revision),
            "mode": "seat",
            "capacity": "30",
            "meetings-0-day": day,
            "meetings-0-start": f"{hour}:00",
            "meetings-0-end": f"{hour + 3}:00",
            "meetings-0-venue": str(self.weekly.room.id),
            "scope": "following",
            **more,
        }

    def send(self, form: dict[str, object], place: int = 0) -> TestResponse:
        """Send it; the page that comes."""
        address = f"/sessions/{self.weekly.ids[place]}/edit"
        return self.client.post(address, data=form, follow_redirects=True)

    def ticks(self, page: TestResponse, *besides: int, step: str = "save", **more: object) -> dict[str, object]:
        """What the question sends again, without the ticks of the sessions at these places."""
        kept = [str(id_) for place, id_ in enumerate(self.weekly.ids) if place not in besides]
        return {**hidden(page), "with": kept, "step": step, **more}


@pytest.fixture
def desk(app: Flask, client: Client, cast: Cast, clock: Clock) -> Desk:
    """See ``Desk``."""
    return Desk(client, cast, clock)


TEN = ["10.12. 10:00", "17.12. 10:00", "24.12. 10:00", "31.12. 10:00"]
TWO = ["10.12. 14:00", "17.12. 14:00", "24.12. 14:00", "31.12. 14:00"]


def test_the_choice_is_given_where_sessions_follow_and_only_there(desk: Desk) -> None:
    first, last = (words(desk.client.get(f"/sessions/{desk.weekly.ids[place]}/edit")) for place in (0, 3))

    assert "This one and the 3 that follow" in first
    assert 'name="scope"' not in last


def test_what_becomes_of_each_is_shown_before_anything_is_saved(desk: Desk) -> None:
    desk.cast.course(title="Other", venue=desk.weekly.room, starts_in=timedelta(days=30, hours=4))

    page = read(desk.send(desk.form()))

    assert "3 sessions change. 1 person is told by mail. 1 session cannot be changed so" in page
    assert "becomes Thu 17 Dec 2026, 14:00–17:00" in page
    assert "“Other”" in page
    assert desk.weekly.begins() == TEN


def test_what_was_looked_at_is_saved_by_one_more_click(desk: Desk) -> None:
    page = desk.send(desk.form())

    done = read(desk.send(desk.ticks(page)))

    assert "4 sessions are changed 1 person is told by mail." in done
    assert desk.weekly.begins() == TWO


def test_the_choice_of_only_this_one_changes_only_this_one(desk: Desk) -> None:
    desk.send(desk.form(scope="one"))

    assert desk.weekly.begins() == [TWO[0], *TEN[1:]]


def test_one_whose_tick_is_taken_away_stays(desk: Desk) -> None:
    page = desk.send(desk.form())

    desk.send(desk.ticks(page, 2))

    assert desk.weekly.begins() == [TWO[0], TWO[1], TEN[2], TWO[3]]


def test_one_that_cannot_be_must_be_left_out_first(desk: Desk) -> None:
    desk.cast.course(title="Other", venue=desk.weekly.room, starts_in=timedelta(days=30, hours=4))
    page = desk.send(desk.form())

    again = desk.send(desk.ticks(page))
    assert "Nothing was saved: take the tick away from what cannot be" in read(again)
    assert desk.weekly.begins() == TEN

    desk.send(desk.ticks(again, 2))
    assert desk.weekly.begins() == [TWO[0], TWO[1], TEN[2], TWO[3]]


def test_one_that_differed_follows_by_a_tick_of_its_own(desk: Desk) -> None:
    desk.weekly.change_alone(2, capacity=12)
    page = desk.send(desk.form(hour=10, capacity="25"))

    assert "Seats: it has 12 seats. Let it become 25 seats, too." in read(page)
    desk.send(desk.ticks(page, also=f"{desk.weekly.ids[2]}-seats"))

    assert desk.weekly.capacities() == [25, 25, 25, 25]


def test_a_session_that_somebody_changed_since_is_shown_once_more(desk: Desk) -> None:
    page = desk.send(desk.form())
    desk.weekly.change_alone(2, label="With guests")

    again = desk.send(desk.ticks(page))
    assert "Nothing was saved: something is different from what you saw." in read(again)
    assert desk.weekly.begins() == TEN

    desk.send(desk.ticks(again))
    assert desk.weekly.begins() == TWO


def test_a_clash_that_arose_since_is_shown_once_more(desk: Desk) -> None:
    page = desk.send(desk.form())
    other = desk.cast.course(title="Flow cytometry", starts_in=timedelta(days=23, hours=4))
    desk.weekly.ids.append(other.id)
    desk.weekly.seat(desk.britt, 4)
    desk.weekly.ids.pop()

    again = read(desk.send(desk.ticks(page)))

    assert "1 person then has a clash." in again
    assert "Britt Bauwens now has a clash: Flow cytometry" in again


def test_a_tick_is_looked_at_without_saving(desk: Desk) -> None:
    page = desk.send(desk.form())

    looked = read(desk.send(desk.ticks(page, 1, 2, 3, step="look")))

    assert "1 session changes." in looked
    assert desk.weekly.begins() == TEN


def test_who_goes_on_writing_finds_what_was_typed(desk: Desk) -> None:
    page = desk.send(desk.form())

    form = words(desk.send(desk.ticks(page, step="edit")))

    assert 'value="14:00"' in form
    assert desk.weekly.begins() == TEN


def test_all_that_follow_are_called_off_with_the_count_before(desk: Desk) -> None:
    address = f"/sessions/{desk.weekly.ids[1]}/call-off?scope=following"

    before = read(desk.client.get(address))
    after = read(desk.client.post(address, data={"reason": "Ill", "scope": "following"}, follow_redirects=True))

    assert "This one and the 2 that follow: 1 person is told by mail" in before
    assert "3 sessions are called off 1 person is told by mail." in after


def test_only_one_is_called_off_unless_it_is_chosen_otherwise(desk: Desk) -> None:
    desk.client.post(f"/sessions/{desk.weekly.ids[1]}/call-off", data={"reason": "Ill"})

    states = [desk.weekly.now(place).state.value for place in range(4)]
    assert states == ["published", "cancelled", "published", "published"]
