"""Readers beside a writer that is killed at any moment: never a torn row, never a stale one as good."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.clock import SystemClock
from engine.live import LiveReader, plan
from engine.types import Status

TAGS = 200
# Writes rows whose value, source time and receive time all say the same number, as fast as it can.
WRITER = f"""
import sys
from pathlib import Path
import numpy as np
from engine.clock import SystemClock
from engine.live import LiveTable, plan
from engine.types import Batch
clock = SystemClock()
tags = np.arange({TAGS}, dtype=np.int32)
layout = plan({TAGS}, boot=int(sys.argv[2]), ring_bytes=1 << 20)
table = LiveTable(Path(sys.argv[1]), layout, tags, clock.mono_us())
keep = np.ones((1, {TAGS}), np.bool_)
k = 0
print("ready", flush=True)
while True:
    k += 1
    time_us = np.array([k], np.int64)
    table.write(
        Batch(0, tags, time_us, time_us, np.full((1, {TAGS}), float(k)), np.zeros({TAGS}, np.uint32)),
        keep,
        clock.mono_us(),
    )
"""


def start_writer(path: Path, boot: int) -> subprocess.Popen[str]:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(boot)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    return writer


def assert_whole(reader: LiveReader, mono_us: int) -> int:
    seen = reader.snapshot(mono_us)
    written = seen.receive_time_us > 0
    assert (seen.value[written] == seen.source_time_us[written]).all(), "value and time of different samples"
    assert (seen.source_time_us == seen.receive_time_us).all()
    assert np.isnan(seen.value[~written]).all()
    return int(seen.receive_time_us.max())


@pytest.mark.fault
def test_rows_are_whole_while_the_writer_writes_and_after_it_is_killed(tmp_path: Path) -> None:
    """Twenty writers, each killed at some moment of its work."""
    clock = SystemClock()
    rng = np.random.default_rng(20261122)
    for boot in range(1, 21):
        path = tmp_path / f"live-{boot}.bin"
        writer = start_writer(path, boot)
        reader = LiveReader(path, plan(TAGS, boot=boot, ring_bytes=1 << 20))
        try:
            newest, stop_us = 0, clock.mono_us() + int(rng.integers(20_000, 120_000))
            while clock.mono_us() < stop_us or newest == 0:
                seen = assert_whole(reader, clock.mono_us())
                assert seen >= newest, "time never runs back"
                newest = seen
                curve = reader.curve(0, 0, 1 << 60, 500)
                drawn = ~np.isnan(curve.low)
                assert (curve.low[drawn] <= curve.high[drawn]).all()
                assert (np.diff(curve.time_us) >= 0).all()
        finally:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            assert writer.stdout is not None
            writer.stdout.close()
        last = assert_whole(reader, clock.mono_us())
        for _ in range(3):
            assert assert_whole(reader, clock.mono_us()) == last, "a dead writer's table stands still"
        later = reader.snapshot(clock.mono_us() + 4_000_000)
        assert (later.status == Status.STALE).all(), "what nobody writes is not shown as good"
        reader.close()


def test_row_left_half_written_keeps_its_last_whole_copy_and_is_counted(tmp_path: Path) -> None:
    from tests.engine.live.tables import MONO_US, open_pair, put

    table, reader = open_pair(tmp_path)
    put(table, 0, 1, 5.0)
    reader.snapshot(MONO_US)
    curve = reader.curve(0, 0, 10, 100)
    # What a writer killed between the two halves of the seqlock leaves behind.
    table._sequence[0] += np.uint64(1)  # noqa: SLF001
    table._value[0] = 777.0  # noqa: SLF001
    seen = reader.snapshot(MONO_US)
    assert seen.value[0] == 5.0
    assert seen.torn == 1
    assert reader.curve(0, 0, 10, 100) is curve
    assert reader.torn == 2
    assert reader.snapshot(MONO_US + 3_000_001).status[0] == Status.STALE
