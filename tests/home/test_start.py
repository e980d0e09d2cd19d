"""The start page: what each role is told to do next, in which order, and what others are asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person
from dsbs.accounts.queries import person_by_mail
from dsbs.activities.models import ActivitySession
from dsbs.activities.rules import Mode
from dsbs.activities.service import registering
from dsbs.agenda import service as agenda
from dsbs.agenda.models import Slot
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.enrolments.models import Enrolment
from dsbs.enrolments.months import Progress, progress, strip
from dsbs.enrolments.queries import RunningEnrolment
from dsbs.enrolments.rules import Track
from dsbs.enrolments.rules.counting import Pause
from dsbs.exchange import service as exchange
from dsbs.home.start import coordinator
from dsbs.home.start.parts import Step, Steps, ordered
from dsbs.mail import service as mail
from dsbs.mail.rules import Reason
from dsbs.programmes.labels import ProgrammeLabel
from tests.home.reading import headings, queries_of, section, step, steps, words_of
from tests.support.cast import Cast
from tests.support.client import Client, sign_in
from tests.support.clock import START, Clock


def take_seat(cast: Cast, session: ActivitySession, *people: Person) -> None:
    with write(by=SYSTEM, why="Took seats", at=cast.now) as open_session:
        registering.take_seats(open_session, session_id=session.id, people=list(people), now=cast.now)


def start_page(client: Client, person: Person) -> str:
    sign_in(client, person)
    return client.get("/").text


# ---- The order of the steps ----


def at(days: float, title: str, *, lost: float | None = None) -> Step:
    moment = START + timedelta(days=days)
    return Step(title=title, text="", actions=(), at=moment, lost_at=START + timedelta(days=lost) if lost else None)


def test_what_is_lost_first_stands_first_and_the_others_follow_by_their_moment() -> None:
    today, lost, sooner = at(0, "today"), at(20, "lost", lost=2), at(10, "lost later", lost=3)
    undated = Step(title="undated", text="", actions=())
    assert ordered([undated, sooner, lost, today]) == Steps(lost, [today, sooner, undated], [])


def test_the_sixth_step_and_those_after_it_are_folded_away() -> None:
    rows = [at(number, str(number)) for number in range(8)]
    assert ordered(rows) == Steps(rows[0], rows[1:5], rows[5:])


def test_without_steps_there_is_no_first_one() -> None:
    assert ordered([]) == Steps(None, [], [])


# ---- How far somebody is ----


@pytest.mark.parametrize(
    ("start", "today", "used"),
    [
        (date(2024, 9, 2), date(2026, 11, 1), 25),
        (date(2024, 9, 2), date(2026, 11, 2), 26),
        (date(2024, 2, 29), date(2025, 2, 28), 11),
        (date(2024, 2, 29), date(2025, 3, 1), 12),
        (date(2027, 1, 1), date(2026, 11, 24), 0),
    ],
)
def test_months_are_whole_ones_since_the_start(start: date, today: date, used: int) -> None:
    assert progress(Enrolment(start=start, track=Track.FOUR_YEARS), (), today) == Progress(used=used, nominal=48)


def test_months_in_which_the_track_stands_still_are_not_used() -> None:
    leave = Pause(date(2026, 1, 5), date(2026, 4, 6))
    britt = Enrolment(start=date(2024, 9, 2), track=Track.FOUR_YEARS)
    assert progress(britt, [leave], date(2026, 11, 24)) == Progress(used=23, nominal=48)


def test_six_years_have_six_parts_and_end_before_the_seventh_begins(sqlite_app: Flask) -> None:
    cardio = ProgrammeLabel(1, "CARDIO", "Cardio")
    six_years = RunningEnrolment(1, date(2024, 2, 29), Track.SIX_YEARS, Decimal(50), cardio, "Cardiology", ("Nicole",))
    with sqlite_app.test_request_context():
        drawn = strip(six_years, date(2027, 2, 28))
    assert ([year.short for year in drawn.years], drawn.today) == ([f"Year {n}" for n in range(1, 7)], 49.98)


# ---- Researchers ----


def test_a_researcher_is_told_where_she_is_expected_soonest_first(client: Client, cast: Cast) -> None:
    britt = cast.researcher("Britt Bauwens")
    later = cast.course(title="Later", starts_in=timedelta(days=9))
    noon = cast.course(title="At noon", starts_in=timedelta(days=4, hours=3), mode=Mode.COUNT)
    morning = cast.course(title="Before noon", starts_in=timedelta(days=4), venue=cast.venue(), meetings=2)
    for session in (later, noon, morning):
        take_seat(cast, session, britt)
    page = start_page(client, britt)
    assert steps(page) == ["Before noon", "At noon", "Later"]
    assert step(page, "Before noon") == (
        "Sat 28 Nov 2026 Before noon Sat 28 Nov 2026, 10:00–13:00, Room 02.114 Day 1 of 2. You have a seat. "
        "See the details Give it back"
    )
    assert step(page, "At noon").endswith("place to be announced They know that you come. See the details")


def test_she_is_asked_first_whether_she_comes_where_free_cancellation_ends_soon(client: Client, cast: Cast) -> None:
    britt = cast.researcher("Britt Bauwens")
    tomorrow = cast.course(title="Tomorrow", starts_in=timedelta(days=1))
    soon, not_yet = cast.course(title="Ends soon"), cast.course(title="Ends later")
    for session, days in ((soon, 3), (not_yet, 4)):
        with write(by=SYSTEM, why="Promised", at=cast.now):
            db.session.get_one(ActivitySession, session.id).free_cancellation_until = cast.now + timedelta(days=days)
    for session in (tomorrow, soon, not_yet):
        take_seat(cast, session, britt)
    page = start_page(client, britt)
    assert (steps(page)[0], page.count("Still coming?")) == ("Ends soon", 1)
    assert "Giving it back is free until Fri 27 Nov 2026, 10:00." in step(page, "Ends soon")


def test_what_she_gave_back_and_what_is_over_is_no_step(client: Client, cast: Cast) -> None:
    britt = cast.researcher("Britt Bauwens")
    given_back = cast.course(title="Given back")
    take_seat(cast, given_back, britt)
    with write(by=SYSTEM, why="Gave back", at=cast.now) as session:
        registration = registering.queries.active_registrations(session, given_back.id)[0]
        registering.cancel(session, registration_id=registration.id, person=britt, now=cast.now)
    page = start_page(client, britt)
    assert (steps(page), "Nothing waits for you" in page) == ([], True)


def test_her_programme_offers_her_at_most_three_sessions_of_the_fortnight(client: Client, cast: Cast) -> None:
    britt, other = cast.researcher("Britt Bauwens"), cast.researcher("Hugo Other", "NEURO")
    hers = ("CARDIO",)
    full = cast.course(title="Full", programmes=hers, capacity=1, starts_in=timedelta(days=1))
    taken = cast.course(title="Hers already", programmes=hers, starts_in=timedelta(days=1))
    take_seat(cast, full, other)
    take_seat(cast, taken, britt)
    cast.course(title="Elsewhere", programmes=("NEURO",), starts_in=timedelta(days=2))
    cast.course(title="Too late", programmes=hers, starts_in=timedelta(days=15))
    for number in range(4):
        cast.course(title=f"Free {number}", programmes=hers, starts_in=timedelta(days=14 - number))
    said = section(start_page(client, britt), "Soon in your programme")
    titles = ("Free 0", "Free 1", "Free 2", "Free 3", "Full", "Hers already", "Elsewhere", "Too late")
    assert [title for title in titles if title in said] == ["Free 1", "Free 2", "Free 3"]


def test_her_enrolment_stands_in_one_line(client: Client, cast: Cast) -> None:
    said = section(start_page(client, cast.researcher("Britt Bauwens")), "Your four years")
    assert said.startswith("Your four years Started Mon 24 Nov 2025, four-year track, full time My track")
    assert said.endswith("Supervisor Nicole Coenen Months 12 of 48")


def test_one_who_is_not_enrolled_yet_sees_who_is_asked(client: Client, cast: Cast) -> None:
    page = start_page(client, cast.person("Nora New", Role.RESEARCHER))
    aside = words_of(page.partition("<aside")[2].partition("</aside>")[0])
    assert "Others are asked, not you Your enrolment Waiting for the school" in aside
    assert headings(page) == ["This week"]


def test_her_week_has_its_weekend_only_when_something_is_on(client: Client, cast: Cast) -> None:
    britt = cast.researcher("Britt Bauwens")
    sign_in(client, britt)
    days_before = client.get("/").text.count('class="week-day')
    take_seat(cast, cast.course(title="On Sunday", starts_in=timedelta(days=5)), britt)
    page = client.get("/").text
    assert (days_before, page.count('class="week-day')) == (5, 7)
    assert "Sun 29 Nov 10:00–13:00 On Sunday" in section(page, "This week")


def test_what_others_do_this_week_is_not_in_hers(client: Client, cast: Cast) -> None:
    britt, other = cast.researcher("Britt Bauwens"), cast.researcher("Otto Other")
    take_seat(cast, cast.course(title="Not hers", starts_in=timedelta(days=1)), other)
    assert "Not hers" not in section(start_page(client, britt), "This week")


# ---- Supervisors and teachers ----


def test_a_supervisor_sees_his_researchers_with_the_fewest_months_left_first(client: Client, cast: Cast) -> None:
    nicole = cast.supervisor()
    cast.researcher("Anna Early")
    cast.researcher("Zoe Late")
    other = cast.person("Otto Other", Role.SUPERVISOR)
    cast.researcher("Not His", supervisor=other)
    with write(by=SYSTEM, why="Began earlier", at=cast.now) as session:
        late = person_by_mail(session, "zoe.late@school.example")
        assert late is not None
        session.query(Enrolment).filter_by(person_id=late.id).one().start = date(2022, 10, 1)
    said = section(start_page(client, nicole), "Your researchers")
    assert said.endswith("Zoe Late Cardio Sat 1 Oct 2022 49 of 48 1 over Anna Early Cardio Mon 24 Nov 2025 12 of 48 36")


def test_a_teacher_sees_her_sessions_and_how_many_come(client: Client, cast: Cast) -> None:
    hers, not_hers = cast.course(title="Hers", capacity=3), cast.course(title="Not hers")
    tess = cast.person("Tess Teacher", Role.ORGANISER, session_id=hers.id)
    take_seat(cast, hers, cast.researcher("Britt Bauwens"))
    page = start_page(client, tess)
    assert (steps(page), not_hers.id == hers.id) == (["Hers"], False)
    assert "You teach. 2 of 3 seats free. See who comes" in step(page, "Hers")
    assert f'href="/sessions/{hers.id}/people"' in page


# ---- Who plans ----


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.LEADER])
def test_drafts_of_her_programme_wait_for_who_looks_after_it(client: Client, cast: Cast, role: Role) -> None:
    roger = cast.person("Roger Meunier", role, programme="CARDIO")
    cast.course(title="In two weeks", programmes=("CARDIO", "NEURO"), starts_in=timedelta(days=14), published=False)
    cast.course(title="In two months", programmes=("CARDIO",), starts_in=timedelta(days=60), published=False)
    cast.course(title="Of others", programmes=("NEURO",), published=False)
    cast.course(title="Of the school", published=False)
    page = start_page(client, roger)
    assert steps(page) == ["In two weeks", "In two months"]
    assert "Draft, begins in 14 days" in step(page, "In two weeks")


def test_a_room_elsewhere_is_a_step_until_it_is_asked_for_and_then_others_are_asked(client: Client, cast: Cast) -> None:
    roger = cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")
    hall = cast.venue("Promotion hall", ours=False)
    cast.course(title="Cardio day", programmes=("CARDIO",), venue=hall)
    before = start_page(client, roger)
    with write(by=SYSTEM, why="Asked", at=cast.now) as session:
        slot = session.query(Slot).one()
        agenda.confirm_venue(session, slot=slot, asked_on=date(2026, 11, 11), confirmation=None, today=cast.today)
    after = client.get("/").text
    assert (steps(before), steps(after)) == (["Ask for a room: Promotion hall"], [])
    assert ("Asked on Wed 11 Nov" in before, "Asked on Wed 11 Nov" in after) == (False, True)


def test_rooms_that_were_asked_for_do_not_hide_one_that_was_not(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator, "MOST_STEPS", 1)
    roger = cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")
    sooner, later = (cast.venue(name, ours=False) for name in ("Promotion hall", "Town hall"))
    cast.course(title="Cardio day", programmes=("CARDIO",), venue=sooner)
    cast.course(title="Cardio night", programmes=("CARDIO",), venue=later, starts_in=timedelta(days=60))
    with write(by=SYSTEM, why="Asked", at=cast.now) as session:
        slot = session.query(Slot).filter_by(venue_id=sooner.id).one()
        agenda.confirm_venue(session, slot=slot, asked_on=date(2026, 11, 11), confirmation=None, today=cast.today)

    assert steps(start_page(client, roger)) == ["Ask for a room: Town hall"]


def test_the_next_two_weeks_say_where_few_registered(client: Client, cast: Cast) -> None:
    roger = cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")
    thin = cast.course(title="Thin", programmes=("CARDIO",), capacity=4, starts_in=timedelta(days=2))
    well = cast.course(title="Well", programmes=("CARDIO",), capacity=3, starts_in=timedelta(days=3))
    cast.course(title="Beyond", programmes=("CARDIO",), starts_in=timedelta(days=15))
    cast.course(title="Of others", programmes=("NEURO",), starts_in=timedelta(days=3))
    for session in (thin, well):
        take_seat(cast, session, cast.researcher(f"Britt {session.activity.title}"))
    said = section(start_page(client, roger), "The next two weeks")
    assert said.partition("Everything planned ")[2] == (
        "Thu 26 Nov Thin 10:00–13:00 3 of 4 seats free Few registered People : Thin "
        "Fri 27 Nov Well 10:00–13:00 2 of 3 seats free People : Well"
    )


# ---- Who runs or reads the school ----


def lose_a_mail(cast: Cast, to: Person) -> None:
    with write(by=SYSTEM, why="Lost a mail", at=cast.now) as session:
        mail.queue(session, key="lost", to=to.recipient, template="accounts/sign_in", ids={}, now=cast.now)
        for message in mail.claim(session, now=cast.now, most=1):
            mail.record(session, message_id=message.id, claim=message.claim or "", reason=Reason.REFUSED, now=cast.now)


def _send(session: Session, name: str, by: Person, cast: Cast, *, to_add: int) -> None:
    """Keep a file whose preview would add so many rows."""
    sent = exchange.keep_file(session, word="people", file_name=name, data=b"x", by=by.actor, now=cast.now)
    sent.added = to_add


def test_an_administrator_sees_first_what_went_wrong_then_what_waits(client: Client, cast: Cast) -> None:
    leen = cast.person("Leen Adams", Role.ADMINISTRATOR)
    lose_a_mail(cast, leen)
    cast.course(title="Draft of the school", published=False)
    cast.course(title="Draft of a programme", programmes=("CARDIO",), published=False)
    with write(by=leen.actor, why="Sent", at=cast.now) as session:
        _send(session, "new.csv", leen, cast, to_add=1)
    page = start_page(client, leen)
    assert steps(page) == [
        "1 mail was not delivered",
        "An import waits: new.csv",
        "Draft of the school",
        "Sign off what the school has decided",
    ]


def test_a_file_with_nothing_to_write_is_no_step(client: Client, cast: Cast) -> None:
    leen = cast.person("Leen Adams", Role.ADMINISTRATOR)
    with write(by=leen.actor, why="Sent", at=cast.now) as session:
        _send(session, "known.csv", leen, cast, to_add=0)
    assert steps(start_page(client, leen)) == ["Sign off what the school has decided"]


def test_a_mail_that_left_is_no_step(client: Client, cast: Cast) -> None:
    leen = cast.person("Leen Adams", Role.ADMINISTRATOR)
    assert steps(start_page(client, leen)) == ["Sign off what the school has decided"]


def test_a_reader_sees_the_school_in_figures_and_nothing_to_do(client: Client, cast: Cast) -> None:
    dirk = cast.person("Dirk Reader", Role.READER)
    together = cast.course(programmes=("CARDIO", "NEURO"), capacity=4)
    cast.course(capacity=6)
    cast.course(capacity=9, published=False)
    take_seat(cast, together, cast.researcher("Britt Bauwens"))
    page = start_page(client, dirk)
    said = section(page, "In figures")
    rows = {name: said.partition(f" {name} ")[2].split()[:5] for name in ("Cardio", "Neuro", "Whole school", "In all")}
    assert (steps(page), ">The school</h1>" in page) == ([], True)
    assert rows == {
        "Cardio": ["1", "1", "4", "1", "25%"],
        "Neuro": ["0", "1", "4", "1", "25%"],
        "Whole school": ["–", "1", "6", "0", "0%"],
        "In all": ["1", "2", "10", "1", "10%"],
    }


def test_the_number_of_researchers_leads_to_their_list(client: Client, cast: Cast) -> None:
    dirk, britt = cast.person("Dirk Reader", Role.READER), cast.researcher("Britt Bauwens")
    sign_in(client, dirk)
    (of_cardio, of_all) = re.findall(r'href="(/researchers[^"]*)">1</a>', client.get("/").text)
    assert (of_all, "programme=" in of_cardio) == ("/researchers", True)
    assert britt.sorted_name in client.get(of_cardio).text


def test_several_roles_have_the_parts_of_each_most_to_look_after_first(client: Client, cast: Cast) -> None:
    both = cast.person(
        "Rita Roles", Role.ADMINISTRATOR, Role.READER, Role.COORDINATOR, Role.SUPERVISOR, programme="CARDIO"
    )
    assert headings(start_page(client, both)) == ["The next two weeks", "Your researchers", "In figures"]


def test_one_without_a_role_is_told_whom_to_ask(client: Client, cast: Cast) -> None:
    cast.person("Leen Adams", Role.ADMINISTRATOR)
    page = start_page(client, cast.person("Omar None"))
    assert "You have no role here yet" in page
    assert 'href="mailto:leen.adams@school.example">Write to Leen Adams</a>' in page


# ---- How often the database is asked ----


def _look_on(cast: Cast) -> Mapping[Role, Person]:
    """One of each role that has a part of the page."""
    return {
        Role.RESEARCHER: cast.researcher("Britt Bauwens"),
        Role.SUPERVISOR: cast.supervisor(),
        Role.ORGANISER: cast.person("Tess Teacher"),
        Role.COORDINATOR: cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO"),
        Role.READER: cast.person("Dirk Reader", Role.READER),
        Role.ADMINISTRATOR: cast.person("Leen Adams", Role.ADMINISTRATOR),
    }


def _fill(cast: Cast, count: int, people: Mapping[Role, Person]) -> None:
    """So many rows for each of them: seats, researchers, sessions taught, drafts, rooms to ask for, imports."""
    hall, leen = cast.venue(f"Hall {count}", ours=False, capacity=400), people[Role.ADMINISTRATOR]
    with cast.at_once() as session:
        britt, tess = (session.get_one(Person, people[role].id) for role in (Role.RESEARCHER, Role.ORGANISER))
        for number in range(count):
            starts_in = timedelta(days=1, hours=number)
            made = cast.course(title=f"Course {number}", programmes=("CARDIO",), venue=hall, starts_in=starts_in)
            registering.take_seats(session, session_id=made.id, people=[britt], now=cast.now)
            accounts.grant(session, person=tess, role=Role.ORGANISER, since=cast.today, session_id=made.id)
            cast.course(title=f"Draft {number}", programmes=("CARDIO",), published=False)
            cast.researcher(f"Researcher {count}-{number}")
            _send(session, f"{number}.csv", leen, cast, to_add=1)


def _asked(client: Client, people: Mapping[Role, Person]) -> Mapping[Role, int]:
    """How often each of their pages asks, once what is remembered between pages is there."""
    counts = {}
    for role, person in people.items():
        sign_in(client, person)
        client.get("/")
        counts[role] = queries_of(client, "/")
    return counts


def test_the_page_asks_as_often_for_three_rows_as_for_three_hundred(
    sqlite_app: Flask, client: Client, cast: Cast
) -> None:
    people = _look_on(cast)
    _fill(cast, 3, people)
    few = _asked(client, people)
    _fill(cast, 297, people)
    assert _asked(client, people) == few


# ---- Who was there ----


def test_a_teacher_is_sent_to_the_door_an_hour_before_her_session(client: Client, cast: Cast, clock: Clock) -> None:
    course, britt = cast.course(title="Statistics", starts_in=timedelta(hours=2)), cast.researcher("Britt Bauwens")
    tess = cast.person("Tess Molendijks", Role.ORGANISER, session_id=course.id)
    take_seat(cast, course, britt)

    assert steps(start_page(client, tess)) == ["Statistics"]
    clock.advance(timedelta(hours=1))
    page = start_page(client, tess)

    assert steps(page) == ["Who was there? Statistics", "Statistics"]
    assert "1 person is not ticked yet. Tick who was there" in step(page, "Who was there?")


def test_a_coordinator_sees_what_of_hers_nobody_ticked(client: Client, cast: Cast, clock: Clock) -> None:
    own, other = cast.course(title="Hearts", programmes=["CARDIO"]), cast.course(title="Brains", programmes=["NEURO"])
    take_seat(cast, own, cast.researcher("Britt Bauwens"))
    take_seat(cast, other, cast.researcher("Hugo Coppens", "NEURO"))
    roger = cast.person("Roger Meunier", Role.COORDINATOR, programme="CARDIO")

    assert "Who was there?" not in headings(start_page(client, roger))
    clock.advance(timedelta(days=17))
    said = section(start_page(client, roger), "Who was there?")

    assert "Hearts" in said
    assert "1 was registered" in said
    assert "Brains" not in said
