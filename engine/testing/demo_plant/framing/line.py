"""How bodies move through the line: every arrival, stop and departure, worked out ahead from the seed.

Eight units without buffers: a body leaves when its unit has finished and the next one is empty, so a
slow or stopped unit blocks those before it and starves those behind it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.testing.demo_plant.conditions import Conditions, Fault, Time, Values
from engine.testing.demo_plant.framing.names import HANDS, RUNS, UNIT_PATHS
from engine.testing.demo_plant.noise import channels, normal, uniform

UNITS = 8
TRANSFER_S = 6.5
"""The conveyors move a body on."""
WORK_S = np.array([51.2, 51.4, 49.8, 50.0, 51.6, 49.4, 51.0, 49.2])
"""What each unit works on a body; with the transfer its cycle time."""
WORK_SPREAD_S = 0.35
BEGIN_S = -5400.0
"""The line begins empty so long before model time 0, and is full and warm by then."""
FIRST_BODY = 4391
STOP_CHANCE = 1 / 62
"""Of a unit to stop while it works on a body."""
STOP_S = (25.0, 190.0)
CALM_S = (-400.0, 200.0)
"""No new stops begin around the time at which somebody begins to watch, who first sees it run."""
WARM_S = 900.0
"""Time constant of everything that work warms up."""
REASONS = (
    "none",
    "part not seated",
    "clamp not closed",
    "weld fault",
    "robot fault",
    "press fault",
    "measurement failed",
    "light curtain",
    "guard open",
    "operator stop",
    "material missing",
)
OPERATOR = REASONS.index("operator stop")
SLOWING = {"seal-leak": (4, 3.0, 3.0), "tip-wear": (2, 2.0, 2.5), "air-leak": (1, 2.0, 2.0)}
"""Faults at which a unit (its number) takes so many seconds longer and stops so many times more often."""
TECHNICAL = 7
"""Reasons below are faults of the machine, the others stops by people."""
_OWN_REASONS = (
    (1, 10),
    (2, 1),
    (3, 4),
    (3, 4),
    (5, 1),
    (3, 4),
    (3, 10),
    (6, 6),
)
_BLOCK = 256
_WORK, _STOP, _WHERE, _LONG, _WHY, _BAD = range(0, 6 * UNITS, UNITS)


@dataclass(slots=True, eq=False)
class Cycles:
    """Every body in every unit, float64[bodies, 8]: times in model seconds, lengths in seconds.

    ``stop_at_s`` counts from the arrival. ``worked_s``, ``rejects`` = sums over the bodies before;
    ``warmth`` = how warm the unit is from work when the body comes, 1 = as warm as it gets; ``share`` = share
    of the time until the next one that is worked, which it nears until then.
    """

    arrive: Values
    work_s: Values
    stop_at_s: Values
    stop_s: Values
    reason: NDArray[np.int64]
    depart: Values
    worked_s: Values
    rejects: Values
    warmth: Values
    share: Values


Span = tuple[float, float]
FOREVER_S = 1e9
RESET_S = 2.0
"""A unit that is reset after a stop goes on after so long."""


@functools.lru_cache(maxsize=4)
def cycles(conditions: Conditions, blocks: int) -> Cycles:
    """The first ``blocks`` * 256 bodies of a line."""
    seed = conditions.seed
    bodies = np.arange(blocks * _BLOCK)[:, np.newaxis]
    keys = channels(seed, 0, 6 * UNITS)
    draw = {
        first: uniform(keys[first : first + UNITS], bodies) for first in (_STOP, _WHERE, _LONG, _WHY, _BAD)
    }
    base = WORK_S + WORK_SPREAD_S * normal(keys[_WORK : _WORK + UNITS], bodies)
    stop_s = STOP_S[0] + (STOP_S[1] - STOP_S[0]) * draw[_LONG] ** 2
    stop_at = 0.1 + 0.8 * draw[_WHERE]
    arrive, depart, work, stop, planned = _run(conditions, base, draw[_STOP], stop_s, stop_at)
    reason = np.where(planned > 0, planned, _reasons(draw[_WHY]))
    warmth, share = _warmth(arrive, work)
    bad = draw[_BAD] < np.array([0, 0, 0.002, 0.002, 0.001, 0.002, 0.001, 0.018])
    return Cycles(
        arrive=arrive,
        work_s=work,
        stop_at_s=stop_at,
        stop_s=stop,
        reason=np.where(stop > 0, reason, 0),
        depart=depart,
        worked_s=_before(work),
        rejects=_before(bad.astype(np.float64)),
        warmth=warmth,
        share=share,
    )


def _run(
    conditions: Conditions, work: Values, chance: Values, stop_s: Values, stop_at: Values
) -> tuple[Values, Values, Values, Values, NDArray[np.int64]]:
    """Arrival, departure, work and stop of every body, one body after the other; reasons of planned stops.

    ``stop_at`` comes as a share of the work and leaves as seconds of it.
    """
    hands = hands_on(conditions)
    arrive, depart = np.empty_like(work), np.empty_like(work)
    stop, planned = np.zeros_like(work), np.zeros(work.shape, np.int64)
    waiting = [[each for each in conditions.stops if each.unit == unit] for unit in range(UNITS)]
    calm_begin, calm_end = (conditions.live_s + each for each in CALM_S)
    left = [BEGIN_S] * UNITS
    ill = [fault for fault in conditions.faults if fault.name in SLOWING]
    for body in range(len(work)):
        time = _loaded(conditions, left[0] + TRANSFER_S)
        slow, often = _effects(ill, time)
        for unit in range(UNITS):
            arrive[body, unit] = time
            work[body, unit] += slow[unit]
            if waiting[unit] and waiting[unit][0].time_s <= time:
                known = waiting[unit].pop(0)
                stop[body, unit], planned[body, unit] = known.length_s, known.reason
            elif chance[body, unit] < STOP_CHANCE * often[unit] and not calm_begin < time < calm_end:
                stop[body, unit] = stop_s[body, unit]
            stop_at[body, unit] *= work[body, unit]
            if (hand := hands[unit]) is not None:
                own = _Halt(stop_at[body, unit], stop[body, unit], planned[body, unit])
                own = _held(hand, time, work[body, unit], own)
                stop_at[body, unit], stop[body, unit], planned[body, unit] = own
            time += work[body, unit] + stop[body, unit]
            if unit + 1 < UNITS:
                time = max(time, left[unit + 1])
            depart[body, unit] = left[unit] = time
            time += TRANSFER_S
    return arrive, depart, work, stop, planned


class _Halt(NamedTuple):
    """Where in the work on a body a unit stops, for how long and why; 0 = for no reason that is planned."""

    at_s: float
    length_s: float
    reason: int


def _held(hand: Hand, arrive: float, work: float, own: _Halt) -> _Halt:
    """What becomes of a unit's work on a body when people stop it, start it again or reset it.

    A stop that would begin later does not come. Several are told as one, so that work done and time gone
    agree from the last of them on.
    """
    spans: list[tuple[float, float, int]] = []
    if own.length_s:
        begin = arrive + own.at_s
        end = begin + own.length_s
        end = next((reset + RESET_S for reset in hand.resets if begin < reset < end - RESET_S), end)
        if not any(held[0] < begin and held[1] > arrive for held in hand.held):
            spans.append((begin, end, own.reason))
    spans += [(max(begin, arrive), end, OPERATOR) for begin, end in hand.held if end > arrive]
    at_s, total_s, reason, until = own.at_s, 0.0, own.reason, arrive
    for begin, end, why in spans:
        begin = max(begin, until)
        if begin >= arrive + work + total_s or end <= begin:
            continue
        at_s = begin - arrive - total_s
        total_s, reason, until = total_s + end - begin, why, end
    return _Halt(at_s, total_s, reason)


def _loaded(conditions: Conditions, time: float) -> float:
    """When the first unit gets the body that could come at ``time``."""
    for begin, end in conditions.pauses:
        if begin <= time < end:
            return end
    return time


def _effects(ill: Sequence[Fault], time: float) -> tuple[list[float], list[float]]:
    """What faults do to each unit's work (seconds more) and to how often it stops (factor)."""
    slow, often = [0.0] * UNITS, [1.0] * UNITS
    for fault in ill:  # one number at a time: this is asked for every body
        if fault.begin_s <= time < fault.end_s:
            unit, seconds, factor = SLOWING[fault.name]
            size = min(1.0, fault.size + (time - fault.begin_s) / fault.grow_s)
            slow[unit], often[unit] = max(slow[unit], seconds * size), max(often[unit], 1.0 + factor * size)
    return slow, often


