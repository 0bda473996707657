"""From the last confirmation to what came of it: everything is looked at again, one frame goes out, and the
device is asked whether it did it.
"""

from __future__ import annotations

import asyncio
import logging

from engine.control import checks, entries, handshake, words
from engine.control.desk import Desk
from engine.control.handshake import ALL
from engine.control.held import Held
from engine.control.target import Target
from engine.control.trail import OFFERED_US
from engine.control.verify import asked, good, read_back
from engine.types import Sent, WriteOrder

log = logging.getLogger("watchroom.control")
GRACE_S = 2.0
"""Beyond the deadline that a driver keeps by itself: a driver that hangs must not hang the gate."""


async def send(desk: Desk, held: Held) -> None:
    """Send a confirmed write once, and follow it to verified, rejected or unknown. Any other is left alone.

    Raises:
        NotRecorded: the ledger refuses; nothing was sent.
    """
    if held.write.step != "confirmed":
        return
    target = held.target
    reading = await asked(desk.outside.read, target.subject.tag_id if target is not None else -1)
    seen = await desk.shaken(held)
    found = desk.checked(held, reading, seen, is_selected=True)
    why = desk.why_not_now(held) or checks.failed(found)
    if why or target is None:
        desk.trail.change(held, checks=found)
        return await desk.reject(held, why)
    more = {"checks": entries.told(found), "signs": held.signs, "device_had": reading.value}
    now_us, ticket = desk.outside.clock.now_us(), None
    if seen is not None and target.handshake is not None:
        # Numbers go on from the time too, in seconds: a backup that is restored does not know the last ones.
        number = await desk.trail.number(target.handshake.path, (seen.ack, now_us // 1_000_000 % ALL))
        ticket = handshake.ticket_for(seen, number, target.send_s)
        more |= {"number": number, "expiry_ms": ticket.expiry_ms}
    changes = {"sent_us": now_us, "until_us": 0, "checks": found, "ticket": ticket}
    await desk.trail.forward(held, "sent", held.write.by, more, **changes)
    # The ledger took its time: what can be asked without waiting is asked once more, and then nothing is
    # awaited any more before the frame.
    why = desk.why_not_now(held) or checks.failed(desk.checked(held, reading, seen, is_selected=True))
    if why:
        return await desk.trail.end(
            held, "rejected", "engine", {"frames": 0}, sent_us=0, why=f"{why} (seen just before it was sent)"
        )
    if target.command is None and reading.value is not None:
        desk.rates.add(held.write.path, held.write.new - reading.value, desk.mono_us())
    await _follow(desk, held, target)


async def _follow(desk: Desk, held: Held, target: Target) -> None:
    """Send it, and see what came of it. Whatever goes wrong here, the write does not stay "sent"."""
    try:
        answer = await _sent(desk, held, target)
        if answer.outcome == "accepted":
            answer = await _taken(desk, held, target, answer)
        if answer.outcome == "accepted":
            await _verify(desk, held, target, answer)
            return
    except Exception as error:
        log.exception("write %s failed in our own code", held.write.id)
        answer = Sent("unknown", f"our own code failed after it may have been sent: {error}")
    if held.write.step != "sent":
        return
    more = {"frames": answer.frames}
    if answer.outcome == "rejected":
        sent_us = held.write.sent_us if answer.frames else 0
        why = answer.why or "the device refused it"
        return await desk.trail.end(held, "rejected", "engine", more, why=why, sent_us=sent_us)
    why = answer.why or "the device gave no answer: it may have done it, now or later"
    await unknown(desk, held, why, more)


async def unknown(desk: Desk, held: Held, why: str, more: dict[str, int]) -> None:
    """It may have been done: locked, told to everybody, and looked at from now on."""
    held.look_us, held.looks = desk.mono_us(), 0
    desk.trail.mark(held, "unknown", "engine", more, why=why, done_us=0)
    desk.outside.alarm(held.write, words.doubtful(held.write))
    await desk.trail.settle()


async def _sent(desk: Desk, held: Held, target: Target) -> Sent:
    block, ticket = target.handshake, held.write.ticket
    if block is None or ticket is None:
        order = WriteOrder(target.tag.tag_id, held.write.new, target.send_s)
    else:
        order = WriteOrder(block.value.tag_id, held.write.new, target.send_s, block.seal(ticket))
    try:
        async with asyncio.timeout(order.deadline_s + GRACE_S):
            return await desk.outside.send(order)
    except TimeoutError:
        return Sent("unknown", "the driver gave no answer in time: it may have been done, now or later", 1)
    except Exception as error:  # a driver must not raise; if one does, nobody can say what it sent
        log.exception("the driver of %s raised while it wrote", held.write.path)
        return Sent("unknown", f"the driver failed while it wrote ({error}): it may have been done", 1)


async def _taken(desk: Desk, held: Held, target: Target, answer: Sent) -> Sent:
    """What the device took, the PLC judges where there is a handshake: its word counts."""
    block, ticket = target.handshake, held.write.ticket
    if block is None or ticket is None:
        return answer
    said = await handshake.answered(desk.outside, block, ticket, target.send_s)
    if said.verdict == "taken":
        return answer
    if said.verdict == "refused":
        return Sent("rejected", said.why, answer.frames)
    return Sent("unknown", f"{said.why}: it may have done it, now or later", answer.frames)


async def _verify(desk: Desk, held: Held, target: Target, answer: Sent) -> None:
    new, more = held.write.new, {"frames": answer.frames}
    if target.shown is None:
        why = "the device took it; no feedback is configured that would show what came of it"
        return await verified(desk, held, None, why, more)
    is_done, reading = await read_back(
        desk.outside.read,
        desk.outside.clock,
        target.shown.tag_id,
        lambda seen: target.is_done(new, seen),
        target.show_s,
    )
    if is_done:
        return await verified(desk, held, reading.value, "", more)
    if reading.value is None:
        seen = f"{target.shown.path} could not be read ({reading.why or 'no value'})"
    else:
        seen = f"{target.shown.path} is {words.number(reading.value, target.shown.unit)}"
    desk.trail.change(held, seen=good(reading))
    why = f"the device took it, and after {target.show_s:g} s it does not show: {seen}"
    await unknown(desk, held, why, more)


async def verified(desk: Desk, held: Held, seen: float | None, why: str, more: dict[str, int | bool]) -> None:
    """The device shows it. The value before is offered for ten minutes; what was offered earlier is over."""
    write = held.write
    until_us = 0
    if not write.verb and write.old is not None:
        until_us = desk.outside.clock.now_us() + OFFERED_US
    for other in list(desk.trail.held.values()):
        if other is not held and other.write.path == write.path and other.write.rollback_until_us:
            desk.trail.change(other, rollback_until_us=0)
    await desk.trail.end(held, "verified", "engine", more, seen=seen, why=why, rollback_until_us=until_us)
