"""The schedule carried out: break, mend, and wait until all is well again."""

from __future__ import annotations

import asyncio
import random

import numpy as np

from engine.clock import SystemClock
from engine.testing.soak.faults import FAULTS
from engine.testing.soak.schedule import Strike
from engine.testing.soak.state import CALM_S, Soak, all_well, until
from engine.testing.soak.window import Window


async def strike_all(running: Soak) -> None:
    """Carry out the schedule, one fault after the other; each is over when all is well again."""
    for number, strike in enumerate(running.strikes):
        elapsed_s = (SystemClock().mono_us() - running.began_mono_us) / 1e6
        await asyncio.sleep(max(0.0, strike.at_s - elapsed_s))
        running.done.append(strike)
        luck = random.Random(f"{running.asked.seed} {number}")
        if strike.kind == "engine killed":
            await _kill_engine(running)
        elif strike.kind == "second window":
            await _second_window(running)
        else:
            await _strike(running, strike, luck)


async def _strike(running: Soak, strike: Strike, luck: random.Random) -> None:
    """One fault of a line, and how long after its end the source is good again."""
    line = next(each for each in running.lines if each.source == strike.source)
    running.struck[strike.source] = strike.kind
    try:
        await FAULTS[strike.kind](line, luck, strike.seconds)
        mended_us = SystemClock().now_us()
        took_s = await until(lambda: running.look.is_well(strike.source, mended_us), CALM_S)
    finally:
        running.struck.pop(strike.source, None)
    if took_s is None:
        running.broken.append(f"{strike.source} was not good {CALM_S:.0f} s after {strike.kind} had ended")
    else:
        running.link_s.setdefault(strike.kind, []).append(took_s)


async def _kill_engine(running: Soak) -> None:
    """End it by kill -9 and start a new one at once, as a service manager or a window would; wait until
    all is good again.
    """
    killed_us = SystemClock().now_us()
    if not running.engine.kill():
        running.broken.append("the engine was not there when it was to be killed")
    with running.place.kills.open("ab") as file:
        file.write(np.int64(killed_us).tobytes())
    running.engine.start()
    took_s = await until(lambda: all_well(running, killed_us), CALM_S)
    if took_s is None:
        running.broken.append(f"not everything was good {CALM_S:.0f} s after the engine was killed")
    else:
        running.engine_s.append(took_s)


async def _second_window(running: Soak) -> None:
    other = Window(running.place.project, running.place.folder / "home", running.place.log)
    other.open()
    try:
        if await until(lambda: other.is_open, CALM_S) is None:
            running.broken.append(f"a second window was not open within {CALM_S:.0f} s")
    finally:
        if trouble := await asyncio.to_thread(other.close):
            running.troubles.append(trouble)
