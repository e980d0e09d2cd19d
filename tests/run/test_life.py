"""A whole house, opened and closed: it answers, and leaves no process behind however it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from house.house import BROKER_GRACE, GRACE

from tests.run.houses import PATIENCE, ROOT, RunningHouse, clean_environment, processes_of


def status_of(address: str) -> int:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own address
        return answer.status


def kept(data: Path) -> dict[str, str]:
    lines = (data / "environment").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def child_of(data: Path, program: str) -> int:
    """The oldest process of this house that runs ``program``."""
    return min(pid for pid, command in processes_of(data).items() if program in command)


def wait_until_written(log: Path) -> None:
    """The web answers before the worker has said its first word."""
    until = time.monotonic() + PATIENCE
    while not log.stat().st_size and time.monotonic() < until:
        time.sleep(0.1)


def test_an_empty_folder_becomes_a_house_that_stops_without_a_trace(start_house, data):
    house: RunningHouse = start_house("--empty")
    address = house.address()
    assert status_of(address) == 200
    commands = " ".join(processes_of(data).values())
    assert all(part in commands for part in ("gunicorn", "celery", "-server"))

    assert house.stop(signal.SIGTERM) == 0
    assert processes_of(data) == {}
    assert "Traceback" not in house.said


@pytest.mark.long
def test_ctrl_c_stops_all_of_it_and_a_second_start_keeps_the_data(start_house, data):
    first: RunningHouse = start_house("--empty")
    first.address()
    key = (data / "secret_key").read_text()
    assert first.stop(signal.SIGINT) == 0
    assert processes_of(data) == {}

    second: RunningHouse = start_house()
    assert status_of(second.address()) == 200
    assert "Installing" not in second.said
    assert (data / "secret_key").read_text() == key
    # Without --empty, too: a school of your own never turns into a demonstration.
    assert (kept(data)["DSBS_ENV"], (data / "demonstration").exists()) == ("production", False)


@pytest.mark.long
def test_an_empty_school_says_at_each_start_how_one_gets_in(start_house, data):
    first: RunningHouse = start_house("--empty")
    first.address()
    assert "administrator add NAME ADDRESS" in first.wait_for(r"Nobody can sign in yet.*\n.*")[0]
    flask = [ROOT / ".venv" / "bin" / "flask", "--app", "wsgi"]
    command = [*flask, "administrator", "add", "Ada Admin", "ada@school.example"]
    subprocess.run(command, cwd=ROOT, env=clean_environment(DSBS_DATA=str(data)), check=True)
    first.stop()

    second: RunningHouse = start_house()
    second.address()
    assert "sign-in-link ada@school.example" in second.wait_for(r"No mail leaves: MAIL_URL is not set.*\n.*")[0]


@pytest.mark.long
def test_what_a_killed_house_left_is_ended_by_the_next_start(start_house, data):
    killed: RunningHouse = start_house("--empty")
    killed.address()
    killed.process.kill()
    killed.process.wait()
    left = set(processes_of(data))
    assert left

    house: RunningHouse = start_house()
    assert status_of(house.address()) == 200
    # How many there are by then nobody knows: what a killed house leaves goes on starting children of its own.
    assert re.search(r"Ended what an earlier start left behind: [1-9]\d* process", house.said)
    assert left & set(processes_of(data)) == set()
    house.stop()
    assert processes_of(data) == {}


@pytest.mark.long
def test_of_two_starts_at_once_one_stands_and_one_is_refused(start_house, data):
    houses: list[RunningHouse] = [start_house("--empty"), start_house("--empty")]
    until = time.monotonic() + PATIENCE
    while all(house.process.poll() is None for house in houses):
        assert time.monotonic() < until
        time.sleep(0.05)
    refused, stands = sorted(houses, key=lambda house: house.process.poll() is None)
    assert refused.process.returncode == 1
    assert refused.said == f"bin/run already runs on {data} (process {stands.process.pid}).\n"
    assert status_of(stands.address()) == 200


@pytest.mark.long
@pytest.mark.parametrize(("name", "program"), [("web", "gunicorn"), ("worker", "celery"), ("broker", "-server")])
def test_a_part_that_ends_by_itself_is_named_and_all_of_it_stops(start_house, data, name, program):
    house: RunningHouse = start_house("--empty")
    house.address()
    wait_until_written(data / "log" / f"{name}.log")
    os.kill(child_of(data, program), signal.SIGKILL)
    assert house.process.wait(PATIENCE) == 1
    assert f"The {name} stopped by itself (SIGKILL). The end of {data / 'log' / name}.log:\n  " in house.said
    assert processes_of(data) == {}


@pytest.mark.long
@pytest.mark.parametrize("moment", ["Bringing the database", "Starting web and worker"])
def test_a_stop_while_it_is_set_up_leaves_nothing_and_harms_nothing(start_house, data, moment):
    house: RunningHouse = start_house("--empty")
    house.wait_for(moment)
    assert house.stop(signal.SIGTERM) == 128 + signal.SIGTERM
    assert processes_of(data) == {}
    assert status_of(start_house("--empty").address()) == 200


@pytest.mark.long
def test_asked_twice_it_does_not_wait(start_house, data):
    house: RunningHouse = start_house("--empty")
    house.address()
    os.kill(child_of(data, "celery"), signal.SIGSTOP)  # a worker that never finishes
    house.process.send_signal(signal.SIGINT)
    house.wait_for("Stopping")
    asked = time.monotonic()
    house.stop(signal.SIGINT)
    assert time.monotonic() - asked < GRACE
    assert processes_of(data) == {}


def test_even_what_does_not_stop_is_ended_within_fifteen_seconds():
    assert GRACE + BROKER_GRACE < 15


@pytest.mark.long
def test_what_does_not_stop_is_ended(start_house, data):
    house: RunningHouse = start_house("--empty")
    house.address()
    for program in ("celery", "-server"):
        os.kill(child_of(data, program), signal.SIGSTOP)
    assert house.stop(signal.SIGTERM) == 0
    assert processes_of(data) == {}


@pytest.mark.long
class TestInAFolderWithALongName:
    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        return tmp_path / ("a long name " * 10) / "data"

    def test_the_broker_listens_elsewhere_and_leaves_nothing_there(self, start_house, data):
        house: RunningHouse = start_house("--empty")
        assert status_of(house.address()) == 200
        listening = Path(kept(data)["REDIS_URL"].removeprefix("unix://"))
        assert (listening.is_socket(), data in listening.parents) == (True, False)
        house.stop()
        assert not listening.parent.exists()
