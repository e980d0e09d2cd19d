"""The base of all forms: what every field refuses, and where a refusal of the rules is shown."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import Length, Regexp, StopValidation

from dsbs.core.errors import sentence_of
from dsbs.core.refusals import Refused, Stale

LINE = 200
TEXT = 20_000


class Form(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    """A form whose words are trimmed, free of control characters, and never longer than what can be stored.

    Text fields without a ``Length`` of their own take 200 characters on a line and 20,000 in a text area. Those that
    nothing asks for are marked as optional, as if they said so.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self:
            if isinstance(field, StringField):
                field.flags.optional = field.flags.optional or self._may_stay_empty(field)
                field.data = clean(field.data)  # filters would come too late: what was sent has been read already
                field.validators = (*field.validators, *_default_length(field), _no_control_characters)

    def _may_stay_empty(self, field: StringField) -> bool:
        """Whether nothing asks for words: what is written is only held to a shape."""
        shapes = all(isinstance(validator, Length | Regexp) for validator in field.validators)
        return shapes and not hasattr(self, f"validate_{field.short_name}")

    def refuse(self, refused: Refused) -> None:
        """Show a refusal beside the field that it names, else on top of the form.

        A form that was ``Stale`` gets the revision that stands now, so that it can be saved after a look.
        """
        if isinstance(refused, Stale):
            self._fields["revision"].data = str(refused.revision)
        field = self._fields.get(refused.field) if refused.field else None
        if field is None:
            self.form_errors.append(sentence_of(refused))
        else:
            field.errors = [*field.errors, sentence_of(refused)]


def clean(value: str | None) -> str | None:
    """Trim blanks and put letters with accents into their one composed form (NFC), so that equal words are equal."""
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else value


def _default_length(field: StringField) -> tuple[Length, ...]:
    if any(isinstance(validator, Length) for validator in field.validators):
        return ()
    most = TEXT if isinstance(field, TextAreaField) else LINE
    return (Length(max=most, message=_("Use at most %(most)d characters.", most=most)),)


def _no_control_characters(form: Form, field: Field) -> None:
    """Refuse what no keyboard writes (NUL and its kin): databases stumble over it and nobody sees it."""
    if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\r\n\t" for letter in field.data or ""):
        raise StopValidation(_("This holds characters that cannot be shown. Type it again."))
