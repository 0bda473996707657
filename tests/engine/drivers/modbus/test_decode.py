import math
import struct
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.modbus.address import WIDTHS, Address, Kind
from engine.drivers.modbus.decode import Plan, plan_block, text_of
from engine.drivers.modbus.decode import decode as decode_with

TEXTS: list[str] = []


def intern(text: str) -> float:
    TEXTS.append(text)
    return float(len(TEXTS) - 1)


def decode(plan: Plan, words: np.ndarray) -> np.ndarray:
    return decode_with(plan, words, intern)


FORMS = {
    "uint16": "H",
    "int16": "h",
    "uint32": "I",
    "int32": "i",
    "uint64": "Q",
    "int64": "q",
    "float32": "f",
    "float64": "d",
}
BOUNDS = {
    "uint16": (0, 2**16 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "uint32": (0, 2**32 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint64": (0, 2**64 - 1),
    "int64": (-(2**63), 2**63 - 1),
}


def encode(kind: str, value: float, swap: bool, bswap: bool) -> list[int]:
    """The registers of a value, built with struct alone."""
    data = struct.pack(">" + FORMS[kind], value)
    words = [data[place : place + 2] for place in range(0, len(data), 2)]
    if bswap:
        words = [word[::-1] for word in words]
    if swap:
        words.reverse()
    return [int.from_bytes(word, "big") for word in words]


def numbers(kind: str) -> st.SearchStrategy[float]:
    if kind == "float32":
        return st.floats(width=32)
    if kind == "float64":
        return st.floats()
    return st.integers(*BOUNDS[kind])


samples = st.sampled_from(sorted(FORMS)).flatmap(
    lambda kind: st.tuples(st.just(kind), numbers(kind), st.booleans(), st.booleans())
)


def same(expected: Sequence[float], found: Sequence[float]) -> bool:
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(expected, found, strict=True))


@given(st.lists(samples, min_size=1, max_size=25), st.integers(0, 3), st.randoms(use_true_random=False))
def test_what_was_encoded_is_decoded_in_tag_order(block, gap: int, shuffle) -> None:
    registers: list[int] = []
    placed: list[tuple[Address, float]] = []
    for kind, value, swap, bswap in block:
        start = 1000 + len(registers)
        placed.append((Address("holding", start, kind, WIDTHS[kind], swap=swap, bswap=bswap), float(value)))
        registers += encode(kind, value, swap, bswap) + [0xAAAA] * gap
    shuffle.shuffle(placed)
    plan = plan_block(1000, len(registers), [address for address, _ in placed])
    found = decode(plan, np.array(registers, dtype=np.uint16))
    assert found.dtype == np.float64
    assert same([value for _, value in placed], found.tolist())


@given(st.binary(min_size=8, max_size=8), st.sampled_from(sorted(FORMS)))
def test_any_registers_decode_as_struct_reads_them(data: bytes, kind: Kind) -> None:
    """Also signalling NaNs, which must not become a warning."""
    registers = np.frombuffer(data, dtype=">u2").astype(np.uint16)
    plan = plan_block(0, 4, [Address("input", 0, kind, WIDTHS[kind])])
    expected = struct.unpack_from(">" + FORMS[kind], data)[0]
    assert same([float(expected)], decode(plan, registers).tolist())


@given(st.integers(0, 0xFFFF))
def test_bits_count_from_the_least_significant_after_bswap(register: int) -> None:
    plain = [Address("holding", 7, "bit", bit=bit) for bit in range(16)]
    swapped = [Address("holding", 7, "bit", bit=bit, bswap=True) for bit in range(16)]
    found = decode(plan_block(7, 1, plain + swapped), np.array([register], dtype=np.uint16))
    turned = int.from_bytes(register.to_bytes(2, "big"), "little")
    assert found[:16].tolist() == [float(digit) for digit in reversed(f"{register:016b}")]
    assert found[16:].tolist() == [float(digit) for digit in reversed(f"{turned:016b}")]


def test_coils_are_zero_and_one() -> None:
    plan = plan_block(10, 4, [Address("coil", 13, "bit"), Address("coil", 10, "bit")])
    assert decode(plan, np.array([1, 0, 0, 0], dtype=np.uint16)).tolist() == [0.0, 1.0]


def test_64_bit_integers_are_exact_to_2_to_the_53_and_the_nearest_float_beyond() -> None:
    plan = plan_block(0, 8, [Address("holding", 0, "int64", 4), Address("holding", 4, "int64", 4)])
    registers = encode("int64", 2**53, False, False) + encode("int64", 2**53 + 1, False, False)
    assert decode(plan, np.array(registers, dtype=np.uint16)).tolist() == [2.0**53, 2.0**53]


def test_not_a_number_and_infinity_pass_through() -> None:
    plan = plan_block(0, 4, [Address("holding", 0, "float32", 2), Address("holding", 2, "float32", 2)])
    found = decode(plan, np.array([0x7FC0, 0, 0xFF80, 0], dtype=np.uint16))
    assert math.isnan(found[0])
    assert found[1] == -math.inf


def test_a_signalling_nan_is_a_nan_and_no_warning() -> None:
    plan = plan_block(0, 2, [Address("holding", 0, "float32", 2)])
    assert math.isnan(decode(plan, np.array([0x7F80, 1], dtype=np.uint16))[0])


def test_a_block_of_another_length_is_refused() -> None:
    plan = plan_block(0, 4, [Address("holding", 0, "uint16")])
    with pytest.raises(ValueError, match="block of 4"):
        decode(plan, np.zeros(3, dtype=np.uint16))


def registers_of(data: bytes, bswap: bool, swap: bool) -> list[int]:
    """Text in registers, two characters each, the first in the high byte unless ``bswap``."""
    data += bytes(len(data) % 2)
    words = [
        int.from_bytes(data[place : place + 2], "little" if bswap else "big")
        for place in range(0, len(data), 2)
    ]
    return words[::-1] if swap else words


@given(st.binary(min_size=1, max_size=40), st.booleans(), st.booleans())
def test_text_is_read_in_every_order_of_its_characters(data: bytes, bswap: bool, swap: bool) -> None:
    words = registers_of(data, bswap, swap)
    text = Address("holding", 5, "string", len(words), bswap=bswap, swap=swap, characters=len(data))
    number = Address("holding", 5, "uint16")
    values = decode(plan_block(5, len(words), [number, text]), np.array(words, dtype=np.uint16))
    assert TEXTS[int(values[1])] == text_of(data)
    assert values[0] == words[0]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"PUMP 7\0\0", "PUMP 7"),
        (b"PUMP  \0x", "PUMP"),
        (b"  a b  ", "a b"),
        ("Zür".encode(), "Zür"),
        ("Zür".encode("latin-1"), "Zür"),
        (b"\0\0", ""),
    ],
)
def test_padding_is_left_out_of_text_and_both_common_codes_are_read(data: bytes, text: str) -> None:
    assert text_of(data) == text


def test_texts_of_different_length_lie_in_one_block() -> None:
    words = np.array(registers_of(b"ABCDEFGH", bswap=False, swap=False), dtype=np.uint16)
    first = Address("holding", 0, "string", 2, characters=3)
    second = Address("holding", 2, "string", 2, characters=4)
    values = decode(plan_block(0, 4, [second, first]), words)
    assert [TEXTS[int(value)] for value in values] == ["EFGH", "ABC"]
