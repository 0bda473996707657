"""How long an alarm takes from the wire to the screen, calm, in a flood and in a burst of 10,000.

``python -m tests.bench alarms``, or alone ``python -m tests.bench.alarm_latency``. An OPC UA server counts up
in all its variables ten times a second; limits lie on the counts, so each alarm comes at an instant that is
known beforehand: ten alarms a second, then 10,000 in ten seconds, then 10,000 at one instant. The engine is a
process of its own, so is the observer, and the window is a real one off screen that asks as it always does.

From the source time of the sample: *judged* = noted by the engine; *on disk* = its event, which is sent after
the commit, reached the observer; *answered* = in an answer to ``alarms``, asked for every 20 ms; *painted* =
in the window's book and painted. Lost = not in the journal exactly once, or there in another order.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from engine import paths
from engine.client import Answered, Client, Event
from engine.store.alarm_journal import AlarmJournal
from engine.typed import unpack
from engine.types import AlarmChange
from engine.wire import AlarmJournalBody, AlarmsAnswer, AlarmsBody
from hmi.alarm_book import AlarmBook
from hmi.garbage import Garbage
from tests.bench.harness import load as load_average
from tests.bench.harness import machine
from tests.counting import Counting, Rise, came, counting_plant, flood, lost, project, unordered
from tests.hmi.looking import see, window
from tests.running import CLOCK, start_engine, stop

TAGS, ALARMS = 2000, 10_000
CALM, FLOOD, BURST = range(60, 160), range(180, 280), 360
"""Ticks at which alarms come: one a tick, 100 a tick, all at once."""
LAST_S = 60.0
GOAL_S = 0.5
QUIET_US = 1_000_000
"""So long after the last event the observer has heard them all."""


def expected() -> list[Rise]:
    """Every alarm of the run."""
    calm = [Rise(k, "calm", tick, 2, "calm") for k, tick in enumerate(CALM)]
    burst = range(BURST, BURST + 1)
    return [*calm, *flood(ALARMS, TAGS, FLOOD, "flood"), *flood(ALARMS, TAGS, burst, "burst")]


def watch(folder: Path) -> None:
    """The observer: when each alarm was on disk and in an answer, by id; ends with its standard input."""
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    client, version = Client(folder, "bench"), 0
    client.request("events", {"after": None})
    on_disk: dict[int, int] = {}
    answered: dict[int, int] = {}
    asked = client.request("alarms", AlarmsBody(0))
    print("ready", flush=True)
    heard_us = CLOCK.now_us()
    pause = threading.Event()
    while not ended.is_set() or CLOCK.now_us() - heard_us < QUIET_US:
        pause.wait(0.02)
        while items := client.drain():
            now_us = CLOCK.now_us()
            heard_us = now_us if isinstance(items[-1], Event) else heard_us
            for item in items:
                if isinstance(item, Event) and item.event == "alarm":
                    on_disk.setdefault(item.body["change"]["alarm"], now_us)
                elif isinstance(item, Answered) and item.id == asked:
                    answer = unpack(item.body, AlarmsAnswer)
                    for alarm in answer.alarms:
                        answered.setdefault(alarm.id, now_us)
                    version, asked = answer.version, 0
        if not asked:
            asked = client.request("alarms", AlarmsBody(version))
    client.close()
    print(json.dumps([on_disk, answered]), flush=True)


@contextmanager
def observer(folder: Path) -> Generator[subprocess.Popen[str]]:
    """`watch` in a process of its own."""
    words = ["tests.bench.alarm_latency", "--watch", str(folder)]
    with subprocess.Popen(
        [sys.executable, "-m", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


class Screen:
    """When each alarm was painted, and how long the window was held up at most."""

    def __init__(self, shown: Any) -> None:
        self.painted: dict[int, int] = {}
        self.stalls_ms: list[float] = []
        self._shown, self._take = shown, shown.set_alarm_book
        self._last_us = CLOCK.mono_us()
        shown.set_alarm_book = self._book
        self._timer = QTimer(shown)
        self._timer.timeout.connect(self._beat)
        self._timer.start(10)

    def _book(self, book: AlarmBook) -> None:
        self._take(book)
        self._shown.repaint()
        now_us = CLOCK.now_us()
        for each in book.alarms.keys() - self.painted.keys():
            if book.alarms[each].kind == "h":
                self.painted[each] = now_us

    def _beat(self) -> None:
        now_us = CLOCK.mono_us()
        self.stalls_ms.append((now_us - self._last_us) / 1000 - 10)
        self._last_us = now_us


@dataclass
class Measured:
    """Microseconds UTC by alarm id; ``changes`` = the journal, in its order."""

    changes: list[AlarmChange]
    on_disk: dict[int, int]
    answered: dict[int, int]
    painted: dict[int, int]
    stalls_ms: list[float]
    dropped: int
    burst_cpu_s: float
    display: str


def measure(folder: Path, alarms: Sequence[Rise]) -> Measured:
    """Run it all."""
    there = QApplication.instance()
    application = there if isinstance(there, QApplication) else QApplication([])
    with counting_plant(TAGS) as plant:
        project(folder, plant.port, TAGS, alarms)
        engine = start_engine(folder)
        process = psutil.Process(engine.pid)
        try:
            with window(application, folder) as (shown, _), observer(folder) as watching:
                see(lambda: shown.snapshot is not None and not (shown.snapshot.status != 0).any(), 60, "good")
                display = "alarms" if find_spec("hmi.displays.alarms.view") else "overview"
                shown.show_display(display)
                garbage = Garbage()  # as the window itself does
                garbage.rest()
                screen = Screen(shown)
                plant.order("start")
                journal = AlarmJournal(paths.data(folder) / "journal.db")
                calm = cpu_until(process, plant, FLOOD.stop + 20), cpu_until(process, plant, BURST - 10)
                see(lambda: len(screen.painted) >= len(alarms), LAST_S, "all alarms on the screen")
                end = cpu_until(process, plant, 0)
                dropped = plant.order("report")["dropped"]
                answer, _ = watching.communicate("", 30)
        finally:
            stop(engine)
    on_disk, answered = ({int(k): v for k, v in each.items()} for each in json.loads(answer))
    changes = journal.changes(AlarmJournalBody(0, 2**62, most=10**6))[::-1]
    (since_s, before), (until_s, after) = calm
    usual = (after - before) / (until_s - since_s)
    cpu_s = end[1] - after - usual * (end[0] - until_s)
    return Measured(changes, on_disk, answered, screen.painted, screen.stalls_ms, dropped, cpu_s, display)


def cpu_until(process: psutil.Process, plant: Counting, tick: int) -> tuple[float, float]:
    """At a tick: seconds on the clock, and those of all cores that the engine has had."""
    see(lambda: plant.order("report")["tick"] >= tick, LAST_S, f"tick {tick}")
    used = process.cpu_times()
    return CLOCK.mono_us() / 1e6, used.user + used.system


def told(name: str, ages_ms: Sequence[float]) -> None:
    """One line of the table."""
    if not len(ages_ms):
        print(f"  {name:34s} none")
        return
    p50, p99 = np.percentile(ages_ms, [50, 99])
    print(f"  {name:34s} {len(ages_ms):6d}   {p50:8.1f} {p99:8.1f} {max(ages_ms):8.1f}", flush=True)


def table(alarms: Sequence[Rise], found: Measured) -> None:
    """Print all figures."""
    part_of = {(each.path, each.name): each.part for each in alarms}
    of_part: dict[str, dict[int, AlarmChange]] = {"calm": {}, "flood": {}, "burst": {}}
    for each in came(found.changes):
        of_part[part_of[each.path, each.name]][each.alarm] = each
    print(f"  {'ms from the sample':34s} alarms        p50      p99      max")
    for part in ("calm", "flood"):
        own = of_part[part]
        told(f"{part}: judged", [(c.time_us - c.source_us) / 1000 for c in own.values()])
        stages = (("on disk", found.on_disk), ("answered", found.answered), ("painted", found.painted))
        for stage, at in stages:
            told(f"{part}: {stage}", [(at[k] - c.source_us) / 1000 for k, c in own.items() if k in at])
    critical = [c for c in of_part["flood"].values() if c.priority == 1]
    ages_ms = [(found.painted[c.alarm] - c.source_us) / 1000 for c in critical]
    told("flood: critical painted (goal 1000)", ages_ms)
    told("window held up (goal 100)", found.stalls_ms)
    own = of_part["burst"]
    began_us = min(c.source_us for c in own.values())
    print(f"  G17, {len(own)} alarms of one instant, s until the last one is, goal {GOAL_S}:")
    ends = {
        "judged": max(c.time_us for c in own.values()),
        "on disk": max(found.on_disk[k] for k in own),
        "answered": max(found.answered[k] for k in own),
        "painted": max(found.painted[k] for k in own),
    }
    print("  " + "   ".join(f"{name} {(at - began_us) / 1e6:.2f}" for name, at in ends.items()))
    print(f"  CPU of the engine for these {found.burst_cpu_s:.2f} s, beside what it uses anyway")
    print(
        f"  lost {lost(alarms, found.changes)}, out of order {unordered(found.changes)} of {len(alarms)}; "
        f"samples dropped by the server {found.dropped}; display {found.display}; load {load_average()}"
    )


def run(seconds: float) -> None:
    """The whole measurement; its length is fixed, some 50 s."""
    del seconds
    alarms = expected()
    print(f"{TAGS} tags at 10 samples/s, {len(alarms)} limits", flush=True)
    with tempfile.TemporaryDirectory(prefix="watchroom-bench-") as folder:
        table(alarms, measure(Path(folder) / "plant", alarms))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--watch"]:
        watch(Path(sys.argv[2]))
    else:
        print(machine(), flush=True)
        run(0.0)
