"""One connection for all units behind it: whose turn it is, who is silent, and whether the line works.

One question is in flight at a time, and turns go round in the order of asking; each unit asks one
question at a time, so nobody starves. A unit that is silent on a line that otherwise works must not
slow the others: its run ends, and it is tried again ever so often with one short question (the
breaker). A line on which nobody answers is broken: all its units end and the next one opens a new one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.drivers.driver import NotReady
from engine.drivers.modbus.address import Table
from engine.drivers.modbus.endpoint import DEFAULT_PORT, Endpoint, Place, TcpPlace
from engine.drivers.modbus.memory import LineMemory, UnitMemory
from engine.drivers.modbus.replies import NO_TARGET, in_words
from engine.drivers.modbus.rtu import open_rtu
from engine.drivers.modbus.tcp import NO_MODBUS, open_tcp
from engine.drivers.modbus.wire import ExceptionReply, Gone, Question, Silent, Wire
from engine.types import Clock, Tag

SHORTEST_TRIAL_S = 0.15
USUAL_TIMES = 5
LONG_TRIAL_EVERY = 10
LINE_SHARE = 25
"""A unit that stays silent is tried so rarely that it takes 1/25 of the line's time."""
SOON_S = (0.0, 4.0)
"""The waits after the first failures, when a unit is most likely to come back; 0 = the supervisor's own."""
LONGEST_BREAK_S = 30.0
WITNESS_S = 2.25
"""How long a unit that answered lately may take to prove that the line works: a gateway that still
waits for the silent unit makes everybody wait. With the unit's own second and the probes of an idle
line (``poll.PROBE_AFTER_US``) a half-open link is found within 5 s."""
UNPROVEN_S = 4.0
LOOK = "check the device, its unit number and the network"
CHECK_UNIT = "check its power, wiring and unit number"
CHECK_SHARED = "check the unit number, and that no two devices have the same one"


class _NoAnswer(Exception):
    """A unit did not answer, or its gateway said so. ``spent_s`` = how long the line was taken up;
    ``wrongly`` = it did answer, with what does not fit.
    """

    def __init__(self, why: str, spent_s: float, *, by_gateway: bool = False, wrongly: bool = False) -> None:
        super().__init__(why)
        self.why, self.spent_s, self.by_gateway, self.wrongly = why, spent_s, by_gateway, wrongly


@dataclass(slots=True, eq=False)
class Line:
    """An open connection with its units. ``broken`` is set once, and is what all of them end with.

    ``sources`` = the tags, by id, of each source that is read over it now.
    """

    place: Place
    wire: Wire
    memory: LineMemory
    clock: Clock
    opened_us: int = 0
    answered_us: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    broken: asyncio.Future[NotReady] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    witnesses: dict[int, Question] = field(default_factory=dict[int, Question])
    units: list[int] = field(default_factory=list[int])
    sources: dict[str, dict[int, Tag]] = field(default_factory=dict[str, dict[int, Tag]])

    def end(self, what: str, do: str) -> NotReady:
        """The line is broken; gives the reason that all its units end with."""
        if not self.broken.done():
            self.broken.set_result(NotReady(what, do))
        return self.why()

    def leave(self, unit: int) -> None:
        """A run of this unit is over."""
        self.units.remove(unit)
        if unit not in self.units:
            self.witnesses.pop(unit, None)

    def why(self) -> NotReady:
        """A new error for each who ends with it."""
        error = self.broken.result()
        return NotReady(error.what, error.do)


@asynccontextmanager
async def open_line(place: Place, memory: LineMemory, clock: Clock) -> AsyncGenerator[Line]:
    """Connect, and close on every way out. Raises NotReady."""
    opening = open_tcp(place) if isinstance(place, TcpPlace) else open_rtu(place, memory.steps)
    async with opening as wire:
        line = Line(place, wire, memory, clock, opened_us=clock.mono_us())
        wire.on_end = lambda why: _ended(line, why)
        if wire.ended:
            _ended(line, wire.ended)
        yield line


