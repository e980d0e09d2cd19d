"""Who is reminded of what, when, by which rule: the engine. It knows no feature, only occasions."""

from dsbs.core.access import STAFF
from dsbs.core.feature import Feature, NavigationEntry
from dsbs.core.refusals import N_
from dsbs.reminders.commands import reminders
from dsbs.reminders.views import blueprint

feature = Feature(
    name="reminders",
    blueprint=blueprint,
    navigation=(NavigationEntry(label=N_("Reminders"), endpoint="reminders.sent", icon="clock", roles=STAFF),),
    commands=(reminders,),
)
