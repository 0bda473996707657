"""Whether an expression over tags holds now, for one instant and in plain numbers.

What is not known is never taken for true: a tag without a good value makes what comes of it unknown, and
unknown does not hold. Only where the answer is the same whatever the tag may be is it known all the same:
an ``and`` with a part that is false is false, an ``or`` with one that is true is true (as in alarms).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

from engine.types.expressions import Expression, Node

Look = Callable[[str], tuple[float | None, str]]
"""The value of a tag by its path, or None and why it is not known."""


@dataclass(frozen=True, slots=True)
class Truth:
    """``holds`` = it is known to be true. ``why`` says what it found where it does not hold."""

    holds: bool
    why: str = ""


def truth(expression: Expression, look: Look) -> Truth:
    """Whether ``expression`` holds; its states must be numbers already (`engine.types.expressions`)."""
    found = [look(path) for path in expression.tags]
    values = [math.nan if value is None or not math.isfinite(value) else value for value, _ in found]
    answer = _value(expression.root, values)
    if not math.isnan(answer) and answer != 0:
        return Truth(True)
    if math.isnan(answer):
        doubts = [
            f"{path}: {why or 'its value is not known'}"
            for path, value, (_, why) in zip(expression.tags, values, found, strict=True)
            if math.isnan(value)
        ]
        return Truth(False, "; ".join(doubts) or "it divides by zero")
    known = [
        f"{path} is {value:g}"
        for path, value in zip(expression.tags, values, strict=True)
        if not math.isnan(value)
    ]
    return Truth(False, "; ".join(known))


def _value(node: Node, values: Sequence[float]) -> float:
    """The number of a tree, 1 and 0 for yes and no, NaN = not known."""
    if node.what == "tag":
        return values[int(node.number)]
    if node.what == "number":
        return node.number
    if node.what == "state":
        return math.nan
    parts = [_value(part, values) for part in node.parts]
    if node.what in _LOGIC:
        return _LOGIC[node.what](parts)
    if any(math.isnan(part) for part in parts):
        return math.nan
    if len(parts) == 1:
        return _ONE[node.what](parts[0])
    answer = reduce(_TWO[node.what], parts)
    return answer if math.isfinite(answer) else math.nan


def _all(parts: Sequence[float]) -> float:
    if any(part == 0 for part in parts):
        return 0.0
    return math.nan if any(math.isnan(part) for part in parts) else 1.0


def _any(parts: Sequence[float]) -> float:
    if any(part != 0 and not math.isnan(part) for part in parts):
        return 1.0
    return math.nan if any(math.isnan(part) for part in parts) else 0.0


_LOGIC: dict[str, Callable[[Sequence[float]], float]] = {"and": _all, "or": _any}
_ONE: dict[str, Callable[[float], float]] = {
    "neg": lambda a: -a,
    "pos": lambda a: a,
    "abs": abs,
    "not": lambda a: float(a == 0),
}
_TWO: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b != 0 else math.nan,
    "min": min,
    "max": max,
    "<": lambda a, b: float(a < b),
    "<=": lambda a, b: float(a <= b),
    ">": lambda a, b: float(a > b),
    ">=": lambda a, b: float(a >= b),
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
}
