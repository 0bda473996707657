"""From what the device sends to what people read: factor and offset, and doubt beyond the range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.tags.quality import full_quality
from engine.types import SEVERITY_MASK, Batch, Tag, TagInfo

BELOW, ABOVE = 0.025, 0.0625
"""How far, in parts of the span, a value may lie outside its range before it is doubted: the fault
limits 3.6 mA and 21 mA of a 4 to 20 mA signal (NAMUR NE 43)."""
BEYOND_RANGE = np.uint32(0x40940000)
"""UncertainEngineeringUnitsExceeded."""
_SEVERITY = np.uint32(SEVERITY_MASK)


def is_measured(type_name: str, states: dict[int, str]) -> bool:
    """Whether values of this type measure something; text, truths and words of an enumeration do not."""
    return type_name not in ("string", "bool") and not states


def is_scaled(tag: Tag) -> bool:
    """Whether tags.csv states a factor or an offset for this tag."""
    return tag.factor != 1 or tag.offset != 0


def scaled_info(tag: Tag, info: TagInfo) -> TagInfo:
    """What the device says of a tag, in terms of the scaled value.

    Its range is scaled too; its unit is that of the raw value and no longer holds. A scaled integer
    need not be one any more.
    """
    if not is_scaled(tag):
        return info
    ends = [None if end is None else end * tag.factor + tag.offset for end in (info.low, info.high)]
    low, high = ends if tag.factor > 0 else reversed(ends)
    kind = "float64" if "int" in info.type else info.type
    return TagInfo(kind, "", low, high, info.states)


class Scaling:
    """Factor, offset and trusted range of every tag; a step that no tag needs costs nothing."""

    def __init__(self, tags: Sequence[Tag]) -> None:
        size = max((tag.tag_id for tag in tags), default=-1) + 1
        self._factor, self._offset = np.ones(size), np.zeros(size)
        self._lowest, self._highest = np.full(size, -np.inf), np.full(size, np.inf)
        self._scaled = np.zeros(size, np.bool_)
        self._any_scaled = self._any_range = False
        for tag in tags:
            self.set(tag, measured=is_measured(tag.type, tag.states))

    def set(self, tag: Tag, *, measured: bool) -> None:
        """Apply what tags.csv says of this tag; what is not ``measured`` is taken as it comes."""
        at = tag.tag_id
        ranged = measured and tag.low is not None and tag.high is not None
        low, high = (tag.low or 0.0, tag.high or 0.0) if ranged else (-np.inf, np.inf)
        margin = high - low if ranged else 0.0
        self._factor[at], self._offset[at] = (tag.factor, tag.offset) if measured else (1.0, 0.0)
        self._lowest[at], self._highest[at] = low - BELOW * margin, high + ABOVE * margin
        self._scaled[at] = measured and is_scaled(tag)
        self._any_scaled |= bool(self._scaled[at])
        self._any_range |= ranged

    def scale(self, batch: Batch) -> Batch:
        """Values times factor plus offset; the batch itself where none of its tags has either.

        A result too large for a number is infinite or NaN, which ``clean`` makes bad.
        """
        if not self._any_scaled or not self._scaled[batch.tags].any():
            return batch
        factor, offset = self._factor[batch.tags], self._offset[batch.tags]
        with np.errstate(over="ignore", invalid="ignore"):
            return replace(batch, value=batch.value * factor + offset)

    def doubt(self, batch: Batch) -> Batch:
        """Good values beyond the range become uncertain; the batch itself where there are none."""
        if not self._any_range:
            return batch
        lowest, highest = self._lowest[batch.tags], self._highest[batch.tags]
        beyond: NDArray[np.bool_] = (batch.value < lowest) | (batch.value > highest)
        if not beyond.any():
            return batch
        quality = full_quality(batch)
        beyond &= (quality & _SEVERITY) == 0
        return replace(batch, quality=np.where(beyond, BEYOND_RANGE, quality))
