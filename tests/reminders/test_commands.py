"""``flask reminders``."""

from __future__ import annotations

from flask import Flask

from tests.reminders.ledger import school, take_seat
from tests.support.cast import Cast
from tests.support.clock import Clock

NOT_ALL = "Not all rules were looked after: those in days wait for 8:00 to 20:00, all for a busy database.\n"


def _swept(app: Flask) -> str:
    return app.test_cli_runner().invoke(args=["reminders", "sweep"]).output


def test_sweeping_by_hand_counts_the_mails(sqlite_app: Flask, cast: Cast, clock: Clock) -> None:
    course = cast.course(starts_in=school(10, 17) - cast.now)
    clock.move_to(school(9, 9))
    take_seat(course, cast.person("Britt Bauwens"), at=cast.now)
    assert _swept(sqlite_app) == "1 mail is queued.\n"
    assert _swept(sqlite_app) == "Nothing is due.\n"

    take_seat(course, cast.person("Hugo Coppens"), cast.person("Ada Third"), at=cast.now)
    assert _swept(sqlite_app) == "2 mails are queued.\n"


def test_sweeping_at_night_says_what_was_not_looked_after(sqlite_app: Flask, cast: Cast, clock: Clock) -> None:
    take_seat(cast.course(starts_in=school(10, 17) - cast.now), cast.person("Britt Bauwens"), at=cast.now)
    clock.move_to(school(9, 6))

    assert _swept(sqlite_app) == NOT_ALL
