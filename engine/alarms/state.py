"""What is remembered of every limit, and what samples say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

NO, UNTIL_PROVED, UNTIL_SAMPLE = np.uint8(0), np.uint8(1), np.uint8(2)
"""Whether a timer stands still: the value went stale by age; or is bad, or its link was lost."""


@dataclass(slots=True, eq=False)
class State:
    """One row for each limit. The letter of an alarm's state is derived from flags such as these.

    ``active`` = the alarm; ``waiting`` = its value says otherwise, and a delay runs: for ``ran_us`` so
    far, known up to the source time ``at_us`` that came at ``at_mono_us``, while the value was ``value``.
    ``paused`` says why the delay stands still.
    """

    active: NDArray[np.bool_]
    waiting: NDArray[np.bool_]
    paused: NDArray[np.uint8]
    ran_us: NDArray[np.int64]
    at_us: NDArray[np.int64]
    at_mono_us: NDArray[np.int64]
    value: NDArray[np.float64]

    def take(self, rows: NDArray[np.intp]) -> State:
        """A copy of these rows."""
        return State(*(getattr(self, name)[rows] for name in STATE))

    def put(self, rows: NDArray[np.intp], other: State) -> None:
        """Set these rows to those of ``other``."""
        for name in STATE:
            getattr(self, name)[rows] = getattr(other, name)


STATE = tuple(each.name for each in fields(State))


def new_state(size: int) -> State:
    """No limit has been judged yet."""
    return State(
        active=np.zeros(size, np.bool_),
        waiting=np.zeros(size, np.bool_),
        paused=np.zeros(size, np.uint8),
        ran_us=np.zeros(size, np.int64),
        at_us=np.zeros(size, np.int64),
        at_mono_us=np.zeros(size, np.int64),
        value=np.full(size, np.nan),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Alarms that came or went, in order of time for each limit. All arrays are of length k.

    ``limits`` = which; ``active`` = came, else went; ``time_us`` = source time; ``value`` = at that time.
    """

    limits: NDArray[np.intp]
    active: NDArray[np.bool_]
    time_us: NDArray[np.int64]
    value: NDArray[np.float64]

    def of(self, limits: NDArray[np.intp]) -> Changes:
        """The same of limits that bear these numbers elsewhere."""
        return Changes(limits[self.limits], self.active, self.time_us, self.value)

    def where(self, mask: NDArray[np.bool_]) -> Changes:
        """Some of them, bool[k]."""
        return Changes(self.limits[mask], self.active[mask], self.time_us[mask], self.value[mask])


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples of k instants for the limits of a State; all float64, int64 or bool of [k×limits].

    ``taken`` = the sample is the newest of its tag; ``good`` = it may be judged; ``raises`` and ``keeps``
    = what it says of an alarm that is not there, and of one that is.
    """

    time_us: NDArray[np.int64]
    value: NDArray[np.float64]
    taken: NDArray[np.bool_]
    good: NDArray[np.bool_]
    raises: NDArray[np.bool_]
    keeps: NDArray[np.bool_]

    def part(self, rows: slice, columns: Any) -> Samples:
        """Some rows of some limits."""
        return Samples(*(getattr(self, name)[rows, columns] for name in SAMPLES))


SAMPLES = tuple(each.name for each in fields(Samples))


def known_us(samples: Samples, paused: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Until when what is judged was known, int64[limits]; very long ago where these samples tell nothing."""
    was_good = earlier(samples.taken, samples.good, paused == NO)
    seen, rows = picked(last(samples.taken & (samples.good | was_good)))
    known = np.full(len(paused), -(2**62), np.int64)
    known[seen] = samples.time_us[rows, seen]
    return known


def joined(found: Sequence[Changes]) -> Changes:
    """All of them by time; those of the same time, and so those of one limit, keep their order."""
    limits, active = (
        np.concatenate([getattr(each, name) for each in found]) for name in ("limits", "active")
    )
    time_us, value = (
        np.concatenate([getattr(each, name) for each in found]) for name in ("time_us", "value")
    )
    order = np.argsort(time_us, kind="stable")
    return Changes(limits[order], active[order], time_us[order], value[order])


def together(first: Changes | None, second: Changes | None) -> Changes | None:
    """Both, by time."""
    both = [each for each in (first, second) if each is not None]
    return joined(both) if len(both) > 1 else both[0] if both else None


def held(mask: NDArray[np.bool_], array: NDArray[Any], at_first: NDArray[Any]) -> NDArray[Any]:
    """What the array says at the newest True up to each row; ``at_first`` where there is none yet."""
    found, keep = array.copy(), ~mask
    for row in range(len(found)):
        np.copyto(found[row], found[row - 1] if row else at_first, where=keep[row])
    return found


def earlier(mask: NDArray[np.bool_], array: NDArray[Any], at_first: NDArray[Any]) -> NDArray[Any]:
    """What the array says at the newest True before each row."""
    return np.concatenate((np.asarray(at_first)[None], held(mask, array, at_first)[:-1]))


def last(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Row of the last True of each column, -1 = none."""
    row = len(mask) - 1 - mask[::-1].argmax(axis=0)
    return np.where(mask.any(axis=0), row, -1)


def picked(last: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The columns that have a row, and that row."""
    columns = np.flatnonzero(last >= 0)
    return columns, last[columns]
