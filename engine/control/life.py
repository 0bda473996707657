"""The life of one write, as a table: what may follow what (reliability.md section 3). Pure.

``proposed -> checked -> selected -> confirmed -> sent -> verified | rejected | unknown -> closed``. Before it
is sent a write can always become rejected; after that only what the device shows, or a person, ends it.
Nothing leads back, and nothing but ``confirmed`` leads to ``sent``: no write is sent twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.types import Step, Write

NEXT: Mapping[Step, frozenset[Step]] = {
    "proposed": frozenset({"checked", "rejected"}),
    "checked": frozenset({"selected", "rejected"}),
    "selected": frozenset({"confirmed", "rejected"}),
    # The second person's signature is a second entry of the same step. Unknown: the engine was killed and
    # nobody can say whether it was sent.
    "confirmed": frozenset({"confirmed", "sent", "rejected", "unknown"}),
    "sent": frozenset({"verified", "rejected", "unknown"}),
    # Rejected: the PLC itself says over a handshake that it did not take it, and will not any more.
    "unknown": frozenset({"verified", "rejected", "closed"}),
    # A device that said no and did it all the same, later: it was sent, and is verified late.
    "rejected": frozenset({"verified", "closed"}),
    "verified": frozenset({"closed"}),
    "closed": frozenset(),
}
RESERVING: frozenset[Step] = frozenset({"proposed", "checked", "selected", "confirmed", "sent"})
"""Steps in which a write has its tag to itself, as far as its lease goes."""
UNSENT: frozenset[Step] = frozenset({"proposed", "checked", "selected"})
OUTCOMES: frozenset[Step] = frozenset({"verified", "rejected", "unknown", "closed"})


class Illegal(Exception):
    """A step that cannot follow: a mistake in our own code, and nothing is done."""


def advanced(write: Write, to: Step, **changes: Any) -> Write:
    """The write one step further, with these fields changed.

    Raises:
        Illegal: this step cannot follow the one it is at.
    """
    if to not in NEXT[write.step]:
        raise Illegal(f"a write that is {write.step} cannot become {to}")
    if to == "confirmed" and write.step == "confirmed" and not (write.needs_second and not write.second):
        raise Illegal("a write is confirmed a second time only by the second person it waits for")
    if to == "sent" and write.needs_second and not write.second:
        raise Illegal("a write that needs a second person cannot be sent without one")
    if to == "verified" and write.step == "rejected" and not write.sent_us:
        raise Illegal("a write that was never sent cannot be verified")
    if to == "rejected" and write.step == "unknown" and write.ticket is None:
        raise Illegal("what may have been done is rejected only by a PLC that says so over a handshake")
    return msgspec.structs.replace(write, step=to, is_locked=to == "unknown", **changes)


def is_waiting(write: Write) -> bool:
    """Whether it waits for the second person, and so cannot have been sent."""
    return write.step == "confirmed" and write.needs_second and not write.second


def after_restart(write: Write) -> Step | None:
    """What a write is when the engine comes back after a kill; None = what it was.

    Nothing is ever sent again: what may have been sent is unknown, what cannot have been is rejected.
    """
    if write.step in UNSENT or is_waiting(write):
        return "rejected"
    return "unknown" if write.step in ("confirmed", "sent") else None


def with_old(write: Write, old: float | None) -> Write:
    """With what the device had when it was selected."""
    return msgspec.structs.replace(write, old=old)


def with_reason(write: Write, reason: str, note: str) -> Write:
    """With why the person does it."""
    return msgspec.structs.replace(write, reason=reason, note=note)


def shown_until(write: Write, until_us: int) -> Write:
    """With the end of its lease as people see it."""
    return msgspec.structs.replace(write, until_us=until_us)
