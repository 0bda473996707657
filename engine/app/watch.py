"""What the engine looks at all the time: its heartbeat, its clock, its files and its windows."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from engine import paths
from engine.app.hands import Hands
from engine.app.plant import Running
from engine.server import Server
from engine.store import Journal

log = logging.getLogger("watchroom.engine")
BEAT_S = 0.1
CLOCK_STEP_US = 1_000_000
SLEPT_US = 60_000_000
"""So far ahead it is no correction: over the time between no value holds in the history."""
PAUSE_S = 2.0
LONELY_S = 60.0


@dataclass(slots=True, eq=False)
class Watch:
    """One running engine under its own eyes. ``stop`` ends it.

    ``lock`` is the lock file and what it was when we took it; ``for_windows`` = a window started
    this engine, so it has no reason to run when none ever comes.
    """

    folder: Path
    running: Running
    server: Server
    journal: Journal
    facts: paths.EngineFacts
    lock: tuple[Path, os.stat_result]
    stop: asyncio.Event
    for_windows: bool
    hands: Hands
    was_attached: bool = False

    async def beat(self) -> None:
        """Ten times a second: heartbeat, staleness, and a look at whether the clock was set."""
        clock = self.running.clock
        offset, last = clock.now_us() - clock.mono_us(), clock.mono_us()
        while True:
            mono, now = clock.mono_us(), clock.now_us()
            self.running.table.beat(mono, now)
            self.running.sweep(mono, now)
            self.running.alarms.tick()
            step = now - mono - offset
            if abs(step) > CLOCK_STEP_US:
                offset += step
                log.warning("the computer's clock was set by %+.1f s", step / 1e6)
                self.hands.control.clock_stepped()
                self.journal.append(now, "clock_step", {"seconds": step / 1e6})
                if step > SLEPT_US and self.running.turns is not None:
                    self.running.turns.slept(step)
            if mono - last > PAUSE_S * 1e6:
                # Said once, because much that follows (skipped scans, silent windows) comes from it.
                log.warning("this computer or the engine stood still for %.1f s", (mono - last) / 1e6)
                self.journal.append(now, "engine_paused", {"seconds": (mono - last) / 1e6})
            last = mono
            await clock.sleep(BEAT_S)

    async def each_second(self) -> None:
        """Rates, windows that froze, and whether project and facts are still ours."""
        clock = self.running.clock
        while True:
            self.running.counters.mark(clock.mono_us())
            self.running.sample_cpu()
            self.running.count()
            self.running.look_at_links()
            self.hands.second()
            self.running.look_ahead(self.hands.control.work.blocked)
            self.running.look_at_ledger()
            self.running.horns.passed()
            for pid in self.server.watch_windows():
                self.journal.append(clock.now_us(), "window_frozen", {"pid": pid})
            self._leave_if_not_ours()
            self._leave_if_lonely()
            await clock.sleep(1.0)

    def _leave_if_not_ours(self) -> None:
        path, taken = self.lock
        try:
            if not os.path.samestat(path.stat(), taken):
                raise FileNotFoundError
        except OSError:
            log.critical("%s was removed or replaced while the engine ran; stopping", path)
            self.stop.set()
            return
        if paths.read_facts(self.folder) != self.facts:
            log.warning("engine.json was lost or changed; written again")
            try:
                paths.write_facts(self.folder, self.facts)
            except OSError as error:
                log.error("%s", error)

    def _leave_if_lonely(self) -> None:
        self.was_attached = self.was_attached or self.server.windows() > 0
        up_us = self.running.clock.mono_us() - self.running.started_mono_us
        if self.for_windows and not self.was_attached and up_us > LONELY_S * 1e6:
            log.info("the window that started this engine never came; stopping")
            self.stop.set()
