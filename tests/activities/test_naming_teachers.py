"""Who teaches a session is looked up by name, as people who are added are."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from dsbs.accounts.models import RoleGrant
from dsbs.core.access import Role
from dsbs.core.db import db
from tests.activities.reading import read
from tests.support.cast import Cast
from tests.support.client import Client, sign_in


@pytest.fixture
def course_id(app: Flask, client: Client, cast: Cast) -> int:
    """A course of CARDIO, whose coordinator is signed in."""
    sign_in(client, cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"))
    return cast.course(programmes=["CARDIO"]).id


def look_up(client: Client, course_id: int, name: str) -> str:
    data = {"teacher-wanted": name, "teacher-look_up": "Look up", "teacher-organiser": "half@an.addr"}
    return client.post(f"/sessions/{course_id}/organisers", data=data).text


def test_a_teacher_is_looked_up_by_name_and_named_by_a_tick(client: Client, cast: Cast, course_id: int) -> None:
    zoe = cast.researcher("Zoe Bauwens", "CARDIO")
    cast.researcher("Zoe Coppens", "NEURO")

    page = look_up(client, course_id, "zoe")
    named = client.post(
        f"/sessions/{course_id}/organisers", data={"teacher-ticked": str(zoe.id)}, follow_redirects=True
    )

    assert "1 person is found." in page
    assert ("Bauwens, Zoe (Cardio)" in page, "Coppens, Zoe" in page) == (True, False)
    assert 'value="half@an.addr"' in page
    assert "Zoe Bauwens is a teacher of this session now" in read(named)
    assert "Bauwens, Zoe (Cardio), in it already" in look_up(client, course_id, "zoe")


def test_one_teacher_is_named_at_a_time_and_nobody_whom_one_may_not_list(
    client: Client, cast: Cast, course_id: int
) -> None:
    ada, bea = cast.researcher("Ada Eerste", "CARDIO"), cast.researcher("Bea Tweede", "CARDIO")
    hugo = cast.researcher("Hugo Coppens", "NEURO")
    address = f"/sessions/{course_id}/organisers"

    two = client.post(address, data={"teacher-ticked": [str(ada.id), str(bea.id)]})
    of_others = client.post(address, data={"teacher-ticked": str(hugo.id)})

    assert "Name one person at a time." in read(two)
    assert of_others.status_code == 404
    assert db.session.scalars(select(RoleGrant).where(RoleGrant.session_id == course_id)).all() == []
