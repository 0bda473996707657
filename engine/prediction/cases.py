"""The cases of before that a warning is compared with: earlier warnings here, and how they ended."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.prediction.explain import Cases
from engine.prediction.features import FEATURES, spec_of
from engine.prediction.fleet import Bound
from engine.prediction.kept import depth_us, fleet_kept
from engine.prediction.prediction_file import PredictionFile
from engine.prediction.train_rows import HOUR_US
from engine.store import StoreError
from engine.types import Clock, Episode, SimilarCase

log = logging.getLogger("watchroom.prediction")
MOST = 40
"""Newest warnings that are compared with."""


def past_cases(file: PredictionFile, clock: Clock) -> Callable[[Bound], Cases]:
    """The cases of a model, read anew once an hour, in the thread that asks."""
    found: dict[str, tuple[int, Cases]] = {}

    def past(bound: Bound) -> Cases:
        key, now_us = bound.model.card.sha256, clock.now_us()
        at_us, cases = found.get(key, (0, None))
        if cases is None or not 0 <= now_us - at_us < HOUR_US:
            try:
                cases = cases_of(file, bound)
            except StoreError as error:
                log.error("past cases cannot be read: %s", error)
                cases = cases or _cases(bound, [], [])
            found[key] = now_us, cases
        return cases

    return past


def cases_of(file: PredictionFile, bound: Bound) -> Cases:
    """Warnings of a model, of any version, that have an outcome and whose buckets are still kept."""
    card, rows, cases = bound.model.card, list[NDArray[np.float32]](), list[SimilarCase]()
    place = {asset: at for at, asset in enumerate(bound.assets)}
    for each in reversed(file.episodes()):
        if each.model != card.id or each.asset not in place or not _ended(each):
            continue
        row = _row(file, bound, place[each.asset], each.begun_us)
        if row is not None:
            rows.append(row)
            cases.append(SimilarCase(each.asset, each.begun_us, _ended(each), each.lead_h))
        if len(cases) == MOST:
            break
    return _cases(bound, rows, cases)


def _cases(bound: Bound, rows: list[NDArray[np.float32]], cases: list[SimilarCase]) -> Cases:
    wide = len(bound.model.card.reference)
    return Cases(np.array(rows, np.float32).reshape(len(rows), wide), tuple(cases))


def _row(file: PredictionFile, bound: Bound, asset: int, at_us: int) -> NDArray[np.float32] | None:
    """The features float32[m] that the model was given then, None where they are no longer kept."""
    card = bound.model.card
    fleet = fleet_kept(file, bound, at_us - depth_us(card), at_us, {})
    buckets = fleet.assets[asset].buckets if fleet.assets else None
    if buckets is None or not buckets.coverage[-1].any():
        return None
    last = np.array([len(buckets.means) - 1])
    return FEATURES[card.features].compute(spec_of(card), buckets, last)[0]


def _ended(episode: Episode) -> str:
    """How it ended, "" = it is not known."""
    if episode.outcome == "right":
        told = f"it failed {episode.lead_h:.0f} h later" if episode.lead_h is not None else "it was confirmed"
    elif episode.outcome == "wrong":
        told = "nothing followed"
    elif episode.outcome == "dismissed":
        told = "it was dismissed"
    else:
        return ""
    return f"{told}: {episode.reason}" if episode.reason else told
