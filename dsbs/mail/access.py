"""Who may see which message."""

from __future__ import annotations

from config import Settings
from dsbs.core.access import Viewer


def may_read(viewer: Viewer, person_id: int | None) -> bool:
    """Whether the viewer may read a message to this person: her own, and as an administrator all of them."""
    return viewer.is_administrator or viewer.id == person_id


def mailbox_is_open(settings: Settings) -> bool:
    """Whether anybody who reaches this installation may read its mail: never in production, and only while no mail
    server carries it away. This is how one signs in by mail in a demonstration."""
    return not settings.in_production and settings.mail_url is None
