"""Numbers to registers: `engine.drivers.modbus.decode` the other way round, for one tag."""

from __future__ import annotations

import numpy as np

from engine.drivers.modbus.address import Address
from engine.drivers.modbus.decode import WIRE_TYPES


def encode(address: Address, number: float) -> list[int]:
    """The registers of a number, as many as the address is wide and in the order of the wire.

    The number must fit (`engine.drivers.raw`), and the kind must be one of ``WIRE_TYPES``.
    """
    data = np.array([number], dtype=WIRE_TYPES[address.kind]).tobytes()
    words = np.frombuffer(data, dtype=">u2").astype(np.uint16)
    if address.bswap:
        words = words.byteswap()
    return [int(word) for word in (words[::-1] if address.swap else words)]


def bit_masks(address: Address, on: bool) -> tuple[int, int]:
    """AND and OR mask that set one bit of a register and leave the others (V1.1b3, 6.16)."""
    place = address.bit ^ 8 if address.bswap else address.bit
    return 0xFFFF ^ (1 << place), (1 << place) if on else 0
