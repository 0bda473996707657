"""One soak from beginning to end: set up, strike, watch, judge, tidy up."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import sys
import threading
from collections.abc import AsyncGenerator

import msgspec

from engine.clock import SystemClock
from engine.paths import SAFE_PATH
from engine.testing.demo_plant.plants import plant_named
from engine.testing.demo_plant.readings import is_lively
from engine.testing.soak.beside import Beside
from engine.testing.soak.grid import TICK_US, Grid
from engine.testing.soak.judge import Plan, Verdict
from engine.testing.soak.look import Look
from engine.testing.soak.probe import use_of
from engine.testing.soak.report import Figures
from engine.testing.soak.rig import Engine, Place, SoakFailed, lines_of, write_project
from engine.testing.soak.schedule import schedule
from engine.testing.soak.state import CALM_S, Asked, Say, Soak, all_well, until, unwell
from engine.testing.soak.strikes import strike_all
from engine.testing.soak.summary import figures_of
from engine.testing.soak.window import Window
from engine.typed import from_json

SETTLE_US = 10_000_000
"""What came so lately is judged later: it may be on its way."""
LIVELY, CALM = 10, 4
"""Watched tags of each source."""
USE_S = 2.0
MINUTE_S = 60.0
JUDGE_EVERY = 5
"""Minutes between two verdicts on the history; each reads all that is not packed yet."""
JUDGE_S = 900.0
BYTES_A_SAMPLE = 21.4
"""What a sample takes in memory until it is packed: `Tail.nbytes` a sample, measured on the framing line."""
FLOOR_S = 0.02


async def soak(asked: Asked, place: Place, say: Say) -> Figures:
    """Run it; Ctrl+C and SIGTERM end it early, with the figures so far.

    Raises:
        SoakFailed: it could not be set up.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    say(f"seed {asked.seed}, plant {asked.plant}, one fault every {asked.every_s:g} s")
    async with _set_up(asked, place, say) as running:
        await until(lambda: all_well(running, 0) or stop.is_set(), CALM_S)
        if not all_well(running, 0) and not stop.is_set():
            raise SoakFailed(f"not everything was good within {CALM_S:.0f} s at first; see {place.log}")
        clock = SystemClock()
        running.began_us = running.judged_us = clock.now_us()
        running.began_mono_us = clock.mono_us()
        await _go(running, stop)
        seconds = (clock.mono_us() - running.began_mono_us) / 1e6
        running.look.end()
        running.beside.end()
        say("stopping the engine, then the last look at its history")
        end_us = clock.now_us()
        # The window first: it would start an engine again.
        if running.window is not None and (trouble := await asyncio.to_thread(running.window.close)):
            running.broken.append(trouble)
        # One that was killed a moment ago: while the next one starts, nobody has noted the gap yet.
        await until(lambda: running.engine.pid is not None, CALM_S)
        if trouble := await asyncio.to_thread(running.engine.stop):
            running.broken.append(f"the engine: {trouble}")
        running.said = [each for verdict in running.verdicts for each in verdict.broken]
        running.verdicts = [await _judge(place, running.began_us, end_us)]
    return figures_of(running, seconds)


@contextlib.asynccontextmanager
async def _set_up(asked: Asked, place: Place, say: Say) -> AsyncGenerator[Soak]:
    """Servers, proxies, engine, threads and the window; all of it ends with this block."""
    plant, clock = plant_named(asked.plant), SystemClock()
    origin_us = clock.now_us() // TICK_US * TICK_US
    watched = _watched(asked)
    msgspec_plan = Plan(plant.id, origin_us, asked.seed, tuple(sorted(watched)))
    place.plan.write_bytes(msgspec.json.encode(msgspec_plan))
    async with contextlib.AsyncExitStack() as stack:
        lines = lines_of(plant, place, origin_us, asked.seed)
        for line in lines:
            stack.callback(line.kill)
            await stack.enter_async_context(line.proxy)
        await asyncio.gather(*(line.start() for line in lines))
        write_project(plant, place, lines)
        engine = Engine(place.project, place.log)
        stack.push_async_callback(asyncio.to_thread, engine.stop)
        engine.start()
        grid = Grid(plant, origin_us, asked.seed, lambda point: point.path in watched)
        struck: dict[str, str] = {}
        look = Look(place.project, grid, place.seen, place.ticks, struck)
        beside = Beside(place.project, place.folder, asked.seed)
        sources = {line.source: line.driver for line in lines}
        strikes = schedule(
            asked.seed, asked.seconds, asked.every_s, asked.kill_every_s, sources, asked.window
        )
        window = Window(place.project, place.folder / "home", place.log) if asked.window else None
        running = Soak(*(asked, place, say, lines, grid, engine, look, beside, strikes, struck, window))
        for work in (look, beside):
            thread = threading.Thread(target=look.watch if work is look else beside.ask, daemon=True)
            thread.start()
            stack.push_async_callback(asyncio.to_thread, thread.join)
            stack.callback(work.end)
        if window is not None:
            window.open()
            stack.push_async_callback(asyncio.to_thread, window.close)
        yield running


