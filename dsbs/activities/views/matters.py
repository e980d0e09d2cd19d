"""What somebody writes about: a session or a series, as the pages of messages name it and lead to it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from dsbs.activities import access, queries
from dsbs.activities.messages import About
from dsbs.activities.models import ActivitySession
from dsbs.activities.views.looking_up import owners_of
from dsbs.activities.views.series import series_to_manage
from dsbs.core import dates
from dsbs.core.access import viewer
from dsbs.core.refusals import NotFound


@dataclass(frozen=True)
class Matter:
    """A session, or all of a series that is to come, in words; ``back`` is where those in it stand.

    ``series_id`` is that of the series beside a session, where the viewer may write to all of it.
    """

    about: About
    title: str
    back: str
    series_id: int | None = None

    @property
    def is_series(self) -> bool:
        """Whether it is more than one session."""
        return self.about.series_id is not None

    def page(self, name: str, *, message_id: int | None = None) -> str:
        """The address of one of the pages about writing, or about one message."""
        if self.is_series:
            return url_for(f"activities.{name}_of_series", series_id=self.about.series_id, message_id=message_id)
        return url_for(f"activities.{name}", session_id=self.about.session_id, message_id=message_id)


def matter_to_write_about(session: Session, about: About) -> Matter:
    """What the viewer may write to people about. Raises ``NotFound`` otherwise."""
    if about.series_id is not None:
        activity = series_to_manage(session, about.series_id).activity
        back = url_for("activities.series", series_id=about.series_id)
        return Matter(about, _("Series: %(title)s", title=activity.title), back)
    offered = session_to_write_in(session, about.session_id or 0)
    back = url_for("activities.people", session_id=offered.id)
    may_manage = access.may_manage_activity(viewer(), owners_of(offered).programmes)
    title = f"{offered.activity.title}, {dates.moment(offered.starts_at)}"
    return Matter(about, title, back, offered.series_id if may_manage else None)


def session_to_write_in(session: Session, session_id: int) -> ActivitySession:
    """The session in full, if the viewer may write to its people. Raises ``NotFound`` otherwise."""
    offered = queries.session_in_full(session, session_id)
    if not access.may_write_to_people(viewer(), owners_of(offered)):
        raise NotFound
    return offered
