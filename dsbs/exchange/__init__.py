"""Tables and calendars in and out; previews of imports."""

from dsbs.core.access import Role
from dsbs.core.feature import Feature, NavigationEntry
from dsbs.core.refusals import N_
from dsbs.exchange import commands, views

feature = Feature(
    name="exchange",
    blueprint=views.blueprint,
    commands=(commands.import_command,),
    navigation=(
        NavigationEntry(
            label=N_("Imports"), endpoint="exchange.imports", icon="upload", roles=frozenset({Role.ADMINISTRATOR})
        ),
    ),
)
