"""How samples in time order, and the time that passes, change what is remembered of limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.alarms.state import (
    NO,
    UNTIL_SAMPLE,
    Changes,
    Samples,
    State,
    earlier,
    held,
    joined,
    last,
    picked,
)

FEW_ROWS, MOST_ROWS = 16, 64
"""So many are looked at one by one, and so many together: a limit that changes with every sample takes a
step for each of them."""


class Walk:
    """Takes a State through samples or through the time that passes, and notes what changes.

    ``on_us`` and ``off_us`` are the delays of its limits.
    """

    def __init__(self, state: State, on_us: NDArray[np.int64], off_us: NDArray[np.int64]) -> None:
        self.state, self._on_us, self._off_us = state, on_us, off_us
        self._found: list[Changes] = []

    def samples(self, samples: Samples) -> None:
        """What these samples say, in time order. Limits without delays are looked at all rows at once."""
        if len(samples.value) <= MOST_ROWS:
            self._some(samples)
            return
        for first in range(0, len(samples.value), MOST_ROWS):
            self._some(samples.part(slice(first, first + MOST_ROWS), np.s_[:]))

    def _some(self, samples: Samples) -> None:
        state = self.state
        plain = (self._on_us == 0) & (self._off_us == 0) & ~state.waiting
        if plain.all():
            self._at_once(samples, np.arange(len(plain)))
        elif not plain.any():
            self._delayed(samples, np.arange(len(plain)))
        else:
            columns = np.flatnonzero(plain)
            self._at_once(samples.part(np.s_[:], columns), columns)
            columns = np.flatnonzero(~plain)
            self._delayed(samples.part(np.s_[:], columns), columns)
        seen, rows = picked(last(samples.taken))
        state.at_us[seen] = samples.time_us[rows, seen]
        state.paused[seen] = np.where(samples.good[rows, seen], NO, UNTIL_SAMPLE)
        seen, rows = picked(last(samples.good))
        state.value[seen] = samples.value[rows, seen]

    def _at_once(self, samples: Samples, columns: NDArray[np.intp]) -> None:
        """Without delays, every sample sets the alarm, ends it, or leaves it as it is."""
        before = self.state.active[columns]
        active = held(samples.good & (samples.raises | ~samples.keeps), samples.raises, before)
        changed = active ^ np.concatenate((before[None], active[:-1]))
        self.state.active[columns] = active[-1]
        rows, which = np.nonzero(changed)
        if len(rows):
            now = samples.time_us[rows, which], samples.value[rows, which]
            self._found.append(Changes(columns[which], active[rows, which], *now))

    def _delayed(self, samples: Samples, columns: NDArray[np.intp]) -> None:
        """With delays: row by row where they are few, else from one change of each limit to its next."""
        if len(samples.value) <= FEW_ROWS:
            self._row_by_row(samples, columns)
            return
        clock = _Clock(samples, self.state, columns)
        first = np.zeros(len(columns), np.intp)
        open_ = np.arange(len(columns))
        while len(open_):
            open_ = open_[self._next(samples, clock, columns, open_, first)]

    def _row_by_row(self, samples: Samples, columns: NDArray[np.intp]) -> None:
        own = self.state.take(columns)
        part = Walk(own, self._on_us[columns], self._off_us[columns])
        for row in range(len(samples.value)):
            part.row(samples, row)
        self.state.put(columns, own)
        self._found += [each.of(columns) for each in part._found]

    def row(self, samples: Samples, row: int) -> None:
        """One row of samples, of which the first thing to know is what held until then."""
        state, now_us, taken = self.state, samples.time_us[row], samples.taken[row]
        good, ran_out = samples.good[row], taken & (state.paused == NO) & state.waiting
        if ran_out.any():
            state.ran_us += np.where(ran_out, np.maximum(now_us - state.at_us, 0), 0)
        state.at_us = np.where(taken, now_us, state.at_us)
        if ran_out.any():
            self.turn(ran_out)
        state.paused = np.where(good, NO, np.where(taken, UNTIL_SAMPLE, state.paused))
        state.value = np.where(good, samples.value[row], state.value)
        keeps: NDArray[np.bool_] = samples.keeps[row]
        raises: NDArray[np.bool_] = samples.raises[row]
        differs = good & np.where(state.active, ~keeps, raises)
        fresh = differs & ~state.waiting
        state.ran_us[fresh] = 0
        state.waiting = (state.waiting & ~good) | differs
        if fresh.any():
            # Also those without a delay this way: they change now.
            self.turn(fresh)

    def _next(
        self,
        samples: Samples,
        clock: _Clock,
        columns: NDArray[np.intp],
        open_: NDArray[np.intp],
        first: NDArray[np.intp],
    ) -> NDArray[np.bool_]:
        """Take the ``open_`` ones to their next change; which of them have rows left from ``first`` on."""
        state, limits = self.state, columns[open_]
        place = np.arange(len(samples.value))[:, None]
        active, begun = state.active[limits], place >= first[open_]
        raises, keeps = samples.raises[:, open_], samples.keeps[:, open_]
        good, ran = samples.good[:, open_] & begun, clock.ran_us[:, open_]
        differs = good & np.where(active, ~keeps, raises)
        waits = held(good, differs, state.waiting[limits])
        waited = np.concatenate((state.waiting[limits][None], waits[:-1]))
        fresh = differs & ~waited
        since = held(fresh, ran, -state.ran_us[limits])
        since_before = np.concatenate((-state.ran_us[limits][None], since[:-1]))
        delay_us = np.where(active, self._off_us[limits], self._on_us[limits])
        over_us = ran - since_before - delay_us
        ran_out = clock.runs[:, open_] & waited & (over_us >= 0) & begun
        due = ran_out | (fresh & (delay_us == 0))
        found = due.any(axis=0)
        state.waiting[limits] = waits[-1] & ~found
        state.ran_us[limits] = np.where(waits[-1], ran[-1] - since[-1], 0)
        which = np.flatnonzero(found)
        if not len(which):
            return found
        rows = due.argmax(axis=0)[which]
        late, cells = ran_out[rows, which], (rows, open_[which])
        time_us = samples.time_us[cells] - np.where(late, over_us[rows, which], 0)
        value = np.where(late, clock.before[cells], samples.value[cells])
        state.active[limits[which]] ^= True
        state.ran_us[limits[which]] = 0
        self._found.append(Changes(limits[which], state.active[limits[which]], time_us, value))
        # Where a delay ran out before this sample, the sample itself is still to be judged.
        first[open_[which]] = rows + ~late
        found[which] = first[open_[which]] < len(samples.value)
        return found

    def turn(self, which: NDArray[np.bool_]) -> None:
        """Those whose delay has run out by ``at_us`` change, at the time when it did."""
        state = self.state
        over_us = state.ran_us - np.where(state.active, self._off_us, self._on_us)
        rows = np.flatnonzero(which & state.waiting & (over_us >= 0))
        if len(rows):
            state.active[rows] ^= True
            state.waiting[rows] = False
            times = (state.at_us - over_us)[rows]
            self._found.append(Changes(rows, state.active[rows], times, state.value[rows]))

    def changes(self, limits: NDArray[np.intp]) -> Changes | None:
        """All that changed, by time; ``limits`` names those of the State."""
        return None if not self._found else joined(self._found).of(limits)


class _Clock:
    """How long each limit's delay ran by each row, had it begun before the first: int64[k×limits].

    ``runs`` = whether it ran from the sample before to this one; ``before`` = the value that held then.
    """

    def __init__(self, samples: Samples, state: State, columns: NDArray[np.intp]) -> None:
        was_us = earlier(samples.taken, samples.time_us, state.at_us[columns])
        was_good = earlier(samples.taken, samples.good, state.paused[columns] == NO)
        self.runs = samples.taken & was_good
        passed_us = np.where(self.runs, np.maximum(samples.time_us - was_us, 0), 0)
        self.ran_us = np.cumsum(passed_us, axis=0)
        self.before = earlier(samples.good, samples.value, state.value[columns])
