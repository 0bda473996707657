"""The handshake with the PLC (rule W10 of reliability.md section 3): the PLC itself refuses what is stale,
comes twice or is damaged, and says what it did.

The PLC shows a clock, a free-running uint32 of milliseconds, so that no two clocks need agree. A write
carries its number and, in that clock, until when it may be taken. The PLC shows the number that it answered
last (``Ack``) and its answer. Numbers and clock wrap; which of two is the newer is told as in RFC 1982.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.control import words
from engine.control.outside import Outside
from engine.control.verify import EVERY_S, asked, good
from engine.types import HANDSHAKE, Reading, Seal, Tag, Ticket, reason

ALL = 2**32
HALF = 2**31
STILL_S = 1.0
"""A clock that shows the same for so long stands still: a PLC that does its work shows another every scan."""
COMPARED_US = 1_000_000
"""How long the PLC's clock is watched at least, between two looks, to tell how fast it goes."""
SURELY_MS = 1000
"""So long after its expiry a write that was not answered never will be: a gateway may show values in turn."""
TAKEN = 1
REFUSED: Mapping[int, str] = {
    2: "it came too late (stale)",
    3: "its check is wrong: it was damaged on its way",
    4: "the value is outside the PLC's own limits",
    5: "the PLC does not allow it now",
}
"""What the PLC answers besides "taken"."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """The tags of one handshake, all below ``path``; the first four are sent, the others the PLC shows."""

    path: str
    value: Tag
    expiry: Tag
    check: Tag
    number: Tag
    clock: Tag
    ack: Tag
    answer: Tag

    def seal(self, ticket: Ticket) -> Seal:
        """What the driver sends beside the value."""
        ids = self.number.tag_id, self.expiry.tag_id, self.check.tag_id
        return Seal(*ids, ticket.number, ticket.expiry_ms)


@dataclass(frozen=True, slots=True)
class Ready:
    """What the PLC showed just now: its clock and the number it answered last; ``why`` it is not ready.

    ``mono_us`` = when, by our own clock.
    """

    clock_ms: int = 0
    ack: int = 0
    why: str = ""
    mono_us: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the PLC said to a write. ``silent`` = nothing yet; ``why`` in words."""

    verdict: Literal["taken", "refused", "silent"]
    why: str = ""


def handshake_at(path: str, tags: Mapping[str, Tag]) -> Handshake | None:
    """The handshake below a path; None = not all of its tags are there."""
    found = {name: tags.get(f"{path}/{name}") for name in HANDSHAKE}
    there = {name.lower(): tag for name, tag in found.items() if tag is not None}
    return Handshake(path, **there) if len(there) == len(HANDSHAKE) else None


def is_newer(number: int, than: int) -> bool:
    """Whether one number of 32 bits comes after another: less than half of all numbers ahead (RFC 1982)."""
    return 0 < (number - than) % ALL < HALF


def next_number(used: Iterable[int]) -> int:
    """The number after the newest of those that may have been used; 0 means none and is never given."""
    newest = 0
    for number in used:
        if number and (not newest or is_newer(number, newest)):
            newest = number
    return (newest + 1) % ALL or 1


async def ready(outside: Outside, block: Handshake) -> Ready:
    """Ask the PLC itself for its clock, until it goes, and for what it answered last."""
    reading = await asked(outside.read, block.ack.tag_id)
    ack = good(reading)
    if ack is None:
        return Ready(why=_unread(block.ack, "the PLC's last answer", reading))
    until, first = outside.clock.mono_us() + round(STILL_S * 1e6), None
    while True:
        reading = await asked(outside.read, block.clock.tag_id)
        now = good(reading)
        if now is None:
            return Ready(why=_unread(block.clock, "the PLC's clock", reading))
        if first not in (None, now):
            return Ready(int(now), int(ack), mono_us=outside.clock.mono_us())
        first = now
        if outside.clock.mono_us() >= until:
            return Ready(
                why=f"{block.clock.path}, the PLC's clock, stands still at {now:.0f}: see that the PLC runs "
                "and calls the block in every scan"
            )
        await outside.clock.sleep(EVERY_S / 2)


def compared(before: Ready | None, now: Ready, path: str) -> Ready:
    """Not ready either where its clock went otherwise than ours since it was looked at before.

    One that counts something else than milliseconds would make an expiry of seconds one of hours.
    """
    if before is None or before.why or now.why or now.mono_us - before.mono_us < COMPARED_US:
        return now
    ours_ms, theirs_ms = (now.mono_us - before.mono_us) / 1000, (now.clock_ms - before.clock_ms) % ALL
    if ours_ms / 2 <= theirs_ms <= 2 * ours_ms:
        return now
    return Ready(
        why=f"{path}/Clock, the PLC's clock, went by {theirs_ms} in {ours_ms / 1000:.1f} s: it must count "
        "milliseconds, or the PLC was started anew; enter it again"
    )


def ticket_for(seen: Ready, number: int, within_s: float) -> Ticket:
    """What a write carries that the PLC may take within so many seconds from when its clock was read."""
    return Ticket(number, (seen.clock_ms + round(within_s * 1000)) % ALL, seen.ack)


async def answered(outside: Outside, block: Handshake, ticket: Ticket, within_s: float) -> Answer:
    """What the PLC says to this write, awaited for so long; asking never sends."""
    until = outside.clock.mono_us() + round(within_s * 1e6)
    while True:
        answer = await _answer(outside, block, ticket)
        if answer.verdict != "silent" or outside.clock.mono_us() >= until:
            return answer
        await outside.clock.sleep(EVERY_S)


async def came_of(outside: Outside, block: Handshake, ticket: Ticket) -> Answer:
    """What became of a write whose outcome is unknown, as far as the PLC proves it.

    One that it did not answer, and whose time is over by its own clock, it will not take any more. The clock
    is read first: what was taken before it showed that, its answer shows afterwards.
    """
    clock = good(await asked(outside.read, block.clock.tag_id))
    answer = await _answer(outside, block, ticket)
    if answer.verdict != "silent" or clock is None:
        return answer
    late_ms = (int(clock) - ticket.expiry_ms) % ALL
    ack = good(await asked(outside.read, block.ack.tag_id))
    if ack != ticket.before or not SURELY_MS <= late_ms < HALF:
        return answer  # another answer than before: the PLC may have been started anew since it took it
    return Answer(
        "refused",
        f"the PLC did not take number {ticket.number}, and cannot any more: its time was over "
        f"{words.seconds(late_ms * 1000)} ago, by the PLC's own clock",
    )


def _unread(tag: Tag, what: str, reading: Reading) -> str:
    why = reading.why or reason(reading.status) or "it gave no value"
    return f"{tag.path}, {what}, cannot be read: {why}"


async def _answer(outside: Outside, block: Handshake, ticket: Ticket) -> Answer:
    """The PLC sets its answer before the number it belongs to, so the number is read first."""
    if good(await asked(outside.read, block.ack.tag_id)) != ticket.number:
        return Answer("silent", f"the PLC did not answer number {ticket.number}")
    code = good(await asked(outside.read, block.answer.tag_id))
    if code == TAKEN:
        return Answer("taken")
    if code is None or code not in REFUSED:
        told = "cannot be read" if code is None else f"is {code:g}, which means nothing here"
        return Answer("silent", f"the PLC's answer to number {ticket.number} {told}")
    return Answer("refused", f"the PLC refused number {ticket.number}: {REFUSED[int(code)]}")
