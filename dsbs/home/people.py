"""The list of people: everybody the school knows, with roles and programmes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, cast

from flask import render_template, request

from dsbs.accounts import queries
from dsbs.accounts.queries import ORDERS, Order
from dsbs.core import clock
from dsbs.core.access import Role, requires, viewer
from dsbs.core.db import db
from dsbs.home.start import blueprint
from dsbs.programmes.queries import programmes


@dataclass(frozen=True)
class Wanted:
    """What the address of the list asks for; what it cannot mean is left aside."""

    search: str
    roles: tuple[Role, ...]
    inactive: bool
    order: Order
    page: int

    @classmethod
    def asked_for(cls) -> Self:
        """Read it from the request."""
        args = request.args
        return cls(
            search=args.get("q", "")[:100].replace("\x00", ""),
            roles=tuple(role for role in Role if role.value in args.getlist("role")),
            inactive=args.get("state") == "inactive",
            order=cast(Order, args["sort"]) if args.get("sort") in ORDERS else "name",
            page=args.get("page", 1, type=int),
        )

    @property
    def filters(self) -> int:
        """How many filters are set."""
        return len(self.roles) + self.inactive


@blueprint.get("/people")
@requires(Role.ADMINISTRATOR, Role.READER)
def people() -> str:
    """Search everybody by name, address or number; fifty a page."""
    wanted, session, today = Wanted.asked_for(), db.session(), clock.today()
    found = queries.people(
        session,
        viewer(),
        today=today,
        search=wanted.search,
        roles=wanted.roles,
        inactive=wanted.inactive,
        order=wanted.order,
        page=wanted.page,
    )
    return render_template(
        "home/people.html",
        found=found,
        wanted=wanted,
        roles=list(Role),
        programmes={programme.id: programme for programme in programmes(session)},
    )
