"""May this viewer see the reminders about this? Plain values only."""

from __future__ import annotations

from dsbs.core.access import Role, Viewer


def programmes_seen(viewer: Viewer) -> frozenset[int] | None:
    """The programmes whose reminders the viewer sees: those that she coordinates or leads; None is the whole school."""
    return None if viewer.is_administrator else viewer.programmes_as(Role.COORDINATOR, Role.LEADER)
