"""The school's signature under values that were not its own."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.core import clock
from dsbs.core.access import viewer
from dsbs.core.db import write
from dsbs.core.language import ngettext
from dsbs.core.template import confirm
from dsbs.programmes import service
from dsbs.programmes.marked import Marked
from dsbs.programmes.models import Closure, Programme, Unit
from dsbs.programmes.tables import table_by_word
from dsbs.programmes.views.blueprint import administrators, blueprint

_NOUNS: dict[str, type[Marked]] = {"programmes": Programme, "units": Unit, "closures": Closure}


@blueprint.post("/sign-off/<word>")
@administrators
def sign_off(word: str) -> Response:
    """Sign off the rows that were chosen, as they were shown."""
    model = _NOUNS[word] if word in _NOUNS else table_by_word(word).model
    with write(by=viewer().actor, why="Signed off", at=clock.now()) as session:
        count = service.sign_off(
            session, model=model, stamps=request.form.getlist("chosen"), by=viewer().actor, now=clock.now()
        )
    confirm(
        ngettext("%(num)d value is signed off", "%(num)d values are signed off", count)
        if count
        else _("Nothing was waiting any more"),
        _("The school stands behind it from now on.") if count else "",
    )
    return redirect(url_for(f".{word}") if word in _NOUNS else url_for(".rule_table", word=word))
