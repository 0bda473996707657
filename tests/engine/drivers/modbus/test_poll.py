"""Polling against a device that is a plain object, in a time that the test owns."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.drivers.driver import NotReady
from engine.drivers.link import Link, ListeningSink
from engine.drivers.modbus.address import Table
from engine.drivers.modbus.blocks import Limits
from engine.drivers.modbus.endpoint import Endpoint, TcpPlace
from engine.drivers.modbus.memory import UnitMemory
from engine.drivers.modbus.poll import Poll, poll_device
from engine.drivers.modbus.scan import read_tags
from engine.drivers.modbus.wire import ExceptionReply
from engine.types import Status, Tag
from tests.engine.drivers.recording import FakeClock, RecordingSink, context

ENOUGH = 1000


class Over(Exception):
    """The scene has been played."""


@dataclass
class FakeDevice:
    """Register n holds n, unless ``missing`` or ``failing``; an answer takes ``answer_us``."""

    clock: FakeClock
    until_us: int
    missing: set[int] = field(default_factory=set)
    longest: int = 125
    failing: int = 0
    answer_us: int = 1_000
    asked: list[tuple[int, Table, int, int]] = field(default_factory=list)
    on_ask: Callable[[int], None] = lambda now_us: None

    async def read(self, table: Table, start: int, count: int) -> NDArray[np.uint16]:
        await asyncio.sleep(0)
        self.on_ask(self.clock.now)
        if self.clock.now >= self.until_us or len(self.asked) >= ENOUGH:
            raise Over
        self.asked.append((self.clock.now, table, start, count))
        self.clock.now += self.answer_us
        if self.failing:
            raise ExceptionReply(self.failing)
        if count > self.longest:
            raise ExceptionReply(3)
        if self.missing & set(range(start, start + count)):
            raise ExceptionReply(2)
        return np.arange(start, start + count, dtype=np.uint16)

    def starts(self, start: int) -> list[int]:
        """Milliseconds at which a block from ``start`` was asked for."""
        return [(at - 1_000_000_000) // 1000 for at, _, first, _ in self.asked if first == start]


@dataclass
class Scene:
    sink: RecordingSink
    clock: FakeClock
    device: FakeDevice
    poll: Poll

    async def play(self) -> None:
        with pytest.raises(Over):
            await poll_device(self.poll)


def scene(
    tags: list[Tag], seconds: float, memory: UnitMemory | None = None, limits: Limits | None = None
) -> Scene:
    clock, sink = FakeClock(), RecordingSink()
    device = FakeDevice(clock, clock.now + round(seconds * 1e6))
    endpoint = Endpoint(TcpPlace("plc", 502), 7)
    poll = Poll(
        context("tcp://plc:502?unit=7", tags, sink, clock),
        endpoint,
        device,
        read_tags(tags),
        limits or Limits(),
        memory or UnitMemory(),
    )
    return Scene(sink, clock, device, poll)


def tag(tag_id: int, address: str, rate: float = 1.0) -> Tag:
    return Tag(tag_id, f"A/{tag_id}", "plc", address, rate=rate)


async def test_each_rate_is_polled_on_its_own_grid_without_drift() -> None:
    played = scene([tag(1, "holding:1", 10), tag(2, "holding:2", 2), tag(3, "holding:300", 1)], 3)
    await played.play()
    assert [round(at, -1) for at in played.device.starts(1)] == list(range(0, 3000, 100))
    assert [round(at, -1) for at in played.device.starts(2)] == list(range(0, 3000, 500))
    assert [round(at, -1) for at in played.device.starts(300)] == [0, 1000, 2000]
    assert played.sink.periods == {1: 0.1, 2: 0.5, 3: 1.0}
    assert played.sink.losses == []


async def test_a_batch_carries_the_block_in_one_row_with_the_time_of_the_answer() -> None:
    played = scene([tag(5, "holding:12"), tag(4, "holding:10"), tag(6, "holding:11")], 0.5)
    await played.play()
    (batch,) = played.sink.batches
    assert batch.tags.tolist() == [4, 6, 5]
    assert batch.value.tolist() == [[10.0, 11.0, 12.0]]
    assert batch.quality.tolist() == [0, 0, 0]
    answered = 1_700_000_000_000_000 + 1_000_000_000 + 1_000
    assert batch.source_time_us.tolist() == batch.receive_time_us.tolist() == [answered]


async def test_connected_comes_before_the_first_batch_and_only_once() -> None:
    played = scene([tag(1, "holding:1"), tag(2, "input:1")], 3)
    await played.play()
    assert played.sink.links == ["none"]
    assert played.sink.order[:3] == ["connected", "period", "batch"]


async def test_the_group_of_a_block_stays_the_same_over_connections() -> None:
    tags = [tag(1, "holding:1"), tag(2, "holding:2"), tag(3, "coil:1")]
    first, second = scene(tags, 2), scene(tags, 2)
    await first.play()
    await second.play()
    groups = {tuple(batch.tags.tolist()): batch.group for batch in first.sink.batches}
    assert len(groups) == len(set(groups.values())) == 2
    assert groups == {tuple(batch.tags.tolist()): batch.group for batch in second.sink.batches}


async def test_a_slow_device_skips_scans_and_counts_them_instead_of_piling_up() -> None:
    played = scene([tag(1, "holding:1", 10), tag(2, "holding:2", 10)], 5)
    played.device.answer_us = 250_000
    await played.play()
    asked = len(played.device.asked)
    assert asked == 20
    skipped = sum(samples for samples, _ in played.sink.losses)
    assert asked * 2 + skipped == pytest.approx(50 * 2, abs=4)
    assert "plc:502 unit 7" in played.sink.losses[0][1]


async def test_a_link_too_slow_for_its_rates_is_noted_and_taken_back_when_it_holds_again() -> None:
    played = scene([tag(1, "holding:1", 10)], 45)
    start, seen = played.clock.now, dict[int, bool]()

    def slow_for_a_while(now_us: int) -> None:
        second = (now_us - start) // 1_000_000
        played.device.answer_us = 250_000 if second < 15 else 1_000
        seen[second] = "overrun" in played.sink.notes
        if second == 14:
            what, do = played.sink.notes["overrun"]
            assert what == "plc:502 unit 7 is polled slower than asked: 4 of 10 requests a second"
            assert "lower the rate" in do

    played.device.on_ask = slow_for_a_while
    await played.play()
    assert [seen[second] for second in (5, 14, 19, 35, 43)] == [False, True, True, False, False]


async def test_a_busy_device_is_noted_and_taken_back() -> None:
    played = scene([tag(1, "holding:1")], 40)
    start, seen = played.clock.now, dict[int, bool]()

    def busy_for_a_while(now_us: int) -> None:
        second = (now_us - start) // 1_000_000
        played.device.failing = 6 if 3 <= second < 6 else 0
        seen[second] = "busy" in played.sink.notes

    played.device.on_ask = busy_for_a_while
    await played.play()
    assert [seen[second] for second in (2, 7, 38)] == [False, True, False]
    assert played.sink.status[1] == Status.GOOD


async def test_the_page_says_how_the_unit_is_read_and_how_fast_it_answers() -> None:
    tags = [tag(number, f"holding:{number}") for number in range(200)] + [tag(900, "coil:7")]
    played = scene(tags, 25)
    played.poll.memory.answers_s.extend([0.002] * 99 + [0.02])
    await played.play()
    assert played.sink.facts == {
        "blocks": "3 requests a scan, 200 registers, 1 bit",
        "answer time": "p50 2 ms, p99 2.18 ms",
        "connection": "its own",
        "holes": "none",
    }


async def test_an_overloaded_link_still_polls_its_slow_tags() -> None:
    played = scene([tag(1, "holding:1", 100), tag(2, "holding:500", 1)], 10)
    played.device.answer_us = 50_000
    await played.play()
    assert len(played.device.starts(500)) >= 9


async def test_a_hole_in_the_map_marks_only_its_own_tag_and_the_others_go_on() -> None:
    played = scene([tag(number, f"holding:{number}") for number in range(20)], 4.5)
    played.device.missing = {13}
    await played.play()
    assert played.sink.marks == [([13], Status.CONFIGURATION_ERROR)]
    assert played.sink.value == {number: float(number) for number in range(20) if number != 13}
    last = [batch for batch in played.sink.batches if batch.receive_time_us[0] > 1_700_001_003_900_000]
    assert sorted(tag_id for batch in last for tag_id in batch.tags.tolist()) == [
        number for number in range(20) if number != 13
    ]


async def test_a_hole_between_tags_marks_nothing() -> None:
    played = scene([tag(1, "holding:1"), tag(2, "holding:2"), tag(8, "holding:8")], 2.5)
    played.device.missing = {4, 5}
    await played.play()
    assert played.sink.marks == []
    assert played.sink.value == {1: 1.0, 2: 2.0, 8: 8.0}
    assert len(played.device.asked) == 1 + 3 * 2
    assert played.sink.facts["holes"] == "blocks are split at 1 place"
    assert "holes" not in played.sink.notes


async def test_why_a_tag_has_no_value_and_what_to_do_is_said() -> None:
    played = scene([tag(number, f"holding:{number}") for number in range(4)], 2)
    played.device.missing = {2}
    await played.play()
    assert played.sink.whys == {2: "the device answers exception 2 (illegal address) for holding:2"}
    what, do = played.sink.notes["holes"]
    assert what == "the device does not have 1 of its tags: holding:2 (A/2)"
    assert "tags.csv" in do


async def test_neighbours_of_a_refused_place_are_read_together_again_once_it_is_known() -> None:
    played = scene([tag(number, f"holding:{number}") for number in range(100)], 4.9)
    played.device.missing = {13, 70}
    await played.play()
    last = {(start, size) for at, _, start, size in played.device.asked if at > played.clock.now - 1_000_000}
    assert last == {(0, 13), (14, 56), (71, 29)}
    assert len(played.device.asked) < 60
    assert played.sink.facts["blocks"] == "3 requests a scan, 98 registers"


async def test_a_device_that_takes_only_short_blocks_is_read_in_pieces_and_nothing_is_marked() -> None:
    memory = UnitMemory()
    tags = [tag(number, f"holding:{number}") for number in range(100)]
    played = scene(tags, 3.5, memory)
    played.device.longest = 30
    await played.play()
    assert played.sink.marks == []
    assert len(played.sink.value) == 100
    again = scene(tags, 0.5, memory)
    again.device.longest = 30
    await again.play()
    assert len(again.device.asked) == 4, "the next connection asks for short blocks at once"


async def test_the_next_connection_does_not_ask_for_known_holes_and_says_at_once_why() -> None:
    memory = UnitMemory()
    tags = [tag(number, f"holding:{number}") for number in range(20)] + [tag(30, "holding:28")]
    played = scene(tags, 2, memory)
    played.device.missing = {13, 24}
    await played.play()
    again = scene(tags, 0.5, memory)
    again.device.missing = {13, 24}
    await again.play()
    assert {(start, size) for _, _, start, size in again.device.asked} == {(0, 13), (14, 6), (28, 1)}
    assert again.sink.marks == [([13], Status.CONFIGURATION_ERROR)]
    assert "exception 2" in again.sink.whys[13]


async def test_a_map_that_shrinks_while_polled_is_learnt() -> None:
    played = scene([tag(number, f"holding:{number}") for number in range(10)], 6.5)
    start = played.clock.now

    def shrink(now_us: int) -> None:
        played.device.missing = {8, 9} if now_us - start > 2_500_000 else set()

    played.device.on_ask = shrink
    await played.play()
    assert sorted(tags for tags, _ in played.sink.marks) == [[8], [9]]
    assert played.device.asked[-1][2:] == (0, 8)


async def test_one_answering_hole_brings_all_of_them_back() -> None:
    played = scene([tag(number, f"holding:{number}") for number in range(10)], 20)
    start = played.clock.now
    played.device.missing = {1, 3, 5, 7, 9}

    def grow(now_us: int) -> None:
        if now_us - start > 8_000_000:
            played.device.missing = set()

    played.device.on_ask = grow
    await played.play()
    assert set(played.sink.status.values()) == {Status.GOOD}
    assert "holes" not in played.sink.notes
    back = [
        at
        for at, _, first, size in played.device.asked
        if (first, size) == (0, 10) and at > start + 2_000_000
    ]
    assert back[0] - start <= 15_100_000


async def test_a_table_the_device_does_not_know_is_not_searched() -> None:
    played = scene([tag(number, f"holding:{number}") for number in range(40)], 4)
    start = played.clock.now
    played.device.failing = 1
    await played.play()
    assert len(played.sink.marks) == 1
    assert len([at for at, *_ in played.device.asked if at - start < 900_000]) <= 2
    assert played.sink.whys[5] == (
        "the device answers exception 1 (illegal function: it has no such table) for holding:0 to 39"
    )


async def test_blocks_keep_to_the_settings_of_the_source() -> None:
    tags = [tag(number, f"holding:{number}") for number in (0, 1, 2, 3, 5, 6)]
    played = scene(tags, 0.5, limits=Limits(3, 48, 0))
    await played.play()
    assert {(start, size) for _, _, start, size in played.device.asked} == {(0, 3), (3, 1), (5, 2)}


async def test_text_tags_carry_the_number_of_their_text() -> None:
    texts: list[str] = []

    def intern(text: str) -> float:
        texts.append(text)
        return 40.0 + len(texts)

    played = scene([tag(1, "holding:16706:string:2"), tag(2, "holding:16707")], 0.5)
    played.poll.context = replace(played.poll.context, intern=intern)
    await played.play()
    assert texts == ["AB"]
    assert played.sink.value == {1: 41.0, 2: 16707.0}


async def test_a_refused_tag_is_asked_for_every_5_seconds_and_comes_back() -> None:
    played = scene([tag(1, "holding:1"), tag(2, "holding:2")], 14)
    played.device.missing = {2}
    start = played.clock.now

    def mended(now_us: int) -> None:
        if now_us - start > 8_000_000:
            played.device.missing = set()

    played.device.on_ask = mended
    await played.play()
    assert [at // 1000 for at in played.device.starts(2)] == [0, 5, 10]
    assert played.sink.marks == [([2], Status.CONFIGURATION_ERROR)]
    assert played.sink.status[2] == Status.GOOD
    assert [at // 1000 for at in played.device.starts(1)][-1] == 13
    assert played.device.asked[-1][2:] == (1, 2), "once mended, both are read together again"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (4, Status.DEVICE_FAILURE),
        (5, Status.NO_COMMUNICATION),
        (6, Status.NO_COMMUNICATION),
        (8, Status.DEVICE_FAILURE),
        (99, Status.DEVICE_FAILURE),
    ],
)
async def test_other_exceptions_mark_the_block_once_and_polling_goes_on(code: int, status: Status) -> None:
    played = scene([tag(1, "holding:1"), tag(2, "holding:2")], 12)
    start = played.clock.now

    def fails_for_a_while(now_us: int) -> None:
        played.device.failing = code if 500_000 < now_us - start < 3_500_000 else 0

    played.device.on_ask = fails_for_a_while
    await played.play()
    assert played.sink.marks == [([1, 2], status)]
    assert played.sink.status == {1: Status.GOOD, 2: Status.GOOD}
    assert len(played.sink.batches) >= 5


async def test_a_block_that_fails_again_is_marked_again() -> None:
    played = scene([tag(1, "holding:1")], 8)
    start = played.clock.now

    def fails_twice(now_us: int) -> None:
        second = (now_us - start) // 1_000_000
        played.device.failing = 4 if second in {2, 3, 6} else 0

    played.device.on_ask = fails_twice
    await played.play()
    assert played.sink.marks == [([1], Status.DEVICE_FAILURE)] * 2


@pytest.mark.parametrize(("code", "busy"), [(4, False), (6, True)])
async def test_a_unit_that_fails_every_question_is_not_a_connection(code: int, busy: bool) -> None:
    played = scene([tag(1, "holding:1"), tag(2, "coil:2")], 5)
    played.device.failing = code
    with pytest.raises(NotReady, match=f"plc:502 unit 7 answers every read with exception {code}") as caught:
        await poll_device(played.poll)
    assert caught.value.busy == busy
    assert played.sink.links == []


async def test_a_device_that_refuses_every_address_is_connected() -> None:
    played = scene([tag(1, "holding:1"), tag(2, "holding:2")], 3)
    played.device.missing = {1, 2}
    await played.play()
    assert played.sink.links == ["none"]
    assert played.sink.status == {1: Status.CONFIGURATION_ERROR, 2: Status.CONFIGURATION_ERROR}


@pytest.mark.parametrize("missing", [set[int](), {0, 1, 2}])
@pytest.mark.parametrize(
    "tags", [[], [tag(1, "holding:1"), tag(2, "holding:2")], [tag(1, "holding:1", 0.01)]]
)
async def test_a_link_whose_device_answers_never_goes_stale(tags: list[Tag], missing: set[int]) -> None:
    played = scene(tags, 20)
    played.device.missing = missing
    link = Link(state="connected")
    played.poll.context = replace(
        played.poll.context, sink=ListeningSink(played.sink, link, played.clock, lambda: None)
    )
    states: set[str] = set()

    def look(now_us: int) -> None:
        if played.sink.links:
            states.add(link.state_at(now_us))

    played.device.on_ask = look
    await played.play()
    assert states == {"connected"}
    assert len(played.device.asked) >= 10
    assert played.sink.batches == [] or not missing


async def test_a_link_with_slow_tags_is_asked_in_between_without_making_samples() -> None:
    played = scene([tag(1, "holding:1", 0.01)], 20)
    await played.play()
    assert len(played.sink.batches) == 1
    times = [at for at, *_ in played.device.asked]
    assert max(later - earlier for earlier, later in zip(times, times[1:], strict=False)) < 1_100_000


async def test_a_source_without_tags_still_proves_its_link() -> None:
    played = scene([], 5)
    await played.play()
    assert played.sink.links == ["none"]
    assert played.sink.batches == []
    assert played.sink.marks == []
    assert len(played.device.asked) == 5


async def test_after_a_pause_of_the_machine_polling_continues_without_a_burst() -> None:
    played = scene([tag(1, "holding:1", 10)], 70)
    start = played.clock.now
    paused: list[int] = []

    def pause(now_us: int) -> None:
        if now_us - start > 1_000_000 and not paused:
            paused.append(now_us)
            played.clock.now += 60_000_000

    played.device.on_ask = pause
    await played.play()
    after = [at for at, *_ in played.device.asked if paused and at > paused[0] + 60_500_000]
    assert len(after) == pytest.approx(85, abs=3)
    assert sum(samples for samples, _ in played.sink.losses) == pytest.approx(600, abs=2)
