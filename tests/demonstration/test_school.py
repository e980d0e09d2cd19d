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
from dsbs.core.db import SYSTEM, db, write
from dsbs.demonstration.people import People
from dsbs.demonstration.school import make_school
from dsbs.demonstration.year import offers
from dsbs.enrolments.models import Enrolment, Supervision
from dsbs.enrolments.rules import Track
from dsbs.programmes import queries as programmes
from dsbs.programmes import service as programme_service
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