def _reasons(draw: Values) -> NDArray[np.int64]:
    """A technical reason of the unit's own in three stops of four, else one that people cause."""
    own = np.array(_OWN_REASONS)
    people = TECHNICAL + np.floor((draw - 0.75) * 4 * (len(REASONS) - TECHNICAL)).astype(np.int64)
    technical = np.where(draw < 0.5, own[:, 0], own[:, 1])
    return np.where(draw < 0.75, technical, people)


def _before(each: Values) -> Values:
    """Sums over the rows before each row."""
    return np.vstack([np.zeros((1, each.shape[1])), np.cumsum(each, axis=0)[:-1]])


def _warmth(arrive: Values, work: Values) -> tuple[Values, Values]:
    """A first-order lag behind the share of time that is worked, and that share."""
    warm, share = np.empty_like(arrive), np.empty_like(arrive)
    warm[0] = 0.7
    length = np.diff(arrive, axis=0)
    keep = np.exp(-length / WARM_S)
    share[:-1] = work[:-1] / length
    share[-1] = share[-2]
    for body in range(len(length)):
        warm[body + 1] = share[body] + (warm[body] - share[body]) * keep[body]
    return warm, share


class Hand(NamedTuple):
    """What people did to a unit: stretches in which it was stopped, and when it was reset."""

    held: tuple[Span, ...]
    resets: tuple[float, ...]


