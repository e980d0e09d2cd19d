"""Venues, slots and commitments: whatever takes a room or people's time."""

from flask import Flask

from dsbs.agenda import views
from dsbs.agenda.coming import coming_of_programme
from dsbs.core.access import STAFF
from dsbs.core.feature import Feature, NavigationEntry
from dsbs.core.refusals import N_


def _answer_below(app: Flask) -> None:
    """Tell the page of a programme, which stands below, what the programme has on."""
    app.extensions["dsbs.coming_of_programme"] = coming_of_programme


feature = Feature(
    name="agenda",
    blueprint=views.blueprint,
    setup=_answer_below,
    navigation=(
        NavigationEntry(label=N_("Calendar"), endpoint="agenda.calendar", icon="calendar"),
        NavigationEntry(label=N_("Venues"), endpoint="agenda.venues", icon="building", roles=STAFF),
    ),
    belongs=dict.fromkeys(("agenda.confirmation", "agenda.settle_booking"), ("agenda.venues",)),
)
