"""What live has kept of a fleet, looked at again: rows with what followed, what a model says of them, and how
two models did over the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.prediction import calibrate
from engine.prediction.buckets import Buckets
from engine.prediction.features import FEATURES, spec_of, within
from engine.prediction.fleet import Bound, empty_buckets, fleet_name
from engine.prediction.lived import Said, life_standings, said_of
from engine.prediction.package import Model
from engine.prediction.prediction_file import PredictionFile
from engine.prediction.promotion import Standing
from engine.prediction.train_fleet import Asset, Fleet
from engine.prediction.train_rows import HOUR_US, Rows, rows_of
from engine.prediction.train_scores import brier, events_of
from engine.types import Episode, ModelCard

APART_US = 24 * HOUR_US
"""Failures of an asset nearer to each other than this are one that was told twice."""
Failures = Mapping[str, NDArray[np.int64]]
"""UTC microseconds of the failures of each asset, ascending."""
Key = tuple[str, str]
Opened = Callable[[str, str], Model]
"""A version of a model, for the one who asked alone (`Registry.open`)."""
Offsets = Callable[[Bound], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Recalled:
    """Kept rows and what a model says of them: raw float64[n, horizons], p float64[n] of the longest horizon,
    calibrated; NaN where it may say nothing.
    """

    rows: Rows
    raw: NDArray[np.float64]
    p: NDArray[np.float64]


def failures_in(file: PredictionFile) -> Failures:
    """What is known to have failed when: told failures, and warnings that a person confirmed."""
    found = dict[str, set[int]]()
    for asset, time_us in file.failures():
        found.setdefault(asset, set()).add(time_us)
    for each in file.missed():
        found.setdefault(each.asset, set()).add(each.time_us)
    for each in file.episodes():
        if at_us := _failed_us(each):
            found.setdefault(each.asset, set()).add(at_us)
    return {asset: _apart(sorted(times)) for asset, times in found.items()}


def fleet_kept(
    file: PredictionFile,
    bound: Bound,
    start_us: int,
    end_us: int,
    failures: Failures,
    offset: NDArray[np.float32] | None = None,
) -> Fleet:
    """The kept buckets of [start_us, end_us) as the fleet that training would have read, as live took them.

    ``offset`` float32[assets, roles] is taken off the means.
    """
    card = bound.model.card
    width_us = round(card.bucket_s * 1e6)
    start_us, end_us = start_us - start_us % width_us, end_us - end_us % width_us
    like, count = empty_buckets(card), len(bound.assets)
    kept = file.buckets(fleet_name(card, bound.inputs), count, like, start_us, end_us)
    means = kept.means if offset is None else kept.means - offset
    kept = within(card.inputs, replace(kept, means=means))
    return Fleet(
        tuple(
            Asset(
                asset,
                Buckets(
                    start_us, width_us, kept.means[:, at], kept.coverage[:, at], kept.events[:, at],
                    kept.roles, kept.classes,
                ),
                failures.get(asset, np.empty(0, np.int64)),
            )
            for at, asset in enumerate(bound.assets)
        )
        if len(kept.means)
        else (),
        (),
    )  # fmt: skip


def kept_rows(card: ModelCard, fleet: Fleet) -> Rows | None:
    """The rows of a fleet as live made them, None = there are none."""
    if not fleet.assets:
        return None
    optional = frozenset(each.role for each in card.inputs if not each.required)
    rows = rows_of(fleet, spec_of(card), card.features, optional)
    return rows if len(rows.known_us) else None


def recalled(model: Model, fleet: Fleet) -> Recalled | None:
    """What a failure model says of the rows of a fleet, None = there are none."""
    rows = kept_rows(model.card, fleet)
    if rows is None:
        return None
    raw = np.full((len(rows.known_us), len(model.card.horizon_h)), np.nan)
    if rows.served.any():
        raw[rows.served] = model.run(rows.features[rows.served])
    return Recalled(rows, raw, calibrate.apply(model.card.calibration, raw[:, -1]))


def depth_us(card: ModelCard) -> int:
    """How far a row of features looks back."""
    return FEATURES[card.features].depth(spec_of(card)) * round(card.bucket_s * 1e6)


def standings(
    file: PredictionFile, open_model: Opened, bounds: Sequence[Bound], now_us: int, since_us: int,
    keys: Iterable[Key], offsets: Offsets | None = None,
) -> dict[Key, Standing]:  # fmt: skip
    """How each version did since then, over the rows that all of them could judge; those not bound, not.

    Counted at the threshold of ACT, by the rules of the training; models of the remaining life on the lives
    that ended. ``offsets`` = `Levels.offsets`. Not in the loop.
    """
    failures, found = failures_in(file), dict[Key, tuple[ModelCard, Recalled]]()
    lives = dict[Key, Said]()
    for bound in bounds:
        card = bound.model.card
        key = card.id, card.version
        if key not in keys:
            continue
        model = open_model(*key)
        try:
            off = None if offsets is None else offsets(bound)
            fleet = fleet_kept(file, bound, since_us - depth_us(card), now_us, failures, off)
            if card.kind == "rul":
                rows = kept_rows(card, fleet)
                lives |= {} if rows is None else {key: said_of(model, rows)}
            elif (said := recalled(model, fleet)) is not None:
                found[key] = card, said
        finally:
            model.close()
    return _compared(found, since_us) | life_standings(lives, since_us)


def _compared(found: Mapping[Key, tuple[ModelCard, Recalled]], since_us: int) -> dict[Key, Standing]:
    hours = max((max(card.horizon_h) for card, _ in found.values()), default=0.0)
    usable = {
        key: said.rows.is_known(hours) & np.isfinite(said.p) & (said.rows.known_us > since_us)
        for key, (_, said) in found.items()
    }
    same: set[tuple[str, int]] | None = None
    for key, (_, said) in found.items():
        there = set(_names(said.rows, usable[key]))
        same = there if same is None else same & there
    standing = dict[Key, Standing]()
    for key, (card, said) in found.items():
        part = usable[key]
        part[part] = [each in (same or ()) for each in _names(said.rows, part)]
        events = events_of(said.rows, said.p, card.tiers["act"], part)
        standing[key] = Standing(
            round(float(events.failures.sum())),
            round(float(events.found.sum())),
            round(float(events.wrong.sum())),
            float(events.months.sum()),
            brier(said.rows.label(hours)[part], said.p[part]) if part.any() else None,
        )
    return standing


def _names(rows: Rows, part: NDArray[np.bool_]) -> list[tuple[str, int]]:
    """Asset and time of each row of a part."""
    places: list[int] = rows.asset[part].tolist()
    times: list[int] = rows.known_us[part].tolist()
    return [(rows.names[at], time_us) for at, time_us in zip(places, times, strict=True)]


def _failed_us(episode: Episode) -> int:
    """When it failed, or would have: a confirmed warning that somebody acted on counts at its end."""
    return episode.failed_us or (episode.ended_us if episode.outcome == "right" else 0)


def _apart(times_us: Sequence[int]) -> NDArray[np.int64]:
    found: list[int] = []
    for each in times_us:
        if not found or each - found[-1] >= APART_US:
            found.append(each)
    return np.array(found, np.int64)
