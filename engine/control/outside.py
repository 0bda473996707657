"""What the gate needs of the rest of the engine, handed to it when it is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.control.keep import Keep
from engine.types import (
    Action,
    Clock,
    Interlock,
    Live,
    May,
    Person,
    PutOnRecord,
    ReadNow,
    SendWrite,
    Session,
    Write,
)

SecondPerson = Callable[[str, str, str, str], Awaitable[Person]]
"""(name, secret, station, first) -> the second person, who showed who it is with a password of their own.

Raises an error whose text is for a person: wrong secret, too many tries, the same account.
"""


@dataclass(frozen=True, slots=True)
class Outside:
    """``live`` = a tag by its id. ``session`` = that of a token, None = there is none (any more).

    ``may`` = whether a session may do something at a path, ``person_may`` the same of a person by name,
    ``blocked`` (path, station) = the stage, a work tag or somebody else's area: all "" or why not.
    ``alarm`` tells everybody of a write whose outcome is unknown, or that was executed late.
    ``interlocks`` = of each asset, with whole paths.
    """

    clock: Clock
    live: Callable[[int], Live]
    send: SendWrite
    read: ReadNow
    record: PutOnRecord
    may: May
    person_may: Callable[[str, Action, str], str]
    session: Callable[[str], Session | None]
    second: SecondPerson
    blocked: Callable[[str, str], str]
    keep: Keep
    alarm: Callable[[Write, str], None]
    interlocks: Mapping[str, Sequence[Interlock]] = field(default_factory=dict[str, Sequence[Interlock]])
