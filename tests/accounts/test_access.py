"""Who may see and do what with a person."""

from __future__ import annotations

import pytest

from dsbs.accounts import access
from dsbs.accounts.access import PersonFacts
from dsbs.core.access import Grant, Role, Viewer

BRITT = PersonFacts(id=1, programme_ids=frozenset({7}), supervisor_ids=frozenset({2}))


def viewer(person_id: int, *grants: Grant) -> Viewer:
    return Viewer(id=person_id, name="Somebody", grants=frozenset(grants))


@pytest.mark.parametrize(
    "looking",
    [
        viewer(1),
        viewer(2, Grant(Role.SUPERVISOR)),
        viewer(3, Grant(Role.COORDINATOR, programme_id=7)),
        viewer(3, Grant(Role.LEADER, programme_id=7)),
        viewer(4, Grant(Role.READER)),
        viewer(5, Grant(Role.ADMINISTRATOR)),
    ],
)
def test_a_person_is_seen_by_herself_and_by_who_looks_after_her(looking: Viewer) -> None:
    assert access.may_see_person(looking, BRITT) is True


@pytest.mark.parametrize(
    "looking",
    [
        viewer(9),
        viewer(9, Grant(Role.RESEARCHER)),
        viewer(9, Grant(Role.SUPERVISOR)),
        viewer(9, Grant(Role.COORDINATOR, programme_id=8)),
        viewer(9, Grant(Role.LEADER, programme_id=8)),
        viewer(9, Grant(Role.ORGANISER, session_id=7)),
    ],
)
def test_a_person_is_not_seen_by_others(looking: Viewer) -> None:
    assert access.may_see_person(looking, BRITT) is False


@pytest.mark.parametrize("role", list(Role))
def test_only_administrators_edit_people_and_give_roles(role: Role) -> None:
    looking = viewer(9, Grant(role, programme_id=7))
    expected = role is Role.ADMINISTRATOR
    assert (access.may_edit_person(looking, 1), access.may_grant_roles(looking)) == (expected, expected)


@pytest.mark.parametrize("role", list(Role))
def test_everybody_is_listed_for_administrators_and_readers_alone(role: Role) -> None:
    assert access.may_list_people(viewer(9, Grant(role))) is (role in (Role.ADMINISTRATOR, Role.READER))


def test_nobody_deactivates_herself() -> None:
    administrator = viewer(5, Grant(Role.ADMINISTRATOR))
    assert (access.may_deactivate(administrator, 1), access.may_deactivate(administrator, 5)) == (True, False)


def test_what_changed_is_for_the_person_and_administrators() -> None:
    seen = [
        access.may_see_history_of_person(looking, 1)
        for looking in (viewer(1), viewer(5, Grant(Role.ADMINISTRATOR)), viewer(4, Grant(Role.READER)), viewer(2))
    ]
    assert seen == [True, True, False, False]
