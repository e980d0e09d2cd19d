"""The same session again, a term's sessions at once: the days are shown first, then planned in one go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired

from dsbs.activities.models import ActivitySession
from dsbs.activities.repeating import Prospect, outlook
from dsbs.activities.rules.rhythms import Rhythm, days_after
from dsbs.activities.service import repeating
from dsbs.activities.views.looking_up import session_to_manage
from dsbs.core import clock, dates
from dsbs.core.access import STAFF, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.fields import Choice, DayField, TicksField
from dsbs.core.forms import Form
from dsbs.core.language import ngettext
from dsbs.core.refusals import Refused
from dsbs.core.template import confirm


class RhythmForm(Form):
    """How often, and until when; it asks for the days by GET."""

    class Meta:
        csrf = False

    rhythm = RadioField(
        _l("How often"),
        choices=[
            Choice(Rhythm.WEEK.value, _l("Every week")),
            Choice(Rhythm.FORTNIGHT.value, _l("Every second week")),
            Choice(Rhythm.MONTH.value, _l("Every month, on the same weekday of the month")),
        ],
        default=Rhythm.WEEK.value,
        validators=[InputRequired(_l("Choose how often."))],
    )
    until = DayField(_l("Last day"), validators=[InputRequired(_l("Say until when."))])


def _day(value: object) -> date:
    """The day that a box stands for, on its way to the page or back."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


class DaysForm(Form):
    """The days on which it comes back."""

    days = TicksField(_l("Plan it on these days"), coerce=_day, validate_choice=False)
    publish = BooleanField(_l("Publish them at once"))


@requires(*STAFF)
def repeat(session_id: int) -> str | Response:
    """Choose a rhythm, look at the days and at what is left out and why, then plan all of them."""
    offered = session_to_manage(db.session(), viewer(), session_id)
    rhythm, form = RhythmForm(request.args) if "rhythm" in request.args else RhythmForm(formdata=None), DaysForm()
    if form.is_submitted() and form.validate():
        try:
            made, series_id = _plan(session_id, form, rhythm)
            _say(made, publish=bool(form.publish.data))
            return redirect(url_for("activities.series", series_id=series_id))
        except Refused as refused:
            form.refuse(refused)
            # The write scope ended what was read before it.
            offered = session_to_manage(db.session(), viewer(), session_id)
    prospects = _prospects(offered, rhythm)
    free = [prospect for prospect in prospects if prospect.is_free]
    form.days.choices = [Choice(prospect.day, dates.day(prospect.day)) for prospect in free]
    if not form.is_submitted():
        form.days.data = [prospect.day for prospect in free]
    return render_template(
        "activities/repeat.html",
        offered=offered,
        rhythm=rhythm,
        form=form,
        prospects=prospects,
        left_out=[(prospect.day, _why(prospect)) for prospect in prospects if not prospect.is_free],
    )


def _prospects(offered: ActivitySession, rhythm: RhythmForm) -> Sequence[Prospect]:
    """The days of the rhythm that the address names; none while it names none, or one that is told beside the form."""
    if "rhythm" not in request.args or not rhythm.validate() or rhythm.until.data is None:
        return ()
    first = clock.local(offered.meetings[0].slot.start).date()
    try:
        days = days_after(first, rhythm.until.data, Rhythm(rhythm.rhythm.data), since=clock.today())
    except Refused as refused:
        rhythm.refuse(refused)
        return ()
    return outlook(db.session(), offered, days, now=clock.now(), language=dates.language())


def _why(prospect: Prospect) -> str:
    if prospect.planned:
        return _("planned already")
    return prospect.closed or _("%(room)s is taken", room=prospect.taken)


def _plan(session_id: int, form: DaysForm, rhythm: RhythmForm) -> tuple[int, int | None]:
    """Plan the chosen days; how many they are, and the id of the series."""
    now, known = clock.now(), {one.value: one for one in Rhythm}
    with write(by=viewer().actor, why="Planned a session again", at=now) as session:
        session_to_manage(session, viewer(), session_id)
        made = repeating.repeat_session(
            session,
            session_id=session_id,
            days={day for day in form.days.data or () if day > clock.today()},
            rhythm=known.get(rhythm.rhythm.data, Rhythm.WEEK),
            publish=bool(form.publish.data),
            now=now,
        )
        return len(made), made[0].series_id


def _say(planned: int, *, publish: bool) -> None:
    if publish:
        said = ngettext(
            "%(num)d session is planned and published", "%(num)d sessions are planned and published", planned
        )
        confirm(said, _("Researchers see them in the catalogue now."))
    else:
        said = ngettext("%(num)d draft is planned", "%(num)d drafts are planned", planned)
        confirm(said, _("Their rooms are held. Publish them when they are ready."))
