"""The sweep: what is due is noted once and mailed once, whatever happens around it; on both engines."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from flask import Flask
from sqlalchemy import select

from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person
from dsbs.activities.models import ActivitySession, Registration
from dsbs.activities.service import offering, registering, waiting
from dsbs.core.db import SYSTEM, db, write
from dsbs.mail.delivery import deliver
from dsbs.mail.models import Message
from dsbs.mail.rules import MessageState
from dsbs.reminders import sweeping
from dsbs.reminders.models import Reminder
from dsbs.reminders.rules import Cadence, State
from dsbs.reminders.sweeping import sweep, tick
from tests.reminders.ledger import (
    DAY,
    HOUR,
    MINUTE,
    add_rule,
    ledger,
    school,
    states,
    sweep_all,
    take_seat,
)
from tests.support.cast import Cast
from tests.support.clock import Clock
from tests.support.smtp import SmtpServer
from tests.support.statements import statements

#: The default rules about sessions, by the codes that the loading gives them.
COMING, TOMORROW = "free_cancellation_end_2_working_days_before", "session_start_1_working_days_before"
LAPSING = "offer_expiring_6_hours_before"


def course_on(cast: Cast, moment: datetime, **facts: object) -> ActivitySession:
    """A course that begins at this moment."""
    return cast.course(starts_in=moment - cast.now, **facts)  # type: ignore[arg-type]


def mails() -> Counter[str]:
    db.session.rollback()
    return Counter(db.session.scalars(select(Message.template)))


def reminder() -> Reminder:
    db.session.rollback()
    return db.session.scalars(select(Reminder)).one()


def test_who_has_a_seat_is_reminded_on_the_working_day_before(app: Flask, cast: Cast, clock: Clock) -> None:
    britt = cast.person("Britt Bauwens")
    take_seat(course_on(cast, school(14, 10)), britt, at=clock.now)  # a Monday

    clock.move_to(school(11, 7, 59))
    sweep_all(clock)
    before = states()
    clock.move_to(school(11, 8, 5))
    sweep_all(clock)

    assert [code for code, _ in before if code == TOMORROW] == []
    assert (TOMORROW, State.QUEUED) in states()


def test_a_reminder_that_counts_in_days_waits_for_a_decent_hour(app: Flask, cast: Cast, clock: Clock) -> None:
    take_seat(course_on(cast, school(10, 10)), cast.person("Britt Bauwens"), at=clock.now)

    clock.move_to(school(9, 6))
    assert (sweep_all(clock), ledger()) == (0, [])
    clock.move_to(school(9, 20))
    assert (sweep_all(clock), ledger()) == (0, [])
    clock.move_to(school(9, 19, 59))
    assert sweep_all(clock) == 1


def test_a_second_sweep_finds_nothing_new(app: Flask, cast: Cast, clock: Clock) -> None:
    take_seat(course_on(cast, school(10, 10)), cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(9, 9))

    assert [sweep_all(clock) for _ in range(3)] == [1, 0, 0]
    assert mails() == {"activities/session_tomorrow": 1}


def test_who_registers_after_it_was_to_leave_is_not_reminded(app: Flask, cast: Cast, clock: Clock) -> None:
    course = course_on(cast, school(10, 10))
    clock.move_to(school(9, 9))
    take_seat(course, cast.person("Britt Bauwens"), at=clock.now)
    clock.advance(HOUR)

    assert (sweep_all(clock), ledger()) == (0, [])


def test_nobody_is_reminded_of_a_session_that_was_called_off_or_left_or_who_is_gone(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    called_off, left, other = (course_on(cast, school(10, hour)) for hour in (9, 12, 15))
    britt, hugo, ada = (cast.person(name) for name in ("Britt Bauwens", "Hugo Coppens", "Ada Gone"))
    take_seat(called_off, britt, at=clock.now)
    (registration_id,) = take_seat(left, hugo, at=clock.now)
    take_seat(other, ada, at=clock.now)
    with write(by=SYSTEM, why="Ended", at=clock.now) as session:
        offering.cancel_session(session, session_id=called_off.id, reason="Ill", now=clock.now)
        registering.cancel(
            session, registration_id=registration_id, person=session.get_one(Person, hugo.id), now=clock.now
        )
        gone = session.get_one(Person, ada.id)
        accounts.deactivate(session, person=gone, by=SYSTEM, today=cast.today, now=clock.now)
    clock.move_to(school(9, 9))

    assert (sweep_all(clock), ledger()) == (0, [])


def test_a_reminder_that_was_held_up_leaves_late(app: Flask, cast: Cast, clock: Clock) -> None:
    take_seat(course_on(cast, school(10, 17)), cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(10, 9))

    sweep_all(clock)

    assert ledger() == [(TOMORROW, "Bauwens", State.QUEUED, True)]


def test_what_has_begun_is_missed_if_the_sweep_was_away_and_else_never_noted(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    take_seat(course_on(cast, school(10, 10)), cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(7, 9))
    sweep_all(clock)
    clock.move_to(school(10, 11))
    sweep_all(clock)

    assert ledger() == [(TOMORROW, "Bauwens", State.MISSED, True)]
    assert mails() == {}


def test_the_first_sweep_ever_does_not_tell_what_was_missed_before(app: Flask, cast: Cast, clock: Clock) -> None:
    take_seat(course_on(cast, school(10, 10)), cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(10, 11))

    assert (sweep_all(clock), ledger()) == (0, [])


def test_only_the_latest_step_of_a_ladder_is_told(app: Flask, cast: Cast, clock: Clock) -> None:
    add_rule("three_before", "session_start", -3, "days", letter="session_tomorrow")
    take_seat(course_on(cast, school(10, 17)), cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(9, 9))

    sweep_all(clock)

    assert sorted(states()) == [(TOMORROW, State.QUEUED), ("three_before", State.SUPERSEDED)]


def test_two_rules_for_one_session_on_one_day_are_one_mail(app: Flask, cast: Cast, clock: Clock) -> None:
    add_rule("same_day", "free_cancellation_end", 4, "working_days", letter="still_coming")
    course = course_on(cast, school(10, 17))
    with write(by=SYSTEM, why="Moved", at=clock.now) as session:
        offered = session.get_one(ActivitySession, course.id)
        offered.free_cancellation_until = school(10, 17)
    add_rule("two", "free_cancellation_end", -1, "working_days", letter="still_coming")
    take_seat(course, cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(9, 9))

    sweep_all(clock)

    rows = db.session.scalars(select(Reminder).order_by(Reminder.id)).all()
    stood = {row.state for row in rows}
    assert stood == {State.QUEUED, State.MERGED, State.SUPERSEDED}
    assert len({row.message_id for row in rows if row.state in (State.QUEUED, State.MERGED)}) == 1
    assert mails().total() == 1


def test_a_moved_session_takes_back_what_has_not_left_and_reminds_again(app: Flask, cast: Cast, clock: Clock) -> None:
    course = course_on(cast, school(10, 10))
    take_seat(course, cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(9, 9))
    sweep_all(clock)
    with write(by=SYSTEM, why="Moved", at=clock.now) as session:
        session.get_one(ActivitySession, course.id).ends_at += 7 * DAY
        session.get_one(ActivitySession, course.id).starts_at += 7 * DAY
    clock.advance(HOUR)
    sweep_all(clock)
    assert states() == [(TOMORROW, State.WITHDRAWN)]
    assert db.session.scalars(select(Message.state)).all() == [MessageState.WITHDRAWN]

    clock.move_to(school(16, 9))
    sweep_all(clock)

    assert states()[-1] == (TOMORROW, State.QUEUED)


def test_a_session_that_is_moved_back_is_reminded_of_once_more(app: Flask, cast: Cast, clock: Clock) -> None:
    course = course_on(cast, school(10, 17))
    take_seat(course, cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(9, 9))
    sweep_all(clock)
    for days in (7, -7):
        with write(by=SYSTEM, why="Moved", at=clock.now) as session:
            session.get_one(ActivitySession, course.id).ends_at += days * DAY + 14 * DAY
            session.get_one(ActivitySession, course.id).starts_at += days * DAY
        clock.advance(HOUR)
        sweep_all(clock)

    assert states() == [(TOMORROW, State.WITHDRAWN), (TOMORROW, State.QUEUED)]


def test_a_letter_says_nothing_of_a_date_that_moved_after_it_was_queued(app: Flask, cast: Cast, clock: Clock) -> None:
    course = course_on(cast, school(10, 10))
    take_seat(course, cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(9, 9))
    sweep_all(clock)
    with write(by=SYSTEM, why="Moved", at=clock.now) as session:
        session.get_one(ActivitySession, course.id).starts_at += HOUR

    assert deliver(lambda: clock.now) == {MessageState.WITHDRAWN: 1}
    clock.advance(HOUR)

    assert sweep_all(clock) == 1
    assert states() == [(TOMORROW, State.WITHDRAWN), (TOMORROW, State.QUEUED)]


def test_an_edited_rule_sends_nothing_again(app: Flask, cast: Cast, clock: Clock) -> None:
    take_seat(course_on(cast, school(10, 10)), cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(9, 9))
    sweep_all(clock)
    rule = reminder()
    with write(by=SYSTEM, why="Edited", at=clock.now) as session:
        found = session.get_one(Reminder, rule.id)
        session.refresh(found, ["rule"])
        found.rule.in_force_to = clock.now.date() - DAY
        copied = {
            name: getattr(found.rule, name)
            for name in ("line", "code", "scope_kind", "occasion", "unit", "audience", "condition", "template", "mark")
        }
        session.add(type(found.rule)(**copied, version=2, offset=-2, in_force_from=clock.now.date()))
    clock.advance(HOUR)

    assert (sweep_all(clock), len(ledger())) == (0, 1)


def test_a_rule_of_a_programme_takes_the_place_of_the_schools(app: Flask, cast: Cast, clock: Clock) -> None:
    add_rule(TOMORROW, "session_start", -3, "days", letter="session_tomorrow", programme="CARDIO")
    own, other, shared = (
        course_on(cast, school(10, hour), programmes=codes)
        for hour, codes in ((9, ["CARDIO"]), (13, ["NEURO"]), (17, ["CARDIO", "NEURO"]))
    )
    britt = cast.person("Britt Bauwens")
    for course in (own, other, shared):
        take_seat(course, britt, at=clock.now)

    clock.move_to(school(7, 9))
    sweep_all(clock)
    early = set(db.session.scalars(select(Reminder.event_id)))
    clock.move_to(school(9, 9))
    sweep_all(clock)

    assert early == {own.id}
    assert Counter(db.session.scalars(select(Reminder.event_id))) == {own.id: 1, other.id: 1, shared.id: 1}


def test_who_has_not_answered_an_offer_is_reminded_six_hours_before_it_lapses(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    course, hugo, britt = course_on(cast, school(17, 10), capacity=1), cast.person("Hugo C"), cast.person("Britt B")
    (seat,) = take_seat(course, hugo, at=clock.now)
    with write(by=SYSTEM, why="Waits", at=clock.now) as session:
        waiting.line_up(session, session_id=course.id, people={britt.id: None}, ticket=1, now=clock.now)
        registering.cancel(session, registration_id=seat, person=session.get_one(Person, hugo.id), now=clock.now)
    db.session.rollback()
    until = db.session.scalars(select(Registration.offered_until).where(Registration.person_id == britt.id)).one()
    assert until is not None
    clock.move_to(until - 6 * HOUR - MINUTE)
    assert sweep_all(clock) == 0
    clock.move_to(until - 6 * HOUR + MINUTE)
    assert sweep_all(clock) == 1

    assert ledger() == [(LAPSING, "B", State.QUEUED, False)]
    deliver(lambda: clock.now)
    text = db.session.scalars(select(Message.text).where(Message.template == "activities/offer_expiring")).one()
    assert text is not None
    assert "/offers/" in text


def test_a_rule_that_nothing_reports_does_nothing(app: Flask, cast: Cast, clock: Clock) -> None:
    add_rule("no_letter", "session_start", -2, "days", letter="no_such_letter")
    add_rule("no_condition", "session_start", -2, "days", letter="session_tomorrow", condition="whenever")
    take_seat(course_on(cast, school(10, 10)), cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(8, 9))

    assert (sweep_all(clock), ledger()) == (0, [])


def test_somebody_without_an_address_gets_a_mail_that_fails_visibly(app: Flask, cast: Cast, clock: Clock) -> None:
    take_seat(course_on(cast, school(10, 10)), cast.person("Ada Nomail", mail=None), at=clock.now)
    clock.move_to(school(9, 9))
    sweep_all(clock)

    assert deliver(lambda: clock.now) == {MessageState.FAILED: 1}


def test_sweeps_at_the_same_moment_remind_everybody_once(app: Flask, cast: Cast, clock: Clock) -> None:
    with cast.at_once():
        people = [cast.person(f"Person Number{number}") for number in range(20)]
        course = course_on(cast, school(10, 10))
    take_seat(course, *people, at=clock.now)
    clock.move_to(school(9, 9))
    start = threading.Barrier(6)

    def one(number: int) -> int | None:
        start.wait()
        with app.app_context():
            return sweep(lambda: clock.now, Cadence.HOURLY)

    with ThreadPoolExecutor(6) as pool:
        queued = list(pool.map(one, range(6)))

    assert sum(count or 0 for count in queued) == 20
    assert mails() == {"activities/session_tomorrow": 20}
    assert Counter(state for _, state in states()) == {State.QUEUED: 20}


def test_a_sweep_that_is_killed_between_noting_and_queueing_is_finished_by_the_next(
    app: Flask, cast: Cast, clock: Clock
) -> None:
    take_seat(course_on(cast, school(10, 10)), cast.person("Britt Bauwens"), at=clock.now)
    clock.move_to(school(9, 9))
    occasions = sweeping.occasions_of(sweeping.features())
    with write(by=SYSTEM, why="Noted", at=clock.now) as session:
        sweeping.service.note(session, occasions, cadence=Cadence.HOURLY, now=clock.now)
    assert states() == [(TOMORROW, State.DUE)]
    clock.advance(HOUR)

    assert sweep_all(clock) == 1
    assert states() == [(TOMORROW, State.QUEUED)]


def test_many_are_reminded_in_as_many_statements_as_few(app: Flask, cast: Cast, clock: Clock) -> None:
    sent = []
    for hour, count in ((12, 3), (15, 60)):
        with cast.at_once():
            people = [cast.person(f"Person {hour}x{number}") for number in range(count)]
            course = course_on(cast, school(10, hour), capacity=100)
        take_seat(course, *people, at=cast.now)
        clock.move_to(school(9, hour))
        with statements() as told:
            assert sweep(lambda: clock.now, Cadence.HOURLY) == count
        sent.append(len(told))
        deliver(lambda: clock.now)

    assert sent[0] == sent[1]


def test_a_reminder_says_tomorrow_only_when_it_is(app: Flask, cast: Cast, clock: Clock) -> None:
    britt = cast.person("Britt Bauwens")
    for day in (10, 14):  # a Thursday and a Monday
        take_seat(course_on(cast, school(day, 10)), britt, at=cast.now)
        clock.move_to(school(day - 1 if day == 10 else day - 3, 9))
        sweep_all(clock)
        deliver(lambda: clock.now)

    wanted = select(Message.subject).where(Message.template == "activities/session_tomorrow").order_by(Message.id)
    assert db.session.scalars(wanted).all() == [
        "Tomorrow at 10:00: Scientific writing",
        "On Mon 14 Dec 2026, 10:00: Scientific writing",
    ]


def test_a_mail_that_was_put_off_never_says_tomorrow_on_the_day_itself(
    app: Flask, cast: Cast, clock: Clock, smtp_server: SmtpServer
) -> None:
    britt, ended = cast.person("Britt Bauwens"), []
    for begins, leaves in ((10, 9), (14, 11)):  # a Thursday and a Monday
        take_seat(course_on(cast, school(begins, 10)), britt, at=cast.now)
        clock.move_to(school(leaves, 19, 59))
        sweep_all(clock)
        smtp_server.fail_next()
        deliver(lambda: clock.now)
        clock.move_to(school(leaves + 1, 0))
        ended.append(deliver(lambda: clock.now))

    assert ended == [{MessageState.MISSED: 1}, {MessageState.SENT: 1}]
    assert [mail["Subject"] for mail in smtp_server.messages] == ["On Mon 14 Dec 2026, 10:00: Scientific writing"]


def test_a_tick_looks_after_rules_in_days_once_an_hour(app: Flask, cast: Cast, clock: Clock) -> None:
    course = course_on(cast, school(10, 17))
    clock.move_to(school(9, 7, 30))
    assert tick(lambda: clock.now) == 0
    take_seat(course, cast.person("Britt Bauwens"), at=cast.now)
    clock.move_to(school(9, 8))
    assert tick(lambda: clock.now) == 1
    take_seat(course, cast.person("Hugo Coppens"), at=cast.now)
    clock.advance(59 * MINUTE)
    assert tick(lambda: clock.now) == 0
    clock.advance(MINUTE)
    assert tick(lambda: clock.now) == 1


def test_a_tick_does_not_wait_for_a_clock_that_was_put_back(app: Flask, cast: Cast, clock: Clock) -> None:
    course = course_on(cast, school(10, 17))
    clock.move_to(school(11, 9))
    tick(lambda: clock.now)
    take_seat(course, cast.person("Britt Bauwens"), at=cast.now)

    clock.move_to(school(9, 9))

    assert tick(lambda: clock.now) == 1
