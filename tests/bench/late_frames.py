"""G11: frames of a window that come late while an engine takes 1 M samples a second, and without one.

``python -m tests.bench late-frames``: the product's trend with 8 pens over the live file, drawn every
33 ms, and a timer of 16 ms whose lateness is looked at: > 33 ms = a late frame. In turns: no engine, the
same trend drawn from the live file that one left behind; the engine in a process of its own (the
product's way), with history on disk; and the way not taken, stock asyncua decoding 20,000 notifications
a second in a thread of the window's process, drawing as without.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary, struct_to_binary
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from engine.clock import SystemClock
from engine.live import LiveReader
from hmi import theme
from hmi.widgets.trend_plot import TrendPlot
from tests.bench.plant_engine import layout, live_file
from tests.bench.trend_frame import HEIGHT, PENS, WIDTH, pen

RATE = 1e6
TICK_MS, FRAME_MS, LATE_MS = 16, 33, 33.0
NOTIFICATIONS, IN_ONE = 20_000, 400
TURNS = 3


@contextmanager
def engine(seconds: float) -> Iterator[LiveReader]:
    """An engine at full rate in its own process, and a reader of its live file."""
    with tempfile.TemporaryDirectory(prefix="watchroom-bench-") as folder:
        command = [sys.executable, "-m", "tests.bench.plant_engine", folder, str(RATE), str(seconds)]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert running.stdout is not None
        try:
            if running.stdout.readline() != "ready\n":
                raise RuntimeError("the engine did not start")
            reader = LiveReader(live_file(Path(folder)), layout())
            yield reader
            reader.close()
            lost = running.stdout.readline()
            if lost != "lost 0\n":
                raise RuntimeError(f"the engine did not keep up: {lost}")
        finally:
            running.kill()
            running.wait()
            running.stdout.close()
            shutil.rmtree(live_file(Path(folder)).parent, ignore_errors=True)


@contextmanager
def stock() -> Iterator[None]:
    """Publish responses, decoded object by object in a thread of this process."""
    now = datetime.now(UTC)
    answer, changes = ua.PublishResponse(), ua.DataChangeNotification()
    for k in range(IN_ONE):
        value = ua.DataValue(ua.Variant(1.5 * k, ua.VariantType.Double), SourceTimestamp=now)
        changes.MonitoredItems.append(ua.MonitoredItemNotification(ClientHandle=k, Value=value))
    answer.Parameters.NotificationMessage.NotificationData = [changes]
    raw, stop, last = struct_to_binary(answer), threading.Event(), [0.0] * IN_ONE

    def decode() -> None:
        due = time.perf_counter()
        while not stop.wait(max(0.0, due - time.perf_counter())):
            found = struct_from_binary(ua.PublishResponse, Buffer(raw))
            for item in found.Parameters.NotificationMessage.NotificationData[0].MonitoredItems:
                last[item.ClientHandle] = item.Value.Value.Value
            due = max(due + IN_ONE / NOTIFICATIONS, time.perf_counter() - 1)

    thread = threading.Thread(target=decode)
    thread.start()
    yield
    stop.set()
    thread.join()


def watch(seconds: float, reader: LiveReader) -> tuple[float, float]:
    """Share of ticks that were late, in percent, and the longest tick in ms, with the trend drawn."""
    chosen = theme.load_theme("light")
    plot = TrendPlot(chosen)
    plot.resize(WIDTH, HEIGHT)
    plot.set_pens([pen(k, chosen) for k in range(PENS)])
    plot.show()
    ticks: list[float] = []
    loop, clock = QEventLoop(), SystemClock()

    def draw() -> None:
        span = plot.due(clock.now_us())
        if span is not None:
            edges = span.start_us, span.end_us, span.pixels
            plot.show_curves(span, {k: reader.curve(k * 10, *edges) for k in range(PENS)})
        plot.repaint()

    tick, frame = QTimer(), QTimer()
    tick.setTimerType(Qt.TimerType.PreciseTimer)
    tick.timeout.connect(lambda: ticks.append(time.perf_counter()))
    frame.timeout.connect(draw)
    tick.start(TICK_MS)
    frame.start(FRAME_MS)
    QTimer.singleShot(500, ticks.clear)
    QTimer.singleShot(500 + round(seconds * 1000), loop.quit)
    loop.exec()
    tick.stop()
    frame.stop()
    plot.close()
    apart = np.diff(ticks) * 1000
    return 100 * float((apart > LATE_MS).mean()), float(apart.max())


def run(seconds: float) -> None:
    """All three in turns, ``seconds`` in all."""
    application = QApplication.instance() or QApplication([])
    theme.load_fonts()
    each = seconds / TURNS / 3
    found: dict[str, list[tuple[float, float]]] = {"no engine": [], "engine": [], "stock, in a thread": []}
    with engine(2.0) as left:
        watch(1.0, left)  # fonts and caches, before anything is measured
        for turn in range(TURNS):
            # The first engine has ended by then; its file stays as it was.
            found["no engine"].append(watch(each, left))
            with engine(each + 1.5) as reader:
                found["engine"].append(watch(each, reader))
            with stock():
                found["stock, in a thread"].append(watch(each, left))
            print(f"  turn {turn + 1}: " + ", ".join(f"{k} {v[-1][0]:.1f} %" for k, v in found.items()))
    application.processEvents()
    middle = {name: np.median(np.array(turns), axis=0) for name, turns in found.items()}
    print(f"{TURNS} turns of {each:.1f} s each, medians; the trend of 8 pens is drawn every {FRAME_MS} ms")
    for name, (late, longest) in middle.items():
        print(f"  {name:20s} {late:5.1f} % of ticks later than {LATE_MS:g} ms, longest {longest:5.0f} ms")
    added = middle["engine"][0] - middle["no engine"][0]
    good = added <= 2 and middle["engine"][1] <= 100 and added <= middle["stock, in a thread"][0] / 4
    print(f"  added by the engine: {added:+.1f} points (goal 2): {'reached' if good else 'NOT REACHED'}")


if __name__ == "__main__":
    run(36.0)
