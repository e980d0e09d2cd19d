"""The last line of every benchmark: the worst ratio, in one shape that a script can read."""

from __future__ import annotations

from statistics import median


def ratio_line(name: str, ours: list[float], floor: list[float], unit: str) -> tuple[float, str]:
    """The ratio of the medians, and its line."""
    ratio = median(ours) / median(floor)
    return ratio, f"{name} ratio={ratio:.2f} ours={median(ours):.1f} floor={median(floor):.1f} unit={unit}"


def print_worst(lines: list[tuple[float, str]]) -> None:
    """Print every line, and the worst one last."""
    for _, line in lines:
        print(line)
    print(min(lines)[1])
