"""What every form does to what was typed."""

from __future__ import annotations

import pytest
from flask import Flask
from wtforms import PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, EqualTo, Length, Optional, Regexp

from dsbs.core.fields import AmountField, DayField, MomentField
from dsbs.core.forms import Form
from dsbs.core.refusals import N_, Refused


class Asking(Form):
    """Text fields that are asked for in different ways, and some that are not."""

    name = StringField("Name", validators=[DataRequired()])
    again = StringField("Again", validators=[EqualTo("name")])
    either = StringField("Either")
    phone = StringField("Phone", validators=[Length(max=40), Regexp("^[0-9]*$")])
    notes = TextAreaField("Notes")
    left = StringField("Left", validators=[Optional()])
    day = DayField("Day")

    def validate_either(self, field: StringField) -> None:
        """Asks for it now and then."""


class Example(Form):
    """One field of each sort."""

    name = StringField("Name")
    amount = AmountField("Amount")
    at = MomentField("At")
    password = PasswordField("Password")


def sent(app: Flask, **typed: str) -> Example:
    with app.test_request_context(method="POST", data=typed):
        form = Example(meta={"csrf": False})
        form.validate()
        return form


def test_words_that_nothing_asks_for_are_marked_as_optional(sqlite_app: Flask) -> None:
    with sqlite_app.test_request_context():
        field = sqlite_app.jinja_env.get_template("core/pieces.html").module.field  # type: ignore[attr-defined]
        form = Asking(meta={"csrf": False})
        assert [part.name for part in form if "(optional)" in field(part)] == ["phone", "notes", "left"]


def test_blanks_around_words_go_and_letters_are_composed(sqlite_app: Flask) -> None:
    assert sent(sqlite_app, name="  Zoe\u0308  Bridge \n").name.data == "Zoë  Bridge"


@pytest.mark.parametrize("name", ["a\x00b", "a\x1bb", "a\ud800b"])
def test_what_no_keyboard_writes_is_refused(sqlite_app: Flask, name: str) -> None:
    with sqlite_app.test_request_context(method="POST", data={"name": "x"}):
        form = Example(meta={"csrf": False})
        form.name.data = name
        assert form.validate() is False
        assert form.name.errors == ["This holds characters that cannot be shown. Type it again."]


def test_a_line_takes_two_hundred_characters_unless_it_says_otherwise(sqlite_app: Flask) -> None:
    assert sent(sqlite_app, name="x" * 200).errors == {}
    assert sent(sqlite_app, name="x" * 201).name.errors == ["Use at most 200 characters."]


def test_the_field_of_an_amount_takes_a_comma_in_every_browser(sqlite_app: Flask) -> None:
    with sqlite_app.test_request_context():
        assert 'type="text"' in Example(meta={"csrf": False}).amount()


@pytest.mark.parametrize(("typed", "read"), [("1,5", "1.5"), ("10", "10"), ("", None), (" 2.50 ", "2.50")])
def test_an_amount_takes_a_comma_and_a_point(sqlite_app: Flask, typed: str, read: str | None) -> None:
    found = sent(sqlite_app, amount=typed).amount.data
    assert (None if found is None else str(found)) == read


def test_a_moment_is_read_in_school_time(sqlite_app: Flask) -> None:
    found = sent(sqlite_app, at="2027-01-14T14:00").at.data
    assert found is not None
    assert found.isoformat() == "2027-01-14T13:00:00+00:00"


def test_a_moment_that_comes_twice_is_told_and_stays_as_typed(sqlite_app: Flask) -> None:
    form = sent(sqlite_app, at="2027-10-31T02:30")
    assert form.at.errors == [
        "On Sun 31 Oct 2027 the clocks go back: 02:30 comes twice. Choose a time before 2:00 or from 3:00 on."
    ]
    assert form.at._value() == "2027-10-31T02:30"


def test_a_refusal_stands_beside_its_field_or_on_top(sqlite_app: Flask) -> None:
    with sqlite_app.test_request_context():
        form = Example(meta={"csrf": False})
        form.refuse(Refused(N_("Taken until %(day)s."), field="name", day="Monday"))
        form.refuse(Refused(N_("Not today.")))

        assert form.name.errors == ["Taken until Monday."]
        assert form.form_errors == ["Not today."]
