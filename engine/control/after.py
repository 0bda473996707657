"""What is done with writes as time goes by: leases end, the unknown are looked at, the late are told, and
what is done is closed.
"""

from __future__ import annotations

from engine.control import handshake, words
from engine.control.desk import Desk
from engine.control.held import Held
from engine.control.life import UNSENT, is_waiting
from engine.control.sending import verified
from engine.control.trail import OFFERED_US
from engine.control.verify import asked, good

LOOK_US, LOOK_LATER_US, OFTEN = 1_000_000, 5_000_000, 60
"""An unknown write is read back every second, after a minute every five, until it is resolved."""

MOST_SHOWN = 100
"""So many of those that were refused before they were sent, and of those of sets, are shown: the last."""


def expire(desk: Desk, held: Held) -> None:
    """End what waits for a person, where it is void or its time is over."""
    if held.is_busy or not (held.write.step in UNSENT or is_waiting(held.write)):
        return
    why = desk.why_not_now(held)
    if why:
        desk.trail.mark(held, "rejected", "engine", {}, why=why, until_us=0)


def close(desk: Desk, held: Held) -> None:
    """Close what is done, and show it no more ten minutes after that."""
    write, now_us = held.write, desk.outside.clock.now_us()
    if held.is_busy or not write.done_us or now_us < write.done_us + OFFERED_US:
        return
    if write.step in ("verified", "rejected"):
        outcome = {"outcome": write.step}
        desk.trail.mark(held, "closed", "engine", outcome, rollback_until_us=0)
    if held.write.step == "closed":
        desk.trail.drop(held)


def close_many(desk: Desk) -> None:
    """Close what was refused, and what was done of a set, before the last hundred of each: everybody is told
    all that is shown. A set is taken back as a set, not tag by tag.
    """
    free = [held for held in desk.trail.held.values() if not held.is_busy]
    refused = [held for held in free if held.write.step == "rejected" and not held.write.sent_us]
    is_done = [held for held in free if held.write.step == "verified" and _is_of_set(held)]
    for held in (*refused[:-MOST_SHOWN], *is_done[:-MOST_SHOWN]):
        outcome = {"outcome": held.write.step}
        desk.trail.mark(held, "closed", "engine", outcome, rollback_until_us=0)
        desk.trail.drop(held)


def _is_of_set(held: Held) -> bool:
    return held.is_set or held.write.kind == "restore"


def is_due(desk: Desk, held: Held) -> bool:
    """Whether an unknown write is to be looked at now."""
    is_free = not held.is_busy and not held.is_looking and held.target is not None
    return is_free and held.write.step == "unknown" and desk.mono_us() >= held.look_us


async def look(desk: Desk, held: Held) -> None:
    """Read back an unknown write: where its value shows, it was done late, and everybody is told."""
    target = held.target
    if target is None:
        return
    block, ticket, said = target.handshake, held.write.ticket, None
    held.is_looking = True
    try:
        if block is not None and ticket is not None:
            said = await handshake.came_of(desk.outside, block, ticket)
        reading = await asked(desk.outside.read, (target.shown or target.tag).tag_id)
    finally:
        held.is_looking = False
        held.looks += 1
        held.look_us = desk.mono_us() + (LOOK_US if held.looks < OFTEN else LOOK_LATER_US)
    if held.is_busy or held.write.step != "unknown":
        return
    seen = good(reading)
    if target.is_done(held.write.new, seen):
        await _late(desk, held, seen, words.LATE)
    elif said is not None and said.verdict == "refused":
        more = {"outcome": "not taken"}
        await desk.trail.end(held, "rejected", "engine", more, why=said.why, seen=seen)
    elif seen is not None and seen != held.write.seen:
        desk.trail.change(held, seen=seen)


async def watch_rejected(desk: Desk, held: Held) -> None:
    """A device that said no and shows the value later did it all the same: told, never passed over."""
    write, target = held.write, held.target
    if held.is_busy or target is None or write.step != "rejected" or not write.sent_us:
        return
    shown = target.shown or target.tag
    if target.is_done(write.new, write.old) or _is_newer(desk, held):
        return
    live = desk.live(shown)
    if live.age_s is None or desk.outside.clock.now_us() - round(live.age_s * 1e6) < write.done_us:
        return
    value, _ = desk.known(shown.path)
    if target.is_done(write.new, value):
        await _late(desk, held, value, words.LATE_REJECTED)


def _is_newer(desk: Desk, held: Held) -> bool:
    """Whether a later write may have brought the same value: then it proves nothing.

    Writes are held in the order in which they were proposed; no clock is asked, for it may have been set.
    """
    writes = list(desk.trail.held.values())
    later = writes[writes.index(held) + 1 :]
    return any(other.keys & held.keys and other.write.sent_us for other in later)


async def _late(desk: Desk, held: Held, seen: float | None, why: str) -> None:
    held.is_busy = True
    try:
        await verified(desk, held, seen, why, {"is_late": True})
        desk.outside.alarm(held.write, words.doubtful(held.write))
    finally:
        held.is_busy = False
