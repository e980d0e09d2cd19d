"""What every template may use: words for days and numbers, icons, and what the layout shows around a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self, cast
from urllib.parse import urlencode

import flask.templating
from flask import Flask, current_app, flash, has_request_context, request, url_for
from flask_babel import gettext as _

from dsbs.core import clock, dates, fieldwork, icons, markdown, seats, strip, theme
from dsbs.core.access import Role, Viewer, current_viewer
from dsbs.core.feature import NavigationEntry, features
from dsbs.core.language import LANGUAGES
from dsbs.core.refusals import N_
from dsbs.core.remembered import remembered, remembered_together

#: A tone (good, waiting, act, stopped, neutral) and a translated sentence for the top of every page.
Banner = tuple[str, str]
BannerSource = Callable[[Viewer | None], Iterable[Banner]]

ROLE_NAMES: Mapping[Role, str] = {
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.LEADER: N_("Programme leader"),
    Role.COORDINATOR: N_("Programme coordinator"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.RESEARCHER: N_("PhD researcher"),
    Role.ORGANISER: N_("Teacher"),
    Role.READER: N_("Reader of the school"),
}


@dataclass(frozen=True)
class Link:
    """One link of the navigation, a menu or a row of tabs."""

    label: str
    url: str
    icon: str
    current: bool = False
    endpoint: str = ""


@dataclass
class Doors:
    """Endpoints that the layout links to, offered by the features that have them; what is None is not shown.

    ``sign_out`` and ``language`` take POST (``language=nl``), the others GET.
    """

    sign_in: str | None = None
    sign_out: str | None = None
    language: str | None = None
    search: str | None = None
    texts: str | None = None
    person_menu: list[NavigationEntry] = field(default_factory=list)
    banners: list[BannerSource] = field(default_factory=list)


def init_app(app: Flask) -> None:
    """Give the application's templates their filters, functions and the values of the layout."""
    app.extensions["dsbs.shells"] = {}
    may_shift = not app.config["SETTINGS"].in_production
    app.extensions["dsbs.doors"] = Doors(banners=[_shifted_clock] if may_shift else [])
    app.register_blueprint(theme.blueprint)
    app.context_processor(_layout)
    app.jinja_env.filters.update(_FILTERS)
    app.jinja_env.globals.update(_FUNCTIONS)


def doors(app: Flask) -> Doors:
    """What the layout offers around every page; a feature adds to it in its ``setup``."""
    return cast(Doors, app.extensions["dsbs.doors"])


def confirm(
    title: str, text: str = "", *, links: Sequence[tuple[str, str]] = (), undo: tuple[str, str] | None = None
) -> None:
    """Say on the next page what has happened: a title, whom it was told, links (label, address) to what is next.

    ``undo`` is a label and an address that takes the change back by POST. All words are translated already.
    """
    # The session travels as JSON, which knows no tuples.
    flash({"title": title, "text": text, "links": [list(link) for link in links], "undo": undo and list(undo)}, "good")  # type: ignore[arg-type]


def url_with(**changes: object) -> str:
    """The address of this page with other query values; None drops one, a list repeats it.

    Sorting, paging and taking a filter away are links to it.
    """
    query: dict[str, Any] = {**request.args.to_dict(flat=False), **changes}
    kept = {name: value for name, value in query.items() if value is not None and value != []}
    return request.path + ("?" + urlencode(kept, doseq=True) if kept else "")


def role_name(role: Role) -> str:
    """What a role is called in the reader's language."""
    return _(ROLE_NAMES[role])


class Environment(flask.templating.Environment):
    """Where the templates are compiled."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A template without globals of its own, which is each of ours, looks them up in one place and not in two."""
        return super().make_globals(d) if d else self.globals


@dataclass(frozen=True, eq=False)
class Shell:
    """What stands around a page, in plain values: one for all who hold the same roles and look at the same place."""

    school: str
    script_root: str
    here: str | None
    role: str
    navigation: tuple[Link, ...]
    person_menu: tuple[Link, ...]
    languages: tuple[tuple[str, str], ...]
    theme: str
    sign_in: str | None
    sign_out: str | None
    language: str | None
    search: str | None
    texts: str | None


@dataclass(frozen=True)
class _Places:
    """The shells of who holds the same roles, by the place: what lies under an entry's address, what else belongs."""

    under: Mapping[str | None, Shell]
    belonging: Mapping[str, Shell]

    @classmethod
    def of(cls, under: Mapping[str | None, Shell]) -> Self:
        """The places of these shells, one for each entry of the navigation and one for elsewhere (None)."""
        reached = {link.endpoint: under[link.url] for link in under[None].navigation}
        belonging = {page: entries for feature in features() for page, entries in feature.belongs.items()}
        found = {page: next(filter(None, map(reached.get, entries)), None) for page, entries in belonging.items()}
        return cls(under, {page: shell for page, shell in found.items() if shell is not None})


