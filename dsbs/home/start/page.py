"""The start page: for each role, what to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flask import Blueprint, render_template

from dsbs.accounts.queries import whom_to_ask
from dsbs.core import clock
from dsbs.core.access import Role, signed_in, viewer
from dsbs.core.db import db
from dsbs.home.start import administrator, coordinator, organiser, reader, researcher, supervisor
from dsbs.home.start.parts import Empty, Look, Part, ordered
from dsbs.home.start.week import week_of

blueprint = Blueprint("home", __name__)

#: Most to look after first. Leaders see what coordinators see.
_PARTS: Mapping[frozenset[Role], Callable[[Look], Part]] = {
    frozenset({Role.ADMINISTRATOR}): administrator.part,
    frozenset({Role.LEADER, Role.COORDINATOR}): coordinator.part,
    frozenset({Role.SUPERVISOR}): supervisor.part,
    frozenset({Role.RESEARCHER}): researcher.part,
    frozenset({Role.ORGANISER}): organiser.part,
    frozenset({Role.READER, Role.ADMINISTRATOR}): reader.part,
}


@blueprint.get("/")
@signed_in
def start() -> str:
    """What the viewer should do next, soonest first; then her week and what her roles look after."""
    look = Look(db.session(), viewer(), clock.now(), clock.today())
    if not look.viewer.roles:
        return render_template("home/start_without_role.html", askable=whom_to_ask(look.session, look.today))
    parts = [make(look) for roles, make in _PARTS.items() if look.viewer.has(*roles)]
    week = week_of(look)
    return render_template(
        "home/start.html",
        steps=ordered(step for part in parts for step in part.steps),
        empty=_empty(parts),
        asked=[asked for part in parts for asked in part.asked],
        week=week if week.entries or look.viewer.has(Role.RESEARCHER, Role.ORGANISER) else None,
        sections=[section for part in parts for section in part.sections],
        foot=next((part.foot for part in parts if part.foot), None),
    )


def _empty(parts: Sequence[Part]) -> Empty | None:
    """What is said when there is nothing to do: by the role with the most to look after."""
    return next((part.empty for part in parts if part.empty), None)
