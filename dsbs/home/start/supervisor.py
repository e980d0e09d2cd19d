"""What a supervisor finds: whom he supervises, and how far each of them is."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from dsbs.enrolments import months, queries, track_queries
from dsbs.home.start.parts import Empty, Look, Part, Section

_MOST_SHOWN = 10


def part(look: Look) -> Part:
    """His researchers, those with the fewest months left first."""
    found = queries.researchers_of_supervisor(look.session, look.viewer.id, look.today)
    pauses = track_queries.pauses_of(look.session, [enrolment.id for enrolment in found])
    rows = sorted(
        ((row, months.progress(row, pauses.get(row.id, ()), look.today)) for row in found),
        key=lambda row: row[1].left,
    )
    return Part(
        empty=Empty(
            title=_("Nothing waits for you"),
            text=_("What researchers hand in to you will stand here, with the day by which they need your answer."),
            label=_("See your researchers"),
            url=url_for("enrolments.researchers"),
        ),
        sections=[Section("home/start_researchers.html", {"rows": rows[:_MOST_SHOWN], "total": len(rows)})],
    )