def _layout() -> dict[str, object]:
    if not has_request_context():
        return {"today": clock.today(), "locale": dates.language()}
    viewer, offered, locale = current_viewer(), doors(current_app), dates.language()
    return {
        "viewer": viewer,
        "shell": _shell(viewer, offered, locale),
        "banners": [banner for source in offered.banners for banner in source(viewer)],
        "today": clock.today(),
        "locale": locale,
    }


def _shell(viewer: Viewer | None, offered: Doors, locale: str) -> Shell:
    known: dict[object, _Places] = current_app.extensions["dsbs.shells"]
    script_root = request.script_root
    seen_by = script_root, viewer and viewer.roles, locale, theme.chosen()
    if seen_by not in known:
        known[seen_by] = _Places.of({shell.here: shell for shell in _shells(viewer, offered, locale)})
    places, here, root = known[seen_by], script_root + request.path, script_root + "/"
    belonging = places.belonging.get(request.endpoint or "")
    if belonging is not None:
        return belonging
    under = (url for url in places.under if url and _lies_under(here, url, root))
    return places.under[max(under, key=len, default=None)]


def _shells(viewer: Viewer | None, offered: Doors, locale: str) -> Iterator[Shell]:
    """The shell around a page elsewhere, then the one around the pages under each entry of the navigation."""
    # Highest first: who looks across features starts there, the parts of the house come last.
    entries = [entry for feature in reversed(features()) for entry in feature.navigation]
    navigation = _links(entries, viewer)
    reached = {link.url for link in navigation}
    elsewhere = Shell(
        school=_("Doctoral School"),
        script_root=request.script_root,
        here=None,
        role=_main_role(viewer) if viewer else "",
        navigation=navigation,
        person_menu=tuple(link for link in _links(offered.person_menu, viewer) if link.url not in reached),
        languages=tuple((code, name) for code, name in LANGUAGES.items() if code != locale),
        theme=theme.chosen(),
        sign_in=_address(offered.sign_in) if viewer is None else None,
        sign_out=_address(offered.sign_out) if viewer else None,
        language=_address(offered.language),
        search=_address(offered.search) if viewer else None,
        texts=_address(offered.texts),
    )
    yield elsewhere
    yield from (replace(elsewhere, here=link.url) for link in elsewhere.navigation)


def _links(entries: Iterable[NavigationEntry], viewer: Viewer | None) -> tuple[Link, ...]:
    if viewer is None:
        return ()
    shown = (entry for entry in entries if not entry.roles or not entry.roles.isdisjoint(viewer.roles))
    return tuple(Link(entry.label, url_for(entry.endpoint), entry.icon, endpoint=entry.endpoint) for entry in shown)


def _address(endpoint: str | None) -> str | None:
    return url_for(endpoint) if endpoint else None


def _lies_under(path: str, url: str, root: str) -> bool:
    return path == url or (url != root and path.startswith(url.rstrip("/") + "/"))


def _main_role(viewer: Viewer) -> str:
    """The one role that the header names: the one with the most to look after."""
    return next((_(name) for role, name in ROLE_NAMES.items() if viewer.has(role)), "")


def _shifted_clock(viewer: Viewer | None) -> Iterator[Banner]:
    if clock.shift():
        yield "act", _("The clock is shifted: here it is %(moment)s.", moment=dates.moment(clock.now()))


_FILTERS: Mapping[str, Callable[..., object]] = {
    "day": dates.day,
    "long_day": dates.long_day,
    "day_month": dates.day_month,
    "month": dates.month,
    "weekday": dates.weekday,
    "moment": dates.moment,
    "time_of_day": dates.time_of_day,
    "times": dates.times,
    "school_day": dates.school_day,
    "span": dates.span,
    "span_parts": dates.span_parts,
    "iso": dates.iso,
    "relative": dates.relative,
    "date_parts": dates.date_parts,
    "hours": dates.hours,
    "number": dates.number,
    "markdown": markdown.to_html,
    "letter": markdown.letter_to_html,
    "role_name": role_name,
}

_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "icon": icons.icon,
    "sprite": icons.sprite,
    "remembered": remembered,
    "remembered_together": remembered_together,
    "seats_sentence": seats.seats_sentence,
    "draw_strip": strip.draw,
    "url_with": url_with,
    "problems": fieldwork.problems,
    "has_options": fieldwork.has_options,
    "described_by": fieldwork.described_by,
    "control_attributes": fieldwork.control_attributes,
}
