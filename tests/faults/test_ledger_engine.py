"""T01, T04 for the ledger in the engine: killed with -9, and a disk that is full."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app import ledger as ledger_module
from engine.app.ledger_events import is_followed
from engine.app.ledger_open import ledger_file
from engine.ledger import verify_file
from engine.store import Journal
from engine.types.control import NotRecorded
from tests.engine.app.recorded import Ring, lines, record, sent, station
from tests.faults.ledger_station import STEPS
from tests.running import until

pytestmark = pytest.mark.fault


@pytest.mark.timeout(120)
def test_kills_lose_and_double_no_event_and_no_record(tmp_path: Path) -> None:
    kill_often(tmp_path / "mill", kills=5, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_sixty_kills_lose_and_double_no_event_and_no_record(tmp_path: Path) -> None:
    kill_often(tmp_path / "mill", kills=60, seed=2)


def kill_often(mill: Path, kills: int, seed: int) -> None:
    rnd, promised = random.Random(seed), list[tuple[str, int]]()
    for _ in range(kills):
        promised += run_and_kill(mill, rnd.randint(1, 60))
    with station(mill):
        pass
    journal = Journal(mill / "data/journal.db", lambda events: None, failed=lambda text: None)
    events = [each for each in journal.after(0, 1_000_000) if is_followed(each)]
    journal.close()
    found = lines(mill)
    entered = [each["body"]["journal_seq"] for each in found if "journal_seq" in each["body"]]
    assert entered == [each.seq for each in events], "each event once, in order"
    assert max(seq for what, seq in promised if what == "committed") <= events[-1].seq + 1
    recorded = [each["body"]["k"] for each in found if each["type"] == "write_sent"]
    assert {k for what, k in promised if what == "recorded"} <= set(recorded)
    assert verify_file(ledger_file(mill)).findings == []
    print(f"seed {seed}: {kills} kills, {len(entered)} events and {len(recorded)} records, 0 lost, 0 doubled")


def run_and_kill(mill: Path, count: int) -> list[tuple[str, int]]:
    """What the process promised before it was killed, at its ``count``-th promise."""
    command = [sys.executable, "-m", "tests.faults.ledger_station", str(mill)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(count)]
    process.kill()
    said += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    whole = [line.split() for line in said if line.endswith("\n")]
    assert whole, "it was at work"
    return [(what, int(k)) for what, k in whole]


@pytest.mark.parametrize("step", STEPS)
def test_kill_while_the_key_is_changed_leaves_a_ledger_with_exactly_one_key(
    tmp_path: Path, step: str
) -> None:
    mill = tmp_path / "mill"
    with station(mill) as made:
        record(made, sent(1))
    command = [sys.executable, "-m", "tests.faults.ledger_station", str(mill), "rotate", step]
    died = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert died.returncode == -9, died.stderr
    with station(mill) as made:
        assert made.scribe.trouble == ""
        record(made, sent(2))
    assert [each.name for each in (mill / "data/keys").iterdir()] == ["ledger.key"]
    assert verify_file(ledger_file(mill)).findings == []
    changes = [each for each in lines(mill) if each["type"] == "key_rotation"]
    assert len(changes) == (0 if step == "prepare" else 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with room for a little."""
    folder, mount = tmp_path / "disk", shutil.which("mount")
    folder.mkdir()
    command = [mount or "", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this needs the right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def test_full_disk_refuses_records_and_takes_them_again_once_there_is_room(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "TICK_S", 0.05)
    mill = small_disk / "mill"
    with station(mill, Ring()) as made:
        record(made, sent(1))
        filling = small_disk / "filling"
        fill(filling)
        promised = 0
        with pytest.raises(NotRecorded, match="free some space on the disk"):
            for k in range(2, 5000):
                record(made, sent(k))
                promised = k
        assert "free some space" in made.scribe.trouble
        filling.unlink()
        until(lambda: not made.scribe.trouble, 20, "it is tried again by itself")
        record(made, sent(9999))
    found = lines(mill)
    kept = {each["body"]["tag"] for each in found if each["type"] == "write_sent"}
    assert {f"Press/Pressure {k}" for k in (1, *range(2, promised + 1), 9999)} <= kept
    assert [each["body"]["event"] for each in found if each["type"] == "gap"] == ["ledger_not_written"]
    assert verify_file(ledger_file(mill)).findings == []
    assert not [each for each in threading.enumerate() if each.name == "ledger"]


def fill(path: Path) -> None:
    """Until nothing more fits."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return
