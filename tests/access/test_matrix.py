"""Access is asked, not read: every route with a row in its address, by everybody, for the own row and the other's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from config import Settings
from dsbs import create_app
from dsbs.core.db import db
from tests.access.asking import Answer, Asking, asking
from tests.access.matrix import MATRIX, Line
from tests.access.stage import ACTORS, Stage, Values, build
from tests.support.clock import START
from tests.support.databases import Databases
from tests.support.settings import settings_for


@pytest.fixture(scope="module")
def kept_clock() -> Iterator[None]:
    """The clock stands still for the whole module, as the stage is set once."""
    with time_machine.travel(START, tick=False):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the stage is kept."""
    return tmp_path_factory.mktemp("stage")


@pytest.fixture(scope="module")
def settings(folder: Path, databases: Databases) -> Settings:
    """An application on SQLite: who may come does not depend on the engine."""
    return settings_for(folder, database_url=databases.sqlite(folder))


@pytest.fixture(scope="module")
def stage(kept_clock: None, settings: Settings, folder: Path) -> Stage:
    """The stage, set once and kept beside the database that the questions use."""
    app = create_app(settings)
    with app.app_context():
        stage = build(datetime.now(UTC))
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.session.remove()
        db.engine.dispose()
    shutil.copyfile(folder / "dsbs.sqlite3", folder / "kept.sqlite3")
    return stage


@pytest.fixture(scope="module")
def house(stage: Stage, settings: Settings, folder: Path) -> Iterator[Asking]:
    """What answers the questions."""
    with asking(settings, folder / "kept.sqlite3", folder / "dsbs.sqlite3") as ready:
        yield ready


def test_every_route_with_a_row_in_its_address_has_a_line(house: Asking) -> None:
    routes = {rule.endpoint for rule in house.app.url_map.iter_rules() if rule.arguments}

    assert sorted(routes - MATRIX.keys()) == []
    assert sorted(MATRIX.keys() - routes) == []


@pytest.mark.parametrize("endpoint", sorted(MATRIX))
def test_exactly_these_are_let_in(endpoint: str, house: Asking, stage: Stage) -> None:
    line = MATRIX[endpoint]

    asked = {
        side: {actor: house.ask(endpoint, _address(line, values), stage.people.get(actor)) for actor in ACTORS}
        for side, values in (("own", stage.own), ("other", stage.other))
    }

    assert asked == {"own": _answers(line.own), "other": _answers(line.other)}


def _address(line: Line, values: Values) -> Values:
    return {**values, **{name: values[kept] for name, kept in line.renamed.items()}, **line.fixed}


def _answers(let_in: frozenset[str]) -> dict[str, Answer]:
    refused: dict[str, Answer] = {"nobody": "sign in"}
    return {actor: "yes" if actor in let_in else refused.get(actor, "no") for actor in ACTORS}
