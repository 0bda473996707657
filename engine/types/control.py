"""Writes to the plant: what may be written, and one write from proposal to close."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

WriteClass = Literal["normal", "critical"]
Stage = Literal["look", "advise", "control"]
Verb = Literal["start", "stop", "open", "close", "auto", "manual", "reset"]
Step = Literal[
    "proposed", "checked", "selected", "confirmed", "sent", "verified", "rejected", "unknown", "closed"
]
WriteKind = Literal["setpoint", "command", "rollback", "restore"]


class WriteRule(msgspec.Struct, frozen=True):
    """One row of writes.csv: that a tag may be written, and within what (W1). No row = no write.

    ``low``/``high``/``step`` in the tag's unit, None = the tag's own range, any step; ``rate`` = most change
    per minute. ``interlock`` = an expression that must be true. ``readback`` = path of the tag that shows
    what came of it ("" = the tag itself), equal within ``tolerance`` after at most ``deadline_s``.
    ``roles`` narrows who may, "" = whoever has the right. ``reasons`` = coded reasons to choose from.
    ``handshake`` = path of the block over which the PLC takes it (W10), "" = it is written to the tag itself.
    """

    tag: str
    write_class: WriteClass = "normal"
    low: float | None = None
    high: float | None = None
    step: float | None = None
    rate: float | None = None
    interlock: str = ""
    readback: str = ""
    tolerance: float = 0.0
    deadline_s: float = 3.0
    roles: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    handshake: str = ""
    line: int = 0


HANDSHAKE: Mapping[str, tuple[str, ...]] = {
    "Value": ("float32", "int32", "uint32"), "Number": ("uint32",), "Expiry": ("uint32",),
    "Check": ("uint16",), "Clock": ("uint32",), "Ack": ("uint32",), "Answer": ("uint16",),
}  # fmt: skip
"""The tags of a handshake, by their names below it, and the types that each may have."""
HANDSHAKE_SENT = ("Value", "Expiry", "Check", "Number")
"""Those that are sent, in one frame; the PLC shows the others. The number comes last: it is what the PLC
acts on, and some servers store one value after the other."""


class Permissive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition of a command: a bool ``tag`` that is ``ok`` when the command may be given."""

    tag: str
    text: str = ""
    ok: bool = True


class Command(msgspec.Struct, frozen=True):
    """A discrete command of one asset. All tags are whole paths.

    ``value`` is written to ``tag`` once: a pulse is reset by the PLC. It is done when ``feedback`` has one
    of the numbers ``expects`` within ``within_s``. ``permissives`` must hold to give it.
    """

    asset: str
    verb: Verb
    tag: str
    value: float
    write_class: WriteClass = "normal"
    feedback: str = ""
    expects: tuple[float, ...] = ()
    within_s: float = 5.0
    permissives: tuple[Permissive, ...] = ()
    title: str = ""


