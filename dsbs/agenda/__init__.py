"""Venues, slots and commitments: whatever takes a room or people's time."""

from dsbs.agenda import views
from dsbs.core.access import STAFF
from dsbs.core.feature import Feature, NavigationEntry
from dsbs.core.refusals import N_

feature = Feature(
    name="agenda",
    blueprint=views.blueprint,
    navigation=(
        NavigationEntry(label=N_("Calendar"), endpoint="agenda.calendar", icon="calendar"),
        NavigationEntry(label=N_("Venues"), endpoint="agenda.venues", icon="building", roles=STAFF),
    ),
)
