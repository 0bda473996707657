"""Drift of every model over the last 7 days of its own fleet's kept buckets, looked at once an hour."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from engine.prediction import calibrate
from engine.prediction.drift import SPAN_H, blocks_act, drift
from engine.prediction.fleet import Bound
from engine.prediction.kept import Offsets, depth_us, failures_in, fleet_kept, kept_rows
from engine.prediction.package import PackageRefused
from engine.prediction.prediction_file import PredictionFile
from engine.prediction.train_rows import HOUR_US
from engine.prediction.worker import ModelFailed
from engine.store import StoreError
from engine.types import Clock, Drift, ModelCard

log = logging.getLogger("watchroom.prediction")
MOST_ROWS = 20_000
"""Of one fleet: with more, every so manieth is compared."""


class Drifts:
    """`blocked` is for `Calls.blocked`, in the thread of `Prediction.step`; `of` from any thread.

    ``bounds`` = every model as it is bound now, safe for a second thread; ``offsets`` = `Levels.offsets`:
    what is followed is no drift. The first look at a model is waited for; later ones are a thread's.
    """

    def __init__(
        self,
        file: PredictionFile,
        clock: Clock,
        bounds: Callable[[], Sequence[Bound]],
        offsets: Offsets | None = None,
    ) -> None:
        self._file, self._clock, self._bounds, self._offsets = file, clock, bounds, offsets
        self._found: dict[str, tuple[int, Drift | None]] = {}
        self._looking: dict[str, Future[None]] = {}
        self._pool = ThreadPoolExecutor(1, "drift")

    def blocked(self, card: ModelCard) -> str:
        """Why a model may not say ACT now, "" = it may. Looks anew at most once an hour."""
        now_us, key = self._clock.now_us(), card.sha256
        at_us, _ = self._found.get(key, (0, None))
        if not at_us:
            self._look(card, now_us)
        elif not 0 <= now_us - at_us < HOUR_US and (key not in self._looking or self._looking[key].done()):
            self._looking[key] = self._pool.submit(self._look, card, now_us)
        found = self._found[key][1]
        return "" if found is None or not blocks_act(found) else found.text

    def close(self) -> None:
        """Wait for the look that is under way."""
        self._pool.shutdown(cancel_futures=True)

    def of(self, card: ModelCard) -> Drift | None:
        """What was found last; None = nothing yet."""
        return self._found.get(card.sha256, (0, None))[1]

    def _look(self, card: ModelCard, now_us: int) -> None:
        key, found = card.sha256, None
        bound = next((each for each in self._bounds() if each.model.card.sha256 == key), None)
        if bound is not None and card.kind == "failure":
            off = None if self._offsets is None else self._offsets(bound)
            try:
                found = _found(self._file, bound, now_us, off)
            except (StoreError, PackageRefused, ModelFailed) as error:
                log.error("drift of %s %s is not known: %s", card.id, card.version, error)
        self._found[key] = now_us, found


def _found(
    file: PredictionFile, bound: Bound, now_us: int, offset: NDArray[np.float32] | None
) -> Drift | None:
    card, since_us = bound.model.card, now_us - round(SPAN_H * HOUR_US)
    fleet = fleet_kept(file, bound, since_us - depth_us(card), now_us, failures_in(file), offset)
    rows = kept_rows(card, fleet)
    if rows is None:
        return None
    part = np.flatnonzero((rows.known_us > since_us) & rows.served)
    part = part[:: max(1, -(-len(part) // MOST_ROWS))]
    if not len(part):
        return None
    hours = max(card.horizon_h)
    known = rows.is_known(hours)[part]
    rate = float(rows.label(hours)[part][known].mean()) if known.any() else None
    assets = len(np.unique(rows.asset[part]))
    said = None
    if rate is not None:
        p = calibrate.apply(card.calibration, bound.model.run(rows.features[part])[:, -1])
        said = np.where(known, p, np.nan)  # both over the same rows, else they are not comparable
    return drift(card, rows.features[part], assets=assets, p=said, happened=rate)
