"""The second question of access, for people: may this viewer see or do this with that person?"""

from __future__ import annotations

from dataclasses import dataclass

from dsbs.core.access import Role, Viewer


@dataclass(frozen=True)
class PersonFacts:
    """What decides who may see a person: her id, the programmes she is enrolled in, and who supervises her."""

    id: int
    programme_ids: frozenset[int] = frozenset()
    supervisor_ids: frozenset[int] = frozenset()


def may_see_person(viewer: Viewer, facts: PersonFacts) -> bool:
    """Herself, her supervisors, who looks after one of her programmes, administrators and readers of the school."""
    if viewer.id == facts.id or viewer.id in facts.supervisor_ids or viewer.has(Role.ADMINISTRATOR, Role.READER):
        return True
    return not facts.programme_ids.isdisjoint(viewer.programmes_as(Role.COORDINATOR, Role.LEADER))


def may_list_people(viewer: Viewer) -> bool:
    """Everybody the school knows stands on one list, for administrators and readers of the school only."""
    return viewer.has(Role.ADMINISTRATOR, Role.READER)


def may_edit_person(viewer: Viewer, person_id: int) -> bool:
    """Names, address and personnel number come from the university; what one says about oneself is edited apart."""
    return viewer.is_administrator


def may_grant_roles(viewer: Viewer) -> bool:
    """Roles are given and ended by administrators."""
    return viewer.is_administrator


def may_deactivate(viewer: Viewer, person_id: int) -> bool:
    """Administrators, but nobody locks herself out."""
    return viewer.is_administrator and viewer.id != person_id


def may_see_history_of_person(viewer: Viewer, person_id: int) -> bool:
    """Who changed what is for the person herself and for administrators."""
    return viewer.is_administrator or viewer.id == person_id
