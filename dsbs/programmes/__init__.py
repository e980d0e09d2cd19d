"""Units, the twelve programmes, the rules of the school with their marks, and the days on which it works."""

from dsbs.core.access import Role
from dsbs.core.feature import Feature, NavigationEntry
from dsbs.core.refusals import N_
from dsbs.programmes.commands import defaults
from dsbs.programmes.imports import PeopleImporter
from dsbs.programmes.views import blueprint

feature = Feature(
    name="programmes",
    blueprint=blueprint,
    navigation=(
        NavigationEntry(label=N_("Programmes"), endpoint="programmes.programmes", icon="book"),
        NavigationEntry(
            label=N_("Rules"),
            endpoint="programmes.rules",
            icon="rules",
            roles=frozenset({Role.ADMINISTRATOR, Role.READER}),
        ),
    ),
    belongs=dict.fromkeys(
        (
            "programmes.units",
            "programmes.add_unit",
            "programmes.edit_unit",
            "programmes.closures",
            "programmes.add_closure",
            "programmes.edit_closure",
        ),
        ("programmes.rules",),
    ),
    commands=(defaults,),
    importers={"people": PeopleImporter()},
)
