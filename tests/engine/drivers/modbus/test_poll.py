"""When blocks are polled and what a person is told, in a time that the test owns."""

from dataclasses import replace

import pytest

from engine.drivers.driver import NotReady
from engine.drivers.link import Link, ListeningSink
from engine.drivers.modbus.poll import poll_device
from engine.types import Status, Tag
from tests.engine.drivers.modbus.scene import scene, tag


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
