"""Letting a rule end."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.core import clock, dates
from dsbs.core.access import viewer
from dsbs.core.db import db, write
from dsbs.core.refusals import Refused
from dsbs.core.template import confirm
from dsbs.programmes import rule_queries, service
from dsbs.programmes.forms import EndForm
from dsbs.programmes.rules import Outdated
from dsbs.programmes.service.ruling import known_codes
from dsbs.programmes.tables import table_by_word
from dsbs.programmes.views.blueprint import administrators, blueprint
from dsbs.programmes.wording import title


@blueprint.route("/rules/<word>/<int:row_id>/end", methods=["GET", "POST"])
@administrators
def end_rule(word: str, row_id: int) -> str | Response:
    """Let a rule hold until a day, and no longer."""
    table, today = table_by_word(word), clock.today()
    line = rule_queries.line_of_row(db.session(), table, row_id, today)
    form = EndForm(data={"base": line.newest.id, "last_day": today})
    if form.validate_on_submit():
        try:
            if form.base.data != line.newest.id:
                raise Outdated
            with write(by=viewer().actor, why=form.why, at=clock.now()) as session:
                service.end_rule(session, table=table, seen=line.newest, last_day=form.last, today=today)
        except Outdated:
            return _opened_again(word, row_id)
        except Refused as refused:
            form.refuse(refused)
        else:
            confirm(_("The rule ends"), _("It holds until %(day)s.", day=dates.day(form.last)))
            return redirect(url_for(".rule_table", word=word))
    known = known_codes(db.session(), table)
    return render_template(
        "programmes/end_rule.html", table=table, row=line.newest, title=title(table, line.newest, known), form=form
    )


def _opened_again(word: str, row_id: int) -> Response:
    confirm(_("Somebody else has changed this rule meanwhile"), _("Look at it as it is now, then end it or leave it."))
    return redirect(url_for(".rule", word=word, row_id=row_id))
