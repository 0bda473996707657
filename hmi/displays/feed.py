"""What a display may ask for: the one door to the engine, filled in by the bridge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, cast

from engine.types import Curve
from hmi.history import Stored
from hmi.replay import Past, Replay


class Feed(Protocol):
    """Answers from memory at once or later by a callback; nothing here ever blocks."""

    @property
    def past(self) -> Stored:
        """How much of the stored past has come, its gaps, and how far it reaches."""
        ...

    def curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        """The tag at live position ``index`` over a span of UTC microseconds, ≤ 2 points a pixel.

        At once what is known: stored samples where they have come, else coarser ones, and memory for
        the newest part. The rest is asked for; `past` tells when more has come.
        """
        ...

    def instant(self, time_us: int, on_done: Callable[[Past], None], on_error: Callable[[str], None]) -> None:
        """All tags at a past instant, later; one of the two callbacks gets the answer in the GUI thread."""
        ...

    def submit(
        self,
        name: str,
        body: dict[str, Any],
        on_done: Callable[[Any], None],
        on_error: Callable[[str], None],
    ) -> None:
        """Send a request; one of the two callbacks gets the answer in the GUI thread, later."""
        ...

    def now_us(self) -> int:
        """UTC microseconds now."""
        ...


class Replaying(Protocol):
    """The replay of a window: one for all its displays. ``moved``, a Qt signal = it may stand elsewhere."""

    replay: Replay | None
    moved: Any

    def begin(self, at_us: int | None = None) -> None:
        """Go to a past instant, by default some minutes ago; within a replay go to another."""
        ...

    def toggle(self) -> None:
        """Let the past go on, or hold it."""
        ...

    def set_speed(self, speed: int) -> None:
        """At another of the `hmi.replay.SPEEDS`."""
        ...

    def leave(self) -> None:
        """Back to live."""
        ...


def replaying_of(feed: Feed) -> Replaying | None:
    """The replay of the window whose feed this is; None where there is no window."""
    return cast("Replaying | None", getattr(feed, "replaying", None))
