"""What a killed start left behind is known by its mark, or by its number and the moment it began."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from house import leftovers

SLEEPER = subprocess.Popen[bytes]


@pytest.fixture
def sleeper() -> Iterator[Callable[..., SLEEPER]]:
    """A function that starts a process with this environment; all are ended after the test.

    Popen returns before the new program's environment can be read by others, so each says that it runs.
    """
    started: list[SLEEPER] = []

    def start(**environ: str) -> SLEEPER:
        command = ["sh", "-c", "echo runs; read -r line"]
        process = subprocess.Popen(command, env=os.environ | environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system that shows no environments."""
    if shutil.which("ps") is None:
        pytest.skip("ps shows the processes of systems without /proc; this machine has /proc and no ps")
    monkeypatch.setattr(leftovers, "PROC", tmp_path / "no proc")


def end(folder: Path) -> int:
    return leftovers.end_left_behind(folder, folder / "processes", grace=5)


def test_what_carries_our_mark_is_ended(sleeper, tmp_path):
    left = sleeper(DSBS_DATA=str(tmp_path), DSBS_HOUSE="1")
    assert (end(tmp_path), left.wait(1)) == (1, -15)


def test_what_belongs_to_another_folder_is_left_alone(sleeper, tmp_path):
    other = sleeper(DSBS_DATA=f"{tmp_path}2", DSBS_HOUSE="1")
    assert (end(tmp_path), other.poll()) == (0, None)


def test_what_a_person_started_on_the_same_folder_is_left_alone(sleeper, tmp_path):
    shell = sleeper(DSBS_DATA=str(tmp_path))
    assert (end(tmp_path), shell.poll()) == (0, None)


def test_what_does_not_listen_is_ended_after_its_grace(tmp_path):
    command = ["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.1; done"]
    environ = os.environ | {"DSBS_DATA": str(tmp_path), "DSBS_HOUSE": "1"}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, start_new_session=True) as deaf:
        assert deaf.stdout is not None
        deaf.stdout.readline()
        assert leftovers.end_left_behind(tmp_path, tmp_path / "processes", grace=0.3) >= 1
        assert deaf.wait(1) == -9


@pytest.mark.usefixtures("without_proc")
def test_without_proc_a_noted_process_is_ended(sleeper, tmp_path):
    left = sleeper()
    leftovers.note(tmp_path / "processes", left.pid)
    assert (end(tmp_path), left.wait(1)) == (1, -15)


@pytest.mark.usefixtures("without_proc")
def test_without_proc_a_number_used_again_is_left_alone(sleeper, tmp_path):
    other = sleeper()
    (tmp_path / "processes").write_text(f"{other.pid}\tMon Jan  1 00:00:00 2024\n")
    assert (end(tmp_path), other.poll()) == (0, None)


def test_a_noted_process_that_has_hidden_its_environment_is_ended(sleeper, tmp_path):
    left = sleeper()
    leftovers.note(tmp_path / "processes", left.pid)
    assert (end(tmp_path), left.wait(1)) == (1, -15)


def test_a_note_cut_short_by_a_power_cut_is_passed_over(tmp_path):
    (tmp_path / "processes").write_text("12")
    assert end(tmp_path) == 0
