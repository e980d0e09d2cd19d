"""The pages of a track: what is due and why, recording a suspension with its preview, saying what was met."""

from __future__ import annotations

import re
from datetime import date

from flask import Flask
from sqlalchemy import select

from dsbs.core.db import db
from dsbs.enrolments.models import Milestone, Suspension
from dsbs.mail.models import Message
from tests.activities.reading import letter
from tests.enrolments.conftest import Cast, Enrol
from tests.enrolments.test_views import as_person
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.reading import hidden

LEAVE = {"first_day": "2026-01-05", "last_day": "2026-04-06", "kind": "parental"}


def read(page: str) -> str:
    """The words of a page, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ")


def record(client: Client, enrolment_id: int) -> None:
    """Record the leave as an administrator does: the days, a look at what moves, the deed."""
    url = f"/enrolments/{enrolment_id}/suspend"
    preview = client.post(url, data=LEAVE)
    assert client.post(url, data={**LEAVE, **hidden(preview)}).status_code == 302


def due(code: str) -> date | None:
    return db.session.scalars(select(Milestone.due_on).where(Milestone.code == code)).one()


def milestone_id(code: str) -> int:
    return db.session.scalars(select(Milestone.id).where(Milestone.code == code)).one()


def test_a_researcher_reads_what_is_due_and_why(clock: Clock, client: Client, cast: Cast, enrol: Enrol) -> None:
    enrol()
    page = read(as_person(client, cast.britt).get("/my-track").text)

    assert "Final progress presentation Thu 2 Sep 2027" in page
    assert "You started Mon 2 Sep 2024 Rule: Final progress presentation + 36 months Thu 2 Sep 2027" in page


def test_before_a_suspension_is_recorded_its_preview_lists_what_moves(
    clock: Clock, client: Client, cast: Cast, enrol: Enrol
) -> None:
    enrolment = enrol()
    page = as_person(client, cast.leen).post(f"/enrolments/{enrolment.id}/suspend", data=LEAVE).text

    assert "Public defence Sat 2 Sep 2028 Sun 3 Dec 2028" in read(page)
    assert due("public_defence") == date(2028, 9, 2)


def test_recording_it_moves_the_dates(clock: Clock, client: Client, cast: Cast, enrol: Enrol) -> None:
    enrolment = enrol()
    record(as_person(client, cast.leen), enrolment.id)

    assert due("public_defence") == date(2028, 12, 3)
    page = read(client.get(f"/enrolments/{enrolment.id}").text)
    assert "Parental leave Mon 5 Jan 2026 to Mon 6 Apr 2026 92 days" in page


def test_days_that_were_changed_after_the_preview_are_shown_once_more(
    clock: Clock, client: Client, cast: Cast, enrol: Enrol
) -> None:
    url = f"/enrolments/{enrol().id}/suspend"
    preview = as_person(client, cast.leen).post(url, data=LEAVE)
    page = client.post(url, data={**LEAVE, "last_day": "2026-05-06", **hidden(preview)}).text

    assert "Look at the dates once more" in page
    assert "Tue 2 Jan 2029" in read(page)
    assert due("public_defence") == date(2028, 9, 2)


def test_days_that_cannot_be_are_refused_beside_their_field_and_stay_typed(
    clock: Clock, client: Client, cast: Cast, enrol: Enrol
) -> None:
    url = f"/enrolments/{enrol().id}/suspend"
    page = as_person(client, cast.leen).post(url, data={**LEAVE, "last_day": "2026-01-01"}).text

    assert "The last day comes before the first." in page
    assert 'value="2026-01-05"' in page


def test_only_she_and_the_administration_read_why_a_track_stood_still(
    clock: Clock, client: Client, cast: Cast, enrol: Enrol
) -> None:
    enrolment = enrol()
    record(as_person(client, cast.leen), enrolment.id)

    assert "Parental leave" in as_person(client, cast.britt).get("/my-track").text
    for person in (cast.rita, cast.roger):
        page = as_person(client, person).get(f"/enrolments/{enrolment.id}").text
        assert "Mon 5 Jan 2026 to Mon 6 Apr 2026" in read(page)
        assert "Parental" not in page


def test_a_suspension_is_taken_back_after_a_look_at_what_moves(
    clock: Clock, client: Client, cast: Cast, enrol: Enrol
) -> None:
    record(as_person(client, cast.leen), enrol().id)
    url = f"/suspensions/{db.session.scalars(select(Suspension.id)).one()}/edit"
    preview = client.post(url, data={**LEAVE, "remove": "yes"})

    assert "Public defence Sun 3 Dec 2028 Sat 2 Sep 2028" in read(preview.text)
    assert client.post(url, data=hidden(preview)).status_code == 302
    assert due("public_defence") == date(2028, 9, 2)


def test_a_coordinator_says_that_a_milestone_was_met(clock: Clock, client: Client, cast: Cast, enrol: Enrol) -> None:
    enrol()
    url = f"/milestones/{milestone_id('midterm')}/edit"
    page = as_person(client, cast.roger).get(url)
    assert client.post(url, data={**hidden(page), "met_on": "2026-05-04"}).status_code == 302

    assert db.session.scalars(select(Milestone.met_on).where(Milestone.code == "midterm")).one() == date(2026, 5, 4)


def test_a_date_by_hand_needs_a_reason_and_moves_what_hangs_on_it(
    clock: Clock, client: Client, cast: Cast, enrol: Enrol
) -> None:
    enrol()
    url = f"/milestones/{milestone_id('thesis_submission')}/edit"
    typed = {**hidden(as_person(client, cast.roger).get(url)), "set_to": "2029-03-01"}

    assert "Say why" in client.post(url, data=typed).text
    client.post(url, data={**typed, "reason": "Her cohort is complete a year later."})
    assert due("training_closed") == date(2029, 2, 1)


def test_of_two_who_change_a_milestone_the_second_is_told(
    clock: Clock, client: Client, cast: Cast, enrol: Enrol
) -> None:
    enrol()
    url = f"/milestones/{milestone_id('midterm')}/edit"
    seen = hidden(as_person(client, cast.roger).get(url))
    client.post(url, data={**seen, "met_on": "2026-05-04"})

    assert "Somebody else has changed this milestone meanwhile." in client.post(url, data=seen).text
    assert db.session.scalars(select(Milestone.met_on).where(Milestone.code == "midterm")).one() == date(2026, 5, 4)


def test_she_her_supervisor_and_the_coordinator_are_told_the_days_never_the_reason(
    clock: Clock, school: Flask, client: Client, cast: Cast, enrol: Enrol
) -> None:
    record(as_person(client, cast.leen), enrol().id)

    told = {mail.person_id: letter(school, mail) for mail in db.session.scalars(select(Message))}
    assert told.keys() == {cast.britt.id, cast.rita.id, cast.roger.id}
    days = "Mon 5 Jan 2026 to Mon 6 Apr 2026"
    assert told[cast.britt.id].subject == f"Your track stands still: {days}"
    assert told[cast.rita.id].subject == f"The track of Britt Bauwens stands still: {days}"
    assert "Public defence: Sun 3 Dec 2028" in told[cast.roger.id].text
    assert not any("arental" in mail.text + mail.html for mail in told.values())


def test_who_was_told_of_a_suspension_is_told_that_it_was_taken_back(
    clock: Clock, school: Flask, client: Client, cast: Cast, enrol: Enrol
) -> None:
    record(as_person(client, cast.leen), enrol().id)
    url = f"/suspensions/{db.session.scalars(select(Suspension.id)).one()}/edit"
    client.post(url, data=hidden(client.post(url, data={**LEAVE, "remove": "yes"})))

    last = select(Message).where(Message.template == "enrolments/suspension_removed", Message.person_id == cast.rita.id)
    mail = letter(school, db.session.scalars(last).one())
    assert mail.subject == "The suspension of Britt Bauwens was taken back: Mon 5 Jan 2026 to Mon 6 Apr 2026"
    assert "Public defence: Sat 2 Sep 2028" in mail.text
