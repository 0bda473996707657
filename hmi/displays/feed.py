"""What a display may ask for: the one door to the engine, filled in by the bridge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from engine.types import Curve


class Feed(Protocol):
    """Answers from memory at once or later by a callback; nothing here ever blocks."""

    def curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        """The tag at live position ``index`` over a span of UTC microseconds, ≤ 2 points a pixel."""
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
