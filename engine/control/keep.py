"""What of writes must outlive the engine: those open, those whose outcome is unknown, those offered back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from engine.types import Write


class Keep(Protocol):
    """Keeps each write as it was last saved, in a file that a kill and a power cut leave whole.

    A write is one row by its ``id``. One whose step is "closed" is done with and is let go.
    """

    async def save(self, write: Write) -> None:
        """Put this state of a write in the place of the last one; returns once it is on disk.

        Raises:
            Exception: it is not; what was to come next is not done.
        """
        ...

    async def number(self, handshake: str, used: Iterable[int]) -> int:
        """The number after the newest of those given to this handshake before and those ``used`` elsewhere;
        returns once it is on disk.

        Raises:
            Exception: it is not; the number must not be used.
        """
        ...

    def all(self) -> Sequence[Write]:
        """Every write that is not closed; read once, when the engine starts."""
        ...
