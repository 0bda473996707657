"""Signals made of more than one value, or of more than one instant: differences, rates, expressions.

A signal is a pseudo tag: its samples go through the same limits as those of tags.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.alarms.by_tag import ByTag
from engine.alarms.expression import Function, Values, compiled
from engine.alarms.limits import usable_of
from engine.alarms.rates import Rates
from engine.alarms.state import NO, UNTIL_PROVED, UNTIL_SAMPLE, held
from engine.types import Batch, Status
from engine.types.expressions import Node

AWAY = -1
Made = tuple[Batch, NDArray[np.bool_]]
"""Samples of pseudo tags, and which of them there are: bool[rows×signals]."""


@dataclass(frozen=True, slots=True)
class Signal:
    """``apart`` = how far two tags are apart, ``rate`` = how fast one changes over ``window_us`` in units a
    second (both without sign), ``says`` = what the tree ``node`` says. ``inputs`` = tag ids.
    """

    what: Literal["apart", "rate", "says"]
    inputs: tuple[int, ...]
    window_us: int = 0
    node: Node | None = None


class Derived:
    """The signals of a project, with pseudo tag ids from ``first`` on. Real ids are below ``first``.

    A signal has a sample whenever one of its inputs has: with the last values of the others, whenever
    they came, and never before its sample before. It is good only while all its inputs are and the
    answer is a number. A rate that is not known yet has no sample.
    """

    def __init__(self, signals: Sequence[Signal], first: int) -> None:
        group, self._functions = _groups(signals)
        # Sorted, so that those of one function lie side by side; ids are of the order that was given.
        order = np.argsort(group, kind="stable")
        self._group, self._ids = group[order], (first + order).astype(np.int32)
        places: list[int] = order.tolist()
        self._signals = signals = [signals[row] for row in places]
        tags = np.unique(np.array([tag for each in signals for tag in each.inputs], np.int32))
        self._place = np.full(first, AWAY)
        self._place[tags] = np.arange(len(tags))
        self._kept, self._why = np.full(len(tags) + 1, np.nan), np.full(len(tags) + 1, NO)
        self._kept[-1] = 0.0
        most = max((len(each.inputs) for each in signals), default=1)
        # The inputs of each signal by their places; a column too many stands for none.
        self._inputs = np.full((len(signals), most), len(tags))
        for row, each in enumerate(signals):
            self._inputs[row, : len(each.inputs)] = self._place[np.array(each.inputs)]
        links = [
            (self._inputs[row, k], row) for row, each in enumerate(signals) for k in range(len(each.inputs))
        ]
        self._signal_of = np.array([row for _, row in links], np.intp)
        self._links = ByTag(np.array([place for place, _ in links], np.int32), len(tags))
        self._time_us, self._mono_us = np.zeros((2, len(signals)), np.int64)
        self._good = np.zeros(len(signals), np.bool_)
        self._is_rate = np.array([each.what == "rate" for each in signals], np.bool_)
        self._rates = Rates(np.array([each.window_us for each in signals], np.int64))
        self._column = np.full(len(tags) + 1, AWAY)

    def feed(
        self,
        batch: Batch,
        taken: NDArray[np.bool_] | None,
        mono_us: int,
        waits: Callable[[NDArray[np.int32]], NDArray[np.bool_]],
    ) -> tuple[Made | None, NDArray[np.intp]]:
        """The samples of the signals that this batch changes, and all signals that it tells of.

        A signal whose inputs say what they said has none, unless something ``waits`` for it.
        """
        columns = np.flatnonzero(self._place[batch.tags] >= 0)
        if not len(columns):
            return None, np.zeros(0, np.intp)
        inputs = self._place[batch.tags[columns]]
        seen = None if taken is None else taken[:, columns]
        seen = None if seen is not None and seen.all() else seen
        value = self._filled(batch, columns, inputs, seen)
        before = np.concatenate((self._held(inputs)[None], value[:-1]))
        changed = ((value != before) & ~(np.isnan(value) & np.isnan(before))).any(axis=0)
        signals = self._touched(inputs[changed], inputs, waits)
        times = batch.source_time_us
        times = times[:, columns] if times.ndim == 2 else times[:, None]
        self._column[inputs] = np.arange(len(inputs))
        made = self._made(signals, times, value, seen, batch.receive_time_us) if len(signals) else None
        self._column[inputs] = AWAY
        return made, self._heard(inputs, seen, times, value, mono_us)

    def told(self, signals: NDArray[np.intp]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Their ids, and the source times of their last samples."""
        return self._ids[signals], self._time_us[signals]

    def _heard(
        self,
        inputs: NDArray[np.intp],
        seen: NDArray[np.bool_] | None,
        times: NDArray[np.int64],
        value: Values,
        mono_us: int,
    ) -> NDArray[np.intp]:
        """Keep the last values, also for signals that have nothing to say about them."""
        times = np.broadcast_to(times, value.shape)
        if seen is None:
            heard, last_us = np.arange(len(inputs)), times[-1]
        else:
            heard = np.flatnonzero(seen.any(axis=0))
            last_us = times[len(seen) - 1 - seen[::-1].argmax(axis=0)[heard], heard]
        self._kept[inputs[heard]], self._why[inputs[heard]] = value[-1, heard], NO
        places, links = self._links.of(inputs[heard])
        signals = self._signal_of[links]
        np.maximum.at(self._time_us, signals, last_us[places])
        self._mono_us[signals] = mono_us
        return signals

    def proved(self, tags: NDArray[np.int32], mono_us: int) -> tuple[Made | None, NDArray[np.int32]]:
        """The last values of these tags hold: samples of signals known again and of rates; and the ids of
        other signals that hold as well.
        """
        inputs = self._place[tags]
        inputs = inputs[inputs >= 0]
        if not len(inputs):
            return None, np.zeros(0, np.int32)
        self._why[inputs] = np.where(self._why[inputs] == UNTIL_PROVED, NO, self._why[inputs])
        signals = np.unique(self._signal_of[self._links.of(inputs)[1]])
        signals = signals[~np.isnan(self._held(self._inputs[signals])).any(axis=1)]
        anew = ~self._good[signals] | self._is_rate[signals]
        again, others = signals[anew], signals[~anew]
        made = None
        if len(again):
            time_us = (self._time_us[again] + np.maximum(mono_us - self._mono_us[again], 0))[None]
            made = self._made(again, time_us, np.zeros((1, 0)), None, time_us[0, :1])
            self._mono_us[again] = mono_us
        return made, self._ids[others]

    def silent(self, tags: NDArray[np.int32], *, lost: bool) -> NDArray[np.int32]:
        """These values are stale; the ids of the signals that are so as well."""
        inputs = self._place[tags]
        inputs = inputs[inputs >= 0]
        self._why[inputs] = np.maximum(self._why[inputs], UNTIL_SAMPLE if lost else UNTIL_PROVED)
        signals = np.unique(self._signal_of[self._links.of(inputs)[1]])
        self._good[signals] = False
        self._rates.gap(signals)
        return self._ids[signals]

    def leave(self, tag_id: int) -> None:
        """This tag says no numbers any more, nor does what is made of it."""
        place = self._place[tag_id]
        if place >= 0:
            self.silent(np.array([tag_id], np.int32), lost=True)
            self._kept[place], self._place[tag_id] = np.nan, AWAY

    def take_over(self, before: Derived) -> None:
        """Go on from the values and times of another set of signals over the same tags."""
        size = min(len(self._place), len(before._place))
        both = np.flatnonzero((self._place[:size] >= 0) & (before._place[:size] >= 0))
        mine, theirs = self._place[both], before._place[both]
        self._kept[mine], self._why[mine] = before._kept[theirs], before._why[theirs]
        rows = {each: row for row, each in enumerate(before._signals)}
        pairs = [(row, rows[each]) for row, each in enumerate(self._signals) if each in rows]
        new, old = np.array(pairs, np.intp).reshape(-1, 2).T
        for name in ("_time_us", "_mono_us", "_good"):
            getattr(self, name)[new] = getattr(before, name)[old]
        self._rates.take_over(before._rates, new, old)

    def _held(self, inputs: NDArray[np.intp]) -> Values:
        """Last values, NaN where they are not known to hold."""
        return np.where(self._why[inputs] == NO, self._kept[inputs], np.nan)

    def _filled(
        self,
        batch: Batch,
        columns: NDArray[np.intp],
        inputs: NDArray[np.intp],
        seen: NDArray[np.bool_] | None,
    ) -> Values:
        """The value of each input at each row, NaN where it is not known."""
        value = np.where(usable_of(batch)[:, columns], batch.value[:, columns], np.nan)
        return value if seen is None else held(seen, value, self._held(inputs))

    def _touched(
        self,
        changed: NDArray[np.intp],
        inputs: NDArray[np.intp],
        waits: Callable[[NDArray[np.int32]], NDArray[np.bool_]],
    ) -> NDArray[np.intp]:
        touched = np.zeros(len(self._signals), np.bool_)
        touched[self._signal_of[self._links.of(inputs)[1]]] = True
        signals = np.flatnonzero(touched)
        anew = self._is_rate.copy()
        anew[self._signal_of[self._links.of(changed)[1]]] = True
        return signals[anew[signals] | waits(self._ids[signals])]

    def _made(
        self,
        signals: NDArray[np.intp],
        times: NDArray[np.int64],
        value: Values,
        seen: NDArray[np.bool_] | None,
        receive_us: NDArray[np.int64],
    ) -> Made:
        """Samples of these signals from the samples of inputs, whose columns ``_column`` tells; ``seen``
        None = all of them. Without any inputs, ``times`` [rows×signals] are those of the samples.
        """
        shape = len(times), len(signals)
        inputs = self._inputs[signals]
        given = [self._given(inputs[:, k], value, shape) for k in range(inputs.shape[1])]
        known = ~np.isnan(given[0])
        for each in given[1:]:
            known &= ~np.isnan(each)
        time_us, taken = self._times(signals, times, seen, shape, alone=not value.shape[1])
        found, group = np.empty(shape), self._group[signals]
        starts = np.flatnonzero(np.diff(group, prepend=AWAY))
        for start, end in pairwise([*starts.tolist(), len(group)]):
            own = slice(start, end)
            function: Function | None = self._functions[int(group[start])]
            if function is None:
                some = np.where(known[:, own], given[0][:, own], np.nan)
                found[:, own] = self._rates.take(signals[own], time_us[:, own], some, taken[:, own])
                taken[:, own] &= ~(known[:, own] & np.isnan(found[:, own]))
            else:
                with np.errstate(all="ignore"):
                    found[:, own] = function([each[:, own] for each in given])
        good = known & np.isfinite(found)
        last = len(taken) - 1 - taken[::-1].argmax(axis=0)
        heard = np.flatnonzero(taken.any(axis=0))
        self._time_us[signals] = np.maximum(self._time_us[signals], time_us[-1])
        self._good[signals[heard]] = good[last[heard], heard]
        quality = np.where(good, np.uint32(Status.GOOD), np.uint32(Status.BAD))
        found[~good] = np.nan
        return Batch(0, self._ids[signals], time_us, receive_us, found, quality), taken

    def _given(self, inputs: NDArray[np.intp], value: Values, shape: tuple[int, int]) -> Values:
        """One input of each signal at each row: from the batch where it is there, else what it is."""
        column = self._column[inputs]
        near = column >= 0
        if near.all():
            return value[:, column]
        found = np.empty(shape)
        found[:, near], found[:, ~near] = value[:, column[near]], self._held(inputs[~near])
        return found

    def _times(
        self,
        signals: NDArray[np.intp],
        times: NDArray[np.int64],
        seen: NDArray[np.bool_] | None,
        shape: tuple[int, int],
        *,
        alone: bool,
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """When each signal has its samples, and at which rows it has one."""
        since_us = self._time_us[signals]
        if alone or (times.shape[1] == 1 and seen is None):
            return np.maximum(times, since_us), np.ones(shape, np.bool_)
        time_us, taken = np.broadcast_to(since_us, shape).copy(), np.zeros(shape, np.bool_)
        for inputs in self._inputs[signals].T:
            column = self._column[inputs]
            near = np.flatnonzero(column >= 0)
            own = (
                times[:, column[near]]
                if times.shape[1] > 1
                else np.broadcast_to(times, (shape[0], len(near)))
            )
            if seen is not None:
                own = np.where(seen[:, column[near]], own, 0)
                taken[:, near] |= seen[:, column[near]]
            else:
                taken[:, near] = True
            time_us[:, near] = np.maximum(time_us[:, near], own)
        np.maximum.accumulate(time_us, axis=0, out=time_us)
        return time_us, taken


def _groups(signals: Sequence[Signal]) -> tuple[NDArray[np.intp], list[Function | None]]:
    """Which function makes each signal: those of one pattern of rows share one. None = a rate."""
    numbers: dict[tuple[str, Node | None], int] = {}
    functions: list[Function | None] = []
    group: list[int] = []
    for each in signals:
        key = each.what, each.node
        if key not in numbers:
            numbers[key] = len(functions)
            functions.append(_function(each))
        group.append(numbers[key])
    return np.array(group, np.intp), functions


def _function(signal: Signal) -> Function | None:
    if signal.node is not None:
        return compiled(signal.node)
    return None if signal.what == "rate" else lambda values: np.abs(values[0] - values[1])