async def _go(running: Soak, stop: asyncio.Event) -> None:
    """Strike and watch until the time is over, or somebody stops it."""
    work = [
        asyncio.create_task(each)
        for each in (strike_all(running), _measure(running), _floor(running), _by_minute(running))
    ]
    waiting = asyncio.create_task(stop.wait())
    ends = asyncio.create_task(asyncio.sleep(running.asked.seconds))
    await asyncio.wait({waiting, ends, *work[1:]}, return_when=asyncio.FIRST_COMPLETED)
    for task in (*work, waiting, ends):
        task.cancel()
    await asyncio.gather(waiting, ends, return_exceptions=True)
    for each in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(each, Exception):
            raise each


async def _measure(running: Soak) -> None:
    """What engine and window use, every two seconds."""
    while True:
        await asyncio.sleep(USE_S)
        now_s = SystemClock().mono_us() / 1e6
        statuses, pid = running.look.statuses, running.engine.pid
        tail = statuses[-1].history.tail if statuses and statuses[-1].history is not None else 0
        use = use_of(pid, now_s, tail * BYTES_A_SAMPLE / 1e6) if pid is not None else None
        if use is not None:
            running.engine_uses.append(use)
        process = running.window.process if running.window is not None else None
        shown = use_of(process.pid, now_s) if process is not None else None
        if shown is not None:
            running.window_uses.append(shown)


async def _floor(running: Soak) -> None:
    """How late a bare thread that sleeps 20 ms is on this machine meanwhile: the floor of all lateness."""
    ended = threading.Event()
    clock = SystemClock()

    def tick() -> None:
        last_us = clock.mono_us()
        while not ended.wait(FLOOR_S):
            now_us = clock.mono_us()
            running.floor_ms.append(max(0.0, (now_us - last_us) / 1000 - FLOOR_S * 1000))
            last_us = now_us

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        await asyncio.Event().wait()
    finally:
        ended.set()
        thread.join()


async def _by_minute(running: Soak) -> None:
    """A line a minute; a verdict on the history every few of them."""
    minute = 0
    while True:
        await asyncio.sleep(MINUTE_S)
        minute += 1
        if minute % JUDGE_EVERY == 0:
            until_us = SystemClock().now_us() - SETTLE_US
            if until_us > running.judged_us:
                found = await _judge(running.place, running.judged_us, until_us)
                running.verdicts.append(found)
                running.judged_us = until_us
                for sentence in found.broken[:3]:
                    running.say(f"  broken: {sentence}")
        running.say(_minute_line(running, minute))


def _minute_line(running: Soak, minute: int) -> str:
    last = running.engine_uses[-1] if running.engine_uses else None
    well = "all good" if all_well(running, 0) else f"not good: {', '.join(unwell(running))}"
    struck = ", ".join(f"{each.kind} {each.source}".strip() for each in running.done[-1:]) or "nothing yet"
    use = f"engine {last.rss_mb:.0f} MB, {last.fds} fds, {last.threads} threads" if last else "no engine"
    status = running.look.statuses[-1] if running.look.statuses else None
    history = status.history if status is not None else None
    kept = f"{history.rate:.0f} samples/s, {history.waiting} waiting" if history is not None else ""
    return f"minute {minute:3d}: {len(running.done)} faults, last {struck}; {well}; {use}; {kept}"


async def _judge(place: Place, start_us: int, end_us: int) -> Verdict:
    """The verdict of the judge, a process of its own, so that it takes no time from the proxies."""
    words = [*SAFE_PATH, "-m", "engine.testing.soak.judge", str(place.folder)]
    with place.log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *words, "--start", str(start_us), "--end", str(end_us)),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), JUDGE_S)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        return Verdict(broken=[f"the history could not be judged; see {place.log}"])
    return from_json(said, Verdict)


def _watched(asked: Asked) -> frozenset[str]:
    """The tags that are looked at: of each source some that change all the time and some that do not,
    and all that come in blocks.
    """
    luck, found = random.Random(asked.seed), list[str]()
    points = Grid(plant_named(asked.plant), 0, asked.seed)
    for source in sorted({point.source for point in points.points}):
        own = [point for point in points.points if point.source == source]
        lively = [point.path for point in own if is_lively(point)]
        calm = [point.path for point in own if not is_lively(point)]
        found += luck.sample(lively, min(LIVELY, len(lively))) + luck.sample(calm, min(CALM, len(calm)))
    found += [point.path for point, fast in zip(points.points, points.is_fast.tolist(), strict=True) if fast]
    return frozenset(found)
