"""Registers to numbers, a whole block at once and without a Python object per value.

Integers of 64 bits are exact up to 2^53 only: samples are float64 everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.drivers.modbus.address import Address, Kind
from engine.types import Intern

WIRE_TYPES: dict[str, str] = {
    "uint16": ">u2",
    "int16": ">i2",
    "uint32": ">u4",
    "int32": ">i4",
    "uint64": ">u8",
    "int64": ">i8",
    "float32": ">f4",
    "float64": ">f8",
}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Tags of one block that decode the same way.

    words intp[m×w]: which register of the block is which word, high word first (so ``swap`` is
    already in it) · shift uint16[m]: bit number for kind "bit" · out intp[m]: place in the result ·
    ``characters`` of kind "string" · ``run`` = ``words`` as one slice, where they follow one another.
    """

    kind: Kind
    bswap: bool
    words: NDArray[np.intp]
    shift: NDArray[np.uint16]
    out: NDArray[np.intp]
    characters: int = 0
    run: slice | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How to decode one block of ``count`` registers (or bits) into ``tags`` numbers."""

    count: int
    tags: int
    parts: tuple[Part, ...]


def plan_block(start: int, count: int, addresses: Sequence[Address]) -> Plan:
    """Plan the decoding of registers ``start … start+count-1``; the result keeps this tag order."""
    classes: dict[tuple[Kind, bool, int], list[int]] = {}
    for place, address in enumerate(addresses):
        classes.setdefault((address.kind, address.bswap, address.characters), []).append(place)
    parts: list[Part] = []
    for (kind, bswap, characters), places in classes.items():
        members = [addresses[place] for place in places]
        words = np.array([_word_order(address, start) for address in members], dtype=np.intp)
        shift = np.array([address.bit for address in members], dtype=np.uint16)
        parts.append(
            Part(kind, bswap, words, shift, np.array(places, dtype=np.intp), characters, _run_of(words))
        )
    return Plan(count, len(addresses), tuple(parts))


def _run_of(words: NDArray[np.intp]) -> slice | None:
    flat = words.ravel()
    follow = len(flat) > 0 and bool((np.diff(flat) == 1).all())
    return slice(int(flat[0]), int(flat[-1]) + 1) if follow else None


def _word_order(address: Address, start: int) -> list[int]:
    first = address.start - start
    words = list(range(first, first + address.width))
    return words[::-1] if address.swap else words


def decode(plan: Plan, words: NDArray[np.uint16], intern: Intern) -> NDArray[np.float64]:
    """Numbers float64[n] from a block's registers uint16[k]; bits come as 0 and 1, one a word.

    A text is the number ``intern`` gives it. NaN and infinities pass through. Raises ValueError when
    the block has not the planned length.
    """
    if words.shape != (plan.count,):
        raise ValueError(f"a block of {plan.count} was planned, {words.shape} came")
    values = np.empty(plan.tags, dtype=np.float64)
    for part in plan.parts:
        taken = words[part.run].reshape(part.words.shape) if part.run else words[part.words]
        if part.bswap:
            taken = taken.byteswap()
        if part.kind == "bit":
            values[part.out] = (taken[:, 0] >> part.shift) & 1
        elif part.kind == "string":
            values[part.out] = [
                intern(text_of(row.tobytes()[: part.characters])) for row in taken.astype(">u2")
            ]
        else:
            numbers = taken.astype(">u2").view(WIRE_TYPES[part.kind])[:, 0]
            if part.kind == "float32":
                with np.errstate(invalid="ignore"):  # widening a signalling NaN is no error here
                    values[part.out] = numbers
            else:
                values[part.out] = numbers
    return values


def text_of(data: bytes) -> str:
    """Characters of registers as text: up to the first NUL, without spaces around, UTF-8 or else Latin-1."""
    data = data.split(b"\0", 1)[0].strip()
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
