"""The school to try is one in which the program's own rules hold, and which one would believe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dsbs import create_app
from dsbs.accounts.models import Person
from dsbs.activities.models import ActivitySession, Meeting, Registration
from dsbs.activities.rules import Mode, SessionState
from dsbs.agenda.models import Commitment, CommitmentState, Slot
from dsbs.core import clock as clocks
from dsbs.core.access import Role
from dsbs.core.db import SYSTEM, db, write
from dsbs.demonstration.people import People
from dsbs.demonstration.school import make_school
from dsbs.demonstration.year import offers
from dsbs.enrolments.models import Enrolment, Milestone, Supervision, Suspension
from dsbs.enrolments.rules import SuspensionKind, Track, year_of_track
from dsbs.enrolments.service import all_differences
from dsbs.programmes import queries as programmes
from dsbs.programmes import service as programme_service
from dsbs.programmes.models import Programme
from tests.support.databases import Databases
from tests.support.servers import Run
from tests.support.settings import settings_for

pytestmark = pytest.mark.long

NOVEMBER, APRIL = datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2027, 4, 12, 9, tzinfo=UTC)


@dataclass(frozen=True)
class School:
    """A demonstration school as it stands at a moment."""

    session: Session
    now: datetime
    people: People

    @property
    def today(self) -> date:
        return clocks.local(self.now).date()

    def sessions(self) -> list[ActivitySession]:
        return list(self.session.scalars(select(ActivitySession)))

    def registered(self) -> dict[int, int]:
        counted = select(Registration.session_id, func.count()).group_by(Registration.session_id)
        return dict(self.session.execute(counted).all())


@pytest.fixture(scope="module", params=[NOVEMBER, APRIL], ids=["before Christmas", "among the holidays of spring"])
def school(
    request: pytest.FixtureRequest, run: Run, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    """A school made at this moment (3 s), for all tests that look at it; on SQLite, as ``bin/run`` makes it."""
    folder, now = tmp_path_factory.mktemp("school"), request.param
    (folder / "static").symlink_to(run.static)
    with databases.fresh("sqlite", folder) as url, create_app(settings_for(folder, database_url=url)).app_context():
        with write(by=SYSTEM, why="Made the demonstration school", at=now) as session:
            programme_service.load_defaults(session)
            people = make_school(session, now=now, today=clocks.local(now).date(), kept_password="kept")
        yield School(db.session(), now, people)
        db.session.remove()
        db.engine.dispose()


def named(offered: ActivitySession) -> tuple[str, date]:
    return offered.activity.title, clocks.local(offered.starts_at).date()


def test_each_shown_sign_in_holds_the_one_role_that_it_shows(school):
    assert {role: {grant.role for grant in person.grants} for role, person in school.people.shown.items()} == {
        role: {role} for role in school.people.shown
    }


def test_nobody_meets_on_a_day_on_which_the_school_is_closed(school):
    closed = programmes.closed_calendar(school.session)
    days = [clocks.local(meeting.slot.start).date() for meeting in school.session.scalars(select(Meeting))]
    assert (len(days) > 100, [day for day in days if day in closed or day.weekday() > 4]) == (True, [])


def test_all_that_is_offered_found_a_room(school):
    planned = Counter({offer.title: len(offer.weeks) for offer in offers()})
    assert planned - Counter(offered.activity.title for offered in school.sessions()) == Counter()


def test_meetings_keep_the_hours_of_a_school(school):
    """Nobody begins before eight or ends after ten in the evening; lectures and courses end by seven."""
    odd = []
    for meeting in school.session.scalars(select(Meeting)):
        offered = school.session.get_one(ActivitySession, meeting.session_id)
        start, end = clocks.local(meeting.slot.start), clocks.local(meeting.slot.end)
        latest = 19 if offered.activity.kind in {"guest_lecture", "phd_course", "integrity_course"} else 22
        if start.date() != end.date() or start.hour < 8 or end.hour > latest:
            odd.append((named(offered), start, end))
    assert odd == []


def test_an_activity_is_given_once_at_a_time(school):
    by_activity: dict[str, list[ActivitySession]] = {}
    for offered in school.sessions():
        by_activity.setdefault(offered.activity.title, []).append(offered)
    assert [
        (named(one), named(other))
        for given in by_activity.values()
        for one, other in combinations(given, 2)
        if one.starts_at < other.ends_at and other.starts_at < one.ends_at
    ] == []


def test_nobody_is_in_two_places_at_once_but_one_who_knew(school):
    places: dict[int, list[Slot]] = {}
    firm = select(Commitment).where(Commitment.state == CommitmentState.FIRM)
    for commitment in school.session.scalars(firm):
        places.setdefault(commitment.person_id, []).append(commitment.slot)
    knew = select(Registration.person_id).where(Registration.knew_of.is_not(None))
    assert len(places) > 100
    assert [
        person_id
        for person_id, slots in places.items()
        for one, other in combinations(slots, 2)
        if one.start < other.end and other.start < one.end
    ] == list(school.session.scalars(knew))
    assert len(school.session.scalars(knew).all()) == 1


def test_cancelling_is_free_for_as_long_as_the_rules_of_the_school_say(school):
    promised = [
        offered
        for offered in school.sessions()
        if offered.state is SessionState.PUBLISHED and offered.mode is not Mode.OPEN
    ]
    assert {offered.id: offered.free_cancellation_until for offered in promised} == {
        offered.id: programmes.free_cancellation_end(school.session, offered.starts_at, today=school.today)
        for offered in promised
    }


def test_a_room_holds_all_who_may_come(school):
    assert [
        named(offered)
        for offered in school.sessions()
        for meeting in offered.meetings
        if meeting.slot.venue and (meeting.slot.venue.capacity or 0) < (offered.capacity or 0)
    ] == []


def test_somebody_comes_to_every_session_and_few_are_full(school):
    taken = school.registered()
    with_seats = [
        offered
        for offered in school.sessions()
        if offered.state is SessionState.PUBLISHED and offered.mode is not Mode.OPEN
    ]
    full = [offered for offered in with_seats if taken.get(offered.id) == offered.capacity]
    assert [named(offered) for offered in with_seats if not taken.get(offered.id)] == []
    assert 0 < len(full) < len(with_seats) / 4


def test_whoever_registered_was_enrolled_and_takes_no_course_twice(school):
    began = dict(school.session.execute(select(Enrolment.person_id, Enrolment.start)).all())
    registrations = school.session.scalars(select(Registration)).all()
    assert [one.id for one in registrations if clocks.local(one.made_at).date() < began[one.person_id]] == []
    courses = Counter(
        (one.person_id, one.session.activity.title)
        for one in registrations
        if one.session.activity.kind != "seminar_series"
    )
    assert [course for course, times in courses.items() if times > 1] == []


def test_tracks_are_of_an_age_that_people_live_through(school):
    years = {Track.FOUR_YEARS: 5, Track.SIX_YEARS: 7}
    enrolments = school.session.scalars(select(Enrolment)).all()
    ages = [(one.track, (school.today - one.start) / timedelta(days=365.25)) for one in enrolments]
    assert [(track, age) for track, age in ages if not 0 < age <= years[track]] == []
    assert [
        one.id for one in enrolments if one.funding_end and one.funding_end < one.start + timedelta(days=1000)
    ] == []


def test_supervisors_have_as_many_researchers_as_one_can_guide(school):
    counted = school.session.scalars(select(func.count(Supervision.id)).group_by(Supervision.person_id)).all()
    assert (len(counted), max(counted) < 25) == (65, True)


def test_every_researcher_has_a_name_and_a_project_of_her_own(school):
    titles = school.session.scalars(select(Enrolment.project_title)).all()
    names = school.session.execute(select(Person.given_name, Person.family_name)).all()
    assert (len(titles), len(set(titles)), len(names) - len(set(names))) == (400, 400, 0)


def test_all_programmes_work_with_the_program_since_before_the_shown_researcher_came(school):
    began = school.session.scalars(select(Enrolment.start).where(Enrolment.person_id == _shown(school).id)).one()
    assert set(school.session.scalars(select(Programme.live_from))) == {began - timedelta(days=1)}


def test_all_due_dates_are_those_that_the_rules_give(school):
    assert school.session.scalar(select(func.count(Milestone.id))) > 5000
    assert list(all_differences(school.session)) == []


def test_nothing_was_met_before_a_track_began_or_on_a_day_to_come(school):
    met = (
        select(Milestone.id)
        .join(Enrolment, Milestone.enrolment_id == Enrolment.id)
        .where((Milestone.met_on < Enrolment.start) | (Milestone.met_on > school.today))
    )
    assert list(school.session.scalars(met)) == []


def test_most_of_what_was_due_is_met_and_a_handful_of_researchers_are_late(school):
    passed = school.session.scalars(select(Milestone).where(Milestone.due_on < school.today)).all()
    overdue = Counter(milestone.enrolment_id for milestone in passed if milestone.met_on is None)
    late = [milestone for milestone in passed if milestone.met_on and milestone.met_on > milestone.due_on]
    assert len(passed) > 2000
    assert {times: list(overdue.values()).count(times) for times in (1, 2)} == {1: 7, 2: 4}
    assert set(overdue.values()) == {1, 2}
    assert 0.05 < len(late) / len(passed) < 0.2


def test_one_researcher_in_twenty_stands_still_once_before_now_or_later(school):
    leaves = school.session.scalars(select(Suspension)).all()
    running = [one for one in leaves if one.first_day <= school.today and (one.last_day or date.max) >= school.today]
    assert 18 <= len({one.enrolment_id for one in leaves}) <= 22
    assert len([one for one in leaves if one.last_day is None]) == 1
    assert len(running) > 2
    assert [one for one in leaves if one.first_day > school.today]
    assert [one for one in leaves if one.last_day and one.last_day < school.today]


def test_the_shown_researcher_was_on_parental_leave_in_her_second_year_and_is_late_with_one_thing(school):
    enrolment = school.session.scalars(select(Enrolment).where(Enrolment.person_id == _shown(school).id)).one()
    leave = school.session.scalars(select(Suspension).where(Suspension.enrolment_id == enrolment.id)).one()
    overdue = select(Milestone.code).where(
        Milestone.enrolment_id == enrolment.id, Milestone.met_on.is_(None), Milestone.due_on < school.today
    )
    assert (leave.kind, (leave.last_day - leave.first_day).days + 1) == (SuspensionKind.PARENTAL, 92)
    assert year_of_track(enrolment.start, leave.first_day) == year_of_track(enrolment.start, leave.last_day) == 2
    assert list(school.session.scalars(overdue)) == ["midterm"]


def _shown(school: School) -> Person:
    return school.people.shown[Role.RESEARCHER]
