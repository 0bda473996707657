"""The frame of a handshake (rule W10 of reliability.md section 3): value, number, expiry and their check.

The check is CRC-16/IBM-3740 (polynomial 16#1021, first value 16#FFFF, nothing reflected or inverted; of the
text "123456789" it is 16#29B1) over 12 bytes: number, expiry and value as the device holds it, each of 32
bits with the highest byte first, however a protocol orders its bytes.
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import Callable, Mapping

from engine.drivers.raw import Holds
from engine.drivers.writing import NotSent
from engine.types import WriteOrder

FORMS: Mapping[Holds, str] = {"float32": "f", "int32": "i", "uint32": "I"}
"""Kinds of values that a handshake carries, as struct calls them."""

Place = Callable[[int, float], tuple[float, Holds]]
"""A tag, by its id, and a number for it -> the number that its place must hold, and the kind of the place."""


def check_of(number: int, expiry_ms: int, value: float, holds: Holds) -> int:
    """The check, uint16, of a value as the device holds it."""
    sealed = struct.pack(">II", number, expiry_ms) + struct.pack(f">{FORMS[holds]}", value)
    return binascii.crc_hqx(sealed, 0xFFFF)


def frame_of(order: WriteOrder, place: Place) -> list[tuple[int, float]]:
    """The tags that one frame writes and what each place must hold, the value first and the number last.

    Raises:
        NotSent, Unfit: it cannot be written.
    """
    value, holds = place(order.tag_id, order.value)
    seal = order.seal
    if seal is None:
        return [(order.tag_id, value)]
    if holds not in FORMS:
        raise NotSent(
            f"the device holds the value of this handshake as {holds}, and a handshake carries "
            f"{', '.join(FORMS)}: nothing was sent"
        )
    check = check_of(seal.number, seal.expiry_ms, value, holds)
    rest = (seal.expiry_id, seal.expiry_ms), (seal.check_id, check), (seal.number_id, seal.number)
    return [(order.tag_id, value), *((tag_id, place(tag_id, number)[0]) for tag_id, number in rest)]
