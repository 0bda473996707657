"""Conditions as a person would write them: a sample at a time. What arrays must equal."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.types import Limit, Status

Change = tuple[bool, int, float | None]
"""Came or went, source time, value (None = no number)."""
Says = Callable[[Sequence[float]], float | None]
"""What an expression says of the values of its tags; None = not known."""
STEPS = 16


def usable(status: int, value: float) -> bool:
    return status < 0x80000000 and status & 0xFFFF0000 != Status.STALE and math.isfinite(value)


@dataclass
class PlainAlarm:
    """A limit on one value after another, None = a value that is not usable."""

    limit: Limit
    below_all: bool = False
    active: bool = False
    is_true: bool = False
    left_us: int | None = None
    at_us: int = 0
    at_mono_us: int = 0
    heard: tuple[int, int] = (0, 0)
    value: float | None = None
    held: float | None = None
    waits_for: str = ""
    mute: str = ""
    known_us: int = -(2**62)
    came_us: list[int] = field(default_factory=list[int])
    went: tuple[int, float | None] = (0, None)
    changes: list[Change] = field(default_factory=list[Change])

    @property
    def policy(self) -> str:
        return "raise" if self.limit.kind == "bad" else self.limit.quality

    def sample(self, time_us: int, mono_us: int, value: float | None) -> None:
        self.mute, self.heard = "", (time_us, mono_us)
        self._hear(time_us, mono_us, value)

    def _hear(self, time_us: int, mono_us: int, value: float | None) -> None:
        if not self.waits_for:
            self._pass(max(time_us - self.at_us, 0), time_us)
        self.at_us, self.at_mono_us, self.held = time_us, mono_us, value
        if value is None and self.policy == "hold":
            self.waits_for = "sample"
        else:
            self.waits_for, self.value, self.known_us = "", value, time_us
            self._judge(self.policy == "raise" if value is None else self._beyond(value), time_us)
        self._end_of_window(self.known_us)

    def proved(self, mono_us: int) -> None:
        if self.mute == "proof":
            self.mute = ""
            self._hear(self._now_us(mono_us, 0), mono_us, self.held)
            return
        if self.waits_for == "sample" or self.mute or not self.is_open:
            return
        passed_us = max(mono_us - self.at_mono_us, 0)
        self.at_us, self.at_mono_us = self.at_us + passed_us, mono_us
        self._pass(0 if self.waits_for else passed_us, self.at_us)
        self.waits_for, self.known_us = "", self.at_us
        self._end_of_window(self.known_us)

    @property
    def is_open(self) -> bool:
        return self.left_us is not None or (self.limit.count > 1 and self.active and not self.is_true)

    def silent(self, lost: bool, is_bad: bool = False) -> None:
        if not self.mute:
            self.waits_for = "sample" if lost or self.waits_for == "sample" else "proof"
        if self.policy == "clear" or (self.policy == "raise" and (is_bad or not lost)):
            self.mute = "sample" if lost or self.mute == "sample" else "proof"
        elif self.policy == "raise":
            self.mute, self.waits_for = "", "sample"

    def tick(self, mono_us: int, now_us: int) -> None:
        if self.mute:
            held = self.held
            self._hear(self._now_us(mono_us, now_us), mono_us, None)
            self.held = held

    def _now_us(self, mono_us: int, now_us: int) -> int:
        return self.heard[0] + max(mono_us - self.heard[1], 0) if self.heard[0] else now_us

    def _judge(self, is_beyond: bool, time_us: int) -> None:
        if is_beyond == self.is_true:
            self.left_us = None
        elif self.left_us is None:
            self.left_us = round((self.limit.off_delay_s if self.is_true else self.limit.on_delay_s) * 1e6)
            if self.left_us == 0:
                self._turn(time_us)

    def _pass(self, passed_us: int, now_us: int) -> None:
        self.known_us = now_us
        if self.left_us is None:
            return
        self.left_us -= passed_us
        if self.left_us <= 0:
            self._turn(now_us + self.left_us)

    def _turn(self, time_us: int) -> None:
        self.is_true, self.left_us = not self.is_true, None
        if self.limit.count <= 1:
            self.active = self.is_true
            self.changes.append((self.active, time_us, self.value))
            return
        self._end_of_window(time_us, was_true=not self.is_true)
        if not self.is_true:
            self.went = time_us, self.value
        else:
            self.came_us.append(time_us)
            recent = self.came_us[-self.limit.count :]
            often = len(recent) == self.limit.count and recent[0] + self._window_us >= time_us
            if often and not self.active:
                self.active = True
                self.changes.append((True, time_us, self.value))
        self._end_of_window(time_us)

    @property
    def _window_us(self) -> int:
        return round(self.limit.window_s * 1e6)

    def _end_of_window(self, known_us: int, was_true: bool | None = None) -> None:
        is_true = self.is_true if was_true is None else was_true
        if self.limit.count > 1 and self.active and not is_true:
            due_us = max(self.came_us[-self.limit.count] + self._window_us, self.went[0])
            if due_us <= known_us:
                self.active = False
                self.changes.append((False, due_us, self.went[1]))

    def _beyond(self, value: float) -> bool:
        kind, at = self.limit.kind, self.limit.limit
        if kind == "bad":
            return False
        if kind == "on":
            return value != 0 if at is None else value == at
        if kind in ("expr", "status"):
            return value != 0
        if kind == "off":
            return value == 0 if at is None else value != at
        at = at or 0.0
        back = self.limit.deadband if self.is_true else 0.0
        low = kind in ("l", "ll") or self.below_all
        return value < at + back if low else value > at - back


@dataclass
class PlainRate:
    """All that was seen, as corners of a line; a gap forgets it."""

    window_us: int
    corners: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])

    def take(self, time_us: int, value: float | None) -> float | None:
        if value is None:
            self.corners.clear()
            return None
        self.corners.append((time_us, value))
        step_us = -(-self.window_us // STEPS)
        then_us = (time_us - self.window_us) // step_us * step_us
        before = [k for k, corner in enumerate(self.corners) if corner[0] <= then_us]
        if not before:
            return None
        (start_us, start), (end_us, end) = self.corners[before[-1]], self.corners[before[-1] + 1]
        then = start + (end - start) * (then_us - start_us) / (end_us - start_us)
        return abs(value - then) / ((time_us - then_us) / 1e6)


@dataclass
class PlainSignal:
    """What is made of the last values of some tags."""

    tags: tuple[str, ...]
    says: Says
    rate: PlainRate | None = None
    time_us: int = 0
    mono_us: int = 0
    is_good: bool = False


class PlainPlant:
    """Some limits; ``tags`` gives their paths by id, ``expressions`` what each expression says."""

    def __init__(
        self,
        limits: Sequence[Limit],
        tags: Sequence[str],
        expressions: Mapping[str, tuple[tuple[str, ...], Says]],
    ) -> None:
        self.tags, self.expressions = tags, expressions
        self.alarms = [PlainAlarm(limit, _is_low_trip(limit, limits)) for limit in limits]
        self.signals = [self._signal(limit) for limit in limits]
        self.kept: dict[str, float | None] = dict.fromkeys(tags)
        self.waits: dict[str, str] = dict.fromkeys(tags, "")

    def _signal(self, limit: Limit) -> PlainSignal | None:
        if limit.kind == "expr":
            return PlainSignal(*self.expressions[limit.expression])
        if limit.kind in ("dev", "disc"):
            return PlainSignal((limit.path, limit.other), lambda values: abs(values[0] - values[1]))
        if limit.kind == "rate":
            rate = PlainRate(round(limit.window_s * 1e6))
            return PlainSignal((limit.path,), lambda values: values[0], rate)
        return None

    def row(self, samples: Mapping[str, tuple[int, float, int]], mono_us: int) -> None:
        """Samples of one row of a batch: time, value and status by tag."""
        for path, (time_us, value, status) in samples.items():
            self.kept[path] = value if usable(status, value) else None
            self.waits[path] = ""
            for alarm, signal in zip(self.alarms, self.signals, strict=True):
                if signal is None and alarm.limit.path == path:
                    alarm.sample(time_us, mono_us, self.kept[path])
        for alarm, signal in zip(self.alarms, self.signals, strict=True):
            times = [samples[path][0] for path in signal.tags if path in samples] if signal else []
            if signal is not None and times:
                self._say(alarm, signal, max(*times, signal.time_us), mono_us)

    def _say(self, alarm: PlainAlarm, signal: PlainSignal, time_us: int, mono_us: int) -> None:
        signal.time_us, signal.mono_us = time_us, mono_us
        values = [self.kept[path] for path in signal.tags]
        known = [
            each
            for each, path in zip(values, signal.tags, strict=True)
            if each is not None and not self.waits[path]
        ]
        value = signal.says(known) if len(known) == len(values) else None
        if signal.rate is not None:
            was_known = value is not None
            value = signal.rate.take(time_us, value)
            if was_known and value is None:
                alarm.heard = time_us, mono_us
                return
        signal.is_good = value is not None
        alarm.sample(time_us, mono_us, value)

    def proved(self, tags: Sequence[str], mono_us: int) -> None:
        for path in tags:
            if self.waits[path] == "proof":
                self.waits[path] = ""
        for alarm, signal in zip(self.alarms, self.signals, strict=True):
            if signal is None:
                if alarm.limit.path in tags:
                    alarm.proved(mono_us)
            elif any(path in tags for path in signal.tags) and all(
                self.kept[path] is not None and not self.waits[path] for path in signal.tags
            ):
                if signal.rate is not None or not signal.is_good:
                    now_us = signal.time_us + max(mono_us - signal.mono_us, 0)
                    self._say(alarm, signal, now_us, mono_us)
                else:
                    alarm.proved(mono_us)

    def silent(self, tags: Sequence[str], lost: bool, is_bad: bool) -> None:
        for path in tags:
            self.waits[path] = "sample" if lost or self.waits[path] == "sample" else "proof"
        for alarm, signal in zip(self.alarms, self.signals, strict=True):
            if any(path in tags for path in (signal.tags if signal else (alarm.limit.path,))):
                alarm.silent(lost, is_bad)
                if signal is not None:
                    signal.is_good = False
                    if signal.rate is not None:
                        signal.rate.corners.clear()

    def tick(self, mono_us: int, now_us: int) -> None:
        for alarm in self.alarms:
            alarm.tick(mono_us, now_us)


def _is_low_trip(limit: Limit, beside: Sequence[Limit]) -> bool:
    others = [
        each.limit
        for each in beside
        if each.path == limit.path and each.kind in ("h", "hh", "l", "ll") and each.limit is not None
    ]
    return limit.kind == "trip" and limit.limit is not None and bool(others) and limit.limit < min(others)
