"""The parent of a window process: a window that crashed or froze is opened again.

The window writes a line to its standard output every second from its own event loop. Silence
means that the screen stands still, whatever the reason.
"""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import IO, cast

from engine.cli.out import fail, say
from engine.paths import SAFE_PATH

FROZEN_S = 10.0
START_S = 60.0
"""Until the first beat. The start page, where a window waits for a person, has no such limit."""
MOST_RESTARTS = 3
WITHIN_S = 600.0
ABORT_S = 3.0
SLICE_S = 1.0


def watch_window(words: Sequence[str], *, frozen_s: float = FROZEN_S, start_s: float = START_S) -> int:
    """Run ``python -m hmi WORDS`` until a person closes it; gives its exit code.

    A crashed or frozen window is opened again, at most 3 times in 10 minutes. Ctrl+C and
    SIGTERM (raised as KeyboardInterrupt) close it.
    """
    restarts: deque[float] = deque(maxlen=MOST_RESTARTS)
    while True:
        trouble, code = _run_once(words, frozen_s, start_s if words else None)
        if not trouble:
            return code
        now = time.monotonic()
        if len(restarts) == MOST_RESTARTS and now - restarts[0] < WITHIN_S:
            return fail(f"the window {trouble}, for the fourth time in ten minutes; see data/log/hmi.crash")
        restarts.append(now)
        say(f"the window {trouble}; opening it again")


def _run_once(words: Sequence[str], frozen_s: float, start_s: float | None) -> tuple[str, int]:
    """One window from start to end: what went wrong ("" = nothing), and its exit code."""
    process = subprocess.Popen(
        [sys.executable, *SAFE_PATH, "-m", "hmi", *words, "--watched"],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    beats: queue.SimpleQueue[bool] = queue.SimpleQueue()
    thread = threading.Thread(target=_listen, args=(process, beats), daemon=True)
    thread.start()
    limit_s = start_s
    try:
        while _next_beat(beats, limit_s):
            limit_s = frozen_s
        code = process.wait()
        if code in (-signal.SIGTERM, -signal.SIGINT):
            return "", 0  # somebody closed it before it could do so by itself
        return (f"crashed (signal {-code})" if code < 0 else "", code)
    except queue.Empty:
        return f"did not answer for {limit_s:.0f} s", 1
    finally:
        _end(process)
        thread.join()


def _next_beat(beats: queue.SimpleQueue[bool], limit_s: float | None) -> bool:
    """Wait in slices of a second: when this whole computer slept, the silence was not the window's."""
    waited = 0.0
    while limit_s is None or waited < limit_s:
        try:
            return beats.get(timeout=SLICE_S)
        except queue.Empty:
            waited += SLICE_S
    raise queue.Empty


def _listen(process: subprocess.Popen[bytes], beats: queue.SimpleQueue[bool]) -> None:
    with cast("IO[bytes]", process.stdout) as lines:
        for _ in lines:
            beats.put(True)
    beats.put(False)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop the process; a frozen one is aborted, so that its stack goes to hmi.crash."""
    if process.poll() is not None:
        return
    process.terminate()
    for sign in (getattr(signal, "SIGABRT", signal.SIGTERM), getattr(signal, "SIGKILL", signal.SIGTERM)):
        try:
            process.wait(ABORT_S)
            return
        except subprocess.TimeoutExpired:
            process.send_signal(sign)
    process.wait()
