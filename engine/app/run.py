"""Starting, running and stopping the engine of one project."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import filelock

from engine import paths
from engine.app.drivers import drivers
from engine.app.logs import close_logs, open_logs
from engine.app.plant import Running, open_plant
from engine.app.project import load
from engine.app.status import answers
from engine.clock import SystemClock
from engine.drivers.link import Link
from engine.drivers.supervisor import supervise
from engine.server import Server
from engine.store import Journal, StoredEvent
from engine.types import Clock, Project
from engine.wire import Hello

log = logging.getLogger("watchroom.engine")
LOCK_WAIT_S = 1.0
BEAT_S = 0.1
STOP_S = 4.0
CLOCK_STEP_US = 1_000_000


class AlreadyRuns(Exception):
    """Another engine owns this project folder."""


def run(folder: Path, started_by: str, ready: Callable[[int], None]) -> None:
    """Run the engine in the foreground until SIGTERM, SIGINT or a client's stop.

    ``ready(pid)`` is called once the socket answers; sources may still be connecting.

    Raises:
        BadProject: the project folder has errors; nothing was started or changed.
        AlreadyRuns: another engine owns the project.
        StoreError, OSError: the project's files or the runtime folder cannot be used.
    """
    folder = folder.resolve()
    project = load(folder)
    lock = filelock.FileLock(paths.data(folder) / "engine.lock")
    try:
        lock.acquire(timeout=LOCK_WAIT_S)
    except filelock.Timeout:
        facts = paths.read_facts(folder)
        who = f", process {facts.pid}" if facts else ""
        raise AlreadyRuns(f"an engine already runs for {folder}{who}") from None
    with contextlib.ExitStack() as stack:
        stack.callback(lock.release)
        stack.callback(close_logs, open_logs(folder, "engine"))
        log.info("engine %s starts, process %d, %s", paths.version(), os.getpid(), folder)
        for driver in {source.driver for source in project.sources}:
            drivers()[driver].load()
        asyncio.run(_main(folder, project, started_by, ready, SystemClock()))
        log.info("engine stopped")


async def _main(
    folder: Path, project: Project, started_by: str, ready: Callable[[int], None], clock: Clock
) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, stop.set)
    boot = secrets.randbits(63)
    runtime = paths.runtime(folder)
    for old in runtime.glob("live-*.bin"):
        # We own the project, so these are from engines that were killed.
        with contextlib.suppress(PermissionError):  # Windows: a window still has it open
            old.unlink()
    running = open_plant(folder, project, boot, runtime, clock)

    def committed(events: Sequence[StoredEvent]) -> None:
        loop.call_soon_threadsafe(server.publish, events)

    def last_left() -> None:
        if started_by == "hmi" and not project.plant.keep_running:
            log.info("the last window closed; stopping")
            stop.set()

    journal = Journal(paths.data(folder) / "journal.db", committed, lambda text: log.critical("%s", text))
    hello = Hello(
        paths.PROTOCOL,
        paths.version(),
        boot,
        "engine",
        os.getpid(),
        str(running.table.path),
        running.table.layout,
    )
    server = Server(hello, answers(running, stop), journal.after, journal.last, clock, last_left)
    try:
        address = await server.open(runtime)
        facts = paths.EngineFacts(os.getpid(), boot, paths.PROTOCOL, address, hello.live, started_by)
        paths.write_facts(folder, facts)
        journal.append(clock.now_us(), "engine_started", {"pid": os.getpid(), "version": paths.version()})
        ready(os.getpid())
        await _until(stop, running, server, journal)
    finally:
        journal.append(clock.now_us(), "engine_stopped", {"pid": os.getpid()})
        await asyncio.to_thread(journal.close)
        await server.close()
        running.table.close()
        running.catalogue.close()


async def _until(stop: asyncio.Event, running: Running, server: Server, journal: Journal) -> None:
    """All of the engine's tasks, until ``stop``; gives the drivers their time to close."""
    clock = running.clock

    def note(source: str, link: Link) -> Callable[[str], None]:
        def changed(state: str) -> None:
            why = "" if state == "connected" else link.last_error
            body = {"source": source, "state": state, "reason": why}
            journal.append(clock.now_us(), "source_state", body)

        return changed

    tasks = [asyncio.create_task(_beat(running, journal), name="beat")]
    tasks.append(asyncio.create_task(_each_second(running, server, journal), name="each second"))
    for context, driver, link in running.sources:
        work = supervise(context, driver, link, note(context.source.id, link))
        tasks.append(asyncio.create_task(work, name=f"source {context.source.id}"))
    waiting = asyncio.create_task(stop.wait(), name="stop")
    # Every task here runs until it is cancelled; one that ends by itself is a fault of ours.
    done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in [waiting, *tasks]:
        task.cancel()
    _, late = await asyncio.wait([waiting, *tasks], timeout=STOP_S)
    for task in late:
        log.error("%s did not stop within %.0f s", task.get_name(), STOP_S)
    for task in done - {waiting}:
        task.result()
        raise RuntimeError(f"the engine's task {task.get_name()!r} ended by itself")


async def _beat(running: Running, journal: Journal) -> None:
    """Ten times a second: heartbeat, staleness, and a look at whether the clock was set."""
    clock = running.clock
    offset = clock.now_us() - clock.mono_us()
    while True:
        mono, now = clock.mono_us(), clock.now_us()
        running.table.beat(mono, now)
        running.sweep(mono, now)
        step = now - mono - offset
        if abs(step) > CLOCK_STEP_US:
            offset += step
            log.warning("the computer's clock was set by %+.1f s", step / 1e6)
            journal.append(now, "clock_step", {"seconds": step / 1e6})
        await clock.sleep(BEAT_S)


async def _each_second(running: Running, server: Server, journal: Journal) -> None:
    while True:
        running.counters.mark(running.clock.mono_us())
        for pid in server.watch_windows():
            journal.append(running.clock.now_us(), "window_frozen", {"pid": pid})
        await running.clock.sleep(1.0)
