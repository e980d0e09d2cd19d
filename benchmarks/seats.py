"""Two hundred signed-in people ask for thirty seats, sixteen at a time: page, post, page.

``.venv/bin/python -m benchmarks.seats``. Exactly thirty get one, the others read that it is full, nobody meets an
error. The figure is people a second of server processor time, next to the same journey on a minimal application.
"""

from __future__ import annotations

from benchmarks.duel import ROUNDS, set_duel
from benchmarks.journey import Crowd, send_crowd
from benchmarks.report import print_worst, ratio_line
from benchmarks.stage import PEOPLE, SEATS, wrong_numbers


def main() -> None:
    """Measure and print."""
    figures: dict[str, list[float]] = {"ours": [], "floor": []}
    with set_duel() as duel:
        for _ in range(ROUNDS):
            duel.empty()
            figures["floor"].append(_figure("floor", duel.send_to_floor()))
            stage = duel.stage
            crowd = send_crowd(duel.ours, stage.page, f"{stage.page}/register", stage.cookies)
            figures["ours"].append(_figure("ours", crowd))
            if wrong := wrong_numbers(duel.engine, stage):
                raise SystemExit(wrong)
    print_worst([ratio_line("seats", figures["ours"], figures["floor"], "people/processor-second")])


def _figure(name: str, crowd: Crowd) -> float:
    print(f"{name}: {crowd}")
    if crowd.outcomes != {"seat": SEATS, "full": PEOPLE - SEATS}:
        raise SystemExit(f"{name} gave out {crowd.outcomes['seat']} of {SEATS} seats.")
    return crowd.people_a_second


if __name__ == "__main__":
    main()
