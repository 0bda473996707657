"""The tree of an expression to a function over arrays. Built once; no text is ever evaluated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from engine.types.expressions import Node

Values = NDArray[np.float64]
Function = Callable[[Sequence[Values]], Values]
"""Takes the value of each tag that the expression names, arrays of one shape; NaN = not known.

The answer has that shape: a number, or 1 and 0 for yes and no; NaN = not known. An ``and`` with a part
that is false is false and an ``or`` with one that is true is true, whatever the others are.
"""


def compiled(node: Node) -> Function:
    """What computes this tree; its states must be numbers already (`engine.types.expressions`)."""
    if node.what == "tag":
        place = int(node.number)
        return lambda values: values[place]
    if node.what == "number":
        constant = np.float64(node.number)
        return lambda values: np.broadcast_to(constant, values[0].shape)
    parts = [compiled(part) for part in node.parts]
    if len(parts) == 1:
        only, one = parts[0], ONE[node.what]
        return lambda values: one(only(values))
    operation = OPERATIONS[node.what]
    return lambda values: reduce(operation, [part(values) for part in parts])


def _divide(a: Values, b: Values) -> Values:
    """Division by zero is not known."""
    return np.divide(a, b, out=np.full(np.broadcast_shapes(a.shape, b.shape), np.nan), where=b != 0)


def _known(answer: NDArray[np.bool_], *of: Values) -> Values:
    """Yes and no as 1 and 0, NaN where any value that it comes from is."""
    unknown = np.isnan(of[0])
    for each in of[1:]:
        unknown = unknown | np.isnan(each)
    return np.where(unknown, np.nan, answer)


def _comparing(compare: Callable[[Values, Values], NDArray[np.bool_]]) -> Callable[[Values, Values], Values]:
    return lambda a, b: _known(compare(a, b), a, b)


def _and(a: Values, b: Values) -> Values:
    return np.where((a == 0) | (b == 0), 0.0, _known(np.ones(a.shape, np.bool_), a, b))


def _or(a: Values, b: Values) -> Values:
    yes = ((a != 0) & ~np.isnan(a)) | ((b != 0) & ~np.isnan(b))
    return np.where(yes, 1.0, _known(np.zeros(a.shape, np.bool_), a, b))


OPERATIONS: dict[str, Callable[[Values, Values], Values]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": _divide,
    "min": np.minimum,
    "max": np.maximum,
    "<": _comparing(np.less),
    "<=": _comparing(np.less_equal),
    ">": _comparing(np.greater),
    ">=": _comparing(np.greater_equal),
    "==": _comparing(np.equal),
    "!=": _comparing(np.not_equal),
    "and": _and,
    "or": _or,
}
ONE: dict[str, Callable[[Values], Values]] = {
    "neg": np.negative,
    "pos": np.positive,
    "abs": np.abs,
    "not": lambda a: _known(a == 0, a),
}
