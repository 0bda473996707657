"""The alarms of a span that called for the operator, in order of time, and how much of it is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.alarms.spells import Record, annunciated, known_within, within

HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Calls:
    """Annunciated alarms of [start_us, end_us), each array of length n but for those of the record.

    ``known`` int64[m×2] = the stretches in which the engine ran, ``known_us`` long together; ``called`` =
    which rows of the record are annunciated alarms, before the span as well; ``came`` bool = it came, and
    was not annunciated again. Times are those that the journal has: what came after the clock was set back
    counts where the clock said that it came, so that every hour holds what the journal shows in it.
    """

    start_us: int
    end_us: int
    known: NDArray[np.int64]
    known_us: int
    called: NDArray[np.bool_]
    time_us: NDArray[np.int64]
    alarm: NDArray[np.int32]
    priority: NDArray[np.uint8]
    came: NDArray[np.bool_]

    def counts(self, step_us: int) -> NDArray[np.int64]:
        """How many came in each step from the start on."""
        return np.bincount((self.time_us - self.start_us) // step_us, minlength=len(self._edges(step_us)) - 1)

    def known_in(self, step_us: int) -> NDArray[np.int64]:
        """How much of each step from the start on is known, microseconds."""
        edges = self._edges(step_us)
        return known_within(self.known, edges[:-1], edges[1:])

    def part_above(self, step_us: int, most: int) -> float | None:
        """Share of the known time that lies in steps with more than ``most``, 0 to 1; None: none is."""
        known = self.known_in(step_us)
        whole = int(known.sum())
        return int(known[self.counts(step_us) > most].sum()) / whole if whole else None

    def _edges(self, step_us: int) -> NDArray[np.int64]:
        steps = -(-(self.end_us - self.start_us) // step_us)
        return np.minimum(self.start_us + np.arange(steps + 1) * step_us, self.end_us)


def calls_of(record: Record, known_us: NDArray[np.int64], start_us: int, end_us: int) -> Calls:
    """Those of a span. ``known_us`` int64[m×2] = stretches in which the engine ran."""
    called, time = annunciated(record), record.time_us
    rows = np.flatnonzero(called & (time >= start_us) & (time < end_us))
    rows = rows[np.argsort(time[rows], kind="stable")]
    known = within(known_us, start_us, end_us)
    return Calls(
        start_us,
        end_us,
        known,
        int((known[:, 1] - known[:, 0]).sum()),
        called,
        time[rows],
        record.alarm[rows],
        record.priority[rows],
        record.rows(("active",))[rows],
    )


def peaks(time_us: NDArray[np.int64], width_us: int, most: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """The largest count in any stretch of ``width_us``, and the worst ``most`` that do not overlap as
    (start_us, count). ``time_us`` is in order.
    """
    counts = _following(time_us, width_us)
    largest = int(counts.max(initial=0))
    found: list[tuple[int, int]] = []
    while len(found) < most and len(counts) and counts[worst := int(counts.argmax())]:
        found.append((int(time_us[worst]), int(counts[worst])))
        at_us = int(time_us[worst])
        before = np.searchsorted(time_us, at_us - width_us, "right")
        counts[before : np.searchsorted(time_us, at_us + width_us, "left")] = 0
    return largest, tuple(found)


def peaks_of(time_us: NDArray[np.int64], floods: NDArray[np.int64], width_us: int) -> tuple[int, ...]:
    """Of each flood int64[k×3] (begin, end, alarms) the largest count of its alarms in any ``width_us``.

    Its alarms are those from its beginning to its end, and the ones before that made it one.
    """
    counts = _following(time_us, width_us)
    first = np.searchsorted(time_us, floods[:, 0] - width_us, "right")
    last = np.searchsorted(time_us, floods[:, 1], "left")
    return tuple(
        int(np.minimum(counts[a:b], b - np.arange(a, b, dtype=np.int64)).max(initial=0))
        for a, b in zip(first.tolist(), last.tolist(), strict=True)
    )


def _following(time_us: NDArray[np.int64], width_us: int) -> NDArray[np.int64]:
    """How many come in the ``width_us`` that begin with each."""
    return np.searchsorted(time_us, time_us + width_us, "left") - np.arange(len(time_us))
