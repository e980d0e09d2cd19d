"""Two hundred signed-in people ask for thirty seats, sixteen at a time, and wait where they get none.

``.venv/bin/python -m benchmarks.rush`` measures: people a second of server processor time, next to the minimal
application of ``benchmarks.seats``, which turns 170 of them away; what PostgreSQL worked and how long it took stand
beside. ``--repeat 100`` looks for mistakes instead: so many runs on each engine, after each of which thirty have a
seat, 170 wait in the order of their tickets, and everybody has the one mail that belongs to it.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Engine, create_engine, text

from benchmarks.duel import ROUNDS, set_duel
from benchmarks.journey import Crowd, send_crowd
from benchmarks.report import print_worst, ratio_line
from benchmarks.servers import Web, environment, postgres_seconds, serving
from benchmarks.stage import PEOPLE, SEATS, Stage, clear, set_stage, wrong_numbers

_WAITING = PEOPLE - SEATS


def main() -> None:
    """Measure, or repeat and count what went wrong."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeat", type=int, metavar="N", help="look for mistakes in N runs on each engine")
    repeat = parser.parse_args().repeat
    if repeat:
        wrong = sum(_mistakes(engine, repeat) for engine in ("postgresql", "sqlite"))
        print(f"rush wrong={wrong} runs={2 * repeat}")
    else:
        _measure()


def _measure() -> None:
    figures: dict[str, list[float]] = {"ours": [], "floor": []}
    with set_duel() as duel:
        for _ in range(ROUNDS):
            duel.empty()
            before = postgres_seconds(duel.engine)
            crowd = duel.send_to_floor()
            between = postgres_seconds(duel.engine)
            print(f"floor: {crowd}, {between - before:.2f} s PostgreSQL")
            figures["floor"].append(crowd.people_a_second)
            crowd = _rush(duel.ours, duel.stage)
            print(f"ours: {crowd}, {postgres_seconds(duel.engine) - between:.2f} s PostgreSQL")
            figures["ours"].append(crowd.people_a_second)
            if wrong := list(_wrong(crowd, duel.engine, duel.stage)):
                raise SystemExit(" ".join(wrong))
    print_worst([ratio_line("rush", figures["ours"], figures["floor"], "people/processor-second")])


def _mistakes(name: str, repeat: int) -> int:
    """How many of these runs on one engine went wrong; each is told as it is found."""
    wrong = 0
    with set_stage(name) as stage:
        engine = create_engine(stage.database_url)
        with serving("wsgi:application", environment(stage.data, stage.database_url)) as ours:
            for run in range(1, repeat + 1):
                clear(engine, stage)
                crowd = _rush(ours, stage)
                found = list(_wrong(crowd, engine, stage))
                wrong += bool(found)
                print(f"{name} {run}: {crowd}{' WRONG: ' if found else ''}{' '.join(found)}", flush=True)
    return wrong


def _rush(ours: Web, stage: Stage) -> Crowd:
    return send_crowd(ours, stage.page, f"{stage.page}/register", stage.cookies, form="&or_wait=yes")


def _wrong(crowd: Crowd, engine: Engine, stage: Stage) -> Iterator[str]:
    """What is not as it must be: what people read, seats, tickets, mails."""
    if crowd.outcomes != {"seat": SEATS, "waiting": _WAITING}:
        yield f"People read {dict(crowd.outcomes)}."
    if wrong := wrong_numbers(engine, stage):
        yield wrong
    with engine.connect() as connection:
        # In the order in which they were written, which is that of the lock.
        came = connection.execute(
            text("SELECT state, ticket FROM registration WHERE session_id = :id ORDER BY id"), {"id": stage.session_id}
        ).all()
        mails = connection.execute(text("SELECT template FROM message")).scalars()
        told = Counter(template.rpartition("/")[2] for template in mails)
    if [state for state, _ in came] != ["registered"] * SEATS + ["waiting"] * _WAITING:
        yield "Somebody waits who came before somebody with a seat."
    if [ticket for _, ticket in came[SEATS:]] != list(range(1, _WAITING + 1)):
        yield "The tickets are not 1 to 170 in the order in which people came."
    if told != {"registered": SEATS, "waiting": _WAITING}:
        yield f"The mails are {dict(told)}."


if __name__ == "__main__":
    main()
