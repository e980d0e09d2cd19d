"""What the values of an enrolment are called; translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping

from dsbs.core.refusals import N_
from dsbs.enrolments.rules import Part, SuspensionKind, Track
from dsbs.enrolments.rules.states import MilestoneState

TRACKS: Mapping[Track, str] = {Track.FOUR_YEARS: N_("Four-year track"), Track.SIX_YEARS: N_("Six-year track")}
#: Where the column above says that this is the track.
YEARS: Mapping[Track, str] = {Track.FOUR_YEARS: N_("4 years"), Track.SIX_YEARS: N_("6 years")}
PARTS: Mapping[Part, str] = {Part.MAIN: N_("Supervisor"), Part.CO: N_("Co-supervisor")}
SUSPENSIONS: Mapping[SuspensionKind, str] = {
    SuspensionKind.ILLNESS: N_("Illness"),
    SuspensionKind.PREGNANCY: N_("Pregnancy leave"),
    SuspensionKind.PARENTAL: N_("Parental leave"),
    SuspensionKind.OTHER: N_("Other suspension"),
}
STATES: Mapping[MilestoneState, str] = {
    MilestoneState.OVERDUE: N_("Overdue"),
    MilestoneState.PASSED: N_("Target passed"),
    MilestoneState.DUE: N_("Due soon"),
    MilestoneState.LATER: N_("Later"),
    MilestoneState.TARGET: N_("Target"),
    MilestoneState.UNKNOWN: N_("No date yet"),
    MilestoneState.HANDED_IN: N_("Handed in"),
    MilestoneState.BEFORE: N_("Before our time"),
    MilestoneState.MET: N_("Done"),
}
#: Who acts, as the researcher herself reads it; several follow each other.
OF_RESEARCHER: Mapping[str, str] = {
    "researcher": N_("you"),
    "supervisor": N_("your supervisor"),
    "committee": N_("your supervisory committee"),
    "coordinator": N_("your coordinator"),
    "administrator": N_("the school"),
}
