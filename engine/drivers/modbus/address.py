"""Modbus addresses as a person writes them, and what is wrong with them.

The number in an address is the 0-based PDU address as on the wire (Modbus Application Protocol
V1.1b3, 4.4), not the 1-based "40001" of many register lists.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, cast

Table = Literal["coil", "discrete", "holding", "input"]
Kind = Literal["bit", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64", "string"]

BIT_TABLES = ("coil", "discrete")
WIDTHS: dict[str, int] = {
    "uint16": 1,
    "int16": 1,
    "uint32": 2,
    "int32": 2,
    "float32": 2,
    "uint64": 4,
    "int64": 4,
    "float64": 4,
}
ORDERS = {
    "swap": (True, False),
    "bswap": (False, True),
    "bswap+swap": (True, True),
    "swap+bswap": (True, True),
}
LARGEST = 0xFFFF
LONGEST_TEXT = 250
TYPES_IN_WORDS = ", ".join(WIDTHS) + ", bit0 to bit15 or string:N"
EXAMPLES = "holding:100:float32, input:7:uint16, coil:3, discrete:3 or holding:5:bit3"


class AddressError(ValueError):
    """An address that cannot be used; ``sentences`` has one per mistake."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Address:
    """Where one tag lies on a device.

    ``start`` and ``width`` count registers, or bits in the tables coil and discrete. ``bit`` is
    used for kind "bit" in a register, ``characters`` for kind "string".
    """

    table: Table
    start: int
    kind: Kind
    width: int = 1
    bit: int = 0
    swap: bool = False
    bswap: bool = False
    characters: int = 0


def parse_address(text: str) -> Address:
    """Read ``table:number[:type[:order]]``; raises AddressError."""
    table, _, rest = text.partition(":")
    number, _, form = rest.partition(":")
    sentences: list[str] = []
    if table not in {"coil", "discrete", "holding", "input"}:
        raise AddressError([_unknown_table(text)])
    if not re.fullmatch(r"[0-9]{1,9}", number):
        sentences.append(
            f'"{text}" needs a number from 0 to {LARGEST} after {table}:, for example {table}:100.'
        )
    if table in BIT_TABLES:
        if form:
            sentences.append(f'"{text}": a {table} is one bit and takes no type; write {table}:{number}.')
        address = Address(cast(Table, table), 0, "bit")
    else:
        address = _parse_form(text, cast(Table, table), form, sentences)
    if sentences:
        raise AddressError(sentences)
    return _placed(text, address, int(number))


def _placed(text: str, address: Address, start: int) -> Address:
    if start + address.width - 1 > LARGEST:
        what = "bit" if address.table in BIT_TABLES else "register"
        last = f" and {address.kind} ends at {what} {start + address.width - 1}" if address.width > 1 else ""
        raise AddressError([f'"{text}" lies outside the device: {what}s go from 0 to {LARGEST}{last}.'])
    return replace(address, start=start)


def _parse_form(text: str, table: Table, form: str, sentences: list[str]) -> Address:
    """The part after the number: type and register order. Adds a sentence per mistake."""
    parts = form.split(":") if form else ["uint16"]
    name, rest = parts[0], parts[1:]
    characters = bit = 0
    kind: Kind = "uint16"
    width = 1
    if name in WIDTHS:
        kind, width = cast(Kind, name), WIDTHS[name]
    elif found := re.fullmatch(r"bit([0-9]{1,4})", name):
        kind, bit = "bit", int(found[1])
        if bit > 15:
            sentences.append(f'"{text}": a register has bit0 (least significant) to bit15.')
    elif name == "string":
        kind, characters, rest = "string", _text_length(text, rest, sentences), rest[1:]
        width = (characters + 1) // 2
    else:
        sentences.append(f'"{text}": the type "{name}" is not known; use {TYPES_IN_WORDS}.')
        return Address(table, 0, kind)
    swap, bswap = _order(text, rest, sentences)
    if swap and width == 1:
        sentences.append(
            f'"{text}": swap exchanges registers, and {name} has only one; leave it out or use bswap.'
        )
    return Address(table, 0, kind, width, bit, swap, bswap, characters)


def _text_length(text: str, rest: list[str], sentences: list[str]) -> int:
    if rest and re.fullmatch(r"[0-9]{1,4}", rest[0]) and 1 <= int(rest[0]) <= LONGEST_TEXT:
        return int(rest[0])
    sentences.append(f'"{text}": string needs its length in characters, 1 to {LONGEST_TEXT}: string:16.')
    return 2


def _order(text: str, rest: list[str], sentences: list[str]) -> tuple[bool, bool]:
    if not rest:
        return False, False
    if len(rest) > 1 or rest[0] not in ORDERS:
        sentences.append(f'"{text}": after the type only swap, bswap or bswap+swap may follow.')
        return False, False
    return ORDERS[rest[0]]


def _unknown_table(text: str) -> str:
    if found := re.fullmatch(r"([0134])([0-9]{4,5})", text):
        table = {"0": "coil", "1": "discrete", "3": "input", "4": "holding"}[found[1]]
        number = int(found[2]) - 1
        if 0 <= number <= LARGEST:
            return f'"{text}" counts from 1; if it comes from a register list, write {table}:{number}.'
    return f'"{text}" is not a Modbus address; write for example {EXAMPLES}.'


def check_address(text: str) -> list[str]:
    """A sentence per mistake in a tag's address; does not touch the network."""
    try:
        parse_address(text)
    except AddressError as error:
        return error.sentences
    return []


def tag_type(text: str) -> str:
    """The type an address states ("bool" for bits), or "" when it cannot be read."""
    try:
        address = parse_address(text)
    except AddressError:
        return ""
    return "bool" if address.kind == "bit" else address.kind


def check_frame(texts: Sequence[str]) -> str:
    """Why values at these addresses cannot go out in one write-multiple-registers; "" = they can.

    The request writes registers that lie one behind the other (V1.1b3, 6.12), and nothing between them.
    """
    found = sorted((parse_address(text) for text in texts), key=lambda each: each.start)
    if any(each.table != "holding" or each.kind == "bit" for each in found):
        return "one Modbus request writes whole holding registers: put all of them there"
    for before, after in pairwise(found):
        free = before.start + before.width
        if after.start != free:
            return (
                "one Modbus request writes registers without a gap: after holding "
                f"{before.start}, which ends at {free - 1}, comes {after.start} and not {free}"
            )
    return ""
