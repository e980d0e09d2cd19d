"""Importing in the browser: send a file, see what it would change, confirm or put it aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.core import clock
from dsbs.core.access import Role, requires, viewer
from dsbs.core.db import db, write
from dsbs.core.errors import sentence_of
from dsbs.core.language import ngettext
from dsbs.core.refusals import NotFound, Refused
from dsbs.core.template import confirm
from dsbs.exchange import queries, refusals, service, tables, words
from dsbs.exchange.forms import FileForm
from dsbs.exchange.importers import importer, importers
from dsbs.exchange.importing import Outcome, Planned, Preview
from dsbs.exchange.models import BatchState, ImportBatch
from dsbs.exchange.refusals import Refusals

PAGE = 50
#: What needs eyes first comes first.
_TABS = (Outcome.REFUSED, Outcome.CHANGED, Outcome.ADDED, Outcome.LEFT, Outcome.PASSED)

blueprint = Blueprint("exchange", __name__)
blueprint.add_app_template_filter(words.shown, "shown")
blueprint.add_app_template_filter(words.reason, "reason")
blueprint.add_app_template_filter(words.label, "difference_label")


@blueprint.get("/imports")
@requires(Role.ADMINISTRATOR)
def imports() -> str:
    """What can be imported, and what was."""
    return render_template(
        "exchange/list.html", importers=importers(), batches=queries.recent_batches(db.session()), pill_of=_pill_of
    )


@blueprint.route("/imports/<word>", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def send(word: str) -> str | Response:
    """Send a file of this kind; its preview comes next, and nothing is written before that is confirmed."""
    found, form = importer(word), FileForm()
    if form.validate_on_submit():
        name, data = PurePath(form.file.data.filename).name, form.file.data.read()
        try:
            planned = found.plan(db.session(), tables.read(data, name), today=clock.today())
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect(url_for("exchange.preview", batch_id=_keep(word, name, data, planned)))
    return render_template("exchange/send.html", importer=found, word=word, form=form)


def _keep(word: str, name: str, data: bytes, planned: Preview) -> int:
    now = clock.now()
    with write(by=viewer().actor, why="Sent a file to import", at=now) as session:
        batch = service.keep_file(session, word=word, file_name=name, data=data, by=viewer().actor, now=now)
        service.count(batch, planned)
        return batch.id


@blueprint.get("/imports/files/<int:batch_id>")
@requires(Role.ADMINISTRATOR)
def preview(batch_id: int) -> str:
    """What a file would change as things stand now; for an import that has ended, what became of it."""
    batch = queries.batch(db.session(), batch_id)
    if not _waits(batch):
        return _ended_page(batch)
    found = service.plan(db.session(), importer=importer(batch.word), batch=batch, today=clock.today())
    return _preview_page(batch, found)


@blueprint.get("/imports/files/<int:batch_id>/refused.csv")
@requires(Role.ADMINISTRATOR)
def refused_csv(batch_id: int) -> Response:
    """The refused rows as they stand in the file, each with its line and reason: to mend them and send them again."""
    batch = queries.batch(db.session(), batch_id)
    found = _refusals(batch)
    if not found.rows:
        raise NotFound
    heading = [*found.headings, _("Line"), _("Why it was refused")]
    return Response(
        tables.written([heading, *(_mendable(row, len(found.headings)) for row in found.rows)]),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename=refused-{batch.word}-{batch.id}.csv"},
    )


def _refusals(batch: ImportBatch) -> Refusals:
    """What this import refused; for one that waits, what it would refuse now."""
    if not _waits(batch):
        return refusals.restored(batch.refusals)
    return refusals.of_preview(
        service.plan(db.session(), importer=importer(batch.word), batch=batch, today=clock.today())
    )


def _waits(batch: ImportBatch) -> bool:
    return batch.state is BatchState.WAITING


def _mendable(row: Planned, width: int) -> Sequence[object]:
    """A row under its own headings: cells that have none are said in the reason and left out."""
    cells = [*row.cells, *[""] * width][:width]
    return [*cells, row.line, " ".join(words.told(fault) for fault in row.faults)]


@blueprint.post("/imports/files/<int:batch_id>/apply")
@requires(Role.ADMINISTRATOR)
def apply(batch_id: int) -> Response:
    """Write what the preview said, or show what has changed since."""
    now, today = clock.now(), clock.today()
    found = importer(queries.batch(db.session(), batch_id).word)
    try:
        with write(by=viewer().actor, why=found.why, at=now) as session:
            batch = queries.locked_batch(session, batch_id)
            shown = request.form.get("shown", "")
            service.apply(session, importer=found, batch=batch, shown=shown, now=now, today=today)
            written = _written(batch)
            name = batch.file_name
    except service.PlanChanged as moved:
        flash(sentence_of(moved), "act")
        return redirect(url_for("exchange.preview", batch_id=batch_id))
    confirm(_("%(file)s is imported", file=name), written)
    return redirect(url_for("exchange.preview", batch_id=batch_id))


def _written(batch: ImportBatch) -> str:
    """What became of the rows, in words."""
    sentence: str = _(
        "%(added)d rows added, %(changed)d changed. Every change stands in the history.",
        added=batch.added,
        changed=batch.changed,
    )
    if not batch.refused:
        return sentence
    refused = ngettext(
        "%(num)d row was refused and stands below.", "%(num)d rows were refused and stand below.", batch.refused
    )
    return f"{sentence} {refused}"


@blueprint.post("/imports/files/<int:batch_id>/discard")
@requires(Role.ADMINISTRATOR)
def discard(batch_id: int) -> Response:
    """Put an import aside; nothing of it was written."""
    now = clock.now()
    with write(by=viewer().actor, why="Put an import aside", at=now) as session:
        batch = service.discard(session, batch=queries.locked_batch(session, batch_id), now=now)
        name = batch.file_name
    confirm(_("%(file)s is put aside", file=name), _("Nothing of it was written, and the file is no longer kept."))
    return redirect(url_for("exchange.imports"))


def _preview_page(batch: ImportBatch, found: Preview) -> str:
    tab = _tab(found)
    return render_template(
        "exchange/preview.html",
        batch=batch,
        importer=importer(batch.word),
        preview=found,
        tab=tab,
        tabs=_tabs(found, tab, batch.id),
        before=queries.applied_before(db.session(), batch),
        **_paged([row for row in found.rows if row.outcome is tab]),
    )


def _ended_page(batch: ImportBatch) -> str:
    found = refusals.restored(batch.refusals)
    return render_template(
        "exchange/ended.html",
        batch=batch,
        importer=importer(batch.word),
        state=_pill_of(batch),
        kept_days=service.REFUSALS_KEPT.days,
        **_paged(found.rows),
    )


def _paged(rows: Sequence[Planned]) -> Mapping[str, Any]:
    """The page asked for of these rows, which may be many."""
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    shown = rows[(page - 1) * PAGE : page * PAGE]
    return {
        "rows": shown,
        "total": len(rows),
        "page": page,
        "pages": pages,
        "reasons": words.reasons_counted(shown, len(rows)),
    }


def _tab(found: Preview) -> Outcome:
    """The rows asked for, else the first kind that there is, refused ones before all."""
    asked = request.args.get("show", "")
    if asked in list(Outcome):
        return Outcome(asked)
    return next((outcome for outcome in _TABS if found.counts[outcome]), Outcome.LEFT)


def _tabs(found: Preview, tab: Outcome, batch_id: int) -> Sequence[Mapping[str, Any]]:
    return [
        {
            "label": f"{words.outcome_word(outcome)} ({found.counts[outcome]})",
            "url": url_for("exchange.preview", batch_id=batch_id, show=outcome.value),
            "current": outcome is tab,
        }
        for outcome in _TABS
        if found.counts[outcome] or outcome is tab
    ]


def _pill_of(batch: ImportBatch) -> tuple[str, str, str]:
    """Tone, word and icon of where an import stands; nobody need confirm one that would write nothing."""
    if batch.has_run_out:
        return "neutral", _("Not confirmed in time"), "ban"
    return ("neutral", _("Nothing to write"), "ban") if batch.has_nothing_to_write else _states()[batch.state]


def _states() -> Mapping[BatchState, tuple[str, str, str]]:
    """Tone, word and icon of each state."""
    return {
        BatchState.WAITING: ("act", _("Waits for you to confirm"), "clock"),
        BatchState.APPLIED: ("good", _("Imported"), "done"),
        BatchState.DISCARDED: ("neutral", _("Put aside"), "ban"),
    }
