"""Two hundred signed-in people ask for thirty seats, sixteen at a time: page, post, page.

``.venv/bin/python -m benchmarks.seats``. Exactly thirty get one, the others read that it is full, nobody meets an
error. The figure is people a second of server processor time, next to the same journey on a minimal application.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, create_engine, text

from benchmarks.client import Connection, get, post
from benchmarks.report import print_worst, ratio_line
from benchmarks.servers import Web, environment, serving
from benchmarks.stage import PEOPLE, SEATS, Stage, set_stage

AT_ONCE = 16
ROUNDS = 7

_TOKEN = re.compile(rb'name="(?:csrf_)?token" value="([^"]+)"')


def main() -> None:
    """Measure and print."""
    figures: dict[str, list[float]] = {"ours": [], "floor": []}
    with set_stage() as stage:
        engine = create_engine(stage.database_url)
        env = environment(stage.data, stage.database_url)
        with serving("wsgi:application", env) as ours, serving("benchmarks.floor.seats:app", env) as floor:
            path = f"/sessions/{stage.session_id}"
            size = len(Connection(ours.port).send(get(path, stage.cookies[0])).body)
            for _ in range(ROUNDS):
                _clear(engine, stage)
                figures["floor"].append(_round("floor", floor, f"/{size}", f"/{size}", [""] * PEOPLE))
                figures["ours"].append(_round("ours", ours, path, f"{path}/register", list(stage.cookies)))
                _check_numbers(engine, stage)
        print_worst([ratio_line("seats", figures["ours"], figures["floor"], "people/processor-second")])


def _round(name: str, web: Web, page: str, target: str, cookies: list[str]) -> float:
    """Everybody asks once; the figure is people a second of the server's processor time."""
    before, began = web.processor_seconds(), time.perf_counter()
    ask: Callable[[str], str] = lambda cookie: _ask(web.port, page, target, cookie)  # noqa: E731
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, cookies))
    used, wall = web.processor_seconds() - before, time.perf_counter() - began
    seats, full = answers.count("seat"), answers.count("full")
    print(
        f"{name}: {seats} seats, {full} full, {len(answers) - seats - full} errors; "
        f"{used:.2f} s processor, {wall:.2f} s wall"
    )
    if (seats, full) != (SEATS, PEOPLE - SEATS):
        raise SystemExit(f"{name} gave out {seats} of {SEATS} seats: {set(answers)}")
    return len(answers) / used


def _ask(port: int, page: str, target: str, cookie: str) -> str:
    """One person: look at the page, press the button, read what it says."""
    connection = Connection(port)
    seen = connection.send(get(page, cookie))
    cookie = _kept(seen.header("set-cookie")) or cookie
    token = _TOKEN.search(seen.body)
    if token is None:
        return f"no form on the page ({seen.status})"
    name = "csrf_token" if b"csrf_token" in token.group(0) else "token"
    done = connection.send(post(target, f"{name}={token.group(1).decode()}", cookie))
    cookie = _kept(done.header("set-cookie")) or cookie
    after = connection.send(get(page, cookie))
    connection.close()
    if b"You have the seat" in after.body:
        return "seat"
    return "full" if b"Full" in after.body and done.status == 302 else f"status {done.status}"


def _kept(header: str) -> str:
    return header.partition(";")[0]


def _clear(engine: Engine, stage: Stage) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE IF NOT EXISTS floor_course (id int, title text, taken int, capacity int)")
        )
        connection.execute(text("DELETE FROM floor_course"))
        connection.execute(text("INSERT INTO floor_course VALUES (1, 'Wanted by all', 0, :seats)"), {"seats": SEATS})
        connection.execute(text("DELETE FROM message"))
        connection.execute(text("DELETE FROM registration WHERE session_id = :id"), {"id": stage.session_id})


def _check_numbers(engine: Engine, stage: Stage) -> None:
    with engine.connect() as connection:
        numbers = connection.execute(
            text("SELECT number FROM registration WHERE session_id = :id ORDER BY number"), {"id": stage.session_id}
        ).scalars()
        if list(numbers) != list(range(1, SEATS + 1)):
            raise SystemExit("The seats are not numbered from 1 to 30.")


if __name__ == "__main__":
    main()
