"""A process that writes history as fast as a line does, and says what it was promised: to be killed.

``python -m tests.faults.history_writer FOLDER FIRST``: batch k, from FIRST on, holds the value k for every
tag. A line ``k`` on stdout: all batches up to k are acknowledged.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import numpy as np

from engine.clock import SystemClock
from engine.historian import Historian, writer
from engine.types import Batch, Tag

WIDE, FEW = 100, 10
BATCH_S = 0.004
SEAL_SAMPLES = 20_000


def tags() -> list[Tag]:
    """The first hundred come as one scan group, the others one by one."""
    return [Tag(k, f"Area/Tag {k}", "plc", f"holding:{k}") for k in range(WIDE + FEW)]


def main(folder: Path, first: int) -> None:
    """Write until killed: 100 + 1 samples every 4 ms, about 25,000 a second."""
    writer.SEAL_SAMPLES = SEAL_SAMPLES
    clock = SystemClock()
    historian = Historian(folder, tags(), clock, failed=print, healed=print, texts=str)
    appended = [first - 1]
    wide, good = np.arange(WIDE, dtype=np.int32), np.zeros(WIDE, np.uint32)

    def say() -> None:
        while True:
            count = appended[0]
            if historian.flush(10.0) if count % 3 == 0 else wait(count):
                os.write(1, f"{count}\n".encode())

    def wait(count: int) -> bool:
        """Without hurrying the writer: what the engine sees."""
        until = clock.now_us()
        while historian.durable_us <= until:
            threading.Event().wait(0.01)
        return appended[0] >= count

    threading.Thread(target=say, daemon=True).start()
    pause = threading.Event()
    k = first
    while True:
        now = np.array([clock.now_us()])
        historian.append(Batch(0, wide, now, now, np.full((1, WIDE), float(k)), good))
        one = np.array([WIDE + k % FEW], np.int32)
        historian.append(Batch(1, one, now, now, np.array([[float(k)]]), good[:1]))
        appended[0] = k
        k += 1
        pause.wait(BATCH_S)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
