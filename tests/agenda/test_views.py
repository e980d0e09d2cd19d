"""The pages of the agenda, as people use and misuse them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select

from dsbs.accounts.models import Person
from dsbs.agenda import service
from dsbs.agenda.models import Slot, SlotState, Venue, Visibility
from dsbs.core.access import Role
from dsbs.core.db import db
from dsbs.history.models import Change
from dsbs.programmes.models import Closure
from dsbs.programmes.rules.marks import Mark
from tests.agenda.conftest import TODAY, Stage, at
from tests.support.client import Client, sign_in
from tests.support.statements import questions

FORM = {
    "name": "Room 02.114",
    "building": "Main building",
    "address": "",
    "capacity": "30",
    "ours": "yes",
    "equipment": ["projector", "video"],
    "contact": "",
    "notes": "",
}


@pytest.fixture
def britt(stage: Stage, client: Client) -> Person:
    """A researcher, signed in."""
    person = stage.person("Britt", Role.RESEARCHER)
    sign_in(client, person)
    return person


@pytest.fixture
def roger(stage: Stage, client: Client) -> Person:
    """A coordinator of CARDIO, signed in."""
    person = stage.person("Roger", Role.COORDINATOR, programme=stage.programme("CARDIO"))
    sign_in(client, person)
    return person


def page(client: Client, path: str) -> str:
    """The words of a page that opens."""
    answer = client.get(path)
    assert answer.status_code == 200
    return unescape(answer.text)


# The calendar


def test_a_month_shows_what_is_mine(stage: Stage, client: Client, britt: Person) -> None:
    stage.slot(at(16), at(17), title="Hers", bound=(britt,))
    stage.slot(at(9), at(10), title="The school's")

    shown = page(client, "/calendar")

    assert ("Hers" in shown, "The school's" in shown) == (True, False)
    assert "November 2026" in shown


def test_what_is_not_planned_is_said_once(sqlite_app: Flask, stage: Stage, client: Client, britt: Person) -> None:
    empty = [page(client, f"/calendar?view={view}") for view in ("month", "week", "list")]
    stage.slot(at(9, day=TODAY + timedelta(days=1)), at(10, day=TODAY + timedelta(days=1)), bound=(britt,))

    shown = page(client, "/calendar")

    assert [(of.count("Nothing planned"), of.count("Nothing in your calendar here")) for of in empty] == [(0, 1)] * 3
    assert shown.count("Nothing planned") == 1
    assert shown.index("Nothing planned") > shown.index("is-today")


def test_on_a_phone_what_is_past_comes_after_today(
    sqlite_app: Flask, stage: Stage, client: Client, britt: Person
) -> None:
    stage.slot(at(9), at(10), bound=(britt,))

    this, next_one = page(client, "/calendar"), page(client, "/calendar?on=2026-12-01")

    assert (this.count("data-earlier"), next_one.count("month-past")) == (1, 0)
    assert this.index("data-earlier") < this.index("is-today")


def test_a_list_says_what_is_ones_own_only_among_others(
    sqlite_app: Flask, stage: Stage, client: Client, britt: Person
) -> None:
    stage.slot(at(9), at(10), bound=(britt,))

    mine, everything = (page(client, f"/calendar?view=list&show={show}") for show in ("mine", "all"))

    assert ("Yours" in mine, "Yours" in everything) == (False, True)


def test_everything_is_one_step_away(stage: Stage, client: Client, britt: Person) -> None:
    stage.slot(at(9), at(10), title="The school's")
    stage.slot(at(9), at(10), title="A secret", visibility=Visibility.PRIVATE)

    shown = page(client, "/calendar?show=all")

    assert ("The school's" in shown, "A secret" in shown) == (True, False)


def test_a_room_shows_that_it_is_taken_and_not_by_what(stage: Stage, client: Client, britt: Person) -> None:
    venue = stage.venue()
    stage.slot(at(9), at(10), venue=venue, title="A secret", visibility=Visibility.PRIVATE)

    shown = page(client, f"/calendar?show=all&view=week&venue={venue.id}")

    assert ("Taken" in shown, "9:00–10:00" in shown, "A secret" in shown) == (True, True, False)


@pytest.mark.parametrize("view", ["month", "week", "list"])
def test_a_night_lies_on_both_days(sqlite_app: Flask, stage: Stage, client: Client, britt: Person, view: str) -> None:
    stage.slot(at(22), at(2, day=TODAY + timedelta(days=1)), title="The night", bound=(britt,))

    shown = page(client, f"/calendar?view={view}")

    assert shown.count("The night") == 2
    assert ("from 22:00" in shown, "until 2:00" in shown) == (True, True)


@pytest.mark.parametrize("view", ["month", "week", "list"])
def test_days_on_which_nobody_works_say_why(
    sqlite_app: Flask, stage: Stage, client: Client, britt: Person, view: str
) -> None:
    bridge = date(2026, 12, 24)
    with stage.writing() as session:
        session.add(Closure(name="Bridge day", first_day=bridge, last_day=bridge, mark=Mark.ASSUMED))
    stage.slot(at(9, day=bridge), at(10, day=bridge), bound=(britt,))

    shown = page(client, f"/calendar?view={view}&on=2026-12-22")

    assert [name in shown for name in ("Christmas Day", "Bridge day", "Armistice Day")] == [True, True, False]


def test_a_week_begins_on_monday_and_shows_the_weekend_when_something_is_on(
    stage: Stage, client: Client, britt: Person
) -> None:
    assert [day in page(client, "/calendar?view=week") for day in ("Mon <b>23", "Fri <b>27", "Sat <b>28")] == [
        True, True, False,
    ]  # fmt: skip
    stage.slot(at(9, day=TODAY + timedelta(days=4)), at(10, day=TODAY + timedelta(days=4)), bound=(britt,))

    assert "Sat <b>28" in page(client, "/calendar?view=week")


@pytest.mark.parametrize(
    "query",
    ["view=nonsense", "on=2026-02-30", "on=9999-12-31", "on=0001-01-01", "programme=x", "venue=x", "show=x",
     "venue=99999999999999999999", "programme=-1", "on=%00", "on=2099-12-31&view=list"],
)  # fmt: skip
def test_an_address_without_sense_shows_a_calendar_all_the_same(client: Client, britt: Person, query: str) -> None:
    assert "<h1>Calendar</h1>" in page(client, f"/calendar?{query}")


def test_an_empty_calendar_says_what_would_be_here(client: Client, britt: Person) -> None:
    assert "Nothing in your calendar here" in page(client, "/calendar")


def test_an_entry_leads_to_its_page(stage: Stage, client: Client, britt: Person) -> None:
    slot = stage.slot(at(9), at(10), bound=(britt,))
    with stage.writing():
        slot.endpoint, slot.subject_id = "agenda.edit_venue", 12

    assert 'href="/venues/12/edit"' in page(client, "/calendar")


def test_an_entry_whose_page_is_gone_is_shown_without_one(stage: Stage, client: Client, britt: Person) -> None:
    slot = stage.slot(at(9), at(10), title="Without a page", bound=(britt,))
    with stage.writing():
        slot.endpoint, slot.subject_id = "no.such_page", 12

    assert "Without a page" in page(client, "/calendar")


def test_a_title_runs_nothing(stage: Stage, client: Client, britt: Person) -> None:
    stage.slot(at(9), at(10), title="<script>alert(1)</script>", bound=(britt,))

    assert "<script>alert" not in client.get("/calendar").text


@pytest.mark.parametrize("path", ["/calendar?show=all", "/calendar?show=all&view=list", "/venues", "/venues/1"])
def test_a_page_takes_as_many_queries_for_thirty_as_for_three(
    stage: Stage, client: Client, roger: Person, path: str
) -> None:
    (programme,) = stage.viewer(roger).programmes_as(Role.COORDINATOR)
    took = []
    for count in (3, 27):
        for number in range(count):
            venue = stage.venue(f"Room {len(took)}-{number}", ours=False)
            with stage.writing() as session:
                service.take_slot(
                    session, venue=session.get_one(Venue, 1), start=at(16), end=at(17), state=SlotState.FIRM,
                    kind="Lecture", title=f"Lecture {number}", endpoint="agenda.venue", subject_id=venue.id,
                    now=stage.clock.now, programme_ids=[programme],
                )  # fmt: skip
        with questions() as statements:
            page(client, path)
        took.append(len(statements))

    assert took[0] == took[1]


# The calendar on one's phone


def test_the_address_is_shown_once_and_kept_as_a_hash(client: Client, britt: Person) -> None:
    assert "You have no address yet" in page(client, "/calendar/phone")

    made = client.post("/calendar/phone")
    (address,) = (part.split('"')[0] for part in made.text.split('id="address" value="')[1:])

    assert address.startswith("http://localhost/calendar/")
    assert made.headers["Cache-Control"] == "no-store"
    key = address.removeprefix("http://localhost/calendar/").removesuffix(".ics")
    assert key not in page(client, "/calendar/phone")
    assert key not in str(db.session.scalars(select(Change.values)).all())
    assert key not in str(db.session.scalars(select(Person.feed_key)).all())
    client.post("/sign-out")
    assert client.get(address.removeprefix("http://localhost")).status_code == 200


def test_turning_the_address_off_kills_it(stage: Stage, client: Client, britt: Person) -> None:
    with stage.writing() as session:
        key = service.open_feed(session, person=session.get_one(Person, britt.id))

    assert client.post("/calendar/phone/off").status_code == 302
    assert client.get(f"/calendar/{key}.ics").status_code == 404


def test_nobody_makes_an_address_without_the_token_of_the_page(client: Client, britt: Person) -> None:
    assert client.post("/calendar/phone", csrf=False).status_code == 400
    assert db.session.get_one(Person, britt.id).feed_key is None


# Venues


def test_a_coordinator_adds_a_venue(client: Client, roger: Person) -> None:
    answer = client.post("/venues/new", data=FORM)

    venue = db.session.scalars(select(Venue)).one()
    assert answer.headers["Location"] == f"/venues/{venue.id}"
    assert (venue.name, venue.capacity, venue.ours, venue.equipment) == (
        "Room 02.114", 30, True, ["projector", "video"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "Give the venue a name."),
        ("name", "x" * 101, "Use at most 100 characters."),
        ("name", "a\x00b", "This holds characters that cannot be shown. Type it again."),
        ("capacity", "many", "This is not a whole number."),
        ("capacity", "0", "Write a number from 1 to 5000, or leave it empty."),
        ("capacity", "99999999999999999999", "Write a number from 1 to 5000, or leave it empty."),
        ("ours", "", "Say whose room it is."),
        ("ours", "perhaps", "Not a valid choice."),
        ("equipment", "cannon", "'cannon' is not a valid choice for this field."),
    ],
)
def test_bad_input_is_told_beside_its_field_and_kept(
    sqlite_app: Flask, client: Client, roger: Person, field: str, value: str, said: str
) -> None:
    answer = client.post("/venues/new", data={**FORM, "contact": "Kept, as typed", field: value})

    assert answer.status_code == 200
    assert said in unescape(answer.text)
    assert "Kept, as typed" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Venue)) == 0


@pytest.mark.parametrize("name", ["قاعة ١", "🧬 lab 𝕏", "<b>Aula</b>", "Sal\u0065\u0301"])
def test_any_script_may_name_a_venue(client: Client, roger: Person, name: str) -> None:
    client.post("/venues/new", data={**FORM, "name": name})

    shown = client.get("/venues").text
    assert "<b>Aula</b>" not in shown
    assert db.session.scalar(select(func.count()).select_from(Venue)) == 1


def test_the_same_venue_twice_is_told_beside_its_name(client: Client, roger: Person) -> None:
    client.post("/venues/new", data=FORM)

    answer = client.post("/venues/new", data=FORM)

    assert "This building has a venue of this name already." in answer.text
    assert 'value="Room 02.114"' in answer.text


def test_a_stale_tab_is_told_and_can_save_again(stage: Stage, client: Client, roger: Person) -> None:
    venue = stage.venue()
    path = f"/venues/{venue.id}/edit"
    seen = page(client, path).split('name="seen" type="hidden" value="')[1].split('"')[0]
    stage.clock.advance(timedelta(minutes=1))
    with stage.writing() as session:
        service.edit_venue(session, venue=venue, facts=service.VenueFacts(name="Aula", ours=True))

    refused = client.post(path, data={**FORM, "seen": seen})
    assert "Somebody changed this venue while you were writing." in refused.text
    assert (venue.name, 'value="Room 02.114"' in refused.text) == ("Aula", True)

    fresh = refused.text.split('name="seen" type="hidden" value="')[1].split('"')[0]
    assert client.post(path, data={**FORM, "seen": unescape(fresh)}).status_code == 302
    assert db.session.get_one(Venue, venue.id).name == "Room 02.114"


@pytest.mark.parametrize("ours", [True, False])
def test_the_form_of_a_venue_says_whose_room_it_is_and_saves_unchanged(
    sqlite_app: Flask, stage: Stage, client: Client, roger: Person, ours: bool
) -> None:
    venue = stage.venue(ours=ours)
    path = f"/venues/{venue.id}/edit"

    circles = re.findall(r'<input[^>]*name="ours"[^>]*>', page(client, path))
    checked = [re.findall(r'value="(\w+)"', circle)[0] for circle in circles if "checked" in circle]
    assert checked == ["yes" if ours else "no"]

    sent = {"name": venue.name, "ours": checked[0], "seen": venue.changed_at.isoformat()}
    assert client.post(path, data=sent).status_code == 302
    assert db.session.get_one(Venue, venue.id).ours is ours


def test_a_venue_with_overlaps_is_told_why_it_stays_elsewhere(stage: Stage, client: Client, roger: Person) -> None:
    venue = stage.venue(ours=False)
    stage.slot(at(9), at(11), venue=venue, title="Heart failure")
    stage.slot(at(10), at(12), venue=venue, title="Gut microbes")
    seen = venue.changed_at.isoformat()

    answer = client.post(f"/venues/{venue.id}/edit", data={**FORM, "seen": seen})

    assert "“Heart failure” and “Gut microbes” overlap here" in unescape(answer.text)
    assert db.session.get_one(Venue, venue.id).ours is False


def test_a_venue_shows_when_it_is_free(stage: Stage, client: Client, roger: Person) -> None:
    venue = stage.venue()
    stage.slot(at(9), at(11), venue=venue, title="Heart failure")

    shown = page(client, f"/venues/{venue.id}")

    assert ("8:00–9:00" in shown, "11:00–18:00" in shown) == (True, True)


def test_a_venue_is_no_longer_used_and_used_again(stage: Stage, client: Client, roger: Person) -> None:
    venue = stage.venue()
    client.post(f"/venues/{venue.id}/active", data={"active": "no"})
    assert "nothing new is planned here" in page(client, f"/venues/{venue.id}")

    client.post(f"/venues/{venue.id}/active", data={"active": "yes"})
    assert db.session.get_one(Venue, venue.id).active is True


@pytest.mark.parametrize("path", ["/venues", "/venues/new", "/venues/1", "/venues/1/edit"])
def test_researchers_do_not_come_to_the_venues(sqlite_app: Flask, client: Client, britt: Person, path: str) -> None:
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", ["/venues/7", "/venues/7/edit", "/venues/99999999999", "/slots/7/confirmation"])
def test_what_does_not_exist_is_not_found(client: Client, roger: Person, path: str) -> None:
    assert client.get(path).status_code == 404


# Venues elsewhere


@pytest.fixture
def asked(stage: Stage, roger: Person) -> Slot:
    """A defence of CARDIO in a hall elsewhere."""
    hall = stage.venue("Promotion hall", ours=False)
    (programme_id,) = stage.viewer(roger).programmes_as(Role.COORDINATOR)
    with stage.writing() as session:
        return service.take_slot(
            session, venue=hall, start=at(16), end=at(17), state=SlotState.FIRM, kind="Defence",
            title="Defence of Hugo", endpoint=None, subject_id=None, now=stage.clock.now, programme_ids=[programme_id],
        )  # fmt: skip


def test_the_button_beside_a_room_says_the_next_thing(client: Client, asked: Slot) -> None:
    unasked = page(client, "/venues")
    assert ("Write down that you asked" in unasked, "Write the answer down" in unasked) == (True, False)

    client.post(f"/slots/{asked.id}/confirmation", data={"asked_on": "2026-11-20", "revision": "0"})

    waiting = page(client, "/venues")
    assert ("Write down that you asked" in waiting, "Write the answer down" in waiting) == (False, True)


def test_a_coordinator_writes_the_answer_down(client: Client, asked: Slot) -> None:
    assert "Not confirmed yet" in page(client, "/venues")
    assert "Defence of Hugo" in page(client, "/venues")

    client.post(
        f"/slots/{asked.id}/confirmation",
        data={
            "asked_on": "2026-11-20",
            "confirmed_on": "2026-11-23",
            "reference": "AULA-17",
            "confirmed_by": "Rita",
            "revision": "0",
        },
    )

    slot = db.session.get_one(Slot, asked.id)
    assert (slot.reference, slot.confirmed_by) == ("AULA-17", "Rita")
    assert "Not confirmed yet" not in page(client, "/venues")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"asked_on": "2026-11-25"}, "This day is still to come. Write down the day on which you asked."),
        ({"asked_on": "2026-11-20", "reference": "AULA-17"}, "Give the day of the answer."),
        ({"asked_on": "2026-11-20", "confirmed_on": "2026-11-21"}, "Their reference: Give their reference."),
        ({"asked_on": "2026-11-20", "reference": "AULA-17"}, "Confirmed by: Say who confirmed."),
        ({"asked_on": ""}, "Asked for on: Nothing is written down yet. Give the day on which you asked."),
        ({"asked_on": "soon"}, "This day does not exist. Write it like 2027-01-14."),
    ],
)
def test_half_an_answer_is_told_beside_its_field(
    sqlite_app: Flask, client: Client, asked: Slot, typed: dict[str, str], said: str
) -> None:
    answer = client.post(f"/slots/{asked.id}/confirmation", data=typed | {"revision": "0"})

    assert said in unescape(answer.text)
    assert db.session.get_one(Slot, asked.id).asked_on is None


def test_what_is_written_down_is_said_as_it_stands(client: Client, asked: Slot) -> None:
    answer = {"confirmed_on": "2026-11-23", "reference": "AULA-17", "confirmed_by": "Rita"}
    asking = {"asked_on": "2026-11-20"}
    typed = [asking, asking | answer, dict.fromkeys(asking | answer, "")]
    typed = [data | {"revision": "0"} for data in typed]
    said = [client.post(f"/slots/{asked.id}/confirmation", data=data, follow_redirects=True).text for data in typed]
    titles = [re.findall(r'confirmation-title">.*?<span>([^<]+)</span>', page)[0] for page in said]
    assert titles == ["Asked on Fri 20 Nov 2026", "Promotion hall has confirmed", "Promotion hall counts as not asked"]


def test_the_coordinator_of_another_programme_finds_nothing(stage: Stage, client: Client, asked: Slot) -> None:
    sign_in(client, stage.person("Vanessa", Role.COORDINATOR, programme=stage.programme("NEURO")))

    assert client.get(f"/slots/{asked.id}/confirmation").status_code == 404
    assert client.post(f"/slots/{asked.id}/confirmation", data={"asked_on": "2026-11-20"}).status_code == 404
    assert "Defence of Hugo" not in page(client, "/venues")


def test_a_slot_in_a_room_of_ours_has_nothing_to_confirm(stage: Stage, client: Client, roger: Person) -> None:
    slot = stage.slot(at(9), at(10), venue=stage.venue())

    assert client.get(f"/slots/{slot.id}/confirmation").status_code == 404


# On the page of a programme


def test_a_programme_lists_what_is_coming_as_far_as_its_reader_may_see_it(stage: Stage, client: Client) -> None:
    cardio, neuro = stage.programme("CARDIO"), stage.programme("NEURO")
    tomorrow = TODAY + timedelta(days=1)
    for title, programme, visibility, day in (
        ("Open lecture", cardio, Visibility.PUBLIC, tomorrow),
        ("For the school", cardio, Visibility.SCHOOL, tomorrow),
        ("For the programme", cardio, Visibility.PROGRAMMES, tomorrow),
        ("Of another", neuro, Visibility.PUBLIC, tomorrow),
        ("Over", cardio, Visibility.PUBLIC, TODAY - timedelta(days=1)),
    ):
        stage.slot(at(9, day=day), at(10, day=day), title=title, programmes=(programme,), visibility=visibility)

    def listed() -> list[str]:
        return re.findall(r"<h3>([^<]+)</h3>", page(client, "/programmes/CARDIO"))

    as_visitor = listed()
    sign_in(client, stage.person("Britt", Role.RESEARCHER))

    assert (as_visitor, listed()) == (["Open lecture"], ["Open lecture", "For the school"])


def test_a_visitor_is_told_where_the_rest_of_a_programme_is(stage: Stage, client: Client) -> None:
    stage.programme("CARDIO")

    assert "is shown once you sign in." in page(client, "/programmes/CARDIO")
