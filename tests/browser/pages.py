"""Every page of the program, one line each: who looks, what its address holds, in which states it makes sense.

``tests/browser/test_pages.py`` looks at each of them and fails for a page that has no line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from dsbs.accounts.models import Person, RoleGrant
from dsbs.core.access import Role
from dsbs.programmes.models import Closure
from tests.browser.states import DEMONSTRATION, EMPTY, MANY

#: How a page's address gets its values: fixed, or found in the state's database for who looks (None: nobody).
Value = str | int | Callable[[Session, Person | None], Any]

ALL_STATES = (EMPTY, DEMONSTRATION, MANY)
#: For a page about one row: without rows there is no such page.
WITH_ROWS = (DEMONSTRATION, MANY)
#: For a page that is the same whatever the database holds, such as an empty form.
ONCE = (EMPTY,)


@dataclass(frozen=True)
class Page:
    """One page as one person sees it. Without ``seen_by`` nobody is signed in. ``status`` is what it answers."""

    endpoint: str
    seen_by: Role | None = None
    states: tuple[str, ...] = ALL_STATES
    values: Mapping[str, Value] = field(default_factory=dict)
    status: int = 200
    path: str | None = None

    @property
    def name(self) -> str:
        """What the test and its pictures are called."""
        return f"{self.endpoint}-{self.seen_by or 'visitor'}"


def first(column: InstrumentedAttribute[Any], *where: ColumnElement[bool]) -> Value:
    """The column's value in the oldest row that fits."""
    return lambda session, _: session.scalars(select(column).where(*where).order_by(column)).first()


def own(column: InstrumentedAttribute[Any], person_id: InstrumentedAttribute[Any]) -> Value:
    """The column's value in the oldest row that belongs to who looks."""
    return lambda session, who: session.scalars(select(column).where(person_id == who.id).order_by(column)).first()  # type: ignore[union-attr]


VISITOR = None
RESEARCHER, SUPERVISOR, COORDINATOR = Role.RESEARCHER, Role.SUPERVISOR, Role.COORDINATOR
LEADER, READER, ADMINISTRATOR = Role.LEADER, Role.READER, Role.ADMINISTRATOR

PAGES = (
    # errors
    Page("error.not_found", VISITOR, ONCE, path="/no-such-page", status=404),
    Page("error.not_found", RESEARCHER, ONCE, path="/no-such-page", status=404),
    Page("error.not_allowed", RESEARCHER, ONCE, path="/people", status=403),
    # accounts
    Page("accounts.sign_in", VISITOR, ONCE),
    Page("accounts.sign_in_by_password", VISITOR, ONCE),
    Page("accounts.link_sent", VISITOR, ONCE),
    Page("accounts.forgotten_password", VISITOR, ONCE),
    Page("accounts.password_link_sent", VISITOR, ONCE),
    Page("accounts.own_data", RESEARCHER, ONCE),
    Page("accounts.own_password", RESEARCHER, ONCE),
    Page("accounts.add_person", ADMINISTRATOR, ONCE),
    Page("accounts.edit_person", ADMINISTRATOR, values={"person_id": first(Person.id)}),
    # programmes
    Page("programmes.programmes", VISITOR),
    Page("programmes.programme", VISITOR, values={"code": "CARDIO"}),
    Page("programmes.edit_programme", ADMINISTRATOR, values={"code": "CARDIO"}),
    Page("programmes.closures", ADMINISTRATOR),
    Page("programmes.add_closure", ADMINISTRATOR, ONCE),
    Page("programmes.edit_closure", ADMINISTRATOR, WITH_ROWS, {"closure_id": first(Closure.id)}),
    Page("programmes.units", ADMINISTRATOR),
    Page("programmes.rules", ADMINISTRATOR),
    # home
    *(Page("home.start", role) for role in (RESEARCHER, SUPERVISOR, COORDINATOR, LEADER, READER, ADMINISTRATOR)),
    Page("home.people", ADMINISTRATOR),
    Page("home.person", ADMINISTRATOR, values={"person_id": first(Person.id)}),
    Page("home.grant_role", ADMINISTRATOR, ONCE, {"person_id": first(Person.id)}),
    Page(
        "home.end_role",
        ADMINISTRATOR,
        ONCE,
        {"person_id": own(Person.id, Person.id), "grant_id": own(RoleGrant.id, RoleGrant.person_id)},
    ),
)

#: What answers GET and is no page: files, feeds, redirects, parts of a page.
NO_PAGES = {
    "agenda.personal_feed": "a calendar file",
    "agenda.programme_feed": "a calendar file",
    "activities.people_csv": "a file",
    "activities.session_calendar": "a calendar file",
    "home.me": "leads to the viewer's own page",
    "mail.mailbox_html": "the letter inside mail.mailbox_message",
    "mail.message_html": "the letter inside mail.message",
}
