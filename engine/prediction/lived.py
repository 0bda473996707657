"""How models of the remaining life did on the lives that ended since, over the rows that live has kept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.prediction.package import Model
from engine.prediction.promotion import Standing
from engine.prediction.track import MONTH_S
from engine.prediction.train_rows import HOUR_US, Rows
from engine.types import ModelCard

HOURS = {"h": 1.0, "d": 24.0}
Said = tuple[ModelCard, Rows, NDArray[np.float64]]
"""Card, rows, and what was said of them: value, low, high float64[n, 3] in the card's unit."""


def said_of(model: Model, rows: Rows) -> Said:
    """What a model says of these rows; NaN where it may say nothing."""
    said = np.full((len(rows.known_us), 3), np.nan)
    if rows.served.any():
        given = model.run(rows.features[rows.served])
        if given.shape[1] >= 3:
            said[rows.served] = given[:, :3]
    return model.card, rows, said


def unit_h(card: ModelCard) -> float:
    """Hours that one unit of life lasts: a cycle is a row. NaN = nobody knows."""
    unit = str(card.extra.get("unit", "h"))
    return card.bucket_s / 3600.0 if unit.startswith("cycle") else HOURS.get(unit, np.nan)


def life_standings(found: Mapping[tuple[str, str], Said], since_us: int) -> dict[tuple[str, str], Standing]:
    """Each version over the rows of ended lives that all of them could judge, errors in hours.

    Only rows whose life ended within the horizon of all: farther ahead a model says no more than "long".
    """
    most_h = min((max(card.horizon_h) for card, _, _ in found.values()), default=0.0)
    usable = {
        key: np.isfinite(said).all(axis=1) & (rows.left_h <= most_h) & (rows.known_us > since_us)
        for key, (_, rows, said) in found.items()
    }
    names = {key: _names(rows, usable[key]) for key, (_, rows, _) in found.items()}
    same = set[tuple[str, int]].intersection(*map(set, names.values())) if names else set[tuple[str, int]]()
    standing = dict[tuple[str, str], Standing]()
    for key, (card, rows, said) in found.items():
        part = usable[key]
        part[part] = [each in same for each in names[key]]
        true_h, said_h = rows.left_h[part], said[part] * unit_h(card)
        ended_h = np.round(rows.known_us[part] / HOUR_US + true_h)
        ends = np.unique(np.stack([rows.asset[part], ended_h], axis=1), axis=0)
        months = len(true_h) * card.bucket_s / MONTH_S
        if not len(true_h) or np.isnan(said_h).any():
            standing[key] = Standing(len(ends), 0, 0, months)
            continue
        rmse = float(np.sqrt(np.mean((said_h[:, 0] - true_h) ** 2)))
        inside = float(np.mean((true_h >= said_h[:, 1]) & (true_h <= said_h[:, 2])))
        share = float(card.extra.get("share", 0.8))
        standing[key] = Standing(len(ends), len(ends), 0, months, rmse_h=rmse, inside=inside, share=share)
    return standing


def _names(rows: Rows, part: NDArray[np.bool_]) -> list[tuple[str, int]]:
    places: list[int] = rows.asset[part].tolist()
    times: list[int] = rows.known_us[part].tolist()
    return [(rows.names[at], time_us) for at, time_us in zip(places, times, strict=True)]
