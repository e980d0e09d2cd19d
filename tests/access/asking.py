"""Asks a route as somebody, and reads the answer as yes, no or "sign in first"."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from flask import Flask, url_for
from sqlalchemy.orm import Session

from config import Settings
from dsbs import create_app
from dsbs.accounts.models import Person
from dsbs.core.db import db
from tests.access.stage import Values
from tests.support.client import Client, sign_in

Answer = Literal["yes", "no", "sign in"]


class Asking:
    """One application on a copy of the stage, put back as it was before every question."""

    def __init__(self, app: Flask, kept: Path, used: Path) -> None:
        self.app = app
        self._kept = kept
        self._used = used

    def ask(self, endpoint: str, values: Values, person_id: int | None) -> Answer:
        """GET where the route has it, else POST with nothing in it but a valid token."""
        self._put_back()
        client: Client = self.app.test_client()  # type: ignore[assignment]
        with self.app.app_context():
            if person_id is not None:
                session: Session = db.session()
                sign_in(client, session.get_one(Person, person_id))
            db.session.remove()
        path, method = self.address(endpoint, values), self.method_of(endpoint)
        answer = client.open(path, method=method)
        return _read(answer.status_code, answer.headers.get("Location", ""))

    def address(self, endpoint: str, values: Values) -> str:
        """The path of the route for these values; those it has no place for are left out."""
        rule = next(self.app.url_map.iter_rules(endpoint))
        with self.app.test_request_context():
            return url_for(endpoint, **{name: values[name] for name in rule.arguments})  # type: ignore[arg-type]

    def method_of(self, endpoint: str) -> str:
        """GET where the route answers it, else POST."""
        methods = {method for rule in self.app.url_map.iter_rules(endpoint) for method in rule.methods or ()}
        return "GET" if "GET" in methods else "POST"

    def _put_back(self) -> None:
        with self.app.app_context():
            db.engine.dispose()
        for leftover in self._used.parent.glob(f"{self._used.name}-*"):
            leftover.unlink()
        shutil.copyfile(self._kept, self._used)


@contextmanager
def asking(settings: Settings, kept: Path, used: Path) -> Iterator[Asking]:
    """An application that answers from a copy of ``kept`` at ``used``, where its settings point."""
    shutil.copyfile(kept, used)
    app = create_app(settings)
    app.test_client_class = Client
    yield Asking(app, kept, used)
    with app.app_context():
        db.engine.dispose()


def _read(status: int, location: str) -> Answer:
    if status == 302 and location.partition("?")[0] == "/sign-in":
        return "sign in"
    return "no" if status in (403, 404) else "yes"
