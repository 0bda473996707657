"""Starting, running and stopping the engine of one project."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import secrets
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import filelock

from engine import paths
from engine.alarms import past_alarms, seen_in, states_on_record
from engine.app.drivers import drivers
from engine.app.hands import open_hands
from engine.app.ledger import Scribe
from engine.app.logs import close_logs, open_logs
from engine.app.model_wiring import open_models
from engine.app.plant import open_plant
from engine.app.project import finish_import, load
from engine.app.status import answers
from engine.app.watch import Watch
from engine.clock import SystemClock
from engine.drivers.driver import Context, Driver
from engine.drivers.link import Link
from engine.drivers.supervisor import supervise
from engine.server import Server
from engine.store import Journal, StoredEvent
from engine.types import Project, SourceStateName
from engine.wire import Hello

log = logging.getLogger("watchroom.engine")
LOCK_WAIT_S = 1.0
STOP_S = 4.0
PUBLISHED = 200
"""Events sent to clients in one go: the loop has other work between two goes."""
GARBAGE = 50_000, 20, 100
"""Objects made between two searches for those that are lost in cycles. We hardly make such; with the
standard 700 a flood of alarms has the whole project looked through again and again."""


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
    finish_import(folder)
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
        taken = Path(lock.lock_file), os.stat(lock.lock_file)
        stack.callback(close_logs, open_logs(folder, "engine"))
        log.info("engine %s starts, process %d, %s", paths.version(), os.getpid(), folder)
        for driver in {source.driver for source in project.sources}:
            drivers()[driver].load()
        asyncio.run(_main(folder, project, started_by, ready, taken))
        log.info("engine stopped")


async def _main(
    folder: Path,
    project: Project,
    started_by: str,
    ready: Callable[[int], None],
    lock: tuple[Path, os.stat_result],
) -> None:
    loop, clock, stop = asyncio.get_running_loop(), SystemClock(), asyncio.Event()
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        with contextlib.suppress(NotImplementedError, AttributeError):  # Windows knows only Ctrl+C
            loop.add_signal_handler(getattr(signal, name), stop.set)
    for_windows = started_by == "hmi" and not project.plant.keep_running

    def committed(events: Sequence[StoredEvent]) -> None:
        seen = seen_in([each.body for each in events if each.event == "alarm"])
        loop.call_soon_threadsafe(running.alarms.committed, seen)
        for start in range(0, len(events), PUBLISHED):
            loop.call_soon_threadsafe(server.publish, events[start : start + PUBLISHED])
        scribe.heard(events)
        if running.foresight is not None:
            running.foresight.heard(events)

    def last_left() -> None:
        if for_windows:
            log.info("the last window closed; stopping")
            stop.set()

    async with contextlib.AsyncExitStack() as stack:
        runtime = paths.runtime(folder)
        stack.callback(_tidy, runtime)
        _remove_old(runtime)
        boot = secrets.randbits(63)
        running = open_plant(folder, project, boot, runtime, clock)
        stack.callback(running.close)
        running.scribe = scribe = Scribe(running.project, clock)
        stack.push_async_callback(asyncio.to_thread, scribe.close)  # after the journal, whose end it enters
        journal_path = paths.data(folder) / "journal.db"
        journal = Journal(
            journal_path,
            committed,
            failed=lambda text: log.critical("%s", text),
            healed=lambda text: log.warning("%s", text),
        )
        stack.push_async_callback(asyncio.to_thread, journal.close)
        running.journal = journal
        stack.callback(running.horns.end)
        scribe.begin(journal)
        known = past_alarms(journal)
        running.alarms.begin(
            lambda change, alarm: journal.append(change.time_us, "alarm", {"change": change, "alarm": alarm}),
            states_on_record(journal_path),
            known.noted_us,
            known.came,
            loop.call_soon,
        )
        if running.past is not None:
            running.past.begin(journal)
        await open_models(running, scribe)
        if running.foresight is not None:
            running.foresight.begin()
        live, layout = str(running.table.path), running.table.layout
        hello = Hello(paths.PROTOCOL, paths.version(), boot, "engine", os.getpid(), live, layout)
        hands = open_hands(running, scribe)
        stack.push_async_callback(hands.close)
        known = answers(running, stop, hands)
        server = Server(hello, known, journal.after, journal.last, clock, last_left)
        stack.push_async_callback(server.close)
        address = await server.open(runtime)
        facts = paths.EngineFacts(os.getpid(), boot, paths.PROTOCOL, address, live, started_by)
        paths.write_facts(folder, facts)
        journal.append(clock.now_us(), "engine_started", {"pid": os.getpid(), "version": paths.version()})
        gc.collect()
        gc.freeze()  # what the project consists of stays until the end
        gc.set_threshold(*GARBAGE)
        with contextlib.suppress(OSError):  # nobody reads our output; that is no reason to stop
            ready(os.getpid())
        await _until(Watch(folder, running, server, journal, facts, lock, stop, for_windows, hands))
        journal.append(clock.now_us(), "engine_stopped", {"pid": os.getpid()})


def _remove_old(runtime: Path) -> None:
    """Live files of engines that were killed: we own the project, so nobody writes them."""
    for old in runtime.glob("live-*.bin"):
        with contextlib.suppress(PermissionError):  # Windows: a window still has it open
            old.unlink()


def _tidy(runtime: Path) -> None:
    """Leave nothing in memory: the socket, and the folder if that was all."""
    with contextlib.suppress(OSError):
        for name in ("engine.sock", "token", "engine.json"):
            (runtime / name).unlink(missing_ok=True)
        runtime.rmdir()


async def _until(watch: Watch) -> None:
    """All of the engine's tasks, until it is stopped; gives the drivers their time to close."""
    running, journal, clock = watch.running, watch.journal, watch.running.clock

    def note(source: str, link: Link) -> Callable[[SourceStateName], None]:
        def changed(state: SourceStateName) -> None:
            why = "" if state == "connected" else link.last_error
            body = {"source": source, "state": state, "reason": why}
            journal.append(clock.now_us(), "source_state", body)

        return changed

    tasks = [asyncio.create_task(watch.beat(), name="beat")]
    tasks.append(asyncio.create_task(watch.each_second(), name="each second"))
    tasks.append(asyncio.create_task(watch.hands.run(), name="gate"))
    if running.models is not None:
        tasks.append(asyncio.create_task(running.models.run(), name="models"))
    for context, driver, link in running.sources:
        again = running.restart[context.source.id]
        work = _supervised(context, driver, link, note(context.source.id, link), again)
        tasks.append(asyncio.create_task(work, name=f"source {context.source.id}"))
    recall = asyncio.create_task(running.recall(watch.stop.is_set), name="recall")
    waiting = asyncio.create_task(watch.stop.wait(), name="stop")
    # Every task here runs until it is cancelled; one that ends by itself is a fault of ours.
    done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    watch.stop.set()
    # While the links are still there: a write that is on its way is seen to its end.
    try:
        await watch.hands.settle()
    except Exception:  # the engine ends all the same
        log.exception("the writes on their way could not be awaited")
    for task in [waiting, recall, *tasks]:
        task.cancel()
    _, late = await asyncio.wait([waiting, recall, *tasks], timeout=STOP_S)
    for task in late:
        log.error("%s did not stop within %.0f s", task.get_name(), STOP_S)
    for task in done - {waiting}:
        task.result()
        raise RuntimeError(f"the engine's task {task.get_name()!r} ended by itself")


async def _supervised(
    context: Context,
    driver: Driver,
    link: Link,
    on_change: Callable[[SourceStateName], None],
    restart: asyncio.Event,
) -> None:
    """Supervise a source until cancelled; on ``restart`` end its connection and begin again."""
    while True:
        restart.clear()
        work = asyncio.ensure_future(supervise(context, driver, link, on_change))
        again = asyncio.ensure_future(restart.wait())
        try:
            await asyncio.wait({work, again}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        finally:
            work.cancel()
            again.cancel()
            await asyncio.gather(work, again, return_exceptions=True)
