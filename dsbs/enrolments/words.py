"""What the values of an enrolment are called; translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping

from dsbs.core.refusals import N_
from dsbs.enrolments.rules import Part, Track

TRACKS: Mapping[Track, str] = {Track.FOUR_YEARS: N_("Four-year track"), Track.SIX_YEARS: N_("Six-year track")}
#: Where the column above says that this is the track.
YEARS: Mapping[Track, str] = {Track.FOUR_YEARS: N_("4 years"), Track.SIX_YEARS: N_("6 years")}
PARTS: Mapping[Part, str] = {Part.MAIN: N_("Supervisor"), Part.CO: N_("Co-supervisor")}
