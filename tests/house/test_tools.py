"""Style, types and the import order hold everywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT

_BIN = Path(sys.executable).parent

TOOLS = {
    "ruff finds nothing": ["ruff", "check", "--quiet", "--output-format=concise", "."],
    "every file is formatted": ["ruff", "format", "--check", "--quiet", "."],
    "types are strict and right": ["mypy", "--no-error-summary"],
    "imports point one way": ["lint-imports"],
}


@pytest.mark.parametrize("command", TOOLS.values(), ids=TOOLS.keys())
def test_tool(command: list[str]) -> None:
    done = subprocess.run(
        [_BIN / command[0], *command[1:]],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
