"""Who may see an enrolment, and who may write one."""

from __future__ import annotations

import pytest

from dsbs.core.access import Grant, Role, Viewer
from dsbs.enrolments.access import EnrolmentFacts, may_edit_enrolments, may_see_enrolment

FACTS = EnrolmentFacts(person_id=1, programme_id=10, supervisor_ids=frozenset({2, 3}))


def viewer(person_id: int, *grants: Grant) -> Viewer:
    return Viewer(id=person_id, name="Somebody", grants=frozenset(grants))


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (viewer(1, Grant(Role.RESEARCHER)), True),
        (viewer(4, Grant(Role.RESEARCHER)), False),
        (viewer(2, Grant(Role.SUPERVISOR)), True),
        (viewer(5, Grant(Role.SUPERVISOR)), False),
        (viewer(6, Grant(Role.COORDINATOR, programme_id=10)), True),
        (viewer(6, Grant(Role.COORDINATOR, programme_id=11)), False),
        (viewer(6, Grant(Role.LEADER, programme_id=10)), True),
        (viewer(6, Grant(Role.ORGANISER, session_id=10)), False),
        (viewer(7, Grant(Role.READER)), True),
        (viewer(8, Grant(Role.ADMINISTRATOR)), True),
        (viewer(9), False),
    ],
)
def test_who_sees_an_enrolment(who: Viewer, sees: bool) -> None:
    assert may_see_enrolment(who, FACTS) is sees


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_but_administrators_writes_enrolments(role: Role) -> None:
    assert may_edit_enrolments(viewer(1, Grant(role, programme_id=10))) is False


def test_administrators_write_enrolments() -> None:
    assert may_edit_enrolments(viewer(1, Grant(Role.ADMINISTRATOR))) is True
