"""Why there is no prediction of an asset, or why it is worth less than usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.prediction.buckets import Buckets
from engine.prediction.features import spec_of, within
from engine.types import ModelCard, ModelInput

ENOUGH = 0.8
"""So much of the window and of the last bucket must be good."""
FAILURES = 30
"""A model that has learned from fewer failures says nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Doubts:
    """``reasons`` by asset, "" = there is a prediction · ``degraded`` by asset · ``blank`` bool[assets,
    roles] = inputs not to be used · ``coverage`` float64[assets] = of the worst required input.
    """

    reasons: list[str]
    degraded: list[tuple[str, ...]]
    blank: NDArray[np.bool_]
    coverage: NDArray[np.float64]


def doubts(card: ModelCard, history: Buckets, columns: NDArray[np.intp]) -> Doubts:
    """What the inputs of each asset allow, by the last closed buckets."""
    assets = history.means.shape[1]
    steps = max(1, round(max(card.windows_h, default=0.0) * 3600.0 / card.bucket_s))
    known = within(card.inputs, history)
    share = known.coverage[-steps:].astype(np.float64).sum(axis=0) / steps
    reach = max(steps, round(max(spec_of(card).lags_h, default=0.0) * 3600.0 / card.bucket_s)) + 1
    strange = ((history.coverage > 0) & (known.coverage == 0))[-reach:]
    last, value = history.coverage[-1], history.means[-1]
    required = np.array([each.required for each in card.inputs], np.bool_)
    words: list[list[str]] = [[] for _ in range(assets)]
    blank = np.zeros(share.shape, np.bool_)
    degraded: list[list[str]] = [[] for _ in range(assets)]
    for role, given in enumerate(card.inputs):
        poor = (last[:, role] < ENOUGH) | (share[:, role] < ENOUGH)
        outside = strange[-1, :, role] & (last[:, role] >= ENOUGH)
        was_outside = strange[:, :, role].any(axis=0)
        for asset in np.flatnonzero(poor | outside | was_outside).tolist():
            if outside[asset]:
                text = _outside(given, float(value[asset, role]))
            elif was_outside[asset] and last[asset, role] >= ENOUGH:
                text = _was_outside(given, float(strange[:, asset, role].sum()) * card.bucket_s)
            else:
                text = _poor(
                    given, columns[asset, role], float(last[asset, role]), float(share[asset, role]), card
                )
            is_blank = bool(poor[asset] or outside[asset])
            # Elsewhere in the window it is only missing: the model is asked, and may not say ACT.
            (words if given.required and is_blank else degraded)[asset].append(text)
            blank[asset, role] = is_blank
    coverage = share[:, required].min(axis=1) if required.any() else share.mean(axis=1)
    return Doubts([_first(each) for each in words], [tuple(each) for each in degraded], blank, coverage)


def journal_doubt(card: ModelCard, since_us: int | None, end_us: int) -> str:
    """Why the journal cannot serve a model that counts events, "" = it does. ``since_us`` None = none.

    The model was made with it: without, it is worth a third and its false alarms are back.
    """
    if not card.events:
        return ""
    if since_us is None:
        return "the event journal is missing"
    wide_h = max(card.windows_h, default=48.0)
    has_h = (end_us - since_us) / 3.6e9
    return "" if has_h >= wide_h else f"the event journal reaches back {max(has_h, 0.0):.0f} of {wide_h:g} h"


def history_doubt(card: ModelCard) -> str:
    """Why a model has not learned enough, "" = it has."""
    return "" if card.failures >= FAILURES else f"not enough history: {card.failures} of {FAILURES} failures"


def now_bad(card: ModelCard, roles: Sequence[int]) -> str:
    """What to say while required inputs have no good value at this moment."""
    return _first([f"{card.inputs[role].role} has no good value now" for role in roles])


def _ends(given: ModelInput) -> tuple[float, float]:
    low = -np.inf if given.low is None else given.low
    return low, np.inf if given.high is None else given.high


def _outside(given: ModelInput, value: float) -> str:
    low, high = _ends(given)
    return f"{given.role} {value:.4g} {given.unit} is outside what the model knows ({low:g} to {high:g})"


def _was_outside(given: ModelInput, seconds: float) -> str:
    low, high = _ends(given)
    span = _span(seconds)
    return f"{given.role} was outside what the model knows ({low:g} to {high:g} {given.unit}) for {span}"


def _poor(given: ModelInput, column: np.intp, last: float, share: float, card: ModelCard) -> str:
    if column < 0:
        return f"{given.role} is missing: the asset has no such tag"
    if last < ENOUGH:
        return _short(given, last, _span(card.bucket_s))
    wide = _span(max(card.windows_h, default=0.0) * 3600.0)
    return _short(given, share, wide)


def _short(given: ModelInput, share: float, span: str) -> str:
    # Rounded down: 79.6 % must not read as the 80 % that are needed.
    return (
        f"{given.role} was good for {int(100 * share)} % of the last {span}, {int(100 * ENOUGH)} % are needed"
    )


def _span(seconds: float) -> str:
    for unit, width in (("h", 3600.0), ("min", 60.0)):
        if seconds >= width:
            return f"{seconds / width:.3g} {unit}"
    return f"{seconds:.3g} s"


def _first(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{words[0]}, and {len(words) - 1} more"
