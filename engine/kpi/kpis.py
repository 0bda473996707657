"""The figures of a project, told once a second what the tags say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.kpi.counters import Counters
from engine.kpi.figures import FIGURES, Figure, Sums
from engine.kpi.pieces import whole_pieces
from engine.kpi.window import Window
from engine.kpi.words import missing
from engine.types import SEVERITY_MASK, Kpi, KpiRule, Status, Tag

LONGEST_GAP_S = 3.0
"""After a longer time without a look nobody knows what happened meanwhile."""
LEAST_KNOWN_S = 60.0
FASTEST = 10.0
"""Pieces that come more than this many times faster than the ideal cycle are a counter that was set."""
SPARE_PIECES = 2.0
SECONDS, GOOD, BAD = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class _Inputs:
    """Where a rule's tags stand among ``Kpis.rows``, and where its counters stand among all counters.

    The figure is worth what ``needed`` are; ``cycles`` only explain it.
    """

    rule: KpiRule
    window: Window
    needed: NDArray[np.intp]
    counters: NDArray[np.intp]
    states: NDArray[np.intp]
    cycles: NDArray[np.intp]


class Kpis:
    """Counts since the engine started, in memory; a figure looks back as far as that and its window reach.

    ``rows`` intp[m] are the live positions of the tags it wants to know. Rules name whole paths that exist,
    as ``engine.config`` gives them; KeyError otherwise.
    """

    def __init__(self, rules: Sequence[KpiRule], tags: Sequence[Tag]) -> None:
        position = {tag.path: at for at, tag in enumerate(tags)}
        paths = list(dict.fromkeys(path for rule in rules for path in (*_needed(rule), *rule.cycles)))
        self.rows = np.array([position[path] for path in paths], np.intp)
        self._at = {path: at for at, path in enumerate(paths)}
        counted = list(dict.fromkeys(path for rule in rules for path in _counted(rule)))
        self._counter_rows = np.array([self._at[path] for path in counted], np.intp)
        self._counters = Counters(_most_per_s(rules, counted))
        at_counter = {path: at for at, path in enumerate(counted)}
        self._inputs = [self._of(rule, at_counter) for rule in rules]
        self._was_good = np.zeros(len(paths), np.bool_)
        self._status = np.full(len(paths), Status.WAITING_FOR_INITIAL_DATA, np.uint32)
        self._age_s = np.full(len(paths), np.nan)
        self._now_us, self._mono_us = 0, -(2**62)

    def _of(self, rule: KpiRule, at_counter: dict[str, int]) -> _Inputs:
        def places(paths: Sequence[str], where: dict[str, int]) -> NDArray[np.intp]:
            return np.array([where[path] for path in paths], np.intp)

        columns = 3 + len(rule.states) + len(rule.meters) + 2 * len(rule.cycles)
        return _Inputs(
            rule,
            Window(rule.window_s, columns),
            places(_needed(rule), self._at),
            places(_counted(rule), at_counter),
            places(rule.states, self._at),
            places(rule.cycles, self._at),
        )

    def second(
        self,
        now_us: int,
        mono_us: int,
        value: NDArray[np.float64],
        status: NDArray[np.uint32],
        age_s: NDArray[np.float64],
    ) -> None:
        """Take the live values of ``rows`` now: value, status, age float64[m]. Call about once a second."""
        seconds = (mono_us - self._mono_us) / 1e6
        good = ((status & np.uint32(SEVERITY_MASK)) == 0) & np.isfinite(value)
        self._status, self._age_s, self._now_us = status, age_s, now_us
        if seconds <= 0:
            return
        if seconds > LONGEST_GAP_S:
            self._counters.forget()
            self._was_good[:] = False
        rows = self._counter_rows
        step, known = self._counters.step(value[rows], good[rows], seconds)
        lasted = good & self._was_good
        for each in self._inputs:
            if lasted[each.needed].all() and known[each.counters].all():
                each.window.add(mono_us, _amounts(each, seconds, step[each.counters], value, good))
        self._was_good, self._mono_us = good, mono_us

    def figures(self) -> tuple[Kpi, ...]:
        """All figures as of the last second, in the order of the rules."""
        return tuple(self._figure(each) for each in self._inputs)

    def _figure(self, each: _Inputs) -> Kpi:
        rule, status = each.rule, self._status[each.needed]
        began, rows = each.window.read(self._mono_us)
        figure = _computed(each, rows)
        doubt = _doubt(_needed(rule), status)
        worst = int(status[np.argmax(status & np.uint32(SEVERITY_MASK))])
        if figure.value is None and worst & 0x80000000 == 0:
            worst = int(Status.WAITING_FOR_INITIAL_DATA)
        age_s = self._age_s[each.needed]
        return Kpi(
            id=rule.id,
            title=rule.title,
            unit=rule.unit,
            decimals=rule.decimals,
            value=figure.value,
            status=worst,
            target=rule.target,
            reason=doubt or figure.reason,
            since_us=self._now_us - (self._mono_us - began),
            age_s=None if np.isnan(age_s).any() else float(age_s.max()),
        )


def _needed(rule: KpiRule) -> tuple[str, ...]:
    """Tags without which the figure cannot be: a fault of ``cycles`` only takes a reason away."""
    return (*_counted(rule), *rule.states)


def _counted(rule: KpiRule) -> tuple[str, ...]:
    """Its counters: good, bad where it has one, meters."""
    return tuple(path for path in (rule.good, rule.bad, *rule.meters.values()) if path)


def _most_per_s(rules: Sequence[KpiRule], counted: Sequence[str]) -> NDArray[np.float64]:
    """How fast each counter can count at best, where an ideal cycle says so."""
    most = dict.fromkeys(counted, np.inf)
    for rule in rules:
        if rule.ideal_cycle_s > 0:
            for path in (rule.good, rule.bad):
                if path:
                    most[path] = SPARE_PIECES + FASTEST / rule.ideal_cycle_s
    return np.array([most[path] for path in counted])


def _amounts(
    each: _Inputs,
    seconds: float,
    step: NDArray[np.float64],
    value: NDArray[np.float64],
    good: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """One row of the window: seconds, good, bad, then by tag: stopped, metered, cycle x time, its time."""
    has_bad = bool(each.rule.bad)
    stopped = ~np.isin(value[each.states], each.rule.running)
    timed = good[each.cycles] * seconds
    cycle = np.where(good[each.cycles], value[each.cycles], 0.0)
    bad = step[1] if has_bad else 0.0
    head = np.array([seconds, step[0], bad])
    row = [head, stopped * seconds, step[1 + has_bad :], cycle * timed, timed]
    return np.concatenate(row, dtype=np.float64)


def _computed(each: _Inputs, rows: NDArray[np.float64]) -> Figure:
    rule, known_s = each.rule, float(rows[:, SECONDS].sum())
    counts = whole_pieces(rows[:, SECONDS], rows[:, GOOD] + rows[:, BAD], rule.ideal_cycle_s)
    total = rows[counts].sum(axis=0)
    if known_s < LEAST_KNOWN_S:
        return Figure(None, f"counting: {known_s:.0f} of {LEAST_KNOWN_S:.0f} s")
    if total[SECONDS] < LEAST_KNOWN_S and not total[GOOD] + total[BAD]:
        return Figure(None, "waiting for the first whole piece")
    sizes = np.cumsum([3, len(rule.states), len(rule.meters), len(rule.cycles)])
    _, stopped, metered, cycle, timed = np.split(total, sizes)
    cycle_s = np.divide(cycle, timed, out=np.full(len(cycle), np.nan), where=timed > 0)
    seconds, made, bad = (float(total[column]) for column in (SECONDS, GOOD, BAD))
    sums = Sums(seconds, made, bad, stopped, metered, cycle_s)
    return FIGURES[rule.kind](rule, sums)


def _doubt(paths: Sequence[str], status: NDArray[np.uint32]) -> str:
    """Which input is the worst, in words; "" when all are good."""
    severity = status & np.uint32(SEVERITY_MASK)
    wrong = int((severity != 0).sum())
    if not wrong:
        return ""
    at = int(np.argmax(severity))
    return missing(int(status[at]), paths[at], wrong - 1)
