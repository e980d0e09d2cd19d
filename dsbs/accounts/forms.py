"""What accounts ask for."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from dsbs.core.forms import Form


class PasswordSignInForm(Form):
    """Address and password, the second way in."""

    mail = StringField(_l("Mail address"), validators=[DataRequired(_l("Type your mail address."))])
    password = PasswordField(_l("Password"), validators=[DataRequired(_l("Type your password."))])
