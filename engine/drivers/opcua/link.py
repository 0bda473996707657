"""The open session with one server: what all who hold it share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from asyncua import Client, ua

from engine.drivers.driver import NotReady, Refused
from engine.drivers.opcua.address import Path
from engine.drivers.opcua.clock import ServerClock
from engine.drivers.opcua.decode import Reader
from engine.drivers.opcua.failures import TOO_BIG, Place, explained
from engine.drivers.opcua.memory import ServerMemory
from engine.drivers.opcua.reading import Limits
from engine.drivers.opcua.server import Capabilities
from engine.drivers.opcua.validate import Judged
from engine.types import Tag, TagInfo

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """Where a tag is on the server now: its node, what the server says of it, and how its values are read.

    ``reader`` None = they are plain numbers, of the built-in type ``data_type``.
    """

    tag: Tag
    node: ua.NodeId
    path: Path
    data_type: str
    info: TagInfo
    reader: Reader | None


class Spots(Protocol):
    """The tags of one source in a session."""

    def spot(self, tag_id: int) -> Spot | str:
        """Where a tag is, or in words why it is nowhere now."""
        ...


@dataclass(slots=True, eq=False)
class Link:
    """An open session. ``security`` is the policy in words; the two expiries are 0 for an open link.

    ``judged`` = the CAs above the server's certificate, and what a person should know of it.
    ``failure`` = why it is of no use any more; all who hold it leave then. ``heard_us`` = when the server
    last answered anything (monotonic). ``holders`` counts the sources and browsers, ``subscriptions``
    the subscriptions, in it. ``limits`` shrink when the server finds a request too big. ``sources`` = where
    the tags of each source that is read through it are.
    """

    client: Client
    place: Place
    security: str
    memory: ServerMemory
    capabilities: Capabilities = field(default_factory=Capabilities)
    limits: Limits = field(default_factory=lambda: Limits(1, 1, 1))
    server_expires_us: int = 0
    own_expires_us: int = 0
    judged: Judged = field(default_factory=Judged)
    clock: ServerClock = field(default_factory=ServerClock)
    failure: NotReady | Refused | None = None
    heard_us: int = 0
    holders: int = 0
    subscriptions: int = 0
    sources: dict[str, Spots] = field(default_factory=dict[str, "Spots"])

    @property
    def where(self) -> str:
        """The server as "host:port"."""
        return self.place.where

    def fail(self, error: BaseException) -> NotReady | Refused:
        """The session is of no use any more; gives the error as a person reads it. The first counts."""
        failure = explained(error, self.place)
        self.failure = self.failure or failure
        return failure

    def shrink(self, used: Limits) -> bool:
        """Halve the size of requests after one of this size was too big; False = it cannot be smaller."""
        largest = max(used.read, used.translate, used.monitor)
        if largest <= 1:
            return False
        if used != self.limits:
            return True
        self.memory.most = largest // 2
        self.limits = self.capabilities.limits(self.memory.most)
        return True


async def fitted(link: Link, work: Callable[[Limits], Awaitable[_Result]]) -> _Result:
    """What ``work`` gives with requests of a size the server takes: it is done again with half of it
    while the server finds them too big. The size is remembered for the next connection.
    """
    while True:
        used = link.limits
        try:
            return await work(used)
        except ua.UaStatusCodeError as error:
            if error.code not in TOO_BIG or not link.shrink(used):
                raise
