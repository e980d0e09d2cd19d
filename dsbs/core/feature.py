"""What a feature exports: the only way in which a lower part of the program learns of a higher one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

import click
from flask import Blueprint, Flask, current_app

from dsbs.core.access import Role


@dataclass(frozen=True)
class NavigationEntry:
    """One entry of the navigation. An empty ``roles`` shows it to everybody who is signed in."""

    label: str
    endpoint: str
    icon: str
    roles: frozenset[Role] = frozenset()


#: What a mail says, worked out when it is delivered: called with the ids on its message as keywords, it gives the
#: values for the mail's templates. Raises ``NotFound`` when there is nothing left to say.
Letter = Callable[..., Mapping[str, object]]


@dataclass(frozen=True)
class Feature:
    """One feature as the doors (views, worker, commands) see it.

    ``letters`` maps the name of a mail template (``activities/registered``) to what fills it. ``importers`` maps the
    word of ``flask import WORD`` to the importer behind it (see ``dsbs.exchange.importing.Importer``).
    """

    name: str
    blueprint: Blueprint | None = None
    navigation: tuple[NavigationEntry, ...] = ()
    #: Pages whose address does not lie under that of the entry to which they belong: from their endpoint to that of
    #: the entry, or of several, of which the first that the reader has is marked.
    belongs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    commands: tuple[click.Command, ...] = ()
    letters: Mapping[str, Letter] = field(default_factory=dict)
    importers: Mapping[str, object] = field(default_factory=dict)
    #: What comes due in it, for the rules of reminders (see ``dsbs.reminders.occasions.Occasion``).
    occasions: tuple[object, ...] = ()
    #: Brings what it keeps in line with the rules of the school, and says what that was: runs at each start, when the
    #: defaults are loaded. It writes only what differs.
    after_defaults: Callable[[], object] | None = None
    #: Runs once when the application is made: hooks of the feature into Flask (never into another feature).
    setup: Callable[[Flask], None] | None = None


def register(app: Flask, features: tuple[Feature, ...]) -> None:
    """Make these features known to the application, lowest first."""
    app.extensions["dsbs.features"] = features
    for feature in features:
        if feature.blueprint is not None:
            app.register_blueprint(feature.blueprint)
        for command in feature.commands:
            app.cli.add_command(command)
        if feature.setup is not None:
            feature.setup(app)


def features() -> tuple[Feature, ...]:
    """The features of the running application, lowest first."""
    return cast("tuple[Feature, ...]", current_app.extensions["dsbs.features"])
