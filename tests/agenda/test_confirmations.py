"""The answer of a venue elsewhere is written down for the time and the place that its writer saw."""

from __future__ import annotations

import re

import pytest

from dsbs.agenda import service
from dsbs.agenda.models import Slot, Venue
from dsbs.agenda.service import Move
from dsbs.core.access import Role
from dsbs.core.db import db
from tests.agenda.conftest import Stage, at
from tests.support.client import Client, sign_in

ANSWER = {"asked_on": "2026-11-20", "confirmed_on": "2026-11-23", "reference": "AULA-17", "confirmed_by": "Rita"}


class Hall:
    """A defence in a hall elsewhere, and its coordinator who has its page open."""

    def __init__(self, stage: Stage, client: Client) -> None:
        self.stage, self.client = stage, client
        programme = stage.programme("CARDIO")
        venue = stage.venue("Promotion hall", ours=False)
        self.slot_id = stage.slot(at(9), at(10), venue=venue, programmes=(programme,)).id
        sign_in(client, stage.person("Roger", Role.COORDINATOR, programme=programme))
        self.address = f"/slots/{self.slot_id}/confirmation"

    def slot(self) -> Slot:
        db.session.rollback()
        return db.session.get_one(Slot, self.slot_id)

    def revision_on(self, page: str) -> str:
        (found,) = re.findall(r'name="revision"[^>]*value="(\d+)"', page)
        return found

    def save(self, revision: str) -> str:
        """What the page says to who saves the answer."""
        return self.client.post(self.address, data={**ANSWER, "revision": revision}, follow_redirects=True).text

    def move(self) -> None:
        with self.stage.writing() as session:
            slot = session.get_one(Slot, self.slot_id)
            move = Move(slot=slot, venue=session.get_one(Venue, slot.venue_id), start=at(14), end=at(15))
            service.move_slots(session, moves=[move], now=self.stage.clock.now)


@pytest.fixture
def hall(stage: Stage, client: Client) -> Hall:
    return Hall(stage, client)


def test_an_answer_for_a_time_that_moved_meanwhile_is_refused_and_stays_typed(hall: Hall) -> None:
    seen = hall.revision_on(hall.client.get(hall.address).text)
    hall.move()

    page = hall.save(seen)

    assert "This was moved or changed while you were writing." in page
    assert 'value="AULA-17"' in page
    assert "14:00" in page
    assert hall.slot().confirmed_on is None


def test_after_a_look_at_the_new_time_the_answer_is_written_down(hall: Hall) -> None:
    seen = hall.revision_on(hall.client.get(hall.address).text)
    hall.move()

    hall.save(hall.revision_on(hall.save(seen)))

    assert hall.slot().reference == "AULA-17"
