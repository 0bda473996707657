"""What is encoded is what is decoded, for every type, order and place of a bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.modbus.address import ORDERS, WIDTHS, Address, parse_address
from engine.drivers.modbus.decode import decode, plan_block
from engine.drivers.modbus.encode import bit_masks, encode
from engine.drivers.raw import BOUNDS, Holds


def seen(address: Address, words: list[int]) -> float:
    plan = plan_block(address.start, address.width, [address])
    return float(decode(plan, np.array(words, np.uint16), lambda text: 0)[0])


def address_of(kind: str, order: str) -> Address:
    swapless = order == "bswap" or not order or WIDTHS[kind] > 1
    return parse_address(
        f"holding:7:{kind}{':' + order if order else ''}" if swapless else f"holding:7:{kind}"
    )


kinds = st.sampled_from([kind for kind in WIDTHS if kind in BOUNDS])
orders = st.sampled_from(["", *ORDERS])


@given(kinds, orders, st.data())
def test_whole_number_comes_back_in_every_order(kind: Holds, order: str, data: st.DataObject) -> None:
    low, high = BOUNDS[kind]
    number = data.draw(st.integers(max(low, -(2**53)), min(high, 2**53)))
    address = address_of(kind, order)
    words = encode(address, number)
    assert len(words) == address.width and all(0 <= word <= 0xFFFF for word in words)
    assert seen(address, words) == number


@given(orders, st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_float32_comes_back_in_every_order(order: str, number: float) -> None:
    address = address_of("float32", order)
    assert seen(address, encode(address, number)) == number


@given(orders, st.floats(allow_nan=False, allow_infinity=False))
def test_float64_comes_back_in_every_order(order: str, number: float) -> None:
    address = address_of("float64", order)
    assert seen(address, encode(address, number)) == number


def test_words_lie_as_the_standard_says() -> None:
    assert encode(parse_address("holding:0:uint32"), 0x12345678) == [0x1234, 0x5678]
    assert encode(parse_address("holding:0:uint32:swap"), 0x12345678) == [0x5678, 0x1234]
    assert encode(parse_address("holding:0:uint32:bswap"), 0x12345678) == [0x3412, 0x7856]
    assert encode(parse_address("holding:0:float32"), 81.5) == [0x42A3, 0x0000]
    assert encode(parse_address("holding:0:int16"), -2) == [0xFFFE]


@pytest.mark.parametrize("order", ["", ":bswap"])
@pytest.mark.parametrize("bit", range(16))
def test_masks_change_just_the_bit_that_is_shown(bit: int, order: str) -> None:
    addresses = [parse_address(f"holding:5:bit{n}{order}") for n in range(16)]
    for before in (0x0000, 0xFFFF, 0xA5C3):
        shown = [seen(address, [before]) for address in addresses]
        for on in (True, False):
            and_mask, or_mask = bit_masks(addresses[bit], on)
            after = before & and_mask | or_mask & ~and_mask & 0xFFFF
            shown[bit] = float(on)
            assert [seen(address, [after]) for address in addresses] == shown
