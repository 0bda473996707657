"""What the parts of the engine hand each other, as protocols and callables."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.types.conditions import ConditionKey, ConditionReport
from engine.types.project import Source
from engine.types.samples import Batch
from engine.types.status import BrowseItem, TagInfo
from engine.types.ways import Spread


class AddressRules(Protocol):
    """How a driver judges plant.toml and tags.csv, without touching the network.

    The two checks give a sentence per mistake; ``tag_type`` the type an address states, or "";
    ``check_frame`` why these addresses cannot be written with one frame, "" = they can.
    """

    @property
    def check_source(self) -> Callable[[Source], Sequence[str]]: ...
    @property
    def check_address(self) -> Callable[[str], Sequence[str]]: ...
    @property
    def tag_type(self) -> Callable[[str], str]: ...
    @property
    def check_frame(self) -> Callable[[Sequence[str]], str]: ...


class Clock(Protocol):
    """The one source of time; see ``engine.clock``."""

    def now_us(self) -> int: ...
    def mono_us(self) -> int: ...
    async def sleep(self, seconds: float) -> None: ...


class Sink(Protocol):
    """What the engine gives a driver to report to. Every call is quick and never blocks.

    Overload: live values are overwritten, never queued.
    """

    def batch(self, batch: Batch) -> None:
        """New samples. The tags in it count as proven current at the batch's receive time."""
        ...

    def alive(self, tags: NDArray[np.int32]) -> None:
        """The source proves the last values of these tags current (keep-alive, unchanged poll)."""
        ...

    def period(self, tags: NDArray[np.int32], seconds: float) -> None:
        """Revised keep-alive or scan period of these tags: sets when they count as stale."""
        ...

    def mark(self, tags: NDArray[np.int32], status: int, why: str = "") -> None:
        """Set a quality without a new value (missing node, refused address); ``why`` in words."""
        ...

    def late(self, batch: Batch) -> None:
        """Older samples the device kept while the link was down: history, never the live value."""
        ...

    def describe(self, tag_id: int, info: TagInfo) -> None:
        """Type, unit and range as the device states them."""
        ...

    def connected(self, security: str) -> None:
        """The link works. ``security`` is the policy in words, "none" for an open link."""
        ...

    def lost(self, samples: int, why: str, since_us: int = 0) -> None:
        """Samples the device or the link dropped, at least so many.

        ``since_us`` = source time of the last sample before them; 0 = since the last report.
        """
        ...

    def note(self, about: str, what: str, do: str = "") -> None:
        """Tell a person something about this source (``SourceNote``); an empty ``what`` takes it back.

        Notes outlive the link: the next run takes back what no longer holds.
        """
        ...

    def fact(self, name: str, text: str) -> None:
        """A figure of the present link in words, such as "publishing interval": "1 s (asked 0.5 s)"."""
        ...

    def clock_offset(self, seconds: float, error_s: float = 0.0) -> None:
        """The device's clock minus ours, measured; true within ± ``error_s``."""
        ...

    def condition(self, report: ConditionReport) -> None:
        """What an OPC UA server says of one of its alarms now. After a reconnect it may say it again."""
        ...

    def conditions(self, known: frozenset[ConditionKey] | None) -> None:
        """Which conditions the server has: all those reported are current, any other one is gone.

        None = the link is lost: they are held as they were and none is known to be current.
        """
        ...


class Spreading(Protocol):
    """How trouble spreads in a plant (twin → alarms). Quick: what was asked once is remembered."""

    def places(self, path: str) -> tuple[Sequence[str], Sequence[str]]:
        """The assets that trouble at a tag is trouble of, and all that those are parts of."""
        ...

    def before(self, path: str) -> Sequence[Spread]:
        """From where trouble can have come to a tag, nearest first."""
        ...


Intern = Callable[[str], float]
"""The number that stands for a text in batches: equal texts give equal numbers."""

Append = Callable[[str, dict[str, Any]], None]
"""Write an event (name, body) to the journal; it is published once it is on disk."""

Browse = Callable[[str, str], Awaitable[Sequence[BrowseItem]]]
"""Browse (source id, node address or "") of a device."""
