"""T01 for the ledger: killed with -9 while it appends, again and again: no receipt is ever broken."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.ledger import Reading, verify_file

pytestmark = pytest.mark.fault
Promised = tuple[int, str, int, str]


@pytest.mark.timeout(120)
def test_five_kills_break_no_receipt(tmp_path: Path) -> None:
    kill_often(tmp_path / "ledger.db", kills=5, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_hundred_kills_break_no_receipt(tmp_path: Path) -> None:
    kill_often(tmp_path / "ledger.db", kills=100, seed=2)


def kill_often(path: Path, kills: int, seed: int) -> None:
    rnd, promised = random.Random(seed), list[Promised]()
    for _ in range(kills):
        promised += run_and_kill(path, rnd.uniform(0.0, 0.5))
    reading = Reading(path)
    for seq, leaf, _, _ in promised:
        assert reading.node(0, seq).hex() == leaf, f"entry {seq} was promised and is another now, or gone"
    for _, _, size, root in promised[:: max(1, len(promised) // 200)]:
        assert reading.root(size).hex() == root, f"the ledger of {size} entries is not what was signed"
    reading.close()
    verdict = verify_file(path)
    assert verdict.findings == []
    print(f"{kills} kills: {len(promised)} receipts, {verdict.size} entries, 0 lost, 0 changed")


def run_and_kill(path: Path, seconds: float) -> list[Promised]:
    """What the process was promised before it was killed."""
    command = [sys.executable, "-m", "tests.faults.ledger_writer", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline()]  # it is at work once it is promised anything
    time.sleep(seconds)
    process.kill()
    lines += process.stdout.readlines()
    process.stdout.close()
    process.wait()
    whole = [line.split() for line in lines if line.endswith("\n")]
    assert whole and whole[0], "the writer did not start"
    return [(int(seq), leaf, int(size), root) for seq, leaf, size, root in whole]
