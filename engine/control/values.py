"""Whether a tag can take a value at all, and when two values are one: what type, factor and offset allow."""

from __future__ import annotations

import math

from engine.tags import is_measured, is_scaled
from engine.types import Tag

RANGES: dict[str, tuple[float, float]] = {
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    # Beyond 2^53 a float64, which is what carries every value here, has no whole numbers any more.
    "int64": (-(2**53), 2**53),
    "uint64": (0, 2**53),
    "float32": (-3.4028234663852886e38, 3.4028234663852886e38),
}
NEARLY = 1e-6
"""Part of a step by which a number may miss it: 0.3 is not quite three times 0.1."""


def why_not(tag: Tag, value: float | None) -> str:
    """Why this tag cannot take this value, in words; "" = it can. ``value`` as people see it (scaled)."""
    if tag.type == "string":
        return "it is a text, and texts are not written"
    if value is None or not math.isfinite(value):
        return "this is no number: enter one such as 12.5"
    if tag.type == "bool":
        return "" if value in (0.0, 1.0) else "it is on or off: only 1 and 0 can be written"
    if tag.states and value not in tag.states:
        return f"{value:.10g} is none of its states"
    raw = _raw(tag, value)
    if is_whole(tag) and not is_on_step(raw, 1.0):
        steps = f" in steps of {abs(tag.factor):g}" if raw != value else ""
        return f"the device keeps whole numbers{steps}: it cannot hold {value:.10g}"
    low, high = RANGES.get(tag.type, (-math.inf, math.inf))
    if not low - NEARLY <= raw <= high + NEARLY:
        return f"the device cannot hold {value:.10g}: its type is {tag.type}"
    return ""


def is_whole(tag: Tag) -> bool:
    """Whether the device keeps whole numbers of it."""
    return tag.type.startswith(("int", "uint"))


def is_on_step(value: float, step: float) -> bool:
    """Whether a value is a whole number of steps from 0, as far as a float64 can tell."""
    steps = value / step
    if not math.isfinite(steps):
        return False
    return abs(steps - round(steps)) <= NEARLY + abs(steps) * 2.0**-50


def slack(tag: Tag, value: float) -> float:
    """How far two readings of one value may lie apart by rounding alone, in the unit of the tag.

    A float32 keeps 24 bits, and a type that is not known may be one; what is scaled is rounded once more.
    """
    if tag.type == "bool" or tag.states:
        return 0.0
    if is_whole(tag):
        return NEARLY * (abs(tag.factor) if is_scaled(tag) else 1.0)
    bits = 2.0**-22 if tag.type in ("float32", "") else 2.0**-48
    return bits * (abs(value) + (abs(tag.offset) if is_scaled(tag) else 0.0))


def _raw(tag: Tag, value: float) -> float:
    if not (tag.factor and is_scaled(tag) and is_measured(tag.type, tag.states)):
        return value
    return (value - tag.offset) / tag.factor
