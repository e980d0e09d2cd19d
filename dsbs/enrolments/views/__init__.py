"""The pages of this feature, one file for each story."""

from __future__ import annotations

from dsbs.enrolments.views import browsing, enrolling, meeting, suspending
from dsbs.enrolments.views.blueprint import blueprint

__all__ = ["blueprint", "browsing", "enrolling", "meeting", "suspending"]