class AssetCommand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[commands]]`` of a types/ID.toml: a `Command` whose tags are paths below the asset."""

    verb: Verb
    tag: str
    value: float = 1.0
    write_class: WriteClass = msgspec.field(default="normal", name="class")
    feedback: str = ""
    expects: tuple[float, ...] = ()
    within_s: float = 5.0
    permissives: tuple[Permissive, ...] = ()
    title: str = ""


class ControlSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[control]`` of plant.toml.

    ``reasons`` = coded reasons where a rule names none; ``reason_for`` = write classes whose reason must be
    given. ``checklist`` = what must be answered before a stage is raised.
    """

    reasons: tuple[str, ...] = (
        "start-up", "quality", "change of product", "equipment trouble", "as instructed", "test",
    )  # fmt: skip
    reason_for: tuple[WriteClass, ...] = ("critical",)
    checklist: tuple[str, ...] = (
        "Every writable tag was written once on site and its read-back was right",
        "Limits and interlocks in writes.csv were checked by the process engineer",
        "Operators were told what may be written from this screen",
        "The emergency stop works without this software",
    )


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at before a write: ``name`` in words, whether it holds, and why not.

    ``is_needed`` False = it is shown, and does not forbid the write (an interlock of the machine). Of a
    condition that does not hold ``since_us`` says when it was first seen so, 0 = before the engine knew, and
    ``is_first_out`` that it went before all the others.
    """

    name: str
    is_ok: bool
    text: str = ""
    is_needed: bool = True
    since_us: int = 0
    is_first_out: bool = False


class Ticket(msgspec.Struct, frozen=True):
    """What a write over a handshake carries, 32 bits each: its ``number``, never used before, and
    ``expiry_ms``, until when the PLC may take it, by its own clock.

    ``before`` = the number that the PLC had answered last when it was sent, 0 = none.
    """

    number: int
    expiry_ms: int
    before: int = 0


class Write(msgspec.Struct, frozen=True):
    """One write from proposal to close, as it is now. Times are UTC µs, 0 = not reached.

    ``path`` = the tag; ``asset`` and ``verb`` of a command. ``old`` = what the device had when selected,
    ``seen`` = what was read back. ``until_us`` = end of the lease or of the time to approve. ``needs_second``
    = a second person must confirm, ``second`` who did. ``rollback_until_us`` = until when ``old`` is offered.
    """

    id: str
    kind: WriteKind
    path: str
    step: Step
    new: float
    old: float | None = None
    seen: float | None = None
    unit: str = ""
    asset: str = ""
    verb: str = ""
    write_class: WriteClass = "normal"
    low: float | None = None
    high: float | None = None
    by: str = ""
    by_name: str = ""
    station: str = ""
    second: str = ""
    second_name: str = ""
    needs_second: bool = False
    needs_reason: bool = False
    reasons: tuple[str, ...] = ()
    reason: str = ""
    note: str = ""
    why: str = ""
    checks: tuple[Check, ...] = ()
    proposed_us: int = 0
    sent_us: int = 0
    done_us: int = 0
    until_us: int = 0
    rollback_until_us: int = 0
    is_locked: bool = False
    """The outcome is unknown and the tag is locked until it is resolved."""
    ticket: Ticket | None = None
    """What it carried over a handshake; None = it goes over none, or was not sent."""


class WorkTag(msgspec.Struct, frozen=True):
    """Work in progress on an asset: nothing there is written or suggested until it is taken off.

    ``by`` = login name of its owner, who alone - or two other people together - takes it off.
    """

    asset: str
    by: str
    name: str
    phone: str = ""
    order: str = ""
    text: str = ""
    since_us: int = 0
    until_us: int = 0


class StageState(msgspec.Struct, frozen=True):
    """How far this project may go, since when and by whom. ``asked`` = a stage that one person asked for."""

    stage: Stage = "look"
    since_us: int = 0
    by: tuple[str, ...] = ()
    asked: Stage | None = None
    asked_by: str = ""
    asked_us: int = 0


class SetValue(msgspec.Struct, frozen=True):
    """One tag of a set of setpoints."""

    path: str
    value: float
    unit: str = ""


class SetInfo(msgspec.Struct, frozen=True):
    """A saved set of setpoints, without its values. ``scope`` = the path it was saved below.

    ``left_out`` (told when it is saved) = tags that had no Good value, and why: no number is kept for them.
    """

    id: int
    name: str
    scope: str
    by: str
    saved_us: int
    size: int
    left_out: tuple[tuple[str, str], ...] = ()


class SetDifference(msgspec.Struct, frozen=True):
    """A tag of a set beside what it is now; ``is_equal`` within the rule's tolerance.

    ``why`` = why it cannot be compared or written now, "" = it can.
    """

    path: str
    saved: float
    now: float | None
    unit: str
    is_equal: bool
    why: str = ""


class Seal(msgspec.Struct, frozen=True):
    """What goes out in the same frame as the value, for a PLC that judges it (W10), and the tags it goes to.

    The driver adds the check, since it alone knows the value as the device holds it.
    """

    number_id: int
    expiry_id: int
    check_id: int
    number: int
    expiry_ms: int


class WriteOrder(msgspec.Struct, frozen=True):
    """What a driver is told to send, once: ``value`` in the tag's unit, as people see it."""

    tag_id: int
    value: float
    deadline_s: float = 3.0
    seal: Seal | None = None


class Sent(msgspec.Struct, frozen=True):
    """What came of a write on the wire.

    ``rejected`` = the device said no, or it was never sent (``frames`` 0); ``unknown`` = it was sent and no
    answer came: the device may have done it, now or later (reliability.md section 0 item 1).
    """

    outcome: Literal["accepted", "rejected", "unknown"]
    why: str = ""
    frames: int = 0


class Reading(msgspec.Struct, frozen=True):
    """A value asked of the device just now. ``value`` None = ``why`` says why there is none."""

    value: float | None
    status: int = 0
    why: str = ""


class Live(msgspec.Struct, frozen=True):
    """A tag as the engine has it: ``age_s`` since the source last proved it (None = never)."""

    value: float | None
    status: int
    age_s: float | None
    period_s: float = 1.0


class PutOnRecord(Protocol):
    """Puts entries in the ledger, together, and returns once they are on disk and signed.

    Raises:
        NotRecorded: they are not; what they tell of must not be done.
    """

    async def __call__(self, entries: Sequence[RecordEntry]) -> None: ...


class RecordEntry(msgspec.Struct, frozen=True):
    """One entry for the ledger: its type (`engine.ledger.entry.EntryType`), who, and what."""

    type: str
    actor: str
    body: dict[str, Any] = {}
    topic: str = ""


class NotRecorded(Exception):
    """The ledger did not take an entry; the text says why and what to do."""


SendWrite = Callable[[WriteOrder], Awaitable[Sent]]
ReadNow = Callable[[int], Awaitable[Reading]]
"""A tag, by its id, asked of the device now; never raises."""