def hands_on(conditions: Conditions) -> list[Hand | None]:
    """What people did to each unit, None = nothing."""
    found: list[Hand | None] = []
    for unit, path in enumerate(UNIT_PATHS):
        edges = RUNS[unit].edges(conditions)
        ends = [time_s for time_s, on in edges if on]
        begins = [time_s for time_s, on in edges if not on]
        held = tuple(zip(begins, [*ends, FOREVER_S], strict=False))
        resets = tuple(each.time_s for each in conditions.settings if each.path == f"{path}/Reset")
        found.append(Hand(held, resets) if held or resets else None)
    return found


def known_until(conditions: Conditions, time_s: float) -> Cycles:
    """The cycles of a line, as many as are needed to know it until ``time_s``."""
    blocks = max(2, 1 + int((time_s - BEGIN_S) / (60.0 * _BLOCK)))
    blocks = 1 << (blocks - 1).bit_length()  # few different lengths, so that they stay in memory
    hands = tuple(each for each in conditions.settings if each.path in HANDS)
    found = cycles(replace(conditions, settings=hands), blocks)
    assert found.arrive[-1].min() > time_s
    return found


@dataclass(slots=True, eq=False)
class LineNow:
    """The line at k times; all [k, 8]. ``worked_s`` of ``work_s`` are done on body ``index``.

    ``total_s`` = worked on all bodies so far; ``last_s`` = the last cycle; ``gone_s`` = since the body left.
    """

    index: NDArray[np.int64]
    work_s: Values
    worked_s: Values
    working: NDArray[np.bool_]
    stopped: NDArray[np.bool_]
    in_place: NDArray[np.bool_]
    blocked: NDArray[np.bool_]
    starved: NDArray[np.bool_]
    moving: NDArray[np.bool_]
    done: NDArray[np.bool_]
    reason: NDArray[np.int64]
    total_s: Values
    rejects: Values
    last_s: Values
    warmth: Values
    gone_s: Values

    @property
    def phase(self) -> Values:
        """How much of the unit's work on its body is done, 0 to 1."""
        return self.worked_s / self.work_s


WAIT_S = 4.0
"""A unit that waits longer than this says that it is blocked or starved."""


def at(known: Cycles, time: Time) -> LineNow:
    """The line at the given times."""
    units = np.arange(UNITS)
    index = np.stack([np.searchsorted(known.arrive[:, u], time, "right") - 1 for u in units], axis=1)
    index = np.maximum(index, 0)
    pick = (index, units)
    since, work = time[:, np.newaxis] - known.arrive[pick], known.work_s[pick]
    share, cooled = known.share[pick], np.exp(np.maximum(since, 0.0) / -WARM_S)
    stop_at, stop = known.stop_at_s[pick], known.stop_s[pick]
    worked = np.clip(np.where(since < stop_at, since, np.maximum(stop_at, since - stop)), 0.0, work)
    stopped = (since >= stop_at) & (since < stop_at + stop)
    done = since >= work + stop
    gone = time[:, np.newaxis] - known.depart[pick]
    # The last finished body's cycle, until this one is done.
    last = known.work_s[np.maximum(index - ~done, 0), units] + TRANSFER_S
    return LineNow(
        index=index,
        work_s=work,
        worked_s=worked,
        working=~stopped & ~done,
        stopped=stopped,
        in_place=gone < 0,
        blocked=done & (gone < 0) & (since > work + stop + WAIT_S),
        starved=gone > TRANSFER_S + WAIT_S,
        moving=(gone >= 0) & (gone < TRANSFER_S),
        done=done,
        reason=np.where(stopped, known.reason[pick], 0),
        total_s=known.worked_s[pick] + worked,
        rejects=known.rejects[np.minimum(index + done, len(known.rejects) - 1), units],
        last_s=last,
        warmth=share + (known.warmth[pick] - share) * cooled,
        gone_s=gone,
    )
