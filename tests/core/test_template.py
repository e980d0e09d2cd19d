"""What templates may use: words for days and numbers, icons, safe Markdown, and the values of the layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask, flash, g, render_template_string
from wtforms import BooleanField, FieldList, Form, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired

from config import ROOT
from dsbs.core import dates, icons
from dsbs.core.access import Grant, Role, Viewer
from dsbs.core.dates import speaking
from dsbs.core.fieldwork import control_attributes, problems
from dsbs.core.icons import icon, sprite
from dsbs.core.markdown import to_html
from dsbs.core.seats import seats_sentence
from dsbs.core.template import confirm, doors, url_with
from tests.support.client import Client

TODAY = date(2026, 11, 24)
AFTERNOON = datetime(2027, 1, 14, 13, tzinfo=UTC), datetime(2027, 1, 14, 15, tzinfo=UTC)


@pytest.fixture
def page(sqlite_app: Flask) -> Iterator[Flask]:
    """The application in the middle of a request in English by somebody who is not signed in."""
    with sqlite_app.test_request_context("/?kind=course&kind=talk&page=3", headers={"Accept-Language": "en"}):
        g.viewer = None
        yield sqlite_app


def drawn(piece: str, call: str, **values: object) -> str:
    """What a piece draws, without the blanks between its tags."""
    source = f'{{% from "core/pieces.html" import {piece} %}}{{{{ {call} }}}}'
    return render_template_string(source, **values).strip()


# Days and times


def test_a_day_and_a_moment_are_told_in_school_time(page: Flask) -> None:
    assert dates.day(date(2027, 1, 14)) == "Thu 14 Jan 2027"
    assert dates.moment(AFTERNOON[0]) == "Thu 14 Jan 2027, 14:00"
    assert dates.moment(datetime(2027, 7, 14, 22, 30, tzinfo=UTC)) == "Thu 15 Jul 2027, 0:30"


def test_a_span_says_its_day_once(page: Flask) -> None:
    assert dates.span(*AFTERNOON) == "Thu 14 Jan 2027, 14:00–16:00"
    assert dates.times(*AFTERNOON) == "14:00–16:00"


def test_a_span_across_midnight_says_both_days(page: Flask) -> None:
    night = datetime(2027, 1, 14, 21, tzinfo=UTC), datetime(2027, 1, 15, 1, tzinfo=UTC)

    assert dates.span(*night) == "Thu 14 Jan 2027, 22:00 – Fri 15 Jan 2027, 2:00"
    assert dates.times(*night) == "22:00 – Fri 15 Jan, 2:00"


def test_a_span_over_the_change_of_clocks_shows_what_clocks_show(page: Flask) -> None:
    night = datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC)

    assert dates.times(*night) == "2:00–3:00"


def test_a_moment_without_a_zone_is_a_defect(page: Flask) -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        dates.moment(datetime(2027, 1, 14, 13))  # noqa: DTZ001 - that is the point


def test_days_are_remembered_for_each_language(page: Flask) -> None:
    assert dates.day(date(2027, 3, 2)) == "Tue 2 Mar 2027"
    with speaking("nl"):
        assert dates.day(date(2027, 3, 2)) == "di 2 mrt 2027"
    assert dates.day(date(2027, 3, 2)) == "Tue 2 Mar 2027"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 24), "Today"),
        (date(2026, 11, 25), "Tomorrow"),
        (date(2026, 11, 23), "Yesterday"),
        (date(2026, 12, 3), "in 9 days"),
        (date(2027, 2, 22), "in 90 days"),
        (date(2027, 2, 23), "in 2 months"),
        (date(2026, 9, 2), "83 days ago"),
        (date(2027, 9, 30), "in 10 months"),
        (date(2025, 11, 25), "11 months ago"),
    ],
)
def test_distance_from_today_is_told_as_one_says_it(page: Flask, day: date, words: str) -> None:
    assert dates.relative(day, TODAY) == words


def test_hours_are_counted(page: Flask) -> None:
    assert dates.hours(1) == "1 hour"
    assert dates.hours(Decimal("1.5")) == "1.5 hours"


def test_the_time_of_a_page_never_breaks_at_its_dash(page: Flask) -> None:
    html = drawn("when", "when(start, end)", start=AFTERNOON[0], end=AFTERNOON[1])

    assert html == ('<time datetime="2027-01-14T13:00Z">Thu 14 Jan 2027, <span class="nw">14:00–16:00</span></time>')


# Seats


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ((24, 30), "6 of 30 seats free"),
        ((30, 30), "Full"),
        ((30, 30, 4, 2), "Full, 4 waiting, you are second"),
        ((30, 30, 14, 11), "Full, 14 waiting, you are number 11"),
        ((32, 30), "32 of 30, 2 over"),
    ],
)
def test_seats_are_told_in_one_sentence(page: Flask, numbers: tuple[int, ...], sentence: str) -> None:
    assert seats_sentence(*numbers) == sentence


@pytest.mark.parametrize(("taken", "width"), [(0, "0.0"), (1, "3.3"), (30, "100"), (32, "100"), (5, "100")])
def test_the_bar_of_seats_is_as_long_as_they_are_taken(page: Flask, taken: int, width: str) -> None:
    capacity = 0 if taken == 5 else 30

    html = drawn("seats_bar", "seats_bar(taken, capacity)", taken=taken, capacity=capacity)

    assert f'<rect class="seats-taken" width="{width}" height="4"/>' in html


# Calendars


@pytest.mark.parametrize(
    ("calendar", "call"), [("calendar_week", "([on], on, entries)"), ("calendar_month", "([[on]], on, on, entries)")]
)
def test_an_entry_of_a_calendar_is_read_word_by_word(page: Flask, calendar: str, call: str) -> None:
    entry = {
        "title": "Scientific writing",
        "time": "14:00–16:00",
        "place": "Room 02.114",
        "url": None,
        "colour": "CARDIO",
        "programme": "Cardio",
        "held": True,
    }

    html = drawn(calendar, calendar + call, on=TODAY, entries={TODAY: [entry]})

    assert re.sub(r"<[^>]+>", "", html.partition('class="event event-held">')[2].partition("</li>")[0]) == (
        "14:00–16:00 Scientific writing Room 02.114 (held) Cardio"
    )


# Markdown


def test_markdown_holds_words_lists_and_links(page: Flask) -> None:
    html = to_html("# Aim\n\nBring **your data**, see [the room](https://example.org/r).\n\n- one\n")

    assert html == (
        "<h3>Aim</h3>\n<p>Bring <strong>your data</strong>, see "
        '<a href="https://example.org/r" rel="nofollow noopener">the room</a>.</p>\n<ul>\n<li>one</li>\n</ul>\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://example.org/spy.png)",
        '<a href="x" onclick="alert(1)">x</a>',
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
    ],
)
def test_markdown_lets_nothing_run_or_load(page: Flask, text: str) -> None:
    html = to_html(text)

    assert re.findall(r"<(?:script|img|a)\b|<[^>]* on", html) == []


# Icons and remembered pieces


def test_a_page_carries_the_drawings_that_it_uses_and_no_others(page: Flask) -> None:
    icon("check")
    icon("home")
    icon("check")

    assert [name for name in icons.NAMES if f'id="i-{name}"' in sprite()] == ["check", "home"]


def test_every_icon_named_in_a_template_is_drawn() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))

    assert set(re.findall(r'icon\("([^"]+)"\)', sources)) - set(icons.NAMES) == set()


def test_an_unknown_icon_is_a_defect(page: Flask) -> None:
    with pytest.raises(KeyError):
        icon("unicorn")


def test_a_remembered_piece_still_asks_for_its_icon_on_the_next_page(page: Flask) -> None:
    drawn("pill", 'pill("good", "Approved")')
    g.pop("icons_used")

    assert drawn("pill", 'pill("good", "Approved")').endswith("Approved</span>")
    assert 'id="i-done"' in sprite()


def test_a_remembered_piece_inside_another_brings_its_icons_to_the_page_each_time(page: Flask) -> None:
    source = (
        '{% macro inner(word) %}{{ icon("done") }}{{ word }}{% endmacro %}{% set kept = remembered(inner) %}'
        "{% macro outer(word) %}{{ kept(word) }}{% endmacro %}{% set whole = remembered(outer) %}"
    )
    template = page.jinja_env.from_string(source)
    whole = template.module.whole  # type: ignore[attr-defined]
    whole("Registered")
    g.pop("icons_used")

    whole("Registered")

    assert sprite().count('id="i-done"') == 1


def test_a_remembered_piece_never_takes_what_somebody_typed_for_what_is_safe(page: Flask) -> None:
    source = "{% macro word(said) %}{{ said }}{% endmacro %}{% set piece = remembered(word) %}"
    source += "{{ piece('<b>'|safe) }} {{ piece('<b>') }}"

    assert render_template_string(source) == "<b> &lt;b&gt;"


def test_a_remembered_piece_keeps_the_languages_apart(page: Flask) -> None:
    call = "date_block(on, today)"

    english = drawn("date_block", call, on=date(2026, 12, 3), today=TODAY)
    with speaking("nl"):
        dutch = drawn("date_block", call, on=date(2026, 12, 3), today=TODAY)

    assert ("<span>Thu</span>" in english, "<span>do</span>" in dutch) == (True, True)


def test_words_in_pieces_are_escaped(page: Flask) -> None:
    assert "&lt;b&gt;" in drawn("pill", 'pill("good", "<b>")')


# Forms


class Visit(Form):
    """One field of each shape."""

    name = StringField("Name", description="As printed.", validators=[InputRequired("Write the name.")])
    kind = RadioField("Kind", choices=[SelectChoice("a", "A")], validators=[InputRequired("Choose one.")])
    sure = BooleanField("Sure", validators=[InputRequired("Say so.")])
    guests = FieldList(StringField("Guest", validators=[InputRequired("Name the guest.")]), min_entries=2)


def test_problems_come_in_the_order_of_the_form_with_the_control_to_go_to(page: Flask) -> None:
    form = Visit()
    form.validate()
    form.form_errors.append("The day is full.")

    assert problems(form) == [
        (None, "The day is full."),
        ("name", "Name: Write the name."),
        ("kind-0", "Kind: Choose one."),
        ("sure", "Sure: Say so."),
        ("guests-0", "Guest (1): Name the guest."),
        ("guests-1", "Guest (2): Name the guest."),
    ]


def test_the_problem_of_one_in_a_list_of_one_has_no_number(page: Flask) -> None:
    form = Visit()
    form.guests.pop_entry()
    form.validate()

    assert problems(form)[-1] == ("guests-0", "Guest: Name the guest.")


def test_beside_the_field_its_name_is_not_said_again(page: Flask) -> None:
    form = Visit()
    form.validate()

    assert "<span>Write the name.</span>" in drawn("field", "field(form.name)", form=form)


def test_a_control_says_what_describes_it_and_that_it_is_wrong(page: Flask) -> None:
    form = Visit()
    form.validate()

    assert control_attributes(form.name, None, "control", {"rows": 3}) == {
        "class": "control",
        "aria-describedby": "name-help name-error",
        "aria-invalid": "true",
        "rows": 3,
    }


def test_every_shape_of_field_has_a_label_for_its_control(page: Flask) -> None:
    form = Visit()

    assert '<label class="field-label" for="name">' in drawn("field", "field(form.name)", form=form)
    assert '<legend class="field-label">Kind</legend>' in drawn("field", "field(form.kind)", form=form)
    assert '<label class="choice"><input' in drawn("field", "field(form.sure)", form=form)


# The layout


def test_the_address_of_a_page_keeps_its_other_filters(page: Flask) -> None:
    assert url_with(page=None) == "/?kind=course&kind=talk"
    assert url_with(kind=["talk"], page=None) == "/?kind=talk"
    assert url_with(kind=None, page=None) == "/"
    assert url_with(sort="-name", page=None) == "/?kind=course&kind=talk&sort=-name"


LAYOUT = '{% extends "core/layout.html" %}{% block title %}Here{% endblock %}{% block content %}{% endblock %}'


def test_the_layout_names_the_viewer_and_her_first_role(page: Flask) -> None:
    grants = frozenset({Grant(Role.RESEARCHER), Grant(Role.COORDINATOR, programme_id=1)})
    g.viewer = Viewer(id=1, name="Britt Bauwens", grants=grants)

    html = render_template_string(LAYOUT)

    assert "<b>Britt Bauwens</b><span>Programme coordinator</span>" in html


def test_the_layout_marks_where_one_is(page: Flask) -> None:
    g.viewer = Viewer(id=1, name="Britt Bauwens")

    html = render_template_string(LAYOUT)

    assert html.count('<a href="/" aria-current="page">') == 3  # the head, the menu and the bar of a phone


def navigation_in_the_head(*roles: Role) -> list[str]:
    """The words of the navigation as the head shows them to somebody with these roles, in their order."""
    g.viewer = Viewer(id=1, name="Leen De Smet", grants=frozenset(Grant(role) for role in roles))
    head = re.search(r'<ul class="nav-list">(.*?)</nav>', render_template_string(LAYOUT), re.DOTALL)
    assert head is not None
    return re.findall(r"<(?:a|summary)\b[^>]*>(?:<svg.*?</svg>)?([^<]+)", head[1])


def test_a_long_navigation_keeps_five_entries_in_the_head_and_folds_the_rest(page: Flask) -> None:
    assert navigation_in_the_head(Role.COORDINATOR) == [
        "Start",
        "Activities",
        "Planning",
        "Researchers",
        "Calendar",
        "More",
        "Venues",
        "Reminders",
        "Programmes",
    ]


def test_six_entries_stay_beside_each_other_in_the_head(page: Flask) -> None:
    assert navigation_in_the_head(Role.RESEARCHER) == [
        "Start",
        "Activities",
        "My activities",
        "My track",
        "Calendar",
        "Programmes",
    ]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.RESEARCHER])
def test_whose_head_does_not_name_the_own_activities_finds_them_in_the_own_menu(page: Flask, role: Role) -> None:
    g.viewer = Viewer(id=1, name="Leen De Smet", grants=frozenset({Grant(role)}))

    html = render_template_string(LAYOUT)

    assert re.findall(r'<a href="([^"]+)">(?:<svg.*?</svg>)?Your activities</a>', html) == ["/my/activities"] * 2


def test_the_own_menu_leaves_out_what_the_head_names_already(page: Flask) -> None:
    g.viewer = Viewer(id=1, name="Britt Bauwens", grants=frozenset({Grant(Role.RESEARCHER)}))

    html = render_template_string(LAYOUT)

    assert ("Your activities" in html, "My activities" in html) == (False, True)


def test_a_confirmation_is_told_on_the_next_page_with_a_way_back(page: Flask) -> None:
    confirm(
        "You have the seat", "A mail is on its way.", links=[("Calendar", "/calendar")], undo=("Give it back", "/u")
    )

    html = render_template_string(LAYOUT)

    assert '<a href="/calendar">Calendar</a>' in html
    assert '<button class="link-button with-icon" form="act" formaction="/u">' in html
    assert '<div class="confirmation tone-good">' in html


def test_a_refusal_that_is_flashed_has_its_own_tone(page: Flask) -> None:
    flash("Full since Monday.", "stopped")

    assert '<div class="confirmation tone-stopped">' in render_template_string(LAYOUT)


def test_a_banner_stands_on_every_page(page: Flask) -> None:
    doors(page).banners.append(lambda viewer: [("act", "Mails are waiting.")])

    assert '<div class="banner tone-act">' in render_template_string(LAYOUT)


def test_pages_carry_no_inline_style_or_script(page: Flask) -> None:
    html = render_template_string(LAYOUT)

    assert (" style=" in html, "<style" in html, "<script>" in html, " onclick" in html) == (False,) * 4


# Light or dark


def test_the_theme_is_kept_on_the_device(sqlite_app: Flask, client: Client) -> None:
    answer = client.post("/theme", data={"theme": "dark"}, headers={"Referer": "http://localhost/sign-in"})

    assert answer.location == "http://localhost/sign-in"
    assert client.get_cookie("theme").value == "dark"
    client.post("/theme", data={"theme": "device"})
    assert client.get_cookie("theme") is None


def test_choosing_a_theme_never_leads_elsewhere(sqlite_app: Flask, client: Client) -> None:
    answer = client.post("/theme", data={"theme": "dark"}, headers={"Referer": "http://localhost.evil.example/"})

    assert answer.location == "http://localhost/"


def test_an_unknown_theme_is_refused(sqlite_app: Flask, client: Client) -> None:
    assert client.post("/theme", data={"theme": "pink"}).status_code == 400


def test_the_page_is_drawn_in_the_theme_of_the_device(sqlite_app: Flask) -> None:
    with sqlite_app.test_request_context(headers={"Cookie": "theme=dark"}):
        g.viewer = None
        assert '<html lang="en" data-theme="dark">' in render_template_string(LAYOUT)
