"""What a soak is made of while it runs, and what it has found so far."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.clock import SystemClock
from engine.testing.soak.beside import Beside
from engine.testing.soak.grid import Grid
from engine.testing.soak.judge import Verdict
from engine.testing.soak.look import Look
from engine.testing.soak.probe import Use
from engine.testing.soak.rig import Engine, Line, Place
from engine.testing.soak.schedule import Strike
from engine.testing.soak.window import Window

CALM_S = 90.0
"""How long everything may take to be good for the first time, and after a fault."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """What a person asked for."""

    seed: int
    plant: str
    seconds: float
    every_s: float
    kill_every_s: float
    window: bool


@dataclass
class Soak:
    """Everything that runs, and what was found so far. ``struck`` = sources in a fault now, and which."""

    asked: Asked
    place: Place
    say: Say
    lines: list[Line]
    grid: Grid
    engine: Engine
    look: Look
    beside: Beside
    strikes: tuple[Strike, ...]
    struck: dict[str, str]
    window: Window | None
    began_us: int = 0
    began_mono_us: int = 0
    done: list[Strike] = field(default_factory=list[Strike])
    verdicts: list[Verdict] = field(default_factory=list[Verdict])
    engine_s: list[float] = field(default_factory=list[float])
    link_s: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    engine_uses: list[Use] = field(default_factory=list[Use])
    window_uses: list[Use] = field(default_factory=list[Use])
    floor_ms: list[float] = field(default_factory=list[float])
    broken: list[str] = field(default_factory=list[str])
    troubles: list[str] = field(default_factory=list[str])
    said: list[str] = field(default_factory=list[str])
    judged_us: int = 0


def all_well(running: Soak, since_us: int) -> bool:
    """Whether every source that no fault holds is good, and newer than an instant."""
    return all(
        running.look.is_well(line.source, since_us)
        for line in running.lines
        if line.source not in running.struck
    )


def unwell(running: Soak) -> list[str]:
    """The sources that are not good now."""
    return [line.source for line in running.lines if not running.look.is_well(line.source, 0)]


async def until(fact: Callable[[], bool], seconds: float) -> float | None:
    """Wait until something is so; how many seconds it took, None = it was not within the time."""
    clock = SystemClock()
    began_us = clock.mono_us()
    while not fact():
        if clock.mono_us() - began_us > seconds * 1e6:
            return None
        await asyncio.sleep(0.05)
    return (clock.mono_us() - began_us) / 1e6
