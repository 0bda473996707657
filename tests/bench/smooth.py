"""Whether the window ever makes a person wait: GUI-thread CPU per callback, lateness, idle cost.

``python -m tests.bench.smooth [SECONDS per display] [--soak MINUTES]``: the framing line with its
2,800 tags, the engine and a real window off screen, 1920x1080. Every event that Qt delivers is timed
in CPU time of the GUI thread (what is drawn or worked out in it, and not what the machine does
meanwhile). Lateness of a 20 ms timer stands beside that of the same timer in a bare Qt program that
runs at the same time. Call-up is from the click to the end of the first whole paint, wall clock.
With ``--soak`` it instead leaves 32 pens and the scene open in two windows and tells CPU and memory by
the minute.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from engine.types import Plant as ProjectPlant
from hmi import theme
from hmi.bridge import Bridge
from hmi.displays import DISPLAYS
from hmi.displays.display import Place
from hmi.shell.station import Station
from tests.hmi.looking import see, window
from tests.running import CLOCK, Plant, demo_plant, engine

LIMIT_MS = 50.0
TICK_MS = 20
FIRST_S = 3.0
PENS = 32
PRESS = "Framing line 3/S50 Roof press"
FLOOR = """
import sys, time
from PySide6.QtCore import QCoreApplication, Qt, QTimer
app, late, last = QCoreApplication([]), [], time.perf_counter()
def tick():
    global last
    now = time.perf_counter(); late.append((now - last) * 1000 - 20); last = now
timer = QTimer(); timer.setTimerType(Qt.TimerType.PreciseTimer); timer.timeout.connect(tick); timer.start(20)
QTimer.singleShot(int(float(sys.argv[1]) * 1000), app.quit); app.exec()
print(" ".join(f"{each:.3f}" for each in late[1:]))
"""


class Timed(QApplication):
    """Notes how much CPU each event that reaches an object from the event loop took, in ms."""

    def __init__(self) -> None:
        super().__init__(["smooth"])
        self.took: list[tuple[float, str]] = []
        self._depth = 0

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        """Time the outermost events; those sent within one belong to it."""
        self._depth += 1
        # The name is taken before: the receiver may not outlive its event.
        name = f"{type(receiver).__name__} {event.type().name}" if self._depth == 1 else ""
        start = time.thread_time_ns()
        try:
            return super().notify(receiver, event)
        finally:
            self._depth -= 1
            if not self._depth:
                self.took.append(((time.thread_time_ns() - start) / 1e6, name))


def told(name: str, values: list[float], unit: str = "ms") -> str:
    """p50 / p99 / max of a list."""
    if not values:
        return f"{name}: none"
    p50, p99 = np.percentile(values, [50, 99])
    return f"{name}: {len(values)}, {p50:.2f} / {p99:.2f} / {max(values):.2f} {unit}"


@contextmanager
def floor(seconds: float) -> Iterator[list[float]]:
    """The lateness of the same timer in a program that does nothing else; filled at the end."""
    late: list[float] = []
    bare = subprocess.Popen([sys.executable, "-c", FLOOR, str(seconds)], stdout=subprocess.PIPE, text=True)
    yield late
    late += [float(each) for each in bare.communicate()[0].split()]


def measure(application: Timed, seconds: float) -> None:
    """Let the display on show live for a while and print what its events cost."""
    late: list[float] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        late.append((now - last) * 1000 - TICK_MS)
        last = now

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    process, began = psutil.Process(), time.perf_counter()
    cpu = sum(process.cpu_times()[:2])
    application.took.clear()
    with floor(seconds) as bare:
        timer.start(TICK_MS)
        end = CLOCK.mono_us() + seconds * 1e6
        see(lambda: CLOCK.mono_us() > end, seconds + 10)
        timer.stop()
    spent = 100 * (sum(process.cpu_times()[:2]) - cpu) / (time.perf_counter() - began)
    slow = sorted((each for each in application.took if each[0] > LIMIT_MS), reverse=True)
    print("   ", told("events, GUI-thread CPU", [each[0] for each in application.took]))
    print(f"    over {LIMIT_MS:g} ms: {len(slow)} {slow[:3]}")
    print("   ", told("20 ms timer late by", late[1:]), "|", told("bare program", bare))
    print(f"    window process {spent:.1f} % of a core, {process.memory_info().rss / 1e6:.0f} MB RSS")


def visit(application: Timed, plant: Plant, seconds: float) -> None:
    """Every display twice, the second time measured."""
    with window(application, plant.folder) as (shown, _):
        shown.resize(1920, 1080)
        see(lambda: shown.snapshot is not None and not shown.snapshot.stale.any(), 60, what="all values")
        print(f"{len(shown.tags)} tags, {seconds:g} s each: p50 / p99 / max")
        for turn in ("first opened", "again"):
            for display in DISPLAYS:
                path = PRESS if display.id in ("unit", "twin", "trends") else ""
                began, cpu = time.perf_counter(), time.thread_time()
                shown.go(Place(display.id, path))
                application.processEvents()
                ms, spent = (time.perf_counter() - began) * 1000, (time.thread_time() - cpu) * 1000
                print(f"{display.id} {turn}: on screen after {ms:.0f} ms, {spent:.0f} ms of CPU")
                end = CLOCK.mono_us() + FIRST_S * 1e6
                see(lambda end=end: CLOCK.mono_us() > end, FIRST_S + 10)
                if turn == "again":
                    measure(application, seconds)


def soak(application: Timed, plant: Plant, minutes: float) -> None:
    """Two windows of one station, the scene in one and 32 pens in the other, left alone."""
    theme.load_fonts()
    look = theme.load_theme("light")
    theme.apply_theme(application, look)
    bridge = Bridge(plant.folder)
    station = Station(look, bridge, ProjectPlant(name="soak"))
    try:
        station.open()
        bridge.start(station)
        scene, trends = station.windows[0], station.add()
        trends.resize(1920, 1080)
        trends.show()
        see(lambda: trends.snapshot is not None and not trends.snapshot.stale.any(), 60, what="all values")
        scene.go(Place("twin", PRESS))
        pens = [tag.path for tag in trends.tags if tag.criticality == "critical" and tag.type == "float32"]
        trends.go(Place("trends", "\n".join(pens[:PENS])))
        process = psutil.Process()
        cpu = sum(process.cpu_times()[:2])
        for minute in range(1, round(minutes) + 1):
            end = CLOCK.mono_us() + 60e6
            see(lambda end=end: CLOCK.mono_us() > end, 90)
            now, memory = sum(process.cpu_times()[:2]), process.memory_full_info()
            print(
                f"minute {minute:3d}: {100 * (now - cpu) / 60:5.1f} % of a core, "
                f"USS {memory.uss / 1e6:6.1f} MB, "
                f"{process.num_fds()} descriptors, {process.num_threads()} threads, "
                + told("events", [each[0] for each in application.took]),
                flush=True,
            )
            cpu = now
            application.took.clear()
    finally:
        station.close()
        bridge.close()


def main() -> None:
    """Visit every display and measure it, or soak."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seconds", type=float, nargs="?", default=20.0)
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES")
    asked = parser.parse_args()
    application = Timed()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, 1920x1080")
    with tempfile.TemporaryDirectory() as folder, demo_plant(Path(folder) / "demo", name="framing") as plant:
        with engine(plant.folder):
            if asked.soak:
                soak(application, plant, asked.soak)
            else:
                visit(application, plant, asked.seconds)


if __name__ == "__main__":
    main()
