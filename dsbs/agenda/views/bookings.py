"""What is to be rebooked elsewhere: bookings that are not needed any more, and times that nobody confirmed yet."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.agenda import service, venue_queries
from dsbs.agenda.access import may_confirm
from dsbs.agenda.forms import SettlingForm
from dsbs.agenda.models import VoidBooking
from dsbs.core import clock
from dsbs.core.access import STAFF, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.refusals import NotFound, Refused
from dsbs.core.template import confirm


@requires(*STAFF)
def rebook() -> str:
    """All that the viewer has to tell venues elsewhere, soonest first."""
    now = clock.now()
    return render_template(
        "agenda/rebook.html",
        void=venue_queries.bookings_to_settle(db.session(), viewer(), now=now),
        waiting=venue_queries.slots_to_confirm(db.session(), viewer(), now=now),
    )


@requires(*STAFF)
def settle_booking(booking_id: int) -> str | Response:
    """Write down who there cancelled a booking."""
    booking = _booking(booking_id)
    form = SettlingForm()
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Settled a booking elsewhere", at=clock.now()) as session:
                settled = service.settle_booking(
                    session,
                    booking=_booking(booking_id, lock=True),
                    on=form.on.data or clock.today(),
                    by=form.by.data or "",
                    reference=form.reference.data or "",
                    today=clock.today(),
                )
                venue, title = settled.venue.name, settled.slot.title
            confirm(_("%(venue)s knows", venue=venue), _("That is written down for “%(title)s”.", title=title))
            return redirect(url_for("agenda.rebook"))
        except Refused as refused:
            form.refuse(refused)
            booking = _booking(booking_id)
    return render_template("agenda/settle_booking.html", form=form, booking=booking)


def _booking(booking_id: int, *, lock: bool = False) -> VoidBooking:
    """The booking, if the viewer looks after its slot."""
    found = venue_queries.void_booking(db.session(), booking_id, lock=lock)
    if not may_confirm(viewer(), [link.programme_id for link in found.slot.programme_links]):
        raise NotFound
    return found
