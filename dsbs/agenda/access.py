"""Who may do what with a slot in a venue elsewhere. Pure; who may see what is asked of the database by ``queries``."""

from __future__ import annotations

from collections.abc import Collection

from dsbs.core.access import STAFF, Role, Viewer


def may_confirm(viewer: Viewer, programme_ids: Collection[int]) -> bool:
    """Whoever looks after one of the slot's programmes; a slot of the whole school is for all who look after one."""
    if viewer.is_administrator:
        return True
    if not programme_ids:
        return viewer.has(*STAFF)
    return not viewer.programmes_as(Role.COORDINATOR, Role.LEADER).isdisjoint(programme_ids)
