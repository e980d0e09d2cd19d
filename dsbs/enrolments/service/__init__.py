"""The verbs of enrolments: enrolling, suspending, what is met and when the rest is due."""

from __future__ import annotations

from dsbs.enrolments.service.dating import Difference, Move, all_differences, moves, redate, redate_these
from dsbs.enrolments.service.enrolling import edit_enrolment, end_enrolment, enrol, facts_of, fill, new_enrolment
from dsbs.enrolments.service.meeting import change_milestone
from dsbs.enrolments.service.suspending import MovesChanged, Suspended, digest_of, remove, suspend, would_move

__all__ = [
    "Difference",
    "Move",
    "MovesChanged",
    "Suspended",
    "all_differences",
    "change_milestone",
    "digest_of",
    "edit_enrolment",
    "end_enrolment",
    "enrol",
    "facts_of",
    "fill",
    "moves",
    "new_enrolment",
    "redate",
    "redate_these",
    "remove",
    "suspend",
    "would_move",
]
