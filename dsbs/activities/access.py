"""May this viewer see or do this with this activity, session or registration? Plain values only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dsbs.activities.rules import SessionState
from dsbs.core.access import Role, Viewer


@dataclass(frozen=True, slots=True)
class SessionOwners:
    """Whose a session is: its id, the programmes that offer its activity (none: the whole school), its state."""

    session_id: int
    programmes: Collection[int]
    state: SessionState


def may_manage_activity(viewer: Viewer, programmes: Collection[int]) -> bool:
    """Coordinators and leaders change what one of their programmes offers; the school's own is for administrators."""
    if viewer.is_administrator:
        return True
    return bool(set(programmes) & viewer.programmes_as(Role.COORDINATOR, Role.LEADER))


def runs(viewer: Viewer, owners: SessionOwners) -> bool:
    """Whether the viewer looks after one of the session's programmes, or teaches the session itself."""
    return may_manage_activity(viewer, owners.programmes) or owners.session_id in viewer.sessions_organised


def may_see_session(viewer: Viewer, owners: SessionOwners) -> bool:
    """Published and cancelled sessions are everybody's; a draft is seen by who may work on it."""
    if owners.state is not SessionState.DRAFT:
        return True
    return runs(viewer, owners)


def may_see_people(viewer: Viewer, owners: SessionOwners) -> bool:
    """Who registered is seen by who runs the session, and by readers of the school."""
    return runs(viewer, owners) or viewer.has(Role.READER)


def may_see_history_of_session(viewer: Viewer, owners: SessionOwners) -> bool:
    """Who changed what, and why, is for those who plan the session, and for readers of the school."""
    return may_manage_activity(viewer, owners.programmes) or viewer.has(Role.READER)


def may_tick(viewer: Viewer, owners: SessionOwners) -> bool:
    """Who was there is noted by who runs the session, or looks after one of its programmes."""
    return runs(viewer, owners)


def may_write_to_people(viewer: Viewer, owners: SessionOwners) -> bool:
    """Who is in a session is written to and reminded by who runs it, or looks after one of its programmes."""
    return runs(viewer, owners)
