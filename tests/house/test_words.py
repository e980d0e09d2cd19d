"""Every word that a person reads goes through gettext: in pages, in letters, in what Python says to people.

Jinja's own lexer says what stands outside its tags; HTML's own parser says what of that is read by people.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from config import ROOT

TEMPLATES = ROOT / "templates"

#: Names are the same in every language.
NAMES = {"dsbs"}

_READ_ALOUD = {"alt", "title", "placeholder", "aria-label", "aria-description", "aria-roledescription", "label"}
_NOT_READ = {"script", "style"}
#: Stands where Jinja puts a value, so that the text around it stays apart. No template holds it.
_VALUE = "\N{OBJECT REPLACEMENT CHARACTER}"
#: Functions that translate, and those whose sentence is translated by who catches or shows it.
_GETTEXT = {"_", "N_", "gettext", "ngettext", "pgettext", "npgettext", "lazy_gettext", "lazy_ngettext"}
#: The first argument of these, and these keywords of any call, are shown to people.
_SAYS = re.compile(r"(Field|flash|Refused|NotFound|NavigationEntry)$")
_SHOWN = {"label", "description", "message", "title"}
#: Shows every piece to developers, with invented names and dates.
_SHOWCASE = Path("home/styleguide.html")
_SENTENCE = re.compile(r"\W*[A-Z][a-z]")
_WORD = re.compile(r"[^\W\d_]{2,}")


class _Reader(HTMLParser):
    """Collects what is read: text between tags, and the attributes that are shown or read aloud."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read: list[tuple[int, str]] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _NOT_READ
        shown = _READ_ALOUD | ({"value"} if _is_button(tag, dict(attrs)) else set())
        self.read += [(self.getpos()[0], value) for name, value in attrs if name in shown and value]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._silent -= tag in _NOT_READ

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _NOT_READ

    def handle_data(self, data: str) -> None:
        if not self._silent:
            line = self.getpos()[0]
            self.read += [(line + number, text) for number, text in enumerate(data.split("\n"))]


def _is_button(tag: str, attributes: dict[str, str | None]) -> bool:
    return tag == "input" and attributes.get("type") in {"submit", "button", "reset"}


def bare_words(source: str, *, html: bool) -> list[str]:
    """The words that stand outside gettext, each with its line: ``12: Register now``."""
    outside = _outside_of_tags(source)
    read = _read_in_html(outside) if html else enumerate(outside.split("\n"), 1)
    return [f"{line}: {text.replace(_VALUE, '…').strip()}" for line, text in read if _is_bare(text)]


def _read_in_html(markup: str) -> list[tuple[int, str]]:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.read


def _outside_of_tags(source: str) -> str:
    """The template with every Jinja tag, expression, comment and ``trans`` block replaced by as many empty lines."""
    kept: list[str] = []
    translated = False
    for line, kind, value in _tokens(source):
        if missing := line - 1 - "".join(kept).count("\n"):
            kept.append("\n" * missing)
        if kind == "block_name" and value in {"trans", "endtrans"}:
            translated = value == "trans"
        if kind == "data" and not translated:
            kept.append(value)
        elif kind == "variable_end":
            names_a_tag = kept[-1:] and kept[-1].endswith(("<", "</"))
            kept.append("x" if names_a_tag else _VALUE)
    return "".join(kept)


def _tokens(source: str) -> Iterator[tuple[int, str, str]]:
    """Jinja's tokens, with the word behind ``{%`` told apart as ``block_name``."""
    opened = False
    for line, kind, value in Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).lex(source):
        if opened and kind == "name":
            kind, opened = "block_name", False
        elif kind == "block_begin":
            opened = True
        yield line, kind, value


def _is_bare(text: str) -> bool:
    return any(word.lower() not in NAMES for word in _WORD.findall(text))


def bare_literals(source: str) -> list[str]:
    """The literals in a template's expressions that read like a sentence, such as what a macro is given to say."""
    return list(_literals_in(Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).parse(source)))


