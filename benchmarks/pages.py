"""Requests a second of three pages, signed in, next to two bare pages that list the same sixty rows.

``.venv/bin/python -m benchmarks.pages``. Both on two gunicorn workers and the same PostgreSQL, in turn, three times.
"""

from __future__ import annotations

import time

from benchmarks.client import Answer, Connection, get, requests_a_second
from benchmarks.report import print_worst, ratio_line
from benchmarks.servers import environment, serving
from benchmarks.stage import SESSIONS, set_stage

ROUNDS = 3
SECONDS = 4.0
AT_ONCE = 8
#: A bare page as one writes it first, and the least that can be.
FLOORS = ("orm", "core")


def main() -> None:
    """Measure and print."""
    with set_stage() as stage:
        env = environment(stage.data, stage.database_url)
        with serving("wsgi:application", env) as ours, serving("benchmarks.floor.pages:app", env) as floor:
            cookie = stage.cookies[0]
            pages = {
                "catalogue": ("/activities", b"Course number 58", SESSIONS),
                "session": (f"/sessions/{stage.session_id}", b"Wanted by all", 1),
                "start": ("/", b"</html>", 1),
            }
            lines = []
            for name, (path, expected, rows) in pages.items():
                cookie = _kept(Connection(ours.port).send(get(path, cookie))) or cookie
                request = get(path, cookie)
                seen = Connection(ours.port).send(request)
                _check_rows(name, seen, expected, rows)
                size = len(seen.body)
                figures: dict[str, list[float]] = {"ours": [], **{way: [] for way in FLOORS}}
                clients = time.process_time()
                for _ in range(ROUNDS):
                    for way in FLOORS:
                        bare = get(f"/{way}/{size}")
                        figures[way].append(_rate(floor.port, bare, b"Course number", size))
                    figures["ours"].append(_rate(ours.port, request, expected, 0))
                share = (time.process_time() - clients) / (len(figures) * ROUNDS * SECONDS)
                print(f"{name}: {size} bytes; the client used {share:.0%} of one processor")
                lines += [
                    ratio_line(f"pages.{name}.{way}", figures["ours"], figures[way], "requests/s") for way in FLOORS
                ]
            print_worst(lines)


def _kept(answer: Answer) -> str:
    """The cookie that a browser sends from its second page on."""
    return answer.header("set-cookie").partition(";")[0]


def _check_rows(name: str, seen: Answer, expected: bytes, rows: int) -> None:
    if seen.status != 200 or expected not in seen.body or seen.body.count(b'class="offer') < (rows if rows > 1 else 0):
        raise SystemExit(f"The {name} page does not show what it should (status {seen.status}).")


def _rate(port: int, request: bytes, expected: bytes, bytes_at_least: int) -> float:
    def check(answer: Answer) -> bool:
        return answer.status == 200 and expected in answer.body and len(answer.body) >= bytes_at_least

    return requests_a_second(port, request, check, seconds=SECONDS, at_once=AT_ONCE)


if __name__ == "__main__":
    main()
