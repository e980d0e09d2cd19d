"""``flask import WORD FILE``: the same preview as in the browser, and the same rows written."""

from __future__ import annotations

from pathlib import Path

import click

from dsbs.core import clock
from dsbs.core.dates import speaking
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.errors import sentence_of
from dsbs.core.refusals import Refused
from dsbs.exchange import service, tables, words
from dsbs.exchange.importers import importers
from dsbs.exchange.importing import Importer, Outcome, Planned, Preview
from dsbs.exchange.tables import Table

#: What stands nearest to the closing line is what somebody has to look at.
_ORDER = (Outcome.LEFT, Outcome.PASSED, Outcome.ADDED, Outcome.CHANGED, Outcome.REFUSED)
_COUNTED = {
    Outcome.ADDED: "to add",
    Outcome.CHANGED: "to change",
    Outcome.LEFT: "stay as they are",
    Outcome.REFUSED: "refused",
    Outcome.PASSED: "without data",
}


@click.command("import")
@click.argument("word")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", "apply_it", is_flag=True, help="Write the sound rows, all of them or none.")
@click.option("--max-changes", type=click.IntRange(min=0), help="Stop when more rows would be added and changed.")
def import_command(word: str, file: Path, apply_it: bool, max_changes: int | None) -> None:
    """Preview what FILE would change, and write it with --apply.

    WORD says what the file holds, such as people or enrolments. Exits with 1, and writes nothing, when the file cannot
    be read or would change more than --max-changes rows. Rows that are refused do not stop the others.
    """
    known = importers()
    if word not in known:
        raise click.BadParameter(f"There is no import of {word!r}. Choose from: {', '.join(known)}.", param_hint="WORD")
    with speaking("en"):
        try:
            _import(word, known[word], file, apply_it=apply_it, most=max_changes)
        except Refused as refused:
            raise click.ClickException(sentence_of(refused)) from refused


def _import(word: str, importer: Importer, file: Path, *, apply_it: bool, most: int | None) -> None:
    tables.check_size(file.stat().st_size, file.name)
    data = file.read_bytes()
    table = tables.read(data, file.name)
    if not apply_it:
        preview = importer.plan(db.session(), table, today=clock.today())
        _show(preview, file.name)
        service.check_surprises(preview, most=most)
        done = "Nothing is written yet: run it again with --apply."
        click.echo(done if preview.to_write else "There is nothing to write.")
        return
    preview = _apply(word, importer, table, data, file.name, most)
    click.echo(f"Written: {len(preview.to_write)} rows.")


def _apply(word: str, importer: Importer, table: Table, data: bytes, name: str, most: int | None) -> Preview:
    """Plan and write in one go; what is shown is what was written, or what stopped it."""
    now, today = clock.now(), clock.today()
    with write(by=SYSTEM, why=f"{importer.why} from {name}", at=now) as session:
        batch = service.keep_file(session, word=word, file_name=name, data=data, by=SYSTEM, now=now)
        preview = importer.plan(session, table, today=today)
        _show(preview, name)
        service.check_surprises(preview, most=most)
        service.carry_out(session, importer=importer, batch=batch, preview=preview, now=now, today=today)
    return preview


def _show(preview: Preview, name: str) -> None:
    for outcome in _ORDER:
        rows = [row for row in preview.rows if row.outcome is outcome]
        if rows:
            click.secho(f"\n{words.outcome_word(outcome)} ({len(rows)})", bold=True)
        for row in rows:
            _show_row(row)
    for heading in preview.unread:
        click.echo(f"\nThe column “{heading}” is not read.")
    click.echo(f"\n{name}: {_sum(preview)}.")


def _show_row(row: Planned) -> None:
    click.echo(f"  line {row.line:>5}  {'; '.join(filter(None, [row.title, *map(words.told, row.faults)]))}")
    if row.outcome is Outcome.ADDED and row.differences:
        given = [f"{words.label(difference)}: {words.shown(difference.new)}" for difference in row.differences]
        click.echo(f"              {'; '.join(given)}")
    if row.outcome is Outcome.CHANGED:
        for difference in row.differences:
            old, new = words.shown(difference.old), words.shown(difference.new)
            click.echo(f"              {words.label(difference)}: {old} → {new}")


def _sum(preview: Preview) -> str:
    counts = preview.counts
    told = [f"{counts[outcome]} {words}" for outcome, words in _COUNTED.items()]
    return ", ".join(told)