def _ended(line: Line, why: str) -> None:
    do = "it is connected again by itself; check the device if it repeats"
    if isinstance(line.place, TcpPlace) and (not line.answered_us or why == NO_MODBUS):
        do = f"check that Modbus TCP is what listens on port {line.place.port} (it is usually {DEFAULT_PORT})"
    line.end(f"{line.place} {why}", do)


@dataclass(slots=True, eq=False)
class UnitLine:
    """One unit's way to the line, for one run."""

    line: Line
    endpoint: Endpoint
    timeout_s: float
    memory: UnitMemory
    questions: dict[tuple[Table, int, int], Question] = field(
        default_factory=dict[tuple[Table, int, int], Question]
    )

    async def read(self, table: Table, start: int, count: int) -> NDArray[np.uint16]:
        """Registers uint16[count], or bits as 0 and 1; a question without a fitting answer is repeated once.

        Raises ExceptionReply (never one of a gateway for a unit it cannot reach), and NotReady when the
        unit is silent or the line is broken.
        """
        question = self.questions.get((table, start, count))
        if question is None:
            question = Question(self.endpoint.unit, table, start, count)
            self.questions[table, start, count] = question
        if self.memory.failed:
            return await self._trial(question)
        line, began_us, limit_s = self.line, self.line.clock.mono_us(), self.timeout_s
        try:
            return await self._ask(question, limit_s)
        except _NoAnswer as silent:
            if line.answered_us > began_us and not silent.by_gateway:  # the line works, so it is the unit
                limit_s = min(limit_s, self._usual_trial_s())
        try:
            return await self._ask(question, limit_s)
        except _NoAnswer as silent:
            if line.answered_us <= began_us:
                do = CHECK_SHARED if silent.wrongly else LOOK
                raise line.end(f"{self.endpoint} {silent.why}, twice", do) from None
            raise self._given_up(silent, 0.0) from None

    async def _trial(self, question: Question) -> NDArray[np.uint16]:
        """One short question to a unit held for silent."""
        try:
            words = await self._ask(question, self.trial_s())
        except _NoAnswer as silent:
            if not self.line.answered_us:
                raise self._unproven(silent) from None
            raise self._given_up(silent, silent.spent_s) from None
        except ExceptionReply:
            self.memory.failed = 0
            raise
        self.memory.failed = 0
        return words

    def _unproven(self, silent: _NoAnswer) -> NotReady:
        """A failed trial where nobody has answered yet: the others on the line find out whether it works."""
        if len(set(self.line.units)) > 1:
            return NotReady(f"{self.endpoint} {silent.why}", CHECK_SHARED if silent.wrongly else CHECK_UNIT)
        self.memory.failed = 0  # the line may be at fault, and not the unit
        return self.line.end(f"{self.endpoint} {silent.why}", LOOK)

    def _given_up(self, silent: _NoAnswer, trial_took_s: float) -> NotReady:
        """The breaker opens, or stays open: what the run ends with. ``trial_took_s``: 0 = it was no trial."""
        self.memory.failed += 1
        self.memory.by_gateway = silent.by_gateway
        self.line.witnesses.pop(self.endpoint.unit, None)
        do = CHECK_SHARED if silent.wrongly else CHECK_UNIT
        if len(set(self.line.units)) < 2:  # nobody else's time is at stake
            return NotReady(f"{self.endpoint} {silent.why}", do)
        again_s = self._again_s(trial_took_s)
        others = "" if silent.by_gateway or silent.wrongly else ", while others on its line do"
        every = f"{again_s:.0f} s" if again_s else "few seconds"
        return NotReady(
            f"{self.endpoint} {silent.why}{others}", f"{do}; it is tried again every {every}", again_s=again_s
        )

    def _again_s(self, trial_took_s: float) -> float:
        """Soon at first; later as seldom as what a trial costs the others allows."""
        rarely_s = min(LONGEST_BREAK_S, LINE_SHARE * max(trial_took_s, self.trial_s()))
        failed = self.memory.failed
        return min(rarely_s, SOON_S[failed - 1]) if failed <= len(SOON_S) else rarely_s

    def _usual_trial_s(self) -> float:
        """Long enough for what this unit, or else the slowest of its line, usually takes."""
        usual_s = usual(self.memory)
        if usual_s is None:
            usual_s = max((usual(unit) or 0.0 for unit in self.line.memory.units.values()), default=0.0)
        return max(SHORTEST_TRIAL_S, USUAL_TIMES * usual_s)

    def trial_s(self) -> float:
        """Short, seldom the unit's own timeout; every other is twice as long for one that never answered."""
        if self.memory.by_gateway:  # the gateway's answer takes its time
            return self.timeout_s
        shortest_s, failed = self._usual_trial_s(), self.memory.failed
        if failed % LONG_TRIAL_EVERY == 0:
            return self.timeout_s
        longer = 2 if usual(self.memory) is None and failed % 2 == 0 else 1
        return min(self.timeout_s, longer * shortest_s)

    async def _ask(self, question: Question, timeout_s: float) -> NDArray[np.uint16]:
        """Ask once, when it is this unit's turn."""
        line = self.line
        async with line.turn:
            if line.broken.done():
                raise line.why()
            began_us = line.clock.mono_us()
            try:
                words = await line.wire.ask(question, timeout_s, lambda: usual(self.memory) or timeout_s)
            except ExceptionReply as reply:
                if reply.code in NO_TARGET:
                    line.answered_us = line.clock.mono_us()
                    why = f"cannot be reached by its gateway, which answers {in_words(reply.code)}"
                    raise _NoAnswer(why, (line.answered_us - began_us) / 1e6, by_gateway=True) from None
                self._answered(question, began_us)
                raise
            except Gone:
                raise line.why() from None
            except Silent as silent:
                await self._call_witness(began_us)
                spent_s = (line.clock.mono_us() - began_us) / 1e6
                raise _NoAnswer(_in_words(silent, timeout_s), spent_s, wrongly=silent.whole) from None
            self._answered(question, began_us)
            return words

    def _answered(self, question: Question, began_us: int) -> None:
        line = self.line
        line.answered_us = line.clock.mono_us()
        self.memory.answers_s.append((line.answered_us - began_us) / 1e6)
        line.witnesses.pop(question.unit, None)
        line.witnesses[question.unit] = question

    async def _call_witness(self, since_us: int) -> None:
        """After a silence ask again what another unit answered last; no answer either: the line is broken."""
        line = self.line
        others = [question for unit, question in line.witnesses.items() if unit != self.endpoint.unit]
        if not others:
            if not line.answered_us and since_us - line.opened_us > UNPROVEN_S * 1e6:
                raise line.end(f"{line.place} answers nobody on this connection", LOOK)
            return
        try:
            await line.wire.ask(others[-1], WITNESS_S)
        except ExceptionReply:
            pass
        except (Silent, Gone):
            what = f"{line.place} is connected, but its units fell silent"
            raise line.end(what, "check the network and the device or gateway") from None
        line.answered_us = line.clock.mono_us()


def _in_words(silent: Silent, timeout_s: float) -> str:
    if silent.whole:
        return f"answers, but {silent.strange}"
    came = f" (what came: {silent.strange})" if silent.strange else ""
    return f"did not answer in {timeout_s:.2g} s{came}"


def usual(unit: UnitMemory) -> float | None:
    """Seconds within which 95 of 100 answers of a unit came; None before the first."""
    if not unit.answers_s:
        return None
    recent = sorted(list(unit.answers_s)[-64:])
    return recent[int(0.95 * (len(recent) - 1))]
