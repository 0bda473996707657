"""One limit as a person would write it: a sample at a time, counting a delay down. What arrays must equal."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.types import Limit, Status

Change = tuple[bool, int, float]
"""Came or went, source time, value."""


@dataclass
class PlainAlarm:
    limit: Limit
    below_all: bool = False
    active: bool = False
    left_us: int | None = None
    at_us: int = 0
    at_mono_us: int = 0
    value: float = 0.0
    waits_for: str = ""
    changes: list[Change] = field(default_factory=list[Change])

    def sample(self, time_us: int, mono_us: int, value: float, status: int) -> None:
        if not self.waits_for:
            self._pass(max(time_us - self.at_us, 0), time_us)
        self.at_us, self.at_mono_us = time_us, mono_us
        if status >= 0x80000000 or status & 0xFFFF0000 == Status.STALE:
            self.waits_for = "sample"
            return
        self.waits_for, self.value = "", value
        if self._beyond(value) == self.active:
            self.left_us = None
        elif self.left_us is None:
            self.left_us = round((self.limit.off_delay_s if self.active else self.limit.on_delay_s) * 1e6)
            self._pass(0, time_us)

    def proved(self, mono_us: int) -> None:
        if self.waits_for == "sample" or self.left_us is None:
            return
        passed_us = max(mono_us - self.at_mono_us, 0)
        self.at_us, self.at_mono_us = self.at_us + passed_us, mono_us
        self._pass(0 if self.waits_for else passed_us, self.at_us)
        self.waits_for = ""

    def silent(self, lost: bool) -> None:
        self.waits_for = "sample" if lost or self.waits_for == "sample" else "proof"

    def _pass(self, passed_us: int, now_us: int) -> None:
        if self.left_us is None:
            return
        self.left_us -= passed_us
        if self.left_us <= 0:
            self.active = not self.active
            self.changes.append((self.active, now_us + self.left_us, self.value))
            self.left_us = None

    def _beyond(self, value: float) -> bool:
        kind, at = self.limit.kind, self.limit.limit
        if kind == "on":
            return value != 0 if at is None else value == at
        if kind == "off":
            return value == 0 if at is None else value != at
        assert at is not None
        back = self.limit.deadband if self.active else 0.0
        low = kind in ("l", "ll") or self.below_all
        return value < at + back if low else value > at - back
