"""What each kind of figure is, from the sums of its window, and its biggest loss in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.kpi.words import duration, signed, unit_names
from engine.types import KpiRule

WORTH_A_WORD = 0.005
"""A loss below this part of the time is not the reason for anything."""
TOO_FAST = 1.05
"""Performance above this is no rounding: the ideal cycle in kpi.toml is too long."""


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """The counted part of a window: known ``seconds``, pieces ``good`` and ``bad``, and in the order of the
    rule: seconds in which each state tag was not running, amount of each meter, mean of each cycle time
    (NaN where it had no good value).
    """

    seconds: float
    good: float
    bad: float
    stopped: NDArray[np.float64]
    metered: NDArray[np.float64]
    cycle_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, None where there is none, and the words that go with it."""

    value: float | None
    reason: str


def oee(rule: KpiRule, sums: Sums) -> Figure:
    """Overall equipment effectiveness in %, ISO 22400-2:2014: availability x effectiveness x quality ratio.

    Availability = actual production time over planned busy time: seconds in which the bottleneck ran over
    all known seconds, the bottleneck being the unit that ran least. Effectiveness = ideal cycle x pieces
    over that production time, at most 1. Quality ratio = good over all pieces.
    """
    longest = float(sums.stopped.max(initial=0.0))
    ran = max(sums.seconds - longest, 0.0)
    pieces = sums.good + sums.bad
    effectiveness = rule.ideal_cycle_s * pieces / ran if ran else 0.0
    quality = sums.good / pieces if pieces else 1.0
    value = 100.0 * ran / sums.seconds * min(effectiveness, 1.0) * quality
    if effectiveness > TOO_FAST:
        return Figure(value, f"pieces come faster than every {rule.ideal_cycle_s:g} s")
    if rule.target is not None and value >= rule.target:
        return Figure(value, "")
    slow = _slow(rule, sums, rule.ideal_cycle_s)
    if not np.isfinite(sums.cycle_s).any():  # no unit says how slow it is: what no stop and no piece explains
        slow = {"slow cycle": sums.seconds - float(sums.stopped.sum()) - rule.ideal_cycle_s * pieces}
    losses = {
        _stop(rule, sums): longest,
        **slow,
        f"{sums.bad:.0f} reject{'s' if sums.bad > 1 else ''}": rule.ideal_cycle_s * sums.bad,
    }
    return Figure(value, _biggest(losses, sums.seconds))


def throughput(rule: KpiRule, sums: Sums) -> Figure:
    """Good pieces per hour (ISO 22400-2 throughput rate)."""
    value = 3600.0 * sums.good / sums.seconds
    if rule.target is not None and value >= rule.target:
        return Figure(value, "")
    ideal_s = rule.ideal_cycle_s or (3600.0 / rule.target if rule.target and rule.target > 0 else 0.0)
    longest = float(sums.stopped.max(initial=0.0))
    losses = {_stop(rule, sums): longest, **_slow(rule, sums, ideal_s)}
    return Figure(value, _biggest(losses, sums.seconds))


def energy(rule: KpiRule, sums: Sums) -> Figure:
    """What all meters together counted per good piece (ISO 22400-2 comprehensive energy consumption)."""
    if not sums.good:
        return Figure(None, "no good piece yet")
    per_piece = sums.metered / sums.good
    value = float(per_piece.sum())
    expected = value if rule.target is None else rule.target
    if rule.target is not None and value <= rule.target:
        return Figure(value, "")
    names = list(rule.meters)
    if not rule.shares:
        most = int(np.argmax(per_piece))
        return Figure(value, f"most: {names[most]} {per_piece[most]:.{rule.decimals}f}")
    over = {
        name: used - rule.shares.get(name, 0.0) * expected
        for name, used in zip(names, per_piece, strict=True)
    }
    worst = max(over, key=lambda name: over[name])
    return Figure(value, f"{worst} {signed(over[worst], rule.decimals)}" if over[worst] > 0 else "")


FIGURES = {"oee": oee, "throughput": throughput, "energy": energy}


def _stop(rule: KpiRule, sums: Sums) -> str:
    """The unit that did not run longest, and how long."""
    if not len(sums.stopped):
        return ""
    at = int(np.argmax(sums.stopped))
    return f"{unit_names(rule.states)[at]} stops {duration(float(sums.stopped[at]))}"


def _slow(rule: KpiRule, sums: Sums, ideal_s: float) -> dict[str, float]:
    """The unit with the longest cycle and the seconds it cost, where that is longer than it should be."""
    if not np.isfinite(sums.cycle_s).any():
        return {}
    at = int(np.nanargmax(sums.cycle_s))
    cycle_s = float(sums.cycle_s[at])
    words = f"{unit_names(rule.cycles)[at]} slow cycle {cycle_s:.1f} s"
    return {words: (cycle_s - ideal_s) * max(sums.good + sums.bad, 1.0)} if cycle_s > ideal_s else {}


def _biggest(losses: dict[str, float], seconds: float) -> str:
    """The words of the biggest loss, in seconds, or none where there is hardly any."""
    words = max(losses, key=lambda each: losses[each])
    return words if losses[words] >= WORTH_A_WORD * seconds else ""
