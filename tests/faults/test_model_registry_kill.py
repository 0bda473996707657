"""The registry of models killed with -9 at any point: the old or the new state is there, nothing between."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.prediction.registry import Registry

pytestmark = pytest.mark.fault


@pytest.mark.timeout(120)
def test_five_kills_leave_whole_states(tmp_path: Path) -> None:
    kill_often(tmp_path, kills=5, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_hundred_kills_leave_whole_states(tmp_path: Path) -> None:
    kill_often(tmp_path, kills=100, seed=2)


def kill_often(folder: Path, kills: int, seed: int) -> None:
    rnd, changes = random.Random(seed), 0
    for _ in range(kills):
        said = run_and_kill(folder, rnd.uniform(0.0, 0.4))
        changes += len(said) // 2
        registry = Registry(folder / "models", lambda: 0, lambda sha256: True)
        assert registry.trouble == ""
        found = {state.card.version: state.role for state in registry.states()}
        assert found in [roles for _, roles in said[-2:]], "neither the old state nor the new one"
        assert "refused" not in found.values(), "a version is damaged"
        assert list(found.values()).count("champion") <= 1
    assert changes > kills, "it was killed before it did anything"


def run_and_kill(folder: Path, seconds: float) -> list[tuple[str, dict[str, str]]]:
    """What the process said before it was killed."""
    command = [sys.executable, "-m", "tests.faults.model_importer", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(2)]  # it is at work with its first change
    time.sleep(seconds)  # the instant of the kill is what varies here
    process.kill()
    lines += process.stdout.readlines()
    process.stdout.close()
    process.wait()
    whole = [line.split(" ", 1) for line in lines if line.endswith("\n")]
    assert whole, "the importer did not start"
    return [(word, json.loads(roles)) for word, roles in whole]
