"""Training activities, their sessions, and who has a seat."""

from dsbs.activities.letters import LETTERS
from dsbs.activities.views import blueprint
from dsbs.core.access import STAFF
from dsbs.core.feature import Feature, NavigationEntry
from dsbs.core.refusals import N_

feature = Feature(
    name="activities",
    blueprint=blueprint,
    navigation=(
        NavigationEntry(label=N_("Activities"), endpoint="activities.catalogue", icon="list"),
        NavigationEntry(label=N_("Planning"), endpoint="activities.plan", icon="edit", roles=STAFF),
    ),
    letters=LETTERS,
)
