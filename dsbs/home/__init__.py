"""Pages that look across features; queries and views only, a file a page."""

from dsbs.core.feature import Feature, NavigationEntry
from dsbs.core.refusals import N_
from dsbs.home import start

feature = Feature(
    name="home",
    blueprint=start.blueprint,
    navigation=(NavigationEntry(label=N_("Start"), endpoint="home.start", icon="home"),),
)
