"""The steps of a write up to the last confirmation: selected, signed by one person, signed by another."""

from __future__ import annotations

from engine.control import checks, entries, lease, life, words
from engine.control.desk import Desk
from engine.control.held import Held
from engine.control.refused import Refused
from engine.control.text import clean
from engine.control.verify import asked, good
from engine.types import NotRecorded, Person, Write

LONGEST_NOTE = 2000


async def select(desk: Desk, held: Held) -> None:
    """From proposed, which it is already, to selected; or rejected, with its checks.

    Raises:
        Refused: the ledger does not take the proposal; there is no such write any more.
        NotRecorded: the ledger does not take a later step.
    """
    target, trail, actor = held.target, desk.trail, held.write.by
    try:
        await trail.begin(held, {"low": held.write.low, "high": held.write.high, "of": held.of})
    except NotRecorded as error:
        trail.drop(held)
        raise Refused(f"{words.NOT_RECORDED}: {error}") from error
    reading = await asked(desk.outside.read, target.subject.tag_id if target is not None else -1)
    if not held.write.verb:
        held.write = life.with_old(held.write, good(reading))
    found = desk.checked(held, reading, await desk.shaken(held), is_selected=False)
    await trail.forward(held, "checked", actor, {"checks": entries.told(found)}, checks=found)
    if why := desk.why_not_now(held) or checks.failed(found):
        return await desk.reject(held, why)
    until = lease.selected(desk.mono_us())
    until_us = desk.until_us(until)
    await trail.forward(held, "selected", actor, {"until_us": until_us}, until_us=until_us)
    held.lease = until


async def sign(desk: Desk, held: Held, reason: str, note: str) -> None:
    """The first person's confirmation, over everything that is bound by it.

    Raises:
        NotRecorded: the ledger does not take it.
    """
    held.lease = lease.confirmed(held.lease, desk.mono_us(), held.write.needs_second)
    signed = life.with_reason(held.write, reason.strip(), note_of(note))
    held.signs = entries.signed_hash(signed)
    more = {"reason": signed.reason, "note": signed.note, "signs": held.signs, "as": "first"}
    until_us = desk.until_us(held.lease)
    await desk.trail.forward(
        held, "confirmed", signed.by, more, reason=signed.reason, note=signed.note, until_us=until_us
    )


async def countersign(desk: Desk, held: Held, person: Person) -> None:
    """The second person's confirmation of the very same thing; rejected where it is not the same.

    Raises:
        NotRecorded: the ledger does not take it.
    """
    if entries.signed_hash(held.write) != held.signs:
        return await desk.reject(held, "it is not what the first person confirmed; enter it again")
    held.lease = lease.confirmed(held.lease, desk.mono_us(), False)
    more = {"reason": held.write.reason, "note": held.write.note, "signs": held.signs, "as": "second"}
    until_us = desk.until_us(held.lease)
    names = {"second": person.name, "second_name": person.full_name}
    await desk.trail.forward(held, "confirmed", person.name, more, until_us=until_us, **names)


def require_reason(write: Write, reason: str) -> None:
    """A reason is one of the coded ones, and is there where the class of the write needs one.

    Raises:
        Refused: it is not.
    """
    if not reason.strip():
        if write.needs_reason:
            coded = ", ".join(write.reasons)
            raise Refused("choose a reason: a write of this class needs one" + (coded and f" ({coded})"))
    elif write.reasons and reason.strip() not in write.reasons:
        raise Refused(f'"{reason}" is none of the reasons; choose one, and add what you like as a note')


def note_of(note: str) -> str:
    """A note as it is kept, on one line: everybody sees it, and it must fit in an entry of the ledger.

    Raises:
        Refused: it is too long.
    """
    text = clean(note)
    if len(text) > LONGEST_NOTE:
        raise Refused(f"a note has at most {LONGEST_NOTE} characters, not {len(text)}")
    return text


def require_second(desk: Desk, write: Write, person: Person) -> None:
    """The second person is another one, who may approve there (W4).

    Raises:
        Refused: this person cannot be the second.
    """
    if words.is_same(person.name, write.by):
        raise Refused(f"{write.by} asked for it, so another person has to confirm it")
    if person.is_disabled or person.must_change:
        raise Refused(f"{words.full(person)} cannot confirm anything now")
    if why := desk.outside.person_may(person.name, "approve", write.asset or write.path):
        raise Refused(why)
