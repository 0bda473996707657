"""A stretch of time marked by hand: begun, pulled, taken at an edge, by mouse, finger or keys. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

Stretch = tuple[int, int]
"""First and last UTC microsecond."""


@dataclass(slots=True)
class Selection:
    """``span`` is what is marked, None = nothing. ``is_mode`` = the next drag, or the next two taps, mark.

    ``is_pulled`` = one edge follows the hand. ``by_keys`` = it follows the cursor that keys move.
    """

    span: Stretch | None = None
    is_mode: bool = False
    is_pulled: bool = False
    by_keys: bool = False
    anchor_us: int | None = None

    def begin(self, time_us: int) -> None:
        """From here on; what was marked stays until the other edge is pulled away from here."""
        self.anchor_us, self.is_pulled = time_us, True

    def grip(self, time_us: int, reach_us: int) -> bool:
        """Take the edge within reach, if there is one; the other one stays where it is."""
        if self.span is None:
            return False
        near = min(self.span, key=lambda edge: abs(edge - time_us))
        if abs(near - time_us) > reach_us:
            return False
        self.begin(self.span[1] if near == self.span[0] else self.span[0])
        return True

    def pull(self, time_us: int) -> None:
        """The edge in hand goes there."""
        if self.anchor_us is not None and time_us != self.anchor_us:
            self.span = min(self.anchor_us, time_us), max(self.anchor_us, time_us)

    def end(self) -> None:
        """Let go. The mode has done its work once something is marked."""
        self.is_pulled = self.by_keys = self.is_mode = False
        self.anchor_us = None

    def tap(self, time_us: int) -> None:
        """In the mode: the first tap is one edge, the second the other."""
        if self.anchor_us is None:
            self.span, self.anchor_us = None, time_us
        else:
            self.pull(time_us)
            if self.span is not None:
                self.end()

    def set_mode(self, is_on: bool) -> None:
        """Begin or leave the mode; what was marked goes when it begins."""
        self.end()
        self.is_mode = is_on
        if is_on:
            self.span = None

    def clear(self) -> bool:
        """Mark nothing; True = there was something to end."""
        was = self.span is not None or self.is_mode or self.anchor_us is not None
        self.end()
        self.span = None
        return was
