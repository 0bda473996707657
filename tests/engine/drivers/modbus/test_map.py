"""What the device does not have: found, marked, remembered, and read again when it is there."""

from engine.drivers.modbus.blocks import Limits
from engine.drivers.modbus.memory import UnitMemory
from engine.types import Status
from tests.engine.drivers.modbus.scene import scene, tag


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


async def test_a_tag_larger_than_what_the_device_gives_at_once_is_not_said_to_be_absent() -> None:
    played = scene([tag(1, "holding:0"), tag(2, "holding:100:string:50"), tag(3, "holding:300")], 2)
    played.device.longest = 20
    played.device.missing = {300}
    await played.play()
    what, do = played.sink.notes["holes"]
    assert "the device does not have 1 of its tags: holding:300 (A/3)" in what
    assert "more registers at once than the device gives are asked for by 1 of its tags: holding:100" in what
    assert "a shorter string" in do


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
