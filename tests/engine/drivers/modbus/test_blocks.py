from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.modbus.address import WIDTHS, Address
from engine.drivers.modbus.blocks import Block, Limits, coalesce, split

registers = st.builds(
    lambda table, start, kind: Address(table, start, kind, WIDTHS[kind]),
    st.sampled_from(["holding", "input"]),
    st.integers(0, 400),
    st.sampled_from(sorted(WIDTHS)),
)
bits = st.builds(
    lambda table, start: Address(table, start, "bit"),
    st.sampled_from(["coil", "discrete"]),
    st.integers(0, 5000),
)


def uint16(*starts: int) -> list[Address]:
    return [Address("holding", start, "uint16") for start in starts]


def spans(blocks: list[Block]) -> list[tuple[int, int]]:
    return [(block.start, block.count) for block in blocks]


@given(st.lists(registers | bits, max_size=60), st.integers(4, 125), st.integers(1, 2000), st.integers(0, 20))
def test_every_tag_lies_in_exactly_one_block_within_the_limits(
    addresses: list[Address], most: int, most_bits: int, gap: int
) -> None:
    blocks = coalesce(addresses, Limits(most, most_bits, gap))
    assert sorted(place for block in blocks for place in block.members) == list(range(len(addresses)))
    for block in blocks:
        assert block.count <= (most_bits if block.table in {"coil", "discrete"} else most)
        for place in block.members:
            address = addresses[place]
            assert address.table == block.table
            assert block.start <= address.start
            assert address.start + address.width <= block.start + block.count


def test_small_holes_are_read_over_and_wide_ones_are_not() -> None:
    assert spans(coalesce(uint16(0, 9))) == [(0, 10)]
    assert spans(coalesce(uint16(0, 10))) == [(0, 1), (10, 1)]


def test_a_hole_is_measured_from_the_end_of_the_widest_tag_before_it() -> None:
    addresses = [Address("holding", 0, "float64", 4), *uint16(1, 12)]
    assert spans(coalesce(addresses)) == [(0, 13)]


def test_a_block_ends_at_125_registers_and_2000_bits() -> None:
    assert spans(coalesce(uint16(*range(130)))) == [(0, 125), (125, 5)]
    coils = [Address("coil", start, "bit") for start in range(2001)]
    assert spans(coalesce(coils)) == [(0, 2000), (2000, 1)]


def test_a_value_is_never_torn_between_two_blocks() -> None:
    addresses = [*uint16(*range(124)), Address("holding", 124, "float32", 2)]
    assert spans(coalesce(addresses)) == [(0, 124), (124, 2)]


def test_no_block_reaches_over_a_cut_but_a_single_value_does() -> None:
    assert spans(coalesce(uint16(0, 1, 2, 3), cuts=[("holding", 2)])) == [(0, 2), (2, 2)]
    assert spans(coalesce(uint16(0, 1, 2, 3), cuts=[("input", 2), ("holding", 0), ("holding", 9)])) == [
        (0, 4)
    ]
    addresses = [Address("holding", 1, "float32", 2), *uint16(3)]
    assert spans(coalesce(addresses, cuts=[("holding", 2)])) == [(1, 2), (3, 1)]


def test_no_block_holds_the_whole_of_a_refused_place_and_may_hold_a_part_of_it() -> None:
    assert spans(coalesce(uint16(0, 1, 3, 4), refused=[("holding", 2, 1)])) == [(0, 2), (3, 2)]
    assert spans(coalesce(uint16(0, 1, 4), refused=[("holding", 1, 2)])) == [(0, 2), (4, 1)]
    assert spans(coalesce(uint16(0, 1, 2), refused=[("input", 1, 1), ("holding", 3, 1)])) == [(0, 3)]


@given(
    st.lists(registers, min_size=1, max_size=40),
    st.sets(st.integers(0, 404), max_size=10),
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 4)), max_size=10),
)
def test_whatever_is_cut_and_refused_every_tag_lies_in_one_block_that_keeps_to_it(
    addresses: list[Address], walls: set[int], holes: list[tuple[int, int]]
) -> None:
    cuts = [("holding", wall) for wall in walls]
    blocks = coalesce(addresses, Limits(), cuts, [("holding", start, width) for start, width in holes])
    assert sorted(place for block in blocks for place in block.members) == list(range(len(addresses)))
    for block in blocks:
        starts = {addresses[place].start for place in block.members}
        if block.table != "holding" or len(starts) == 1:
            continue
        assert not any(block.start < wall <= max(starts) for wall in walls)
        first = max(addresses[place].start + addresses[place].width for place in block.members[:1])
        for start, width in holes:
            held = block.start <= start and start + width <= block.start + block.count
            assert not held or start + width <= first


def test_a_value_larger_than_the_block_setting_is_read_whole() -> None:
    addresses = [*uint16(0, 1), Address("holding", 2, "float64", 4)]
    assert spans(coalesce(addresses, Limits(1, 16, 0))) == [(0, 1), (1, 1), (2, 4)]


def test_tables_are_not_mixed() -> None:
    addresses = [Address("holding", 0, "uint16"), Address("input", 1, "uint16")]
    assert len(coalesce(addresses)) == 2


def test_a_refused_block_is_cut_at_its_widest_hole_first() -> None:
    addresses = uint16(0, 8, 9, 10, 12)
    halves = split(addresses, coalesce(addresses)[0])
    assert halves is not None
    assert spans(list(halves)) == [(0, 1), (8, 5)]


@given(st.lists(registers, min_size=1, max_size=40))
def test_splitting_ends_at_single_places_and_loses_no_tag(addresses: list[Address]) -> None:
    waiting = coalesce(addresses)
    ends: list[Block] = []
    while waiting:
        block = waiting.pop()
        halves = split(addresses, block)
        if halves is None:
            ends.append(block)
        else:
            waiting += halves
    assert sorted(place for block in ends for place in block.members) == list(range(len(addresses)))
    for block in ends:
        assert len({(addresses[place].start, addresses[place].width) for place in block.members}) == 1


def test_tags_on_the_same_register_are_not_parted() -> None:
    addresses = [*uint16(4), *(Address("holding", 5, "bit", bit=bit) for bit in range(16))]
    halves = split(addresses, coalesce(addresses)[0])
    assert halves is not None
    assert [len(half.members) for half in halves] == [1, 16]
