"""When somebody else's calendar is busy, read from an iCalendar file that nobody here wrote."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dsbs.core.refusals import N_, Refused
from dsbs.exchange import unrolling
from dsbs.exchange.unrolling import Reason

MOST_BYTES = 2 * 1024 * 1024
#: Of computing, which hardly any calendar needs; and of waiting, on a machine that has much else to do.
SECONDS, SECONDS_IN_ALL = 10, 40

NO_CALENDAR = N_("This is no iCalendar file. Send one that ends in .ics, as calendar programs export it.")
TOO_MANY = N_("This calendar has more than 5,000 entries. Export it without the past.")
TOO_OFTEN = N_("An entry of this calendar repeats within the day. Take it out, then send the calendar again.")
TOO_LARGE = N_("The file is larger than 2 MB. Export it without the past.")
TOO_HARD = N_("This calendar takes too long to work out. Export it without the past and without what repeats for ever.")

_SENTENCES = {Reason.NO_CALENDAR: NO_CALENDAR, Reason.TOO_MANY: TOO_MANY, Reason.TOO_OFTEN: TOO_OFTEN}


@dataclass(frozen=True, slots=True, order=True)
class Busy:
    """From a moment to another, aware UTC, half-open, and what for, as far as the calendar says."""

    start: datetime
    end: datetime
    title: str


def busy_times(data: bytes, *, now: datetime, zone: ZoneInfo) -> Sequence[Busy]:
    """The busy times as ``unrolling.unrolled`` finds them, worked out in a process of its own.

    Refused when the file is no calendar, is too large, has too many entries or one that repeats within the day, and
    when it takes more than ten seconds of computing: the process is ended then. Never called inside a write scope.
    """
    if len(data) > MOST_BYTES:
        raise Refused(TOO_LARGE)
    command = [sys.executable, "-I", unrolling.__file__, now.isoformat(), zone.key, str(SECONDS)]
    try:
        # The program is ours and so is all that it is called with; what is not ours goes to its input.
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS_IN_ALL, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise Refused(TOO_HARD) from None
    if done.returncode:
        raise Refused(TOO_HARD)
    answer = json.loads(done.stdout)
    if "reason" in answer:
        raise Refused(_SENTENCES[Reason(answer["reason"])])
    moment = datetime.fromisoformat
    return [Busy(moment(start), moment(end), title) for start, end, title in answer["times"]]
