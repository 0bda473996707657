"""From what people see to what a device holds: the way back through factor and offset. Pure.

A number that the device cannot hold just so is refused, never cut or rounded to one that nobody asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from engine.tags import is_measured, is_scaled
from engine.types import Tag, TagInfo

Holds = Literal[
    "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"
]
"""What kind of number a place on a device holds."""
BOUNDS: Mapping[Holds, tuple[int, int]] = {
    "bool": (0, 1),
    "int8": (-(2**7), 2**7 - 1),
    "uint8": (0, 2**8 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
"""Least and largest whole number of each kind."""
EXACT = 2**53
"""Whole numbers beyond this are not told apart in a float64, which every value passes through."""
LARGEST_FLOAT32 = (2.0 - 2.0**-23) * 2.0**127
SMALLEST_FLOAT32 = 2.0**-149
STEP_SLACK = 1e-6
EPSILON = 2.0**-52


class Unfit(ValueError):
    """A number that cannot be written to a tag; the text says why."""


def raw_number(tag: Tag, value: float, holds: Holds, info: TagInfo | None = None) -> float | int:
    """What the device must hold so that people see ``value``: an int for whole kinds, else a float.

    ``info`` = what the device says of the tag, which decides whether factor and offset count, as it does
    when its values are shown. Raises Unfit.
    """
    if not math.isfinite(value):
        raise Unfit(f"{value} is no number that can be written")
    scaled = _scaled(tag, info)
    raw = (value - tag.offset) / tag.factor if scaled else value
    if not math.isfinite(raw):
        raise Unfit(f"{value:g} divided by the factor {tag.factor:g} of {tag.path} is too large")
    if holds == "float64":
        return raw
    return _single(tag, value, raw) if holds == "float32" else _whole(tag, value, raw, holds, scaled)


def seen_number(tag: Tag, raw: float, info: TagInfo | None = None) -> float:
    """What people see of what the device holds; may be NaN or infinite as that may."""
    return raw * tag.factor + tag.offset if _scaled(tag, info) else raw


def _scaled(tag: Tag, info: TagInfo | None) -> bool:
    told = info or TagInfo()
    return is_scaled(tag) and is_measured(told.type or tag.type, tag.states or told.states)


def _single(tag: Tag, value: float, raw: float) -> float:
    if abs(raw) > LARGEST_FLOAT32:
        raise Unfit(f"{value:g} is too large for {tag.path}, whose device holds numbers of 32 bits (float32)")
    if raw and abs(raw) < SMALLEST_FLOAT32:
        raise Unfit(f"{value:g} is too small for {tag.path}, whose device holds numbers of 32 bits (float32)")
    return raw


def _whole(tag: Tag, value: float, raw: float, holds: Holds, scaled: bool) -> int:
    """A whole number; what dividing by the factor left behind the point does not count as a fraction."""
    slack = 0.0
    if scaled:
        slack = STEP_SLACK + 4 * EPSILON * (abs(value) + abs(tag.offset)) / abs(tag.factor)
    whole = round(raw)
    if abs(raw - whole) > min(slack, 0.25):
        raise Unfit(_between(tag, value, raw, scaled))
    low, high = BOUNDS[holds]
    if not low <= whole <= high:
        raise Unfit(_outside(tag, value, low, high, holds, scaled))
    if abs(whole) > EXACT:
        raise Unfit(f"{value:.0f} has more digits than can be sent exactly; {tag.path} takes up to {EXACT}")
    return whole


def _between(tag: Tag, value: float, raw: float, scaled: bool) -> str:
    if not scaled:
        return f"{tag.path} takes whole numbers only, not {value:.12g}"
    ends = sorted(end * tag.factor + tag.offset for end in (math.floor(raw), math.ceil(raw)))
    return (
        f"{tag.path} goes in steps of {abs(tag.factor):g}: {value:.12g} lies between "
        f"{ends[0]:.12g} and {ends[1]:.12g}"
    )


def _outside(tag: Tag, value: float, low: int, high: int, holds: Holds, scaled: bool) -> str:
    if holds == "bool":
        return f"{tag.path} takes 0 or 1, not {value:.12g}"
    ends = sorted(end * tag.factor + tag.offset for end in (low, high)) if scaled else [low, high]
    return (
        f"{value:.12g} does not fit into {tag.path}: the device holds {ends[0]:.12g} to {ends[1]:.12g} "
        f"({holds})"
    )
