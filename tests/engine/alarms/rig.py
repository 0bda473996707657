"""Alarms over a real live table, with a clock and a disk that a test moves."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from engine.alarms import Alarms, Key
from engine.alarms.recording import Seen
from engine.live import LiveReader, LiveTable, plan
from engine.types import Alarm, AlarmChange, AlarmClass, AlarmSettings, CommandName, Limit, Tag
from engine.wire import AlarmCommandAnswer, AlarmCommandBody
from tests.engine.alarms.samples import GUARD, STATE, TAGS, S, batch, high

HH = high(kind="hh", limit=110.0, priority=1, message="Pressure high-high", cause="seal leak", response="go")
LIMITS = (high(priority=2), HH, Limit(GUARD, "off", priority=3), Limit(STATE, "on", limit=5.0))


class MovedClock:
    """Wall clock and monotonic clock, which a test moves together or apart."""

    def __init__(self) -> None:
        self.us, self.mono = 5_000 * S, 70 * S

    def now_us(self) -> int:
        return self.us

    def mono_us(self) -> int:
        return self.mono

    async def sleep(self, seconds: float) -> None:
        self.wait(seconds)

    def wait(self, seconds: float) -> None:
        self.us += round(seconds * S)
        self.mono += round(seconds * S)


class Numbers:
    """Numbers of alarms, from 1 on; the same for all rigs that share it."""

    def __init__(self) -> None:
        self.known: dict[Key, int] = {}

    def __call__(self, keys: Sequence[Key]) -> list[int]:
        return [self.known.setdefault(each, len(self.known) + 1) for each in keys]


class Rig:
    """``changes`` = what was written, alarm after it; on disk at once, or by `commit` if ``is_slow``."""

    def __init__(
        self,
        folder: Path,
        limits: Sequence[Limit] = LIMITS,
        tags: Sequence[Tag] = TAGS,
        classes: Iterable[AlarmClass] = (),
        settings: AlarmSettings | None = None,
        numbers: Numbers | None = None,
    ) -> None:
        self.clock, self.numbers = MovedClock(), numbers or Numbers()
        layout = plan(len(tags), 1, 1 << 18)
        self.table = LiveTable(folder / "live.bin", layout, np.arange(len(tags), dtype=np.int32), 0)
        self.reader = LiveReader(folder / "live.bin", layout)
        self.tags = list(tags)
        self.alarms = Alarms(
            limits, self.tags, self.table, self.clock, self.numbers, classes, settings or AlarmSettings()
        )
        self.changes: list[tuple[AlarmChange, Alarm]] = []
        self.unwritten: deque[Seen] = deque()
        self.is_slow = False
        self.later: deque[Callable[[], None]] = deque()

    def begin(self, states: Sequence[Alarm] = (), *, in_slices: bool = False, noted_us: int = 0) -> None:
        self.alarms.begin(self._write, states, noted_us, soon=self.later.append if in_slices else None)

    def _write(self, change: AlarmChange, alarm: Alarm) -> None:
        self.changes.append((change, alarm))
        self.unwritten.append((change.alarm, change.what, change.time_us))

    def commit(self) -> None:
        """The disk took all that was written."""
        seen = list(self.unwritten)
        self.unwritten.clear()
        self.alarms.committed(seen)

    def send(self, second: float, value: float, tag: int = 0, *, judged: bool = True) -> None:
        sent = batch(second, value, tags=(tag,))
        self.table.write(sent, np.ones((1, 1), np.bool_), self.clock.mono, None)
        if judged:
            self.alarms.judge(sent, None, self.clock.mono)
        if not self.is_slow:
            self.commit()

    def wait(self, seconds: float) -> None:
        self.clock.wait(seconds)
        self.alarms.tick()
        if not self.is_slow:
            self.commit()

    def do(
        self,
        what: CommandName,
        *alarms: Alarm,
        text: str = "",
        until_s: float = 0.0,
        one_shot: bool = False,
        by: str = "Ann",
    ) -> AlarmCommandAnswer:
        until_us = self.clock.us + round(until_s * S) if until_s else 0
        seen = tuple((each.id, each.changed_us) for each in alarms)
        answer, _ = self.alarms.command(AlarmCommandBody(what, seen, by, text, until_us, one_shot))
        if not self.is_slow:
            self.commit()
        return answer

    @property
    def shown(self) -> list[Alarm]:
        return sorted(self.alarms.shown().alarms, key=lambda each: each.id)

    @property
    def letters(self) -> dict[str, str]:
        return {each.message: each.letter for each in self.shown}

    @property
    def whats(self) -> list[tuple[str, str]]:
        return [(change.what, change.letter) for change, _ in self.changes]

    @property
    def column(self) -> list[int]:
        return self.reader.snapshot(self.clock.mono).alarm.tolist()

    def close(self) -> None:
        self.reader.close()
        self.table.close()
