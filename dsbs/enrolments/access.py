"""The second question of access, for enrolments: may this viewer see or do this with that one?"""

from __future__ import annotations

from dataclasses import dataclass

from dsbs.core.access import Role, Viewer

#: Who has researchers to look after, or looks over them all.
LOOKERS = (Role.SUPERVISOR, Role.COORDINATOR, Role.LEADER, Role.READER, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class EnrolmentFacts:
    """What decides who may see an enrolment: whose it is, in which programme, and who supervises it."""

    person_id: int
    programme_id: int
    supervisor_ids: frozenset[int]


def may_see_enrolment(viewer: Viewer, facts: EnrolmentFacts) -> bool:
    """Herself, her supervisors, who looks after the programme, readers of the school and administrators."""
    if viewer.id == facts.person_id or viewer.id in facts.supervisor_ids:
        return True
    return sees_all(viewer) or facts.programme_id in viewer.programmes_as(Role.COORDINATOR, Role.LEADER)


def may_see_history_of_enrolment(viewer: Viewer, facts: EnrolmentFacts) -> bool:
    """Who changed what is for herself and for the school's own eyes; supervisors see how it stands."""
    if viewer.id == facts.person_id or sees_all(viewer):
        return True
    return facts.programme_id in viewer.programmes_as(Role.COORDINATOR, Role.LEADER)


def sees_all(viewer: Viewer) -> bool:
    """Whether every enrolment of the school is hers to see."""
    return viewer.has(Role.READER, Role.ADMINISTRATOR)


def may_edit_enrolments(viewer: Viewer) -> bool:
    """Enrolments come from the school's administration: administrators enter, correct and end them."""
    return viewer.is_administrator


def may_change_milestones(viewer: Viewer, facts: EnrolmentFacts) -> bool:
    """Who looks after the programme says what was met, and sets a date by hand; so do administrators."""
    if viewer.id == facts.person_id:
        return False
    return viewer.is_administrator or facts.programme_id in viewer.programmes_as(Role.COORDINATOR, Role.LEADER)


def may_record_suspensions(viewer: Viewer) -> bool:
    """Leave is recorded by the administration, on the researcher's word or the personnel file."""
    return viewer.is_administrator
