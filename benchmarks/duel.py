"""Ours and the floor side by side on one PostgreSQL, and two hundred people who want one session of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, create_engine

from benchmarks.journey import Crowd, send_crowd
from benchmarks.servers import Web, environment, serving
from benchmarks.stage import PEOPLE, Stage, clear, set_stage

ROUNDS = 7


@dataclass(frozen=True)
class Duel:
    """Both servers, running. ``page_size`` is how many bytes the page of the session has on each."""

    stage: Stage
    engine: Engine
    ours: Web
    floor: Web
    page_size: int

    def empty(self) -> None:
        """Take back every seat, on both sides."""
        clear(self.engine, self.stage)

    def send_to_floor(self) -> Crowd:
        """What becomes of everybody there; the session must be empty."""
        page = f"/{self.page_size}"
        return send_crowd(self.floor, page, page, [""] * PEOPLE)


@contextmanager
def set_duel() -> Iterator[Duel]:
    """A stage with both servers before it, gone after the block."""
    with set_stage("postgresql") as stage:
        env = environment(stage.data, stage.database_url)
        with serving("wsgi:application", env) as ours, serving("benchmarks.floor.seats:app", env) as floor:
            yield Duel(stage, create_engine(stage.database_url), ours, floor, stage.page_size(ours))
