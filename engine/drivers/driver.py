"""The driver contract: what a protocol must offer, and the three ways it may fail.

A driver is a frozen ``Driver`` made of plain functions. A call of ``run`` opens a new connection, or
holds one together with other sources in ``context.shared``; nothing is kept between calls: retry,
back-off and state belong to the supervisor.
It never writes to a device.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.drivers.shared import Shared
from engine.live import Texts
from engine.types import BrowseItem, Clock, Intern, Sink, Source, Tag


class NotReady(Exception):
    """The device cannot be reached or fell silent; trying again is right.

    ``what`` happened and what to ``do`` about it, both for a person. ``busy`` = the device is there and
    said "not now": it is asked ever more rarely, up to every 30 s, while one that does not answer is
    asked every 1 to 2.5 s. ``again_s`` = not before that many seconds.
    """

    def __init__(self, what: str, do: str = "", *, busy: bool = False, again_s: float = 0.0) -> None:
        super().__init__(f"{what}: {do}" if do else what)
        self.what, self.do, self.busy, self.again_s = what, do, busy, again_s


class Refused(Exception):
    """The device or our own trust rules said no; a person must act: ``what`` happened, what to ``do``."""

    def __init__(self, what: str, do: str = "") -> None:
        super().__init__(f"{what}: {do}" if do else what)
        self.what, self.do = what, do


@dataclass(frozen=True, slots=True)
class Context:
    """One source with its tags, and what a driver may use. ``pki`` holds certificates.

    ``shared`` is one for all sources of an engine: runs that need the same connection hold it
    together there. ``intern`` gives the number that stands for a text in a batch.
    """

    source: Source
    tags: tuple[Tag, ...]
    sink: Sink
    clock: Clock
    pki: Path
    shared: Shared = field(default_factory=Shared)
    intern: Intern = field(default_factory=lambda: Texts().code)


Run = Callable[[Context], Awaitable[None]]
"""Connect, call ``sink.connected`` once, then deliver until cancelled. Stops within 2 s of a
cancel from any await. Raises ``NotReady`` or ``Refused``; never returns while all is well."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A protocol: its name in plant.toml and its functions.

    ``check_source(source)`` and ``check_address(address)`` give a sentence per mistake, without
    touching the network. ``tag_type(address)`` gives the type the address states, or "". ``load()``
    imports the protocol library, which may take a second: the engine calls it before it starts,
    so that its loop never stands still for it.
    """

    name: str
    check_source: Callable[[Source], Sequence[str]]
    check_address: Callable[[str], Sequence[str]]
    tag_type: Callable[[str], str]
    load: Callable[[], None]
    run: Run
    browse: Callable[[Context, str], Awaitable[Sequence[BrowseItem]]]
