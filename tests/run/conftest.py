"""Each test has a data folder of its own; no process of it is left when the test is over."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.run.houses import ROOT, RUN, Refusal, RunningHouse, clean_environment, end_processes_of

sys.path.append(str(ROOT / "bin"))  # bin/house is a package that is not installed


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "school data"


@pytest.fixture
def start_house(data: Path, tmp_path: Path) -> Iterator[Callable[..., RunningHouse]]:
    """A function that starts bin/run on ``data`` with these arguments; what still runs is stopped after the test."""
    started: list[RunningHouse] = []

    def start(*arguments: str, **environ: str) -> RunningHouse:
        output = tmp_path / f"output-{len(started)}"
        with output.open("wb") as stream:
            process = subprocess.Popen(
                [RUN, "--data", data, "--port", "0", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env=clean_environment(**environ),
            )
        started.append(RunningHouse(process, data, output))
        return started[-1]

    yield start
    try:
        for house in started:
            if house.process.poll() is None:
                house.stop()
    finally:
        end_processes_of(data)


@pytest.fixture
def refused(data: Path) -> Callable[..., Refusal]:
    """A function that runs bin/run to its end with these arguments, on ``data`` unless they name another folder.

    It goes in behind the search for a Python, which takes as long as all the rest.
    """

    def run(*arguments: str | Path, **environ: str) -> Refusal:
        command = [sys.executable, ROOT / "bin" / "house", *arguments]
        given = clean_environment(DSBS_DATA=str(data)) | environ
        try:
            ended = subprocess.run(command, capture_output=True, text=True, timeout=60, env=given, check=False)
        finally:
            end_processes_of(data)
        return Refusal(ended.returncode, ended.stderr, ended.stdout)

    return run
