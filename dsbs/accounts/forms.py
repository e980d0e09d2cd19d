"""What accounts ask for."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, EqualTo, Length, Optional, Regexp, ValidationError

from dsbs.accounts.rules import PASSWORD_LONGEST, normal_mail
from dsbs.core.errors import sentence_of
from dsbs.core.fields import Choice
from dsbs.core.forms import Form
from dsbs.core.language import KNOWN
from dsbs.core.refusals import Refused

_MAIL_REQUIRED = DataRequired(_l("Type your mail address."))
_MAIL_LENGTH = Length(max=254, message=_l("Use at most 254 characters."))
_NAME_LENGTH = Length(max=100, message=_l("Use at most 100 characters."))
_PASSWORD_LENGTH = Length(max=PASSWORD_LONGEST, message=_l("Use at most %(most)d characters.", most=PASSWORD_LONGEST))


def _written_like_one(form: Form, field: Field) -> None:
    """Refuse what is no mail address. It says nothing of whether somebody has it."""
    try:
        normal_mail(field.data)
    except Refused as refused:
        raise ValidationError(sentence_of(refused)) from refused


class MailForm(Form):
    """An address to which a link is sent."""

    mail = StringField(_l("Mail address"), validators=[_MAIL_REQUIRED, _MAIL_LENGTH, _written_like_one])

    @property
    def typed(self) -> str:
        """The address as it was typed."""
        return self.mail.data or ""


class PasswordSignInForm(Form):
    """Address and password, the second way in; on one page with ``MailForm``, so its fields have ids of their own."""

    mail = StringField(_l("Mail address"), id="password-mail", validators=[_MAIL_REQUIRED, _MAIL_LENGTH])
    password = PasswordField(_l("Password"), validators=[DataRequired(_l("Type your password.")), _PASSWORD_LENGTH])


class NewPasswordForm(Form):
    """A password to be, typed twice since it cannot be read."""

    password = PasswordField(
        _l("New password"), validators=[DataRequired(_l("Type a new password.")), _PASSWORD_LENGTH]
    )
    again = PasswordField(
        _l("The same once more"), validators=[EqualTo("password", _l("The two are not the same. Type both again."))]
    )

    @property
    def typed_password(self) -> str:
        """The password to be."""
        return self.password.data or ""


class ChangePasswordForm(NewPasswordForm):
    """A new password, for who knows the present one."""

    present = PasswordField(
        _l("Present password"), validators=[DataRequired(_l("Type your present password.")), _PASSWORD_LENGTH]
    )


class RemovePasswordForm(Form):
    """The present password, to do without from now on."""

    present = PasswordField(
        _l("Present password"), validators=[DataRequired(_l("Type your present password.")), _PASSWORD_LENGTH]
    )


class _ReachedForm(Form):
    """How a person is reached."""

    phone = StringField(
        _l("Phone"),
        validators=[
            Optional(),
            Length(max=40, message=_l("Use at most 40 characters.")),
            Regexp(r"^[0-9+ ()/.\-]*$", message=_l("Write the number in figures, like +32 16 12 34 56.")),
        ],
    )
    language = SelectField(
        _l("Language of pages and mails"),
        choices=[Choice(code, name) for code, name in KNOWN.items()],
        description=_l("What is not translated yet comes in English."),
    )


class OwnDataForm(_ReachedForm):
    """What a person says about herself."""

    wants_confirmations = BooleanField(_l("Confirm by mail when I take or give back a seat"))
    wants_bulletin = BooleanField(_l("Send me news of my programmes"))


class PersonForm(_ReachedForm):
    """What the school keeps about a person."""

    given_name = StringField(_l("Given name"), validators=[DataRequired(_l("Type the given name.")), _NAME_LENGTH])
    family_name = StringField(_l("Family name"), validators=[DataRequired(_l("Type the family name.")), _NAME_LENGTH])
    mail = StringField(_l("Mail address"), validators=[Optional(), _MAIL_LENGTH])
    personnel_number = StringField(
        _l("Personnel number"),
        validators=[Optional(), Length(max=20, message=_l("Use at most 20 characters."))],
    )
    #: The version that the editor has before her, see ``Person.fingerprint``.
    seen = HiddenField()
