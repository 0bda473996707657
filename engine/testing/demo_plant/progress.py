"""How far a long work has come: one line on the terminal that is written over, plain lines in a file."""

from __future__ import annotations

import sys

from engine.types import Clock

TERMINAL_US, PLAIN_US = 200_000, 10_000_000
"""How often a terminal and a file get news."""
DAY_S = 86_400.0


class Progress:
    """Of filling ``span_s`` of plant time with samples."""

    def __init__(self, clock: Clock, span_s: float) -> None:
        self._clock, self._span_s = clock, span_s
        self._rewrites = sys.stdout.isatty()
        self._every_us = TERMINAL_US if self._rewrites else PLAIN_US
        self._start_us = clock.mono_us()
        self._told_us, self._samples = self._start_us, 0
        self._width = 0

    def add(self, samples: int, done_s: float, of_s: float) -> None:
        """So many samples more; ``done_s`` of ``of_s`` seconds are done."""
        self._samples += samples
        now_us = self._clock.mono_us()
        if now_us - self._told_us >= self._every_us:
            self._told_us = now_us
            self._say(self._text(done_s, of_s, (now_us - self._start_us) / 1e6))

    def end(self) -> None:
        """All is done."""
        seconds = (self._clock.mono_us() - self._start_us) / 1e6
        rate = self._samples / max(seconds, 1e-3) / 1e6
        self._say(
            f"history: {_span(self._span_s)} filled, {self._samples / 1e6:.1f} million samples "
            f"in {_time(seconds)}, {rate:.1f} million a second"
        )
        if self._rewrites:
            sys.stdout.write("\n")
            sys.stdout.flush()

    def _text(self, done_s: float, of_s: float, took_s: float) -> str:
        part = min(done_s / of_s, 1.0)
        rate = self._samples / max(took_s, 1e-3) / 1e6
        left = f", {_time(took_s / part - took_s)} left" if part > 0.01 else ""
        span = f"{_span(done_s)} of {_span(of_s)}"
        return f"filling the history: {100 * part:.0f} %, {span}, {rate:.1f} million samples a second{left}"

    def _say(self, text: str) -> None:
        end = "" if self._rewrites else "\n"
        start = "\r" if self._rewrites else ""
        sys.stdout.write(f"{start}{text.ljust(self._width) if self._rewrites else text}{end}")
        sys.stdout.flush()
        self._width = len(text)


def _span(seconds: float) -> str:
    """Of plant time."""
    if seconds >= DAY_S:
        return f"{seconds / DAY_S:.1f} days"
    return f"{seconds / 3600:.0f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def _time(seconds: float) -> str:
    """Of a clock on the wall."""
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"
