"""The block for PLCs that is shipped, run as it stands: what it takes, and that its check is ours."""

from __future__ import annotations

import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.control.handshake import REFUSED, TAKEN
from engine.drivers.sealing import check_of
from engine.types import HANDSHAKE
from tests.peers.handshake_plc import HIGH, LOW, SAMPLE, block
from tests.peers.structured_text import Block

NUMBERS = st.integers(1, 2**32 - 1)
WORDS = st.integers(0, 2**32 - 1)
FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
VECTORS = re.findall(r"^ +(\d+) +(\d+) +(\S+) +16#(\w{4})$", SAMPLE.read_text(encoding="utf-8"), re.M)


def check_in(one: Block, number: int, expiry: int, value: float) -> int:
    """The check as the block reckons it."""
    crc, reckon = 0xFFFF, one.functions["FC_WatchroomCrc"]
    for bits in (number, expiry, int.from_bytes(struct.pack(">f", value), "big")):
        crc = reckon(crc, bits)
    return crc


def judged(one: Block, number: int, expiry: int, value: float, now: int, check: int | None = None) -> int:
    """One command, as often as it takes until it is judged: the answer, 0 = there is none to it."""
    right = check_of(number, expiry, value, "float32") if check is None else check
    repeats = one["Repeats"]
    for late_ms in (0, 100, 200):
        one(
            NowMs=now + late_ms, Low=LOW, High=HIGH, Value=value, Expiry=expiry, Check=right,
            Number=number,
        )  # fmt: skip
        if not one["Number"]:
            break
    assert one["Number"] == 0, "it is judged, and the place is free again"
    return 0 if one["Repeats"] != repeats or one["Ack"] != number else one["Answer"]


@pytest.mark.parametrize(("number", "expiry", "value", "check"), VECTORS)
def test_golden_vectors_are_those_of_the_block_and_of_the_engine(
    number: str, expiry: str, value: str, check: str
) -> None:
    command = int(number), int(expiry), struct.unpack(">f", struct.pack(">f", float(value)))[0]
    assert check_of(*command, "float32") == check_in(block(), *command) == int(check, 16)


def test_there_are_golden_vectors_and_the_check_is_the_one_it_is_called() -> None:
    crc = 0xFFFF
    for four in (b"1234", b"5678"):
        crc = block().functions["FC_WatchroomCrc"](crc, int.from_bytes(four, "big"))
    assert len(VECTORS) == 4 and crc == 0xA12B, "CRC-16/IBM-3740 of 12345678"
    assert check_of(0x31323334, 0x35363738, 0, "uint32") != crc, "and four bytes more are in it"


@given(NUMBERS, WORDS, FLOATS)
def test_check_of_the_engine_is_that_of_the_block(number: int, expiry: int, value: float) -> None:
    assert check_of(number, expiry, value, "float32") == check_in(BLOCK, number, expiry, value)


BLOCK = block()


def test_block_has_every_part_of_a_handshake() -> None:
    assert set(HANDSHAKE) <= set(block().kinds)
    kinds = {"REAL": "float32", "UDINT": "uint32", "WORD": "uint16", "UINT": "uint16"}
    assert all(kinds[block().kinds[name]] in types for name, types in HANDSHAKE.items())


def test_each_answer_is_the_one_that_the_engine_tells_in_words() -> None:
    one = block()
    assert judged(one, 1, 3000, 21.5, 1000) == TAKEN and one["Setpoint"] == 21.5
    told = {
        "late": judged(one, 2, 500, 22.0, 1000),
        "damaged": judged(one, 3, 3000, 22.0, 1000, check=0),
        "limits": judged(one, 4, 3000, HIGH + 1, 1000),
    }
    one.variables["IsAllowed"] = False
    told["not allow"] = judged(one, 5, 3000, 22.0, 1000)
    assert all(word in REFUSED[code] for word, code in told.items()), told
    assert one["Setpoint"] == 21.5 and len(set(told.values())) == len(REFUSED)


@given(
    st.lists(st.tuples(st.integers(1, 6), st.floats(LOW, HIGH, width=32)), min_size=1, max_size=8), NUMBERS
)
def test_no_number_is_taken_twice_or_out_of_order(commands: list[tuple[int, float]], first: int) -> None:
    """Also where numbers wrap; 0 is no number."""
    one, newest = block(), 0
    for step, value in commands:
        number, before = (first + step) % 2**32, one["Setpoint"]
        if not number:
            continue
        is_new = not newest or 0 < (number - newest) % 2**32 < 2**31
        answer = judged(one, number, 3000, value, 1000)
        assert answer == (TAKEN if is_new else 0)
        assert one["Setpoint"] == (value if is_new else before)
        newest = number if is_new else newest


@given(WORDS, st.integers(-(2**31), 2**31 - 1))
def test_nothing_is_taken_after_its_time_or_longer_than_a_minute_before(now: int, left_ms: int) -> None:
    """Also where the clock wraps."""
    one = block()
    answer = judged(one, 1, (now + left_ms) % 2**32, 21.5, now)
    assert (answer == TAKEN) == (0 <= left_ms <= 60_000)


@given(NUMBERS, FLOATS, st.integers(0, 111))
def test_no_frame_with_a_wrong_bit_is_taken(number: int, value: float, bit: int) -> None:
    """One bit of number, expiry, value or check is another: CRC-16 finds every such fault."""
    one = block()
    check = check_of(number, 3000, value, "float32")
    whole = int.from_bytes(struct.pack(">IIfH", number, 3000, value, check), "big") ^ 1 << bit
    wrong = struct.unpack(">IIfH", whole.to_bytes(14, "big"))
    if wrong[0]:
        assert judged(one, wrong[0], wrong[1], wrong[2], 1000, check=wrong[3]) == 3
    assert one["Setpoint"] == 0.0


def test_frame_that_is_stored_value_by_value_is_taken_when_it_is_whole() -> None:
    """A number that comes before the rest is given a moment."""
    one, check = block(), check_of(7, 3000, 21.5, "float32")
    one(NowMs=1000, Low=LOW, High=HIGH, Number=7)
    one(NowMs=1050, Value=21.5)
    one(NowMs=1100, Expiry=3000)
    assert (one["Ack"], one["Number"]) == (0, 7)
    one(NowMs=1150, Check=check)
    assert (one["Ack"], one["Answer"], one["Setpoint"], one["Number"]) == (7, TAKEN, 21.5, 0)


def test_no_number_at_all_is_never_written() -> None:
    one = block()
    assert judged(one, 1, 3000, float("nan"), 1000) == 4
