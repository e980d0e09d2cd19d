"""What every template may use: words for days and numbers, icons, and what the layout shows around a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

from flask import Flask, current_app, flash, has_request_context, request, url_for
from flask_babel import gettext as _
from wtforms.widgets import ListWidget

from dsbs.core import clock, dates, icons, markdown, seats, strip, theme
from dsbs.core.access import Role, Viewer, current_viewer
from dsbs.core.feature import NavigationEntry, features
from dsbs.core.language import LANGUAGES
from dsbs.core.refusals import N_

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
    """One link of the navigation or a menu, in the reader's language."""

    label: str
    url: str
    icon: str
    current: bool = False


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
    app.extensions["dsbs.doors"] = Doors(banners=[_shifted_clock])
    app.register_blueprint(theme.blueprint)
    app.context_processor(_layout)
    app.jinja_env.filters.update(_FILTERS)
    app.jinja_env.globals.update(_FUNCTIONS)


def doors(app: Flask) -> Doors:
    """What the layout offers around every page; a feature adds to it in its ``setup``."""
    return cast(Doors, app.extensions["dsbs.doors"])


def confirm(title: str, text: str = "", *, links: Sequence[tuple[str, str]] = (), undo: tuple[str, str] | None = None) -> None:
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


def problems(form: Any) -> list[tuple[str | None, str]]:
    """Everything that is wrong in a form, in its order: the id of the field to go to (None for the form) and why."""
    return [(None, sentence) for sentence in form.form_errors] + [found for part in form for found in _problems_of(part)]


def has_options(part: Any) -> bool:
    """Whether a field is shown as several controls under one legend: radio buttons, or a list of boxes."""
    return isinstance(part.widget, ListWidget)


def described_by(part: Any, help_words: str | None) -> str:
    """The ids of the help and the error of a field, in the order in which they are read out."""
    ids = ("help" if help_words or part.description else "", "error" if part.errors else "")
    return " ".join(f"{part.id}-{suffix}" for suffix in ids if suffix)


def control_attributes(part: Any, help_words: str | None, css_class: str | None, more: Mapping[str, object]) -> dict[str, object]:
    """The attributes of a field's control: its look, what describes it, whether it is wrong, and what the page adds."""
    known = {
        "class": css_class,
        "aria-describedby": described_by(part, help_words),
        "aria-invalid": "true" if part.errors else None,
    }
    return {name: value for name, value in known.items() if value} | dict(more)


def _problems_of(part: Any) -> Iterator[tuple[str, str]]:
    inner = getattr(part, "entries", None) or (part if part.type == "FormField" else ())
    for entry in inner:
        yield from _problems_of(entry)
    for error in part.errors:
        if isinstance(error, str) and part.type != "FormField":
            yield _first_control(part), error


def _first_control(part: Any) -> str:
    """Radio buttons and lists of boxes have no control of the field's own id: the first of them takes the focus."""
    return f"{part.id}-0" if has_options(part) else str(part.id)


def _layout() -> dict[str, object]:
    if not has_request_context():
        return {"today": clock.today(), "locale": dates.language()}
    viewer, offered = current_viewer(), doors(current_app)
    return {
        "viewer": viewer,
        "navigation": _navigation(viewer),
        "person_menu": [_link(entry) for entry in offered.person_menu if _is_for(entry, viewer)],
        "banners": [banner for source in offered.banners for banner in source(viewer)],
        "doors": offered,
        "other_languages": [(code, name) for code, name in LANGUAGES.items() if code != dates.language()],
        "theme": theme.chosen(),
        "today": clock.today(),
        "locale": dates.language(),
    }


def _navigation(viewer: Viewer | None) -> list[Link]:
    if viewer is None:
        return []
    links = [_link(entry) for feature in features() for entry in feature.navigation if _is_for(entry, viewer)]
    here = max((link.url for link in links if _lies_under(link.url)), key=len, default=None)
    return [Link(link.label, link.url, link.icon, current=link.url == here) for link in links]


def _lies_under(url: str) -> bool:
    path = request.script_root + request.path
    return path == url or (url != request.script_root + "/" and path.startswith(url.rstrip("/") + "/"))


def _link(entry: NavigationEntry) -> Link:
    return Link(_(entry.label), url_for(entry.endpoint), entry.icon)


def _is_for(entry: NavigationEntry, viewer: Viewer | None) -> bool:
    return viewer is not None and (not entry.roles or viewer.has(*entry.roles))


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
    "role_name": role_name,
    "main_role": _main_role,
}

_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "icon": icons.icon,
    "sprite": icons.sprite,
    "seats_sentence": seats.seats_sentence,
    "draw_strip": strip.draw,
    "url_with": url_with,
    "problems": problems,
    "has_options": has_options,
    "described_by": described_by,
    "control_attributes": control_attributes,
}
