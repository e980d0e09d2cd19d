"""For whom some of the demonstration school's activities are: conditions, requests, kept seats, an invited list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from dsbs.accounts.models import Person
from dsbs.activities.clashing import clashes_of_session
from dsbs.activities.models import Activity, ActivitySession
from dsbs.activities.rules.conditions import Candidate, Condition, ConditionKind
from dsbs.activities.rules.pools import Reservation
from dsbs.activities.rules.requirements import Requirement
from dsbs.activities.service import approving, inviting, offering, registering
from dsbs.activities.service.offering import ActivityText
from dsbs.core.access import Role
from dsbs.demonstration.open_ends import Open, plan_open
from dsbs.demonstration.people import People
from dsbs.demonstration.publishing import publish
from dsbs.programmes.queries import programme_by_code

PROGRAMME = "CARDIO"
APPROVED = Open("A week in the catheter laboratory", "phd_course", 3, 9, 3)
INVITED = Open("Round table with journal editors", "skills_academic", 4, 14, 10)
KEPT = "Reading cardiac MRI"
LINE = Open("A day with the electrophysiologists", "phd_course", 6, 13, 3)
_OTHERS, _KEPT_IN_LINE = "NEURO", 2
_ASKED = timedelta(days=3)
_KEPT_SEATS, _KEPT_BEFORE = 5, timedelta(weeks=2)
_INVITED, _CAME_FORWARD = 9, 4


def ask_for_something(
    session: Session, people: People, made: Sequence[ActivitySession], now: datetime, today: date
) -> None:
    """Conditions of every kind, somebody who waits for an answer, seats that are kept."""
    activities = {offered.activity.title: offered.activity for offered in made}
    _state_conditions(session, activities, now)
    _keep_seats(session, [offered for offered in made if offered.activity.title == KEPT], now)
    researchers = [person for person in people.researchers[PROGRAMME] if person is not people.shown[Role.RESEARCHER]]
    _let_ask(session, researchers, now, today)
    _wait_for_kept_seats(session, people, now, today)
    _invite(session, [people.shown[Role.RESEARCHER], *researchers[-_INVITED:]], now, today)


def _state_conditions(session: Session, activities: Mapping[str, Activity], now: datetime) -> None:
    integrity = activities["Research integrity"]
    once = Condition(ConditionKind.NOT_ATTENDED)
    _ask(session, integrity, now, [once])
    first = Condition(ConditionKind.ATTENDED, ids=(integrity.id,))
    _ask(session, activities["Good clinical practice, refresher"], now, [first])
    later, approved = Condition(ConditionKind.YEARS, first_year=3), Condition(ConditionKind.APPROVAL)
    _ask(session, activities["Leading a small team"], now, [later, approved], [once])


def _ask(session: Session, activity: Activity, now: datetime, *requirements: Sequence[Condition]) -> None:
    """Ask all of this; of several conditions in one requirement one is enough."""
    text = ActivityText(
        title=activity.title,
        kind=activity.kind,
        language=activity.language,
        description=activity.description,
        hours=activity.hours,
        credits=activity.credits,
        programmes=[offer.programme_id for offer in activity.offered_by],
        requirements=[Requirement(tuple(one_of)) for one_of in requirements],
    )
    offering.edit_activity(session, activity_id=activity.id, revision=activity.revision, text=text, now=now)


def _keep_seats(session: Session, sessions: Sequence[ActivitySession], now: datetime) -> None:
    """Keep some seats of the last of these sessions for a while yet."""
    _keep(session, max(sessions, key=lambda offered: offered.starts_at), _KEPT_SEATS, now)


def _keep(session: Session, offered: ActivitySession, seats: int, now: datetime) -> None:
    programme_id = programme_by_code(session, PROGRAMME).id
    plan = replace(
        offering.plan_of(offered), reservations=[Reservation(programme_id, seats, offered.starts_at - _KEPT_BEFORE)]
    )
    offering.edit_session(session, session_id=offered.id, revision=offered.revision, plan=plan, now=now)


def _wait_for_kept_seats(session: Session, people: People, now: datetime, today: date) -> None:
    """A full session of which seats are kept since: who waits longest is of another programme than who comes next."""
    made = plan_open(session, LINE, today + timedelta(weeks=LINE.weeks), None, now)
    publish(session, made, now)
    others = _free(session, made, people.researchers[_OTHERS], now)
    own = _free(session, made, people.researchers[PROGRAMME], now)
    registering.take_seats(session, session_id=made.id, people=others[: LINE.capacity], now=now)
    _keep(session, made, _KEPT_IN_LINE, now)
    for code, person in ((_OTHERS, others[LINE.capacity]), (PROGRAMME, own[0])):
        candidate = Candidate(is_researcher=True, programmes=(programme_by_code(session, code).id,))
        registering.register(
            session, session_id=made.id, person=person, candidate=candidate, now=now - _ASKED, or_wait=True
        )


def _free(session: Session, made: ActivitySession, people: Sequence[Person], now: datetime) -> Sequence[Person]:
    """Those of these people who have nothing else at the time of this session."""
    busy = {clash.person_id for clash in clashes_of_session(session, made.id, [one.id for one in people], now=now)}
    return [person for person in people if person.id not in busy]


def _let_ask(session: Session, researchers: Sequence[Person], now: datetime, today: date) -> None:
    """Some ask for one of few seats; the first has it, and the others wait for the coordinator's answer."""
    made = plan_open(session, APPROVED, today + timedelta(weeks=APPROVED.weeks), None, now)
    _ask(session, made.activity, now, [Condition(ConditionKind.APPROVAL)])
    publish(session, made, now)
    candidate = Candidate(is_researcher=True, programmes=(programme_by_code(session, PROGRAMME).id,))
    asked = [
        registering.register(session, session_id=made.id, person=person, candidate=candidate, now=now - _ASKED)
        for person in researchers[:4]
    ]
    approving.approve(session, registration_id=asked[0].registration_id, session_id=made.id, now=now)


def _invite(session: Session, invited: Sequence[Person], now: datetime, today: date) -> None:
    """Invite these people; some of those who are free then have taken their seats already, the first has not."""
    made = plan_open(session, INVITED, today + timedelta(weeks=INVITED.weeks), None, now)
    _ask(session, made.activity, now, [Condition(ConditionKind.INVITED)])
    publish(session, made, now)
    inviting.invite(session, activity_id=made.activity_id, people=invited)
    free = [person for person in _free(session, made, invited, now) if person is not invited[0]]
    registering.take_seats(session, session_id=made.id, people=free[:_CAME_FORWARD], now=now)
