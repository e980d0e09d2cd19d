"""From a letter to what a mail says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dsbs.core.language import LANGUAGES
from dsbs.core.refusals import NotFound
from dsbs.mail import styling
from dsbs.mail.marks import hidden, mark, revealed
from dsbs.mail.outgoing import Outgoing
from dsbs.mail.rendering import one_line, render
from tests.mail.conftest import CALENDAR, Post


def _outgoing(**changes: object) -> Outgoing:
    outgoing = Outgoing(
        id=1,
        claim="c",
        tries=1,
        message_id="m",
        name="Britt Bauwens",
        address="britt@school.example",
        language="en",
        template="trial/plain",
        ids={},
        rendered=None,
    )
    return replace(outgoing, **changes)  # type: ignore[arg-type]


def test_the_text_has_greeting_content_button_and_reason_in_this_order(post: Post, sqlite_app: object) -> None:
    assert render(post.app, _outgoing(ids={"seat": 7})).text == (
        "Dear Britt Bauwens,\n"
        "\n"
        "Seat 7: Scientific <writing>.\n"
        "\n"
        "Sign in:\n"
        "http://localhost/my/messages\n"
        "\n"
        "Doctoral School of Biomedical Sciences\n"
        "You asked for it.\n"
    )


def test_the_html_escapes_what_people_typed_and_carries_its_own_style(post: Post, sqlite_app: object) -> None:
    html = render(post.app, _outgoing()).html
    assert "Scientific &lt;writing&gt;" in html
    assert html.count("<p") == html.count("<p style=") + html.count('<p class="quiet" style=')
    assert "<script" not in html
    assert "src=" not in html


def test_the_calendar_goes_along_as_the_letter_gave_it(post: Post, sqlite_app: object) -> None:
    assert render(post.app, _outgoing()).calendar == CALENDAR


def test_the_words_are_in_the_recipient_s_language(
    post: Post, sqlite_app: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LANGUAGES, "nl", "Nederlands")
    rendered = render(post.app, _outgoing(template="trial/spoken", language="nl"))
    assert rendered.subject == "Seat nl is yours"
    assert '<html lang="nl"' in rendered.html


def test_a_mail_in_a_language_without_a_translation_is_english_all_of_it(post: Post, sqlite_app: object) -> None:
    rendered = render(post.app, _outgoing(template="trial/spoken", language="nl"))
    assert rendered.subject == "Seat en is yours"
    assert '<html lang="en"' in rendered.html


def test_a_subject_stays_on_one_line_whatever_is_in_it(post: Post, sqlite_app: object) -> None:
    seat = "4\r\nBcc: everybody@school.example\x00\u2028\u202e"
    assert render(post.app, _outgoing(ids={"seat": seat})).subject == "Seat 4 Bcc: everybody@school.example is yours"


def test_a_letter_about_nothing_says_so(post: Post, sqlite_app: object) -> None:
    with pytest.raises(NotFound):
        render(post.app, _outgoing(template="trial/gone"))


@pytest.mark.parametrize("name", ["Zoë 🧬 Ó Súilleabháin", "مريم الزهراء", "李小龍", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢"])
def test_names_of_all_scripts_come_through(post: Post, sqlite_app: object, name: str) -> None:
    rendered = render(post.app, _outgoing(name=name))
    assert rendered.text.startswith(f"Dear {name},\n")
    assert f"Dear {name}," in rendered.html


def test_only_links_of_the_message_itself_are_revealed() -> None:
    text = f"{mark(17)} {mark(18)} {mark(19)} {mark(20)}"
    ids = {"link": 17, "answer_link": 18, "registration": 19}
    assert (
        revealed(text, ids=ids, secret_of=lambda link: f"secret-{link}") == f"secret-17 secret-18 {mark(19)} {mark(20)}"
    )


def test_a_kept_mail_shows_no_mark() -> None:
    assert hidden(f"https://school.example/l/{mark(17)}") == "https://school.example/l/…"


def test_control_and_direction_characters_leave_a_line() -> None:
    assert one_line("a\u0085b\tc\x1bd \u2067e\u2069") == "a b c d e"


def test_an_element_that_has_a_style_keeps_it() -> None:
    assert styling.inlined('<p style="x">a</p><br><custom>') == '<p style="x">a</p><br><custom>'
