"""Asking a venue elsewhere, and writing down its answer."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.agenda import service, venue_queries
from dsbs.agenda.access import may_confirm
from dsbs.agenda.addresses import page_of
from dsbs.agenda.forms import ConfirmationForm
from dsbs.agenda.models import Slot
from dsbs.core import clock, dates
from dsbs.core.access import STAFF, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.refusals import N_, NotFound, Refused, Stale
from dsbs.core.template import confirm


@requires(*STAFF)
def confirmation(slot_id: int) -> str | Response:
    """Write down when a venue elsewhere was asked for, and its answer."""
    slot = _slot(slot_id)
    form = ConfirmationForm.of(slot)
    if form.validate_on_submit():
        try:
            with write(by=viewer().actor, why="Wrote down the answer of a venue", at=clock.now()) as session:
                slot = _slot(slot_id, lock=True)
                _check_fresh(slot, form)
                slot = service.confirm_venue(
                    session,
                    slot=slot,
                    asked_on=form.asked_on.data,
                    confirmation=form.confirmation,
                    today=clock.today(),
                )
            _tell(slot)
            return redirect(url_for("agenda.venues"))
        except Refused as refused:
            form.refuse(refused)
            slot = _slot(slot_id)
    return render_template("agenda/confirmation.html", form=form, slot=slot, page=page_of(slot))


def _tell(slot: Slot) -> None:
    """Say what stands written down now."""
    if slot.confirmed_on:
        confirm(
            _("%(venue)s has confirmed", venue=slot.room), _("That is written down for “%(title)s”.", title=slot.title)
        )
    elif slot.asked_on:
        title = _("Asked on %(day)s", day=dates.day(slot.asked_on))
        confirm(title, _("That is written down for “%(title)s”. The answer is still to come.", title=slot.title))
    else:
        confirm(
            _("%(venue)s counts as not asked", venue=slot.room),
            _("What stood for “%(title)s” is gone.", title=slot.title),
        )


def _check_fresh(slot: Slot, form: ConfirmationForm) -> None:
    """An answer is for the time and the place that its writer saw."""
    if form.revision.data != str(slot.sequence):
        raise Stale(
            N_("This was moved or changed while you were writing. Look at its time and place, then save again."),
            revision=slot.sequence,
        )


def _slot(slot_id: int, *, lock: bool = False) -> Slot:
    """The slot, if it is in a venue elsewhere and the viewer looks after it."""
    slot = venue_queries.slot_elsewhere(db.session(), slot_id, lock=lock)
    if not may_confirm(viewer(), [link.programme_id for link in slot.programme_links]):
        raise NotFound
    return slot
