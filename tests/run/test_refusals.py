"""What bin/run refuses: one sentence, a non-zero exit, and nothing heavy done before."""

from __future__ import annotations

import fcntl
import os
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_a_busy_port_is_refused_in_one_sentence(refused, data):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refusal = refused("--port", str(port))
    assert refusal.said == f"127.0.0.1:{port} cannot be used: Address already in use. Choose another with --port.\n"
    assert (refusal.status, refusal.output) == (1, "")
    assert not (data / "demonstration").exists()


def test_a_file_in_place_of_the_folder_is_refused(refused, tmp_path):
    file = tmp_path / "file"
    file.touch()
    refusal = refused("--data", file)
    assert refusal.said == f"{file} is a file; the data need a folder. Name one with --data.\n"
    assert refusal.status == 1


def test_a_folder_that_cannot_be_made_is_refused(refused):
    refusal = refused("--data", "/sys/dsbs")
    assert refusal.said.startswith("The data folder /sys/dsbs cannot be written: ")
    assert (refusal.status, refusal.said.count("\n")) == (1, 1)


def test_a_folder_that_cannot_be_written_is_refused(refused):
    refusal = refused("--data", "/proc/self")
    assert refusal.said.endswith(" cannot be written: No such file or directory.\n")
    assert (refusal.status, refusal.said.count("\n")) == (1, 1)


@pytest.fixture
def database(data: Path) -> Path:
    """A sound database file of many pages, as a start finds it."""
    data.mkdir()
    file = data / "dsbs.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE row (word TEXT)")
        connection.executemany("INSERT INTO row VALUES (?)", [(f"{number:0200}",) for number in range(2000)])
    connection.close()
    return file


def overwrite(file: Path, *, begin: int) -> None:
    with file.open("r+b") as stream:
        stream.seek(begin)
        stream.write(b"\xff" * 3000)


def test_a_database_file_that_is_none_is_refused(refused, database):
    overwrite(database, begin=0)
    refusal = refused("--port", "0")
    assert refusal.said == (
        f"The database file {database} is damaged (file is not a database). "
        "Put your latest backup in its place, or start in another folder with --data.\n"
    )
    assert (refusal.status, refusal.output) == (1, "")


def test_a_database_file_damaged_in_its_middle_is_refused(refused, database):
    overwrite(database, begin=20 * 4096)
    refusal = refused("--port", "0")
    assert refusal.said.startswith(f"The database file {database} is damaged (")
    assert (refusal.status, refusal.said.count("\n")) == (1, 1)


def test_a_database_file_cut_short_is_refused(refused, database):
    os.truncate(database, 30 * 4096)
    refusal = refused("--port", "0")
    assert refusal.said.startswith(f"The database file {database} is damaged (")
    assert (refusal.status, refusal.said.count("\n")) == (1, 1)


def test_a_damaged_database_is_left_as_it_was_found(refused, database):
    overwrite(database, begin=0)
    before = database.read_bytes()
    refused("--port", "0")
    assert database.read_bytes() == before


def test_a_folder_in_use_is_refused_with_the_number_of_its_process(refused, data):
    data.mkdir()
    with (data / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711")
        lock.flush()
        refusal = refused()
    assert refusal.said == f"bin/run already runs on {data} (process 4711).\n"
    assert refusal.status == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_a_demonstration_is_not_shown_to_the_network(refused, data, host):
    refusal = refused("--host", host, "--port", "0")
    assert refusal.said == (
        "--host would show the demonstration, whose passwords everybody knows, to the network. "
        "Leave it out, or start a school of your own with --empty.\n"
    )
    assert (refusal.status, (data / "demonstration").exists()) == (1, False)


def test_a_demonstration_is_never_taken_for_an_empty_school(refused, data):
    data.mkdir()
    (data / "demonstration").write_text("begun\n")
    refusal = refused("--empty", "--host", "0.0.0.0", "--port", "0")  # noqa: S104
    assert refusal.said == (f"{data} holds demonstration data. For an empty start, name another folder with --data.\n")
    assert refusal.status == 1


def test_a_host_that_nobody_knows_is_refused(refused):
    refusal = refused("--host", "no such host")
    assert refusal.said == "--host no such host is not an address that this machine knows.\n"
    assert refusal.status == 1


def test_an_address_of_another_machine_is_refused(refused):
    refusal = refused("--host", "192.0.2.1", "--empty")
    assert refusal.said == (
        "192.0.2.1:5000 cannot be used: Cannot assign requested address. Choose another with --host.\n"
    )
    assert refusal.status == 1


@pytest.mark.parametrize("port", ["80a", "-1", "65536", "٣"])
def test_a_port_that_is_none_is_refused_with_the_usage(refused, port):
    refusal = refused("--port", port)
    assert refusal.said.endswith(f"error: argument --port: {port!r} is not a port; it takes a number from 0 to 65535\n")
    assert refusal.status == 2


def test_a_python_too_old_is_refused(tmp_path):
    for name in ("python3.13", "python3.12", "python3.11", "python3", "python"):
        (tmp_path / name).write_text('#!/bin/sh\ncase "$2" in *print*) echo 3.9;; *) exit 1;; esac\n')
        (tmp_path / name).chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.defpath}"}
    ended = subprocess.run([ROOT / "bin" / "run"], capture_output=True, text=True, env=environ, check=False)
    assert ended.stderr == "dsbs needs Python 3.11 or newer; this machine has Python 3.9.\n"
    assert (ended.returncode, ended.stdout) == (1, "")
