"""The file of the people in a session, and taking somebody out who is out already."""

from __future__ import annotations

import pytest

from dsbs.activities.rules import RegistrationState
from dsbs.core.access import Role
from tests.activities.line import Line, programmes_loaded
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import Clock


@pytest.fixture
def line(cast: Cast, clock: Clock, client: Client) -> Line:
    """A course with one seat, taken, and two who wait; its coordinator is signed in."""
    programmes_loaded(clock)
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    return Line(cast, clock, 2, programmes=["CARDIO"])


def test_the_file_says_how_each_stands(line: Line, client: Client) -> None:
    line.answer("cancel", 0)

    lines = client.get(f"/sessions/{line.course_id}/people.csv").get_data().decode("utf-8-sig").splitlines()

    assert [row.split(";")[:3] for row in lines] == [
        ["State", "Seat", "Family name"],
        ["A seat is offered", "1", "Number1"],
        ["Waiting list", "", "Number2"],
    ]


def test_the_reason_stays_typed_where_she_is_out_already(line: Line, client: Client) -> None:
    line.answer("cancel", 0)

    page = client.post(
        f"/sessions/{line.course_id}/people/{line.parts[0]}/remove",
        data={"reason": "Double booking"},
    )

    assert page.status_code == 200
    assert "Double booking" in page.text
    assert line.state(0) is RegistrationState.CANCELLED
