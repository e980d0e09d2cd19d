"""Who is in which programme since when: the four-year track."""

from dsbs.core.access import Role
from dsbs.core.feature import Feature, NavigationEntry
from dsbs.core.refusals import N_
from dsbs.enrolments import access, views
from dsbs.enrolments.imports import EnrolmentsImporter

feature = Feature(
    name="enrolments",
    blueprint=views.blueprint,
    importers={"enrolments": EnrolmentsImporter()},
    navigation=(
        NavigationEntry(
            label=N_("My track"), endpoint="enrolments.my_track", icon="track", roles=frozenset({Role.RESEARCHER})
        ),
        NavigationEntry(
            label=N_("Researchers"), endpoint="enrolments.researchers", icon="people", roles=frozenset(access.LOOKERS)
        ),
    ),
)
