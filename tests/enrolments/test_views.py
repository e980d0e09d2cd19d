"""The pages of enrolments, through the door."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from dsbs.accounts.models import Person
from dsbs.core.db import db
from dsbs.enrolments import queries
from dsbs.enrolments.models import Enrolment
from dsbs.enrolments.rules import Part, Track
from tests.enrolments.conftest import Cast, Enrol
from tests.support.client import Client, sign_in
from tests.support.clock import Clock

RIGHT_TO_LEFT = "أمل \u202eevil\u202c 𠮷"


def typed(cast: Cast, **changed: object) -> dict[str, object]:
    return {
        "person": "n-britt",
        "programme": cast.cardio,
        "department": cast.oncology,
        "supervisor": "rita.jäkel@school.example",
        "co_supervisors": "",
        "start": "2024-09-02",
        "track": "track_6",
        "employment_percentage": "50,5",
        "funding_end": "",
        "until": "",
        "joint_partner": "",
        "project_title": "",
    } | changed


def enrolled(person: Person) -> list[Enrolment]:
    db.session.rollback()
    return list(queries.enrolments_of(db.session(), person.id))


def as_person(client: Client, person: Person) -> Client:
    sign_in(client, person)
    return client


def revision(page: str) -> str:
    found = re.search(r'name="revision"[^>]*value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_an_administrator_enrols_a_researcher(clock: Clock, client: Client, cast: Cast) -> None:
    office = as_person(client, cast.leen)
    answer = office.post("/researchers/enrol", data=typed(cast, co_supervisors="N-HUGO, ", project_title=RIGHT_TO_LEFT))
    assert answer.status_code == 302
    (made,) = enrolled(cast.britt)
    assert (str(made.employment_percentage), made.track.value, made.project_title) == (
        "50.50",
        "track_6",
        RIGHT_TO_LEFT,
    )
    assert [(row.person_id, row.part) for row in made.supervisions] == [
        (cast.rita.id, Part.MAIN),
        (cast.hugo.id, Part.CO),
    ]
    page = office.get(answer.location).text
    assert "Britt Bauwens is enrolled" in page
    assert "50.5%" in page


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"person": ""}, "person", "This is needed."),
        ({"person": "n-nobody"}, "person", "Nobody is known by “n-nobody”."),
        ({"person": "n-rita"}, "person", "This person is not a researcher."),
        ({"programme": ""}, "programme", "Choose one."),
        ({"department": ""}, "department", "Choose one."),
        ({"programme": "999"}, "programme", "Not a valid choice."),
        ({"programme": "x"}, "programme", "Not a valid choice."),
        ({"supervisor": "<script>alert(1)</script>"}, "supervisor", "Nobody is known by “&lt;script&gt;"),
        ({"supervisor": "n-bram"}, "supervisor", "does not hold the role of supervisor"),
        ({"co_supervisors": "n-rita"}, "co_supervisors", "named twice among the supervisors"),
        ({"start": "2024-02-31"}, "start", "This day does not exist."),
        ({"start": ""}, "start", "This is needed."),
        ({"track": "track_5"}, "track", "Not a valid choice."),
        ({"employment_percentage": "101"}, "employment_percentage", "at most 100 percent"),
        ({"employment_percentage": "1e9999"}, "employment_percentage", "at most 100 percent"),
        ({"employment_percentage": "NaN"}, "employment_percentage", "This is not a number."),
        ({"until": "2024-09-01"}, "until", "would end before it begins (Mon 2 Sep 2024)"),
        ({"funding_end": "2024-09-01"}, "funding_end", "funding would end before"),
        ({"project_title": "x" * 301}, "project_title", "300 characters"),
        ({"joint_partner": "a\0b"}, "joint_partner", "characters that cannot be shown"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_what_was_typed_stays(
    sqlite_app: Flask,
    clock: Clock,
    client: Client,
    cast: Cast,
    changed: dict[str, object],
    field: str,
    sentence: str,
) -> None:
    answer = as_person(client, cast.leen).post("/researchers/enrol", data=typed(cast, **changed))
    error = re.search(rf'id="{field}-error".*?</span></span>', answer.text, re.DOTALL)
    assert error is not None
    assert sentence in error[0]
    assert 'value="50,5"' in answer.text or "employment_percentage" in changed
    assert enrolled(cast.britt) == []


def test_no_programme_or_department_is_chosen_before_somebody_chooses_one(
    clock: Clock, client: Client, cast: Cast
) -> None:
    page = as_person(client, cast.leen).get("/researchers/enrol").text
    for name in ("programme", "department"):
        options = page.partition(f'id="{name}"')[2].partition("</select>")[0]
        assert re.findall(r"<option[^>]*>([^<]+)<", options)[0] == "Choose one"
        assert "selected" not in options


def test_an_administrator_corrects_an_enrolment(clock: Clock, client: Client, cast: Cast, enrol: Enrol) -> None:
    made, office = enrol(), as_person(client, cast.leen)
    address = f"/enrolments/{made.id}/edit"
    page = office.get(address).text
    assert 'value="100"' in page
    office.post(address, data=typed(cast, revision=revision(page), start="2024-10-01"))
    assert [found.start for found in enrolled(cast.britt)] == [date(2024, 10, 1)]


def test_a_stale_tab_shows_what_it_says_now_and_keeps_what_was_typed(
    clock: Clock, client: Client, cast: Cast, enrol: Enrol
) -> None:
    made, office = enrol(), as_person(client, cast.leen)
    address = f"/enrolments/{made.id}/edit"
    stale = revision(office.get(address).text)
    office.post(address, data=typed(cast, revision=stale, project_title="Saved meanwhile"))
    page = office.post(address, data=typed(cast, revision=stale, start="2024-11-01", project_title="Typed")).text
    assert "Somebody else has changed this enrolment meanwhile" in page
    assert "What it says now" in page
    assert 'value="Typed"' in page
    assert [found.project_title for found in enrolled(cast.britt)] == ["Saved meanwhile"]
    office.post(address, data=typed(cast, revision=revision(page), project_title="Typed"))
    assert [found.project_title for found in enrolled(cast.britt)] == ["Typed"]


def test_an_administrator_ends_an_enrolment(clock: Clock, client: Client, cast: Cast, enrol: Enrol) -> None:
    made, office = enrol(), as_person(client, cast.leen)
    asked = office.get(f"/enrolments/{made.id}/end").text
    assert ("button-stop" in asked, "Nobody is told by mail." in asked) == (True, True)
    assert "would end before it begins" in office.post(f"/enrolments/{made.id}/end", data={"until": "2024-01-01"}).text
    office.post(f"/enrolments/{made.id}/end", data={"until": "2026-10-31"})
    assert [found.until for found in enrolled(cast.britt)] == [date(2026, 10, 31)]


def test_who_may_see_an_enrolment_sees_its_facts(clock: Clock, client: Client, cast: Cast, enrol: Enrol) -> None:
    made = enrol()
    address = f"/enrolments/{made.id}"
    people = (cast.britt, cast.rita, cast.roger, cast.olga, cast.leen, cast.bram, cast.hugo, cast.vanessa)
    statuses = [as_person(client, person).get(address).status_code for person in people]
    assert statuses == [200, 200, 200, 200, 200, 404, 404, 404]


def test_an_earlier_enrolment_shows_only_to_who_may_see_it(
    clock: Clock, client: Client, cast: Cast, enrol: Enrol
) -> None:
    earlier = enrol(
        programme_id=cast.cancer, start=date(2020, 1, 1), until=date(2021, 1, 1), supervisor_id=cast.hugo.id
    )
    made = enrol()
    link = f'href="/enrolments/{earlier.id}"'
    seen = [link in as_person(client, person).get(f"/enrolments/{made.id}").text for person in (cast.leen, cast.roger)]
    assert seen == [True, False]


def test_a_researcher_sees_two_facts_for_track_and_employment(
    clock: Clock, client: Client, cast: Cast, enrol: Enrol
) -> None:
    as_person(client, cast.britt)
    assert "You are not enrolled yet" in client.get("/my-track").text
    enrol(track=Track.SIX_YEARS, employment_percentage=Decimal("50.00"))
    page = client.get("/my-track").text
    facts = re.findall(r"<dt>(Track|Employment)</dt><dd>(.*?)</dd>", page)
    assert facts == [("Track", "Six-year track"), ("Employment", "50%")]


def test_a_researcher_sees_the_years_of_her_track_and_how_many_days_are_left(
    clock: Clock, client: Client, cast: Cast, enrol: Enrol
) -> None:
    enrol(start=date(2024, 11, 1))
    enrol(start=date(2020, 1, 1), until=date(2021, 1, 1))
    page = as_person(client, cast.britt).get("/my-track").text
    assert page.count('class="timeline"') == 1
    assert "753 of 1,461 days used, 708 left." in page


def test_a_track_that_takes_longer_says_by_how_much(clock: Clock, client: Client, cast: Cast, enrol: Enrol) -> None:
    enrol(start=date(2022, 9, 1))
    page = as_person(client, cast.britt).get("/my-track").text
    assert "1,545 days used, 84 more than the 1,461 of the track." in page


def test_a_track_that_has_not_begun_has_no_years_yet(clock: Clock, client: Client, cast: Cast, enrol: Enrol) -> None:
    enrol(start=date(2027, 1, 1))
    assert 'class="timeline"' not in as_person(client, cast.britt).get("/my-track").text


def test_her_track_names_whom_to_ask(clock: Clock, client: Client, cast: Cast, enrol: Enrol) -> None:
    enrol()
    page = as_person(client, cast.britt).get("/my-track").text
    assert re.findall(r'"mailto:([^"]+)">\1<', page.partition("Whom to ask")[2]) == [cast.roger.mail, cast.leen.mail]


def test_lists_answer_to_what_is_asked_and_to_nonsense(clock: Clock, client: Client, cast: Cast, enrol: Enrol) -> None:
    enrol()
    office = as_person(client, cast.leen)
    shown = [
        "Bauwens, Britt" in office.get(f"/researchers{query}").text
        for query in ("", "?q=britt", "?q=nobody", "?state=ended", "?programme=x&sort=;drop&page=-1&state=%00")
    ]
    assert shown == [True, True, False, False, True]


def test_only_administrators_write(client: Client, cast: Cast, enrol: Enrol) -> None:
    made = enrol()
    addresses = ["/researchers/enrol", f"/enrolments/{made.id}/edit", f"/enrolments/{made.id}/end"]
    for person in (cast.britt, cast.rita, cast.roger, cast.olga):
        as_person(client, person)
        assert [client.post(address, data=typed(cast)).status_code for address in addresses] == [403, 403, 403]
    assert [found.start for found in enrolled(cast.britt)] == [date(2024, 9, 2)]
