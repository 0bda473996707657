"""A write as the gate holds it: what people see of it, and what only the engine needs."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.control import life
from engine.control.handshake import Ready
from engine.control.lease import Lease
from engine.control.target import Target
from engine.types import Write


@dataclass(slots=True, eq=False)
class Held:
    """``target`` None = what it aimed at is no longer in the project. ``token`` and ``session`` are those of
    the person who asked; both are gone after a restart.

    ``is_set`` = it is one of a set that is restored. ``is_busy`` = something is being done with it, which
    nothing else may cross. ``void`` = why it must not be sent. ``signs`` = the hash that those who confirm it
    sign. ``seen`` = what the PLC of its handshake showed when it was looked at last.
    """

    write: Write
    target: Target | None
    lease: Lease
    token: str = field(default="", repr=False)
    session: str = ""
    of: str = ""
    signs: str = ""
    void: str = ""
    is_set: bool = False
    is_busy: bool = False
    is_looking: bool = False
    has_lease: bool = True
    look_us: int = 0
    looks: int = 0
    seen: Ready | None = None

    @property
    def keys(self) -> frozenset[str]:
        """The tags that it has to itself."""
        return self.target.keys if self.target is not None else frozenset({self.write.path})

    @property
    def reserves(self) -> bool:
        """Whether nobody else may write these tags now."""
        step = self.write.step
        return self.write.is_locked or step == "sent" or (self.has_lease and step in life.RESERVING)
