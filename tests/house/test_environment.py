"""What both commands say on a machine without a Python that fits: one sentence, and nothing is made."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from config import ROOT

_COMMANDS = ("bash", "cat", "grep", "cp", "mv", "mkdir", "mktemp", "rm")
_ENSURE = f'ROOT="$1"; . "{ROOT}/bin/environment.sh"; ensure_environment requirements.txt'

#: A program that answers as a Python of this version would: which it is, whether it is new enough, whether it is whole.
_PYTHON = """#!/bin/bash
case "$2" in
  *sys.exit*) exit {too_old} ;;
  *ensurepip*) exit {incomplete} ;;
  *) echo {version} ;;
esac
"""

MACHINES = {
    "no Python": ({}, "dsbs needs Python 3.11 or newer; no Python was found on this machine."),
    "a Python that is too old": (
        {"python3": _PYTHON.format(version="3.9", too_old=1, incomplete=0)},
        "dsbs needs Python 3.11 or newer; this machine has Python 3.9.",
    ),
    "a Python without venv": (
        {"python3": _PYTHON.format(version="3.12", too_old=0, incomplete=1)},
        "Python 3.12 lacks venv or pip; on Debian or Ubuntu install python3.12-venv, then start again.",
    ),
    "a name that leads nowhere": (
        {"python3.13": "#!/bin/bash\nexit 127\n"},
        "dsbs needs Python 3.11 or newer; no Python was found on this machine.",
    ),
}


@pytest.mark.parametrize(("programs", "sentence"), MACHINES.values(), ids=MACHINES.keys())
def test_a_machine_that_does_not_fit_is_told_in_one_sentence(
    programs: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    path, checkout = tmp_path / "bin", tmp_path / "checkout"
    path.mkdir()
    checkout.mkdir()
    for name in _COMMANDS:
        (path / name).symlink_to(str(shutil.which(name)))
    for name, script in programs.items():
        (path / name).write_text(script)
        (path / name).chmod(0o755)

    done = subprocess.run(
        ["bash", "-c", _ENSURE, "bash", checkout], env={"PATH": str(path)}, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence + "\n")
    assert list(checkout.iterdir()) == []


def test_an_environment_that_is_a_link_is_refused_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    checkout, other = tmp_path / "checkout", tmp_path / "other"
    (other / "bin").mkdir(parents=True)
    checkout.mkdir()
    (checkout / ".venv").symlink_to(other)

    done = subprocess.run(["bash", "-c", _ENSURE, "bash", checkout], capture_output=True, text=True, check=False)

    sentence = "is a link to another environment. Remove the link, and dsbs makes an environment of its own."
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{checkout / '.venv'} {sentence}\n")
    assert list(other.iterdir()) == [other / "bin"]