def _literals_in(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in _GETTEXT:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and _SENTENCE.match(node.value):
        yield f"{node.lineno}: {node.value}"
    for child in node.iter_child_nodes():
        if not isinstance(node, nodes.Compare):
            yield from _literals_in(child)


def bare_sayings(source: str) -> list[str]:
    """The sentences in Python that reach people without gettext, each with its line."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    said = (argument for call in calls for argument in _said_by(call))
    return [
        f"{node.lineno}: {node.value}"
        for node in said
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SENTENCE.match(node.value)
    ]


def _said_by(call: ast.Call) -> list[ast.expr]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    first = call.args[:1] if _SAYS.search(name) else []
    return first + [keyword.value for keyword in call.keywords if keyword.arg in _SHOWN]


ALL = sorted(path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"})


@pytest.mark.parametrize("template", ALL, ids=str)
def test_every_word_of_the_template_can_be_translated(template: Path) -> None:
    source = (TEMPLATES / template).read_text()

    assert bare_words(source, html=template.suffix == ".html") == []


@pytest.mark.parametrize("template", [path for path in ALL if path != _SHOWCASE], ids=str)
def test_every_literal_of_the_template_can_be_translated(template: Path) -> None:
    assert bare_literals((TEMPLATES / template).read_text()) == []


MODULES = sorted(path.relative_to(ROOT) for path in (ROOT / "dsbs").rglob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_sentence_of_the_module_can_be_translated(module: Path) -> None:
    assert bare_sayings((ROOT / module).read_text()) == []


BARE = {
    "text": ("<p>\n  Register now</p>", ["2: Register now"]),
    "text beside a value": ("<p>{{ count }} seats</p>", ["1: … seats"]),
    "text in a branch": ("{% if a %}\nYes{% else %}\n<b>No</b>{% endif %}", ["2: Yes", "3: No"]),
    "text after a translated block": ("{% trans %}Seats{% endtrans %} left", ["1: left"]),
    "alt": ('<img src="a.png" alt="A hall">', ["1: A hall"]),
    "title": ('<a title="More {{ thing }}">+</a>', ["1: More …"]),
    "placeholder": ('<input placeholder="Search">', ["1: Search"]),
    "aria-label": ('<nav\n aria-label="Main">', ["1: Main"]),
    "a button's value": ('<input type="submit" value="Save">', ["1: Save"]),
    "an entity": ("<p>caf&eacute;</p>", ["1: café"]),
}


@pytest.mark.parametrize(("source", "found"), BARE.values(), ids=BARE.keys())
def test_bare_words_are_found(source: str, found: list[str]) -> None:
    assert bare_words(source, html=True) == found


SPOKEN = {
    "gettext": '<p title="{{ _("More") }}">{{ _("Register now") }}</p>',
    "a trans block": "{% trans count=n %}One seat{% pluralize %}{{ count }} seats{% endtrans %}",
    "a trimmed trans block": "{% trans trimmed %}\n  <b>Seats</b>\n  left\n{% endtrans %}",
    "punctuation, numbers and symbols": "<p>{{ a }} – {{ b }} · 24 % (→) ×</p>",
    "one letter": "<kbd>j</kbd>",
    "what nobody reads": '<div class="card" id="seats" data-label="{{ x }}"><svg><use href="#tick"/></svg></div>',
    "a name": "<b>dsbs</b>",
    "comments of both kinds": "{# Say it plainly #}<!-- and short -->",
    "a tag with a name of its own": '<{{ tag }} class="event held">{{ x }}</{{ tag }}>',
    "a hidden field": '<input type="hidden" name="state" value="open">',
}


@pytest.mark.parametrize("source", SPOKEN.values(), ids=SPOKEN.keys())
def test_what_needs_no_translation_passes(source: str) -> None:
    assert bare_words(source, html=True) == []


def test_bare_words_in_a_letter_are_found() -> None:
    assert bare_words("{{ _('Dear') }} {{ name }},\n\nSee you there", html=False) == ["3: See you there"]


def test_a_bare_literal_given_to_a_macro_is_found() -> None:
    source = "{{ page_head('Seats', lead=_('Yours'), kind='wide') }}{% if field.type == 'BooleanField' %}{% endif %}"

    assert bare_literals(source) == ["1: Seats"]


def test_a_bare_sentence_in_python_is_found() -> None:
    source = """
name = StringField("Name", description=_("As printed"))
raise Refused(N_("Full"))
flash("Saved")
pill("good", title="Done")
"""

    assert bare_sayings(source) == ["2: Name", "4: Saved", "5: Done"]
