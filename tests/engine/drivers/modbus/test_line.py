"""Units that share one connection: turns, the breaker of each unit, and a line on which nobody answers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from engine.clock import SystemClock
from engine.drivers.driver import NotReady
from engine.drivers.modbus.endpoint import Endpoint
from engine.drivers.modbus.line import SHORTEST_TRIAL_S, UNPROVEN_S, Line, UnitLine, open_line
from engine.drivers.modbus.memory import LineMemory
from tests.engine.drivers.modbus.peer import (
    Peer,
    always,
    device,
    frame,
    numbered,
    tid_of,
    unit_of,
)
from tests.engine.drivers.recording import until

SHORT_S = 0.3


@asynccontextmanager
async def line_to(peer: Peer, memory: LineMemory | None = None) -> AsyncIterator[Line]:
    async with open_line(peer.place, memory or LineMemory(), SystemClock()) as line:
        yield line


def unit_on(line: Line, unit: int, timeout_s: float = SHORT_S) -> UnitLine:
    line.units.append(unit)
    return UnitLine(line, Endpoint(line.place, unit), timeout_s, line.memory.unit(unit))


def answering(alive: Callable[[int], bool]) -> Callable[..., object]:
    """A gateway behind which only some units answer; the others are silent."""

    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        if alive(unit_of(request)):
            writer.write(numbered(request))

    return answer


async def test_two_units_share_one_connection_and_get_their_own_answers() -> None:
    async with device(always(numbered)) as peer, line_to(peer) as line:
        one, two = unit_on(line, 1), unit_on(line, 2)
        found = await asyncio.gather(
            *(unit.read("holding", start, 2) for start in range(20) for unit in (one, two))
        )
        assert [words.tolist() for words in found] == [
            [start, start + 1] for start in range(20) for _ in (1, 2)
        ]
        assert peer.accepted == 1
        assert peer.asked_of(1) == peer.asked_of(2) == 20


async def test_never_more_than_one_question_is_in_flight() -> None:
    open_questions: list[int] = []
    most: list[int] = [0]

    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        open_questions.append(1)
        most[0] = max(most[0], len(open_questions))
        await asyncio.sleep(0.002)
        open_questions.pop()
        writer.write(numbered(request))

    async with device(answer) as peer, line_to(peer) as line:
        units = [unit_on(line, unit, 5) for unit in range(1, 6)]
        await asyncio.gather(*(unit.read("holding", 0, 1) for unit in units for _ in range(5)))
    assert most[0] == 1
    # The peer serves requests one after the other; that none waited there shows in their number too.
    assert len(peer.requests) == 25


async def test_turns_go_round_so_that_a_busy_unit_does_not_starve_another() -> None:
    async with device(always(numbered)) as peer, line_to(peer) as line:
        busy, rare = unit_on(line, 1), unit_on(line, 2)

        async def for_ever() -> None:
            while True:
                await busy.read("holding", 0, 125)

        task = asyncio.create_task(for_ever())
        await until(lambda: len(peer.requests) > 5)
        for _ in range(10):
            before = peer.asked_of(1)
            await rare.read("holding", 0, 1)
            assert peer.asked_of(1) - before <= 2
        task.cancel()
        await asyncio.wait({task}, timeout=2)


@pytest.mark.fault
async def test_a_question_without_an_answer_is_repeated_once() -> None:
    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        if len(peer.requests) % 2 == 0:
            writer.write(numbered(request))

    async with device(answer) as peer, line_to(peer) as line:
        unit = unit_on(line, 1)
        for start in range(3):
            assert (await unit.read("holding", start, 1)).tolist() == [start]
        assert len(peer.requests) == 6
        assert not line.broken.done()


@pytest.mark.fault
async def test_a_silent_unit_on_a_working_line_ends_alone_and_the_line_stays() -> None:
    async with device(answering(lambda unit: unit == 1)) as peer, line_to(peer) as line:
        alive, dead = unit_on(line, 1), unit_on(line, 2)
        await alive.read("holding", 0, 1)
        with pytest.raises(
            NotReady, match="unit 2 did not answer in .* while others on its line do"
        ) as caught:
            await dead.read("holding", 0, 1)
        assert peer.asked_of(2) == 2
        assert caught.value.again_s == 0, "at first it is tried again as soon as any other device"
        assert "tried again every few seconds" in caught.value.do
        assert not line.broken.done()
        assert (await alive.read("holding", 5, 1)).tolist() == [5]


@pytest.mark.fault
async def test_a_silent_unit_gets_one_short_trial_a_run_and_comes_back_with_its_first_answer() -> None:
    dead: set[int] = set()
    async with device(answering(lambda unit: unit not in dead)) as peer, line_to(peer) as line:
        one, two = unit_on(line, 1), unit_on(line, 2, timeout_s=5)
        for start in range(5):
            await one.read("holding", start, 1)
            await two.read("holding", start, 1)
        dead.add(2)
        line.memory.unit(2).failed = 1
        loop, asked = asyncio.get_running_loop(), peer.asked_of(2)
        began = loop.time()
        with pytest.raises(NotReady) as caught:
            await two.read("holding", 0, 1)
        assert loop.time() - began < 2, "a trial is short, not the unit's 5 s"
        assert peer.asked_of(2) == asked + 1
        assert caught.value.again_s >= 25 * 0.15 * 0.99, "as seldom as the trial was short"
        dead.clear()
        assert (await two.read("holding", 3, 1)).tolist() == [3]
        assert line.memory.unit(2).failed == 0


async def test_trials_of_a_unit_that_never_answered_are_short_and_seldom_its_own_timeout() -> None:
    async with device(always(numbered)) as peer, line_to(peer) as line:
        unit = unit_on(line, 3, timeout_s=1.0)
        trials = []
        for failed in range(1, 13):
            unit.memory.failed = failed
            trials.append(unit.trial_s())
        assert trials == [*[0.15, 0.3] * 4, 0.15, 1.0, 0.15, 0.3]


async def test_trials_of_a_known_unit_are_five_times_its_usual_answer_and_seldom_long() -> None:
    async with device(always(numbered)) as peer, line_to(peer) as line:
        unit = unit_on(line, 3, timeout_s=1.0)
        unit.memory.answers_s.extend([0.04] * 100)
        trials = []
        for failed in range(1, 21):
            unit.memory.failed = failed
            trials.append(unit.trial_s())
        assert trials == pytest.approx(([0.2] * 9 + [1.0]) * 2)


@pytest.mark.fault
async def test_a_line_on_which_the_last_witness_is_silent_too_is_broken_for_all() -> None:
    """Half open: ten units, and not ten timeouts but two until it is known."""
    silent: list[int] = []
    loop = asyncio.get_running_loop()
    async with device(answering(lambda unit: not silent)) as peer, line_to(peer) as line:
        units = [unit_on(line, unit) for unit in range(1, 11)]
        await asyncio.gather(*(unit.read("holding", 0, 1) for unit in units))
        silent.append(1)
        began = loop.time()
        ends = await asyncio.gather(*(unit.read("holding", 0, 1) for unit in units), return_exceptions=True)
        assert loop.time() - began < 5
        assert {type(end) for end in ends} == {NotReady}
        assert {end.what for end in ends} == {f"{peer.place} is connected, but its units fell silent"}
        assert line.broken.done()
        assert [line.memory.unit(unit).failed for unit in range(1, 11)] == [0] * 10


@pytest.mark.fault
async def test_a_line_whose_only_unit_is_silent_twice_is_broken() -> None:
    async with device(answering(lambda unit: False)) as peer, line_to(peer) as line:
        with pytest.raises(NotReady, match="unit 4 did not answer in 0.3 s, twice") as caught:
            await unit_on(line, 4).read("holding", 0, 1)
        assert caught.value.again_s == 0
        assert line.broken.done()
        assert len(peer.requests) == 2


@pytest.mark.fault
async def test_a_trial_on_a_line_where_nobody_answers_is_the_lines_fault() -> None:
    memory = LineMemory()
    memory.unit(4).failed = 3
    async with device(answering(lambda unit: False)) as peer, line_to(peer, memory) as line:
        with pytest.raises(NotReady):
            await unit_on(line, 4).read("holding", 0, 1)
        assert line.broken.done()
    assert memory.unit(4).failed == 0


@pytest.mark.fault
async def test_a_known_dead_unit_that_comes_first_does_not_end_a_new_line_for_the_others() -> None:
    memory = LineMemory()
    memory.unit(2).failed = 3
    async with device(answering(lambda unit: unit == 1)) as peer, line_to(peer, memory) as line:
        one, two = unit_on(line, 1), unit_on(line, 2)
        ends = await asyncio.gather(
            two.read("holding", 0, 1), one.read("holding", 4, 1), return_exceptions=True
        )
        assert [unit_of(request) for request in peer.requests] == [2, 1]
        assert isinstance(ends[0], NotReady)
        assert "unit 2 did not answer" in ends[0].what
        assert "others" not in ends[0].what, "nobody had answered yet"
        assert ends[0].again_s == 0
        assert ends[1].tolist() == [4]
        assert not line.broken.done()
        assert memory.unit(2).failed == 3


@pytest.mark.fault
async def test_a_line_on_which_only_known_dead_units_are_left_is_ended_after_a_while() -> None:
    memory = LineMemory()
    for unit in (1, 2):
        memory.unit(unit).failed = 3
    async with device(answering(lambda unit: False)) as peer, line_to(peer, memory) as line:
        units = [unit_on(line, unit) for unit in (1, 2)]
        with pytest.raises(NotReady, match="unit 1 did not answer"):
            await units[0].read("holding", 0, 1)
        assert not line.broken.done()
        line.opened_us -= round(UNPROVEN_S * 1e6)
        with pytest.raises(NotReady, match="answers nobody on this connection"):
            await units[1].read("holding", 0, 1)
        assert line.broken.done()


@pytest.mark.fault
async def test_a_silent_unit_is_tried_soon_at_first_and_then_as_seldom_as_its_trials_cost() -> None:
    async with device(answering(lambda unit: unit == 1)) as peer, line_to(peer) as line:
        one, two = unit_on(line, 1), unit_on(line, 2)
        await one.read("holding", 0, 1)
        waits: list[float] = []
        for failed in (0, 1, 2, 8):
            two.memory.failed = failed
            with pytest.raises(NotReady) as caught:
                await two.read("holding", 0, 1)
            waits.append(caught.value.again_s)
        assert waits[0] == 0
        assert 25 * SHORTEST_TRIAL_S * 0.99 <= waits[1] <= 4
        assert 5 < waits[2] <= 10, "a trial of 0.3 s"
        assert 3 < waits[3] <= 10


@pytest.mark.fault
async def test_a_unit_that_answers_under_another_number_is_said_to_answer() -> None:
    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        proper = numbered(request)
        writer.write(proper[:6] + b"\x09" + proper[7:] if unit_of(request) == 2 else proper)

    async with device(answer) as peer, line_to(peer) as line:
        one, two = unit_on(line, 1), unit_on(line, 2)
        await one.read("holding", 0, 1)
        with pytest.raises(NotReady, match="unit 2 answers, but as unit 9: ") as caught:
            await two.read("holding", 0, 1)
        assert "check the unit number, and that no two devices have the same one" in caught.value.do


@pytest.mark.fault
async def test_a_port_that_speaks_no_modbus_is_named_in_what_to_do() -> None:
    async with device(always(lambda request: b"HTTP/1.1 400 Bad Request\r\n\r\n")) as peer:
        async with line_to(peer) as line:
            with pytest.raises(NotReady, match="no Modbus TCP") as caught:
                await unit_on(line, 1).read("holding", 0, 1)
            assert f"listens on port {peer.place.port} " in caught.value.do


@pytest.mark.fault
async def test_a_unit_that_was_given_up_is_no_witness_against_the_line() -> None:
    dead: set[int] = set()
    lost: set[int] = set()

    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        unit = unit_of(request)
        if unit in dead or unit in lost:
            lost.discard(unit)
            return
        writer.write(numbered(request))

    async with device(answer) as peer, line_to(peer) as line:
        one, two = unit_on(line, 1), unit_on(line, 2)
        await one.read("holding", 0, 1)
        await two.read("holding", 0, 1)
        dead.add(2)
        with pytest.raises(NotReady):
            await two.read("holding", 0, 1)
        lost.add(1)
        assert (await one.read("holding", 7, 1)).tolist() == [7]
        assert not line.broken.done()


@pytest.mark.fault
async def test_a_gateway_that_cannot_reach_a_unit_says_so_and_the_unit_counts_as_silent() -> None:
    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        if unit_of(request) == 2:
            await asyncio.sleep(0.25)
            writer.write(frame(tid_of(request), 2, bytes([0x83, 11])))
        else:
            writer.write(numbered(request))

    async with device(answer) as peer, line_to(peer) as line:
        one, two = unit_on(line, 1), unit_on(line, 2, timeout_s=1)
        await one.read("holding", 0, 1)
        with pytest.raises(NotReady, match=r"exception 11 \(gateway target does not answer\)") as caught:
            await two.read("holding", 0, 1)
        assert caught.value.again_s == 0
        assert two.memory.failed == 1
        two.memory.failed = 5
        with pytest.raises(NotReady, match="exception 11") as caught:
            await two.read("holding", 0, 1)
        assert 25 * 0.25 * 0.99 <= caught.value.again_s <= 30
        assert peer.asked_of(2) == 3, "twice, then one trial"
        assert (await one.read("holding", 1, 1)).tolist() == [1]


@pytest.mark.fault
async def test_a_gateway_that_waits_long_for_a_dead_unit_does_not_break_the_line() -> None:
    """Its own timeout is longer than ours, and meanwhile it makes everybody wait."""

    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        if unit_of(request) == 2:
            await asyncio.sleep(0.8)
        else:
            writer.write(numbered(request))

    async with device(answer) as peer, line_to(peer) as line:
        one, two = unit_on(line, 1), unit_on(line, 2)
        await one.read("holding", 0, 1)
        with pytest.raises(NotReady, match="unit 2 did not answer") as caught:
            await two.read("holding", 0, 1)
        assert not line.broken.done()
        assert caught.value.again_s == 0, "what the first failure cost does not count"
        two.memory.failed = 5
        with pytest.raises(NotReady, match="unit 2 did not answer") as caught:
            await two.read("holding", 0, 1)
        assert 15 < caught.value.again_s <= 30, "what the line lost in a trial counts, not our short wait"
        assert (await one.read("holding", 1, 1)).tolist() == [1]


@pytest.mark.fault
@pytest.mark.parametrize("rounds", range(0, 30, 3))
async def test_a_cancelled_question_harms_nobody_else_on_the_line(rounds: int) -> None:
    async with device(always(numbered)) as peer, line_to(peer) as line:
        one, two = unit_on(line, 1), unit_on(line, 2)

        async def for_ever() -> None:
            while True:
                await one.read("holding", 100, 3)

        task = asyncio.create_task(for_ever())
        for _ in range(rounds):
            await asyncio.sleep(0)
        task.cancel()
        for start in range(5):
            assert (await two.read("holding", start, 3)).tolist() == [start, start + 1, start + 2]
        await asyncio.wait({task}, timeout=2)
        assert task.cancelled()
