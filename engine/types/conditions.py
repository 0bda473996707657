"""Alarms that an OPC UA server keeps (Alarms & Conditions, OPC 10000-9): what it says, what we ask of it."""

from __future__ import annotations

from typing import Literal

import msgspec


class ConditionReport(msgspec.Struct, frozen=True):
    """What an OPC UA server says of one of its conditions (OPC 10000-9): its state now, not what changed.

    ``id`` = its ConditionId as an address for tags.csv; ``branch`` = an earlier state of it that still waits
    for a person, "" = the condition itself; both together tell reports apart (``key``). ``event_id`` = what
    an acknowledgement must name. ``path`` = the tag that it watches where that is one of ours, else the
    source's id and its own name for the place; ``name`` = its ConditionName; ``type`` = its event type.

    ``severity`` 1 to 1000 as the server says, ``priority`` 1 to 4 made of it (`Source.severities`).
    ``active``, ``acked``, ``confirmed``: a condition that knows no such state is acked and confirmed.
    ``since_us`` = when it became active or, as far as is known, ``time_us`` = of its last change, both in
    our clock; ``receive_us`` = when we heard. ``shelved`` until ``shelved_until_us`` (0 = not stated).
    ``quality`` = StatusCode of what it judges. ``comment`` by ``comment_by`` is the last one it keeps.
    ``retain`` False = the server has nothing more to say of it: it is gone. ``may_*`` = what it offers now;
    ``longest_shelf_s`` 0 = not stated.
    """

    id: str
    path: str
    name: str
    priority: int
    active: bool
    branch: str = ""
    event_id: bytes = b""
    type: str = ""
    message: str = ""
    severity: int = 1
    acked: bool = True
    confirmed: bool = True
    shelved: Literal["", "timed", "one_shot"] = ""
    shelved_until_us: int = 0
    suppressed: bool = False
    out_of_service: bool = False
    latched: bool = False
    since_us: int = 0
    time_us: int = 0
    receive_us: int = 0
    quality: int = 0
    comment: str = ""
    comment_by: str = ""
    retain: bool = True
    may_acknowledge: bool = False
    may_confirm: bool = False
    may_shelve: bool = False
    longest_shelf_s: float = 0.0

    @property
    def key(self) -> ConditionKey:
        """What tells it from all other conditions of its source."""
        return self.id, self.branch

    def says_the_same(self, other: ConditionReport) -> bool:
        """Whether nothing changed between the two; the end of a shelf may be told a little differently."""
        moved_us = abs(self.shelved_until_us - other.shelved_until_us)
        return moved_us < 5_000_000 and _timeless(self) == _timeless(other)


ConditionKey = tuple[str, str]
"""(``id``, ``branch``) of a ``ConditionReport``."""


def _timeless(report: ConditionReport) -> ConditionReport:
    return msgspec.structs.replace(report, receive_us=0, shelved_until_us=0)


class ConditionCall(msgspec.Struct, frozen=True):
    """What the person ``by`` asks an OPC UA server to do with its condition ``id``.

    ``event_id`` is the one of the report that the person saw (not needed to shelve). ``seconds`` = length
    of a shelf; ``one_shot`` = until the condition is inactive, ``seconds`` do not count then.
    """

    what: Literal["acknowledge", "confirm", "comment", "shelve", "unshelve"]
    id: str
    event_id: bytes = b""
    by: str = ""
    comment: str = ""
    seconds: float = 0.0
    one_shot: bool = False


class ConditionAnswer(msgspec.Struct, frozen=True):
    """What became of a ``ConditionCall``; ``why`` in words, with what to do.

    "asked" = the server took it, and its own event will say what came of it; "refused" = certainly not
    done; "unknown" = no answer: it may have been done, it is not asked again by itself.
    """

    outcome: Literal["asked", "refused", "unknown"]
    why: str = ""
