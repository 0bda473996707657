"""Probabilities put right by outcomes: Platt's line or isotonic steps, as knots (raw, true) for the card."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FEWEST = 20
"""Outcomes without which nothing is recalibrated (prediction.md 7)."""
ISOTONIC = 500
"""Below so many outcomes steps would fit noise, and the line of two numbers is taken."""
EDGE = 1e-6
Knots = tuple[tuple[float, float], ...]


def calibrate(raw: NDArray[np.float64], happened: NDArray[np.bool_]) -> Knots:
    """Knots by outcomes: Platt below 500 of them, isotonic from there on.

    ``raw`` float64[n] in 0…1, ``happened`` bool[n].

    Raises:
        ValueError: fewer than 20 outcomes, or all alike: there is nothing to calibrate by.
    """
    usable = np.isfinite(raw)
    raw, happened = raw[usable], happened[usable]
    if len(raw) < FEWEST or happened.all() or not happened.any():
        raise ValueError(
            f"{len(raw)} outcomes, {int(happened.sum())} failures: {FEWEST} of both kinds are needed"
        )
    return isotonic(raw, happened) if len(raw) >= ISOTONIC else platt(raw, happened)


def apply(knots: Knots, raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """True probabilities float64[...] of ``raw``, straight between knots; without knots as they are."""
    if not knots:
        return raw
    table = np.array(knots, np.float64)
    found: NDArray[np.float64] = np.interp(raw, table[:, 0], table[:, 1])
    return found


def platt(raw: NDArray[np.float64], happened: NDArray[np.bool_], knots: int = 33) -> Knots:
    """A line in log-odds, slope never below 0 (Platt 1999, targets smoothed by his prior), as knots."""
    yes, no = int(happened.sum()), int((~happened).sum())
    target = np.where(happened, (yes + 1) / (yes + 2), 1 / (no + 2))
    odds = _odds(raw)
    weights = np.array([1.0, 0.0])
    for _ in range(100):
        weights, far = _newton(weights, odds, target)
        if far < 1e-10:
            break
    slope, height = max(float(weights[0]), 0.0), float(weights[1])
    edge = float(_odds(np.array([EDGE]))[0])
    inside: NDArray[np.float64] = np.linspace(edge, -edge, knots)
    grid = np.concatenate([[0.0], _share(inside), [1.0]])
    return _knots(grid, _share(slope * _odds(grid) + height))


def isotonic(raw: NDArray[np.float64], happened: NDArray[np.bool_]) -> Knots:
    """The nearest rates that never fall with ``raw`` (pool adjacent violators), one knot for each step."""
    order = np.argsort(raw, kind="stable")
    steps: list[tuple[float, float, float]] = []  # sum of outcomes, rows, sum of raw
    for value, was in zip(raw[order].tolist(), happened[order].tolist(), strict=True):
        yes, rows, total = float(was), 1.0, value
        while steps and steps[-1][0] * rows >= yes * steps[-1][1]:
            before = steps.pop()
            yes, rows, total = yes + before[0], rows + before[1], total + before[2]
        steps.append((yes, rows, total))
    return _knots(
        np.array([each[2] / each[1] for each in steps]), np.array([each[0] / each[1] for each in steps])
    )


def _newton(
    weights: NDArray[np.float64], odds: NDArray[np.float64], target: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    p = _share(weights[0] * odds + weights[1])
    spread = np.maximum(p * (1 - p), 1e-12)
    slope = np.array([((p - target) * odds).sum(), (p - target).sum()])
    cross = (spread * odds).sum()
    bend = np.array([[(spread * odds**2).sum() + 1e-9, cross], [cross, spread.sum() + 1e-9]])
    step = np.linalg.solve(bend, slope)
    step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))  # far from the end Newton jumps too far
    return weights - step, float(np.abs(step).max())


def _odds(p: NDArray[np.float64]) -> NDArray[np.float64]:
    inside: NDArray[np.float64] = np.clip(p, EDGE, 1 - EDGE)
    return np.log(inside / (1 - inside))


def _share(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.clip(odds, -500, 500)))


def _knots(raw: NDArray[np.float64], true: NDArray[np.float64]) -> Knots:
    """Raw must rise, true must not fall: what the card demands."""
    rounded, place = np.unique(np.round(raw, 9), return_index=True)
    level = np.maximum.accumulate(np.clip(true[place], 0.0, 1.0))
    return tuple((float(each), float(to)) for each, to in zip(rounded, level, strict=True))
