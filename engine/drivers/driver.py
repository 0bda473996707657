"""The driver contract: what a protocol must offer, and the three ways it may fail.

A driver is a frozen ``Driver`` made of plain functions. A call of ``run`` opens a new connection, or
holds one together with other sources in ``context.shared``; nothing is kept between calls: retry,
back-off and state belong to the supervisor.
What writes to a device is loaded only once the project may (``load_writes``); what a person does with an
alarm that a server keeps goes back (``call``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.drivers.login import Logins
from engine.drivers.shared import Shared
from engine.live import Texts
from engine.types import (
    BrowseItem,
    Clock,
    ConditionAnswer,
    ConditionCall,
    Intern,
    Reading,
    Sent,
    Sink,
    Source,
    Tag,
    WriteOrder,
)


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
    together there. ``intern`` gives the number that stands for a text in a batch. ``logins`` enters a
    source that names a user; None = there are no passwords here.
    """

    source: Source
    tags: tuple[Tag, ...]
    sink: Sink
    clock: Clock
    pki: Path
    shared: Shared = field(default_factory=Shared)
    intern: Intern = field(default_factory=lambda: Texts().code)
    logins: Logins | None = None


Run = Callable[[Context], Awaitable[None]]
"""Connect, call ``sink.connected`` once, then deliver until cancelled. Stops within 2 s of a
cancel from any await. Raises ``NotReady`` or ``Refused``; never returns while all is well."""


@dataclass(frozen=True, slots=True)
class Writes:
    """What reaches a device over the link that is open; neither ever raises, queues or tries twice.

    ``send`` puts at most one frame on the wire for an order and has an answer within its deadline.
    ``read`` asks the device for the value of a tag now, scaled as people see it.
    """

    send: Callable[[Context, WriteOrder], Awaitable[Sent]]
    read: Callable[[Context, int], Awaitable[Reading]]


def no_frame(addresses: Sequence[str]) -> str:
    """Of a driver that writes one value at a time."""
    return "what speaks this protocol writes one value at a time"


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
    call: Callable[[Context, ConditionCall], Awaitable[ConditionAnswer]] | None = None
    """Ask for something to be done with a condition, over the link that is open; never raises, never queues
    and never asks twice. None = the protocol has no alarms."""
    check_frame: Callable[[Sequence[str]], str] = no_frame
    """Why values at these addresses cannot go out in one frame, "" = they can (`WriteOrder.seal`)."""
    load_writes: Callable[[], Writes] | None = None
    """Imports the code that writes, which is not loaded before (stage "look"). None = it cannot write."""
    tells_time: bool = False
    """The protocol lets a device tell its time: runs report its clock with ``sink.clock_offset``, about twice
    a minute and over the open link. False = its values carry our own time."""
