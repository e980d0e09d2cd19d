"""The school in figures, for who reads it and who runs it."""

from __future__ import annotations

from dataclasses import dataclass

from dsbs.activities import overviews
from dsbs.activities.overviews import Figures
from dsbs.enrolments.queries import counts_by_programme
from dsbs.home.start.parts import Look, Part, Section
from dsbs.programmes.models import Programme
from dsbs.programmes.queries import programmes

_NONE = Figures(0, 0, 0)


@dataclass(frozen=True)
class Row:
    """One programme in figures; without a programme it is what the whole school offers, where nobody is enrolled."""

    programme: Programme | None
    researchers: int | None
    figures: Figures

    @property
    def share(self) -> int | None:
        """How many of the seats are taken, in per cent; nothing where there are no seats."""
        return round(100 * self.figures.taken / self.figures.seats) if self.figures.seats else None


def part(look: Look) -> Part:
    """Researchers, sessions to come and seats taken, for each programme and in all."""
    researchers = counts_by_programme(look.session, look.today)
    figures = overviews.figures_by_programme(look.session, now=look.now)
    rows = [
        Row(programme, researchers.get(programme.id, 0), figures.get(programme.id, _NONE))
        for programme in programmes(look.session)
    ]
    if None in figures:
        rows.append(Row(None, None, figures[None]))
    total = Row(None, sum(researchers.values()), overviews.figures_of_school(look.session, now=look.now))
    return Part(sections=[Section("home/start_figures.html", {"rows": rows, "total": total})])
