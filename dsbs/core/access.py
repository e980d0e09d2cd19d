"""The first question of access: may this role come here?

Every route says it beside the view: ``@public``, ``@signed_in`` or ``@requires(Role.COORDINATOR, ...)``; an
application with a route that says nothing does not start. The second question (this row?) is each feature's
``access.py``, the third (which rows?) its page queries, which take the ``Viewer``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from dsbs.core.db import Actor

View = TypeVar("View", bound=Callable[..., Any])
Rule = frozenset["Role"] | Literal["public", "signed_in"]


class Role(StrEnum):
    """What a person is to the school. A person can have several, each with a scope."""

    RESEARCHER = "researcher"
    SUPERVISOR = "supervisor"
    ORGANISER = "organiser"
    COORDINATOR = "coordinator"
    LEADER = "leader"
    READER = "reader"
    ADMINISTRATOR = "administrator"


#: Who looks after programmes: coordinators and leaders for their own ones, administrators for all.
STAFF = frozenset({Role.COORDINATOR, Role.LEADER, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Grant:
    """One role with its scope: given programmes, given sessions, or (neither) the school."""

    role: Role
    programme_id: int | None = None
    session_id: int | None = None


@dataclass(frozen=True)
class Viewer:
    """Who looks: the person signed in, with the roles in force today. Plain values, loaded once a request."""

    id: int
    name: str
    language: str = "en"
    grants: frozenset[Grant] = field(default_factory=frozenset)
    #: Changes when the person signs out everywhere or sets a new password, which ends all other sessions.
    session_key: str = ""

    # What Flask-Login asks of a user.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """The value kept in the session cookie."""
        return f"{self.id}.{self.session_key}"

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles in force, whatever their scope."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def actor(self) -> Actor:
        """The viewer as the history names her."""
        return Actor(id=self.id, name=self.name)

    def has(self, *roles: Role) -> bool:
        """Whether any of these roles is held, whatever its scope."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_administrator(self) -> bool:
        """Whether the viewer runs the whole school."""
        return Role.ADMINISTRATOR in self.roles

    def programmes_as(self, *roles: Role) -> frozenset[int]:
        """The programmes in which one of these roles is held."""
        return frozenset(
            grant.programme_id for grant in self.grants if grant.role in roles and grant.programme_id is not None
        )

    @property
    def sessions_organised(self) -> frozenset[int]:
        """The sessions that the viewer organises as a teacher."""
        return frozenset(grant.session_id for grant in self.grants if grant.session_id is not None)


def public(view: View) -> View:
    """Everybody may come here, signed in or not."""
    return _declare(view, "public")


def signed_in(view: View) -> View:
    """Whoever is signed in may come here."""
    return _declare(view, "signed_in")


def requires(*roles: Role) -> Callable[[View], View]:
    """Whoever holds one of these roles, in whatever scope, may come here."""
    return lambda view: _declare(view, frozenset(roles))


def current_viewer() -> Viewer | None:
    """The viewer of this request, or None when nobody is signed in."""
    return getattr(g, "viewer", None)


def viewer() -> Viewer:
    """The viewer of a request that needs one; views behind ``@public`` ask ``current_viewer`` instead."""
    found = current_viewer()
    if found is None:
        abort(401)
    return found


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """What the view behind this endpoint declares."""
    return getattr(app.view_functions[endpoint], "access_rule", None)


def check_declared(app: Flask) -> None:
    """Refuse to start with a route that does not say who may come."""
    silent = sorted(rule.endpoint for rule in app.url_map.iter_rules() if rule_of(app, rule.endpoint) is None)
    if silent:
        raise RuntimeError(f"These routes do not say who may come there: {', '.join(silent)}")


def admit() -> Response | None:
    """Before every request: let it in, send it to sign in, or answer 403."""
    if request.endpoint is None:
        return None
    rule = rule_of(current_app, request.endpoint)
    who = current_viewer()
    if rule == "public" or (who is not None and rule == "signed_in"):
        return None
    if who is None:
        return _to_sign_in()
    if not isinstance(rule, frozenset) or not who.has(*rule):
        abort(403)
    return None


def _to_sign_in() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for(current_app.config["SIGN_IN_ENDPOINT"], next=wanted))


def _declare(view: View, rule: Rule) -> View:
    view.access_rule = rule  # type: ignore[attr-defined]
    return view
