"""Pages that look across features; queries and views only, a file a page."""

from flask import Flask

from dsbs.core.access import Role
from dsbs.core.feature import Feature, NavigationEntry
from dsbs.core.refusals import N_
from dsbs.core.template import doors
from dsbs.history.addresses import PAGE_OF_CHANGES
from dsbs.home import people, person, roles, search, start, styleguide, texts
from dsbs.home.history import pages

__all__ = ["feature", "pages", "people", "person", "roles", "search", "start", "texts"]

_FOR_DEVELOPERS = frozenset({"development", "testing"})


def _setup(app: Flask) -> None:
    app.extensions["dsbs.page_of_person"] = person.page_of_person
    app.extensions[PAGE_OF_CHANGES] = pages.page_of_changes
    offered = doors(app)
    offered.person_menu.append(NavigationEntry(label=N_("Your page"), endpoint="home.me", icon="person"))
    offered.search, offered.texts = "home.search", "home.texts"
    if app.config["SETTINGS"].environment in _FOR_DEVELOPERS:
        app.register_blueprint(styleguide.blueprint)


feature = Feature(
    name="home",
    blueprint=start.blueprint,
    navigation=(
        NavigationEntry(label=N_("Start"), endpoint="home.start", icon="home"),
        NavigationEntry(
            label=N_("People"),
            endpoint="home.people",
            icon="people",
            roles=frozenset({Role.ADMINISTRATOR, Role.READER}),
        ),
    ),
    belongs={
        "home.changes_of_activity": ("activities.plan",),
        "home.changes_of_session": ("activities.plan",),
        "home.changes_of_series": ("activities.plan",),
        "home.changes_of_enrolment": ("enrolments.researchers", "enrolments.my_track"),
    },
    setup=_setup,
)
