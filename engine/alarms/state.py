"""What is remembered of every limit, and how samples in time order change it."""

from __future__ import annotations

from dataclasses import dataclass, fields

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
        return State(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})

    def put(self, rows: NDArray[np.intp], other: State) -> None:
        """Set these rows to those of ``other``."""
        for each in fields(self):
            getattr(self, each.name)[rows] = getattr(other, each.name)


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


class Walk:
    """Takes a State through samples or through the time that passes, and notes what changes.

    ``on_us`` and ``off_us`` are the delays of its limits.
    """

    def __init__(self, state: State, on_us: NDArray[np.int64], off_us: NDArray[np.int64]) -> None:
        self.state, self._on_us, self._off_us = state, on_us, off_us
        self._found: list[Changes] = []

    def samples(self, samples: Samples) -> None:
        """Row by row, because what one row says decides what the next is compared with."""
        for row in range(len(samples.value)):
            now_us, taken = samples.time_us[row], samples.taken[row]
            self._hold(now_us, taken & (self.state.paused == NO))
            self.state.at_us = np.where(taken, now_us, self.state.at_us)
            self._judge(samples, row)

    def _hold(self, now_us: NDArray[np.int64], held: NDArray[np.bool_]) -> None:
        """The value before held until now."""
        state = self.state
        run = held & state.waiting
        if run.any():
            state.ran_us += np.where(run, np.maximum(now_us - state.at_us, 0), 0)
            self.turn(now_us, run)

    def turn(self, now_us: NDArray[np.int64], which: NDArray[np.bool_]) -> None:
        """Those whose delay has run out change, at the time when it did."""
        over_us = self.state.ran_us - self._delay_us()
        due = which & self.state.waiting & (over_us >= 0)
        if due.any():
            self._change(due, now_us - over_us)

    def _judge(self, samples: Samples, row: int) -> None:
        state, taken, good = self.state, samples.taken[row], samples.good[row]
        state.paused = np.where(good, NO, np.where(taken, UNTIL_SAMPLE, state.paused))
        state.value = np.where(good, samples.value[row], state.value)
        keeps: NDArray[np.bool_] = samples.keeps[row]
        raises: NDArray[np.bool_] = samples.raises[row]
        differs = good & np.where(state.active, ~keeps, raises)
        fresh = differs & ~state.waiting
        state.ran_us[fresh] = 0
        state.waiting = (state.waiting & ~good) | differs
        due = fresh & (self._delay_us() == 0)
        if due.any():
            self._change(due, samples.time_us[row])

    def _delay_us(self) -> NDArray[np.int64]:
        return np.where(self.state.active, self._off_us, self._on_us)

    def _change(self, due: NDArray[np.bool_], time_us: NDArray[np.int64]) -> None:
        state, rows = self.state, np.flatnonzero(due)
        state.active[rows] ^= True
        state.waiting[rows] = False
        self._found.append(Changes(rows, state.active[rows], time_us[rows], state.value[rows]))

    def changes(self, limits: NDArray[np.intp]) -> Changes | None:
        """All that changed; ``limits`` names those of the State."""
        if not self._found:
            return None
        return Changes(
            limits[np.concatenate([each.limits for each in self._found])],
            np.concatenate([each.active for each in self._found]),
            np.concatenate([each.time_us for each in self._found]),
            np.concatenate([each.value for each in self._found]),
        )
