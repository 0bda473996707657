"""What the gate tells people, in one place: numbers, times and the sentences used more than once."""

from __future__ import annotations

from engine.types import Person, Write

RESTARTED = "the engine was restarted before it was sent; nothing was done, so enter it again if it is needed"
MAYBE_SENT = (
    "the engine was stopped while this write was on its way: it may have been done. It is locked until the "
    "device shows the value or a person says what became of it"
)
LATE = "executed late: the device shows the value only now, after its outcome had been unknown"
LATE_REJECTED = (
    "executed late: the device had refused this write and shows its value now. It was done all the same, or "
    "somebody set it at the machine"
)
EXPIRED = "the time to confirm it is over; nothing was sent, so enter it again"
NO_SECOND = "no second person confirmed it in time; nothing was sent, so enter it again"
NOT_RECORDED = "the ledger did not take it, so nothing was sent"


def number(value: float | None, unit: str = "") -> str:
    """A value with its unit, in as many digits as it needs."""
    if value is None:
        return "not known"
    return f"{value:.10g} {unit}".rstrip()


def what(write: Write) -> str:
    """A write by what it does, as in ``stop Line 3/S50`` or ``Line 3/S50/Setpoint = 180 bar``."""
    if write.verb:
        return f"{write.verb} {write.asset}"
    return f"{write.path} = {number(write.new, write.unit)}"


def doubtful(write: Write) -> str:
    """That nobody knows what became of a write, and why."""
    return f"{what(write)} by {whose(write)}: {write.why}"


def whose(write: Write) -> str:
    """Who has a write, and where."""
    name = write.by_name or write.by
    return f"{name} at {write.station}" if write.station else name


def seconds(span_us: int) -> str:
    """A span in whole seconds, at least 1."""
    return f"{max(1, round(span_us / 1e6))} s"


def is_same(a: str, b: str) -> bool:
    """Whether two login names are one account: case does not make another."""
    return a.strip().casefold() == b.strip().casefold()


def full(person: Person) -> str:
    """What a person is called."""
    return person.full_name or person.name
