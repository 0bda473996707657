"""The driver contract: what a protocol must offer, and the three ways it may fail.

A driver is a frozen ``Driver`` made of plain functions. It opens a new connection per call of
``run`` and holds nothing between calls: retry, back-off and state belong to the supervisor.
It never writes to a device.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.types import BrowseItem, Clock, Sink, Source, Tag


class NotReady(Exception):
    """The device cannot be reached or fell silent; trying again is right."""


class Refused(Exception):
    """The device or our own trust rules said no; a person must act. The text says how."""


@dataclass(frozen=True, slots=True)
class Context:
    """One source with its tags, and what a driver may use. ``pki`` holds certificates."""

    source: Source
    tags: tuple[Tag, ...]
    sink: Sink
    clock: Clock
    pki: Path


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
