"""What every test may ask for. A fixture's docstring says what it gives and what it costs."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import time_machine
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session

from config import Settings
from dsbs import create_app
from dsbs.core.db import db
from tests.support import contact, serving, smtp
from tests.support.broker import Broker, OwnBroker
from tests.support.client import Client
from tests.support.clock import START, Clock
from tests.support.databases import ENGINES, Databases, Engine
from tests.support.postgres import Postgres
from tests.support.servers import Run
from tests.support.settings import settings_for

_RUN = pytest.StashKey[Run]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--long`` adds what is marked ``long``."""
    parser.addoption("--long", action="store_true", help="also run what is marked long")


def pytest_configure(config: pytest.Config) -> None:
    """Open the run. With several workers its servers start now, while they collect; else with the first who asks."""
    run = config.stash[_RUN] = Run()
    if run.controls:
        # Whatever ends the run, every fixture ends in order and no server stays behind. A run that was started in the
        # background of a script finds Ctrl-C ignored, so it is listed too.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        if config.getoption("dist", "no") != "no" and not config.option.collectonly:
            run.start("postgres")
            run.start("broker")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Lay the pictures that browser tests took on contact sheets, once, when all workers are done."""
    run = session.config.stash[_RUN]
    ended_by_itself = exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
    if run.controls and ended_by_itself and contact.newest_picture() > run.began:
        contact.make_sheets()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the run: stop its servers, remove its folder."""
    if _RUN in config.stash:
        config.stash[_RUN].close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without ``--long``, leave out what is marked so; the closing line counts it as deselected."""
    if config.getoption("--long"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever stands on a database runs on both engines, unless the test asks for ``sqlite_app``."""
    if "engine_name" in metafunc.fixturenames:
        engines = ("sqlite",) if "sqlite_app" in metafunc.fixturenames else ENGINES
        metafunc.parametrize("engine_name", engines, indirect=True)


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> Run:
    """The test run as its workers share it."""
    return pytestconfig.stash[_RUN]


@pytest.fixture(scope="session")
def databases(run: Run) -> Databases:
    """Fresh databases of both engines; see ``tests/support/databases.py``."""
    return Databases(run)


@pytest.fixture(scope="session")
def postgres(databases: Databases) -> Postgres:
    """The PostgreSQL server of this run, for tests about the engine itself."""
    return databases.postgres


@pytest.fixture
def engine_name(request: pytest.FixtureRequest) -> Engine:
    """The engine of this turn: ``sqlite``, then ``postgresql``."""
    return cast(Engine, request.param)


@pytest.fixture
def database_url(engine_name: Engine, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """The address of a database with the whole schema and no rows (SQLite 5 ms, PostgreSQL 0.1 s)."""
    with databases.fresh(engine_name, tmp_path) as url:
        yield url


@pytest.fixture
def settings(request: pytest.FixtureRequest, run: Run, database_url: str, tmp_path: Path) -> Settings:
    """Settings of the application under test; its data folder is ``tmp_path``.

    A test that also asks for ``broker``, ``own_broker``, ``smtp_server`` or ``live_server`` gets an application that
    knows their addresses. Without them there is no broker, and mails land as files in the data folder.
    """

    def asked_for(*names: str) -> Any:
        return next((request.getfixturevalue(name) for name in names if name in request.fixturenames), None)

    # Cutting the typeface takes a second; the files carry their hash in their name and never change.
    (tmp_path / "static").symlink_to(run.static)
    broker, mail, listener = asked_for("broker", "own_broker"), asked_for("smtp_server"), asked_for("listener")
    return settings_for(
        tmp_path,
        database_url=database_url,
        redis_url=broker.url if broker else None,
        mail_url=mail.url if mail else None,
        base_url=serving.address_of(listener) if listener else "http://localhost",
    )


@pytest.fixture
def app(settings: Settings, run: Run) -> Iterator[Flask]:
    """The application, on both engines in turn; its context is pushed, so ``db.session`` works in the test itself."""
    app = create_app(settings)
    app.test_client_class = Client
    # Each application would compile its templates anew: a quarter of a second before the first page.
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(run.compiled))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def sqlite_app(app: Flask) -> Flask:
    """As ``app``, but the test runs on SQLite only: where the engine plays no part, such as how a page is drawn."""
    return app


@pytest.fixture
def session(app: Flask) -> Session:
    """The test's own database session. Requests have theirs; what they changed is seen at the next look."""
    return db.session()


@pytest.fixture
def client(app: Flask) -> Client:
    """A client of the application; ``sign_in(client, person)`` of ``tests.support.client`` signs it in."""
    return cast(Client, app.test_client())


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that stands at Tue 24 Nov 2026, 9:00 UTC (10:00 in Brussels), until the test moves it."""
    with time_machine.travel(START, tick=False) as travel:
        yield Clock(travel)


@pytest.fixture(scope="session")
def shared_broker(run: Run, request: pytest.FixtureRequest) -> Broker:
    """The broker of the run; tests ask for ``broker``, which is empty."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return Broker(run, database=int(worker.removeprefix("gw")) % 16)


@pytest.fixture
def broker(shared_broker: Broker) -> Broker:
    """A running broker with nothing in it. Tests that stop it ask for ``own_broker``."""
    shared_broker.empty()
    return shared_broker


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[OwnBroker]:
    """A broker of this test alone, not yet started: ``start()``, ``stop()`` and ``start()`` again."""
    broker = OwnBroker(tmp_path)
    yield broker
    broker.stop()


@pytest.fixture
def smtp_server() -> Iterator[smtp.SmtpServer]:
    """A real SMTP server: ``messages`` holds what arrived, ``fail_next(2)`` refuses the next two."""
    with smtp.smtp_server() as server:
        yield server


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """The socket of ``live_server``, there before the application so that its links name the right port."""
    with serving.listening() as free:
        yield free


@pytest.fixture
def live_server(app: Flask, listener: socket.socket) -> Iterator[str]:
    """The address of the application, served for real in threads of this process."""
    with serving.serving(app, listener) as address:
        yield address
