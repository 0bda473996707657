"""The one gate through which anything reaches the plant: rules W1 to W9 and W14 of reliability.md section 3.

A write is selected, confirmed by one person or two, sent once and verified. Deny by default: what has no row
in writes.csv and is no command is not written. A refusal is either an error (`Refused`: nothing is different
from before) or the write itself, "rejected", with its checks.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from engine.control import after, lease, life, sending, steps, words
from engine.control.desk import Desk
from engine.control.held import Held
from engine.control.outside import Outside
from engine.control.proposal import Proposal, proposed
from engine.control.refused import Refused
from engine.control.target import Targets
from engine.control.trail import Trail
from engine.types import (
    Check,
    Command,
    ControlSettings,
    NotRecorded,
    Person,
    Session,
    Step,
    Tag,
    Write,
    WriteKind,
    WriteRule,
)
from engine.wire.control import ApproveBody, ConfirmBody, ControlAnswer, ResolveBody, SelectBody

T = TypeVar("T")
log = logging.getLogger("watchroom.control")
STOP_S = 3.0
"""How long a stop waits for writes on their way; what is not known by then is unknown."""


class Gate:
    """Every write there is. All calls come in the loop's thread; ``open`` before anything else, then ``tick``
    a few times a second. What a call began goes on to its end though its caller goes away.
    """

    def __init__(
        self,
        rules: Sequence[WriteRule],
        commands: Sequence[Command],
        tags: Sequence[Tag],
        settings: ControlSettings,
        outside: Outside,
    ) -> None:
        self._outside, self._settings = outside, settings
        self._rules, self._commands = tuple(rules), tuple(commands)
        self._trail = Trail(outside.record, outside.keep, outside.clock)
        self._targets = Targets(rules, commands, tags)
        self._desk = Desk(outside, self._targets, self._trail)
        self._last_reason: dict[str, str] = {}
        self._running: set[asyncio.Task[Any]] = set()

    def retarget(self, tags: Sequence[Tag]) -> None:
        """Devices told more of their tags: types and ranges count for what is selected from now on."""
        self._targets = self._desk.targets = Targets(self._rules, self._commands, tags)

    async def open(self) -> None:
        """Take up what the last run left. Nothing is sent again: what may have been sent is unknown."""
        now_us, mono_us = self._outside.clock.now_us(), self._desk.mono_us()
        for write in sorted(self._outside.keep.all(), key=lambda each: each.proposed_us):
            target = self._targets.of(write.asset if write.verb else write.path, write.verb)
            held = Held(write, target, lease.Lease(mono_us, mono_us), look_us=mono_us)
            self._trail.put(held, write)
            self._last_reason[write.by] = write.reason or self._last_reason.get(write.by, "")
            if write.sent_us and write.old is not None and not write.verb:
                ago_us = max(0, now_us - write.sent_us)
                self._desk.rates.add(write.path, write.new - write.old, mono_us - ago_us)
            became = life.after_restart(write)
            if became is not None:
                why = words.MAYBE_SENT if became == "unknown" else words.RESTARTED
                self._trail.mark(held, became, "engine", {}, why=why, until_us=0)
            if became == "unknown":
                self._outside.alarm(held.write, words.doubtful(held.write))
        await self._trail.settle()

    async def close(self) -> None:
        """The engine stops: what is selected is void, and what is on its way is awaited a while."""
        self.void("", "the engine stops")
        if self._running:
            await asyncio.wait(self._running, timeout=STOP_S)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        for held in list(self._trail.held.values()):
            if held.write.step == "sent":
                await sending.unknown(self._desk, held, words.MAYBE_SENT, {})
        await self._trail.settle()

    @property
    def version(self) -> int:
        """Another number whenever something that people see is different."""
        return self._trail.version

    def shown(self, version: int) -> ControlAnswer:
        """The writes, the newest first, where they are different from ``version``; the rest is left out."""
        if version == self.version:
            return ControlAnswer(version, False)
        writes = sorted(
            (held.write for held in self._trail.held.values()), key=lambda each: -each.proposed_us
        )
        return ControlAnswer(self.version, True, writes=tuple(writes))

    def conditions(self, asset: str, verb: str) -> tuple[Check, ...]:
        """The permissives of a command and the interlocks of its asset now, with the first out."""
        target = self._targets.of(asset, verb)
        return () if target is None else self._desk.conditions(target)

    async def select(self, token: str, body: SelectBody) -> Write:
        """Propose a write, check it and reserve its tag; "rejected" with its checks where one fails.

        Raises:
            Refused: nobody is logged in, there is no such tag, or the ledger takes nothing.
        """
        held = self._proposed(self._desk.asker(token), token, body)
        return await self._carry(held, steps.select(self._desk, held))

    def renew(self, token: str, id: str) -> Write:
        """The dialog has input: the lease goes on, at most to 90 s after the selection.

        Raises:
            Refused: it is not theirs, or its time is over.
        """
        held = self._theirs(token, id, "selected")
        if why := self._desk.why_not_now(held):
            raise Refused(why)
        held.lease = lease.renewed(held.lease, self._desk.mono_us())
        self._trail.put(held, life.shown_until(held.write, self._desk.until_us(held.lease)))
        return held.write

    async def cancel(self, token: str, id: str) -> Write:
        """Whoever selected it takes it back, up to the moment in which it is sent.

        Raises:
            Refused: it is not theirs, or it is on its way already.
        """
        held = self._theirs(token, id, "selected", "confirmed")
        why = f"cancelled by {words.whose(held.write)}"
        self._trail.mark(held, "rejected", held.write.by, {}, why=why, until_us=0)
        await self._uncut(self._trail.settle())
        return held.write

    async def confirm(self, token: str, body: ConfirmBody) -> Write:
        """The second step of whoever selected it. Sent now, unless a second person is needed.

        Raises:
            Refused: it is not theirs, or the reason is missing; it stays selected.
        """
        held = self._theirs(token, body.id, "selected")
        steps.require_reason(held.write, body.reason)
        steps.note_of(body.note)
        return await self._carry(held, self._confirm(held, body))

    async def approve(self, token: str, body: ApproveBody) -> Write:
        """A second person, with an account and a secret of their own, and then it is sent.

        Raises:
            Refused: it waits for nobody, or this person may not; it goes on waiting.
            Exception: as ``Outside.second``, whose text says what was wrong.
        """
        session = self._desk.asker(token)
        held = self._held(body.id)
        if not life.is_waiting(held.write) or held.is_busy:
            raise Refused("this write does not wait for a second person")
        if words.is_same(body.name, held.write.by):
            raise Refused(f"{held.write.by} asked for it, so another person has to confirm it")
        return await self._carry(held, self._approve(held, session, body))

    async def resolve(self, token: str, body: ResolveBody) -> Write:
        """A person went and looked: what became of an unknown write.

        Raises:
            Refused: it is not unknown, nothing is said of how they know, or they may not.
        """
        session, held = self._desk.asker(token), self._held(body.id)
        write = held.write
        if write.step != "unknown" or held.is_busy:
            raise Refused("what became of this write is known already")
        note = steps.note_of(body.note)
        if not note:
            raise Refused("say how you know what became of it")
        for action in held.target.actions(write.kind) if held.target is not None else ("write",):
            if why := self._outside.may(token, action, write.asset or write.path):
                raise Refused(why)
        now_us = self._outside.clock.now_us()
        is_offered = body.was_done and not write.verb and write.old is not None
        until_us = now_us + after.OFFERED_US if is_offered else 0
        told = "it was done" if body.was_done else "it was not done"
        more = {"was_done": body.was_done, "note": note, "outcome": "resolved"}
        why = f"{told}, says {session.full_name or session.person}: {note}"
        self._trail.mark(
            held, "closed", session.person, more, why=why, done_us=now_us, rollback_until_us=until_us
        )
        await self._uncut(self._trail.settle())
        return held.write

    async def write_for(
        self,
        token: str,
        path: str,
        value: float,
        *,
        reason: str,
        note: str = "",
        kind: WriteKind = "restore",
        second: Person | None = None,
    ) -> Write:
        """One tag of a set, as if it were selected and confirmed: every check, every entry, no dialog.

        ``second`` = the person who confirmed the whole set with a secret of their own. Never raises for what
        is wrong with this tag: the write says it.

        Raises:
            Refused: nobody is logged in, there is no such tag, or the ledger takes nothing.
        """
        body = SelectBody(path, value, kind=kind)
        held = self._proposed(self._desk.asker(token), token, body, is_set=True)
        return await self._carry(held, self._write_for(held, reason, note, second))

    def void(self, session_id: str, why: str) -> None:
        """What this session has selected is void; ``""`` = what anybody has (W14). At once.

        What is on its way to the wire stops before it, if it is not there yet.
        """
        for held in list(self._trail.held.values()):
            if held.write.step in life.RESERVING and session_id in ("", held.session):
                held.void = held.void or f"{why}; nothing was sent"
                after.expire(self._desk, held)

    def void_where(self, is_meant: Callable[[Write], bool], why: str) -> None:
        """The same of those that are meant, of whichever session."""
        for held in list(self._trail.held.values()):
            if held.write.step in life.RESERVING and is_meant(held.write):
                held.void = held.void or f"{why}; nothing was sent"
                after.expire(self._desk, held)

    async def tick(self) -> None:
        """What time brings. Looks at devices go on by themselves; ``idle`` waits for them."""
        desk = self._desk
        desk.watch()
        after.close_many(desk)
        for held in list(self._trail.held.values()):
            after.expire(desk, held)
            after.close(desk, held)
            if after.is_due(desk, held):
                self._begin(after.look(desk, held))
            await after.watch_rejected(desk, held)
        await self._trail.settle()

    async def idle(self) -> None:
        """Wait until nothing is on its way."""
        while self._running:
            await asyncio.wait(set(self._running))

    def _proposed(self, session: Session, token: str, body: SelectBody, *, is_set: bool = False) -> Held:
        of = self._trail.held.get(body.of) if body.kind == "rollback" else None
        last = self._last_reason.get(session.person, "")
        proposal = Proposal(body, session, None if of is None else of.write, last, is_set)
        clock = self._outside.clock
        write, target = proposed(
            proposal, self._targets, self._settings, clock.now_us(), secrets.token_hex(8)
        )
        held = Held(
            write,
            target,
            lease.selected(self._desk.mono_us()),
            token,
            session.id,
            "" if of is None else body.of,
            is_set=is_set,
        )
        # The same person at the same place opens another dialog: the one before is forgotten.
        for other in list(self._trail.held.values()):
            if other.session == session.id and other.write.step == "selected" and not other.is_busy:
                if other.keys & held.keys:
                    other.void = "it was selected anew"
                    after.expire(self._desk, other)
        # From here on the tag is theirs: nothing is awaited between the look and the reservation.
        held.has_lease = not self._desk.why_not_alone(held)
        held.is_busy = True
        self._trail.put(held, write)
        return held

    async def _confirm(self, held: Held, body: ConfirmBody) -> None:
        write, desk = held.write, self._desk
        place = write.asset if write.verb else write.path
        if body.path not in (place, write.path) or body.value != write.new:
            return await desk.reject(
                held, "another tag or value was confirmed than was selected; enter it again"
            )
        if why := desk.why_not_now(held):
            return await desk.reject(held, why)
        await steps.sign(self._desk, held, body.reason, body.note)
        self._last_reason[write.by] = held.write.reason or self._last_reason.get(write.by, "")
        if not held.write.needs_second:
            await sending.send(desk, held)

    async def _approve(self, held: Held, session: Session, body: ApproveBody) -> None:
        desk = self._desk
        if why := desk.why_not_now(held):
            return await desk.reject(held, why)
        person = await self._outside.second(body.name, body.secret, session.station, held.write.by)
        steps.require_second(self._desk, held.write, person)
        if why := desk.why_not_now(held):
            return await desk.reject(held, why)
        await steps.countersign(self._desk, held, person)
        await sending.send(desk, held)

    async def _write_for(self, held: Held, reason: str, note: str, second: Person | None) -> None:
        await steps.select(self._desk, held)
        if held.write.step != "selected":
            return
        try:
            steps.require_reason(held.write, reason)
            if held.write.needs_second:
                if second is None:
                    raise Refused("it needs a second person")
                steps.require_second(self._desk, held.write, second)
        except Refused as error:
            return await self._desk.reject(held, str(error))
        await steps.sign(self._desk, held, reason, note)
        if held.write.needs_second and second is not None:
            await steps.countersign(self._desk, held, second)
        await sending.send(self._desk, held)

    def _held(self, id: str) -> Held:
        held = self._trail.held.get(id)
        if held is None:
            raise Refused("there is no such write any more; enter it again if it is needed")
        return held

    def _theirs(self, token: str, id: str, *at: Step) -> Held:
        """A write of whoever asks, at one of these steps, with which nothing is being done."""
        session, held = self._desk.asker(token), self._held(id)
        if held.session != session.id:
            raise Refused(f"this was selected by {words.whose(held.write)}, who alone can go on with it")
        if held.is_busy:
            raise Refused("this write is on its way; wait for what comes of it")
        if held.write.step not in at or (held.write.step == "confirmed" and not life.is_waiting(held.write)):
            raise Refused(held.write.why or f"this write is {held.write.step} already")
        return held

    async def _carry(self, held: Held, work: Coroutine[Any, Any, None]) -> Write:
        """Do it with nothing crossing it; nothing is awaited before it counts as busy."""
        held.is_busy = True
        return await self._uncut(self._carried(held, work))

    async def _carried(self, held: Held, work: Coroutine[Any, Any, None]) -> Write:
        """Where the ledger refuses a step before it was sent, the write is refused."""
        try:
            await work
        except NotRecorded as error:
            why = f"{words.NOT_RECORDED}: {error}"
            self._trail.mark(held, "rejected", held.write.by, {}, why=why, until_us=0)
        except Exception as error:
            # What waits for a person goes on waiting; anything else would hold its tag and go nowhere.
            if held.write.step in ("proposed", "checked") and not isinstance(error, Refused):
                why = f"our own code failed at it, and nothing was sent: {error}"
                self._trail.mark(held, "rejected", "engine", {}, why=why, until_us=0)
            raise
        finally:
            held.is_busy = False
        return held.write

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, life.Illegal):
            log.error("a step of a write was not taken: %s", error)

    async def _uncut(self, work: Coroutine[Any, Any, T]) -> T:
        """It goes on to its end though whoever asked goes away: half a write is worse than a whole one."""
        return await asyncio.shield(self._begin(work))
