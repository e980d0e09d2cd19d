"""Who is in which programme since when: the four-year track."""

from flask import Flask

from dsbs.core.access import Role
from dsbs.core.feature import Feature, NavigationEntry
from dsbs.core.refusals import N_
from dsbs.enrolments import access, letters, queries, views
from dsbs.enrolments.commands import check, mend_at_start
from dsbs.enrolments.imports import EnrolmentsImporter


def _answer_below(app: Flask) -> None:
    """Tell the agenda, which stands below, in which programme people are."""
    app.extensions["dsbs.programme_ids_of"] = queries.programme_ids_of


feature = Feature(
    name="enrolments",
    blueprint=views.blueprint,
    setup=_answer_below,
    commands=(check,),
    after_defaults=mend_at_start,
    letters=letters.LETTERS,
    importers={"enrolments": EnrolmentsImporter()},
    navigation=(
        NavigationEntry(
            label=N_("My track"), endpoint="enrolments.my_track", icon="track", roles=frozenset({Role.RESEARCHER})
        ),
        NavigationEntry(
            label=N_("Researchers"), endpoint="enrolments.researchers", icon="people", roles=frozenset(access.LOOKERS)
        ),
    ),
    belongs={
        "enrolments.enrolment": ("enrolments.researchers", "enrolments.my_track"),
        "enrolments.edit": ("enrolments.researchers",),
        "enrolments.end": ("enrolments.researchers",),
        "enrolments.suspend": ("enrolments.researchers",),
        "enrolments.change_suspension": ("enrolments.researchers",),
        "enrolments.change_milestone": ("enrolments.researchers",),
    },
)
