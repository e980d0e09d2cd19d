"""What an import asks for."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired

from dsbs.core.forms import Form


class FileForm(Form):
    """One file to import."""

    file = FileField(
        _l("File"),
        validators=[FileRequired(_l("Choose the file to import."))],
        description=_l("CSV, up to 8 MB. Any of the usual encodings and delimiters will do."),
    )
