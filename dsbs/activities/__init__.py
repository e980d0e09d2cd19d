"""Training activities, their sessions, and who has a seat."""

from flask import Flask

from dsbs.activities.letters import LETTERS
from dsbs.activities.occasions import OCCASIONS
from dsbs.activities.series_letters import LETTERS as SERIES_LETTERS
from dsbs.activities.views import blueprint
from dsbs.core.access import STAFF, Role
from dsbs.core.feature import Feature, NavigationEntry
from dsbs.core.refusals import N_
from dsbs.core.template import doors


def _setup(app: Flask) -> None:
    # Whoever takes a seat finds it there; only a researcher comes for it so often that the head names it too.
    doors(app).person_menu.append(NavigationEntry(label=N_("Your activities"), endpoint="activities.mine", icon="seat"))


#: What one comes to from the planning, wherever its address lies.
_PLANNING = (
    "activities.new_activity",
    "activities.activity",
    "activities.edit_activity",
    "activities.invitations",
    "activities.new_session",
    "activities.edit_session",
    "activities.repeat",
    "activities.series",
    "activities.call_off",
    "activities.delete_draft",
    "activities.remove_person",
    "activities.refuse",
)

#: What who runs a session, and may plan nothing, comes to from its people.
_WRITING = (
    "activities.messages",
    "activities.write_message",
    "activities.edit_message",
    "activities.message",
    "activities.remind",
)

feature = Feature(
    name="activities",
    blueprint=blueprint,
    navigation=(
        NavigationEntry(label=N_("Activities"), endpoint="activities.catalogue", icon="list"),
        NavigationEntry(
            label=N_("My activities"), endpoint="activities.mine", icon="seat", roles=frozenset({Role.RESEARCHER})
        ),
        NavigationEntry(label=N_("Planning"), endpoint="activities.plan", icon="edit", roles=STAFF),
    ),
    belongs={
        "activities.session": ("activities.catalogue",),
        "activities.people": ("activities.plan", "activities.catalogue"),
        "activities.attendance": ("activities.plan", "activities.catalogue"),
        **dict.fromkeys(_WRITING, ("activities.plan", "activities.catalogue")),
        **dict.fromkeys(_PLANNING, ("activities.plan",)),
    },
    letters={**LETTERS, **SERIES_LETTERS},
    occasions=OCCASIONS,
    setup=_setup,
)
