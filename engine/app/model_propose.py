"""Probabilities put right by what came of them here: a new version beside the champion, never in its place.

At 20 new outcomes the champion's probabilities are held against what followed (Platt's line or isotonic
steps), its thresholds chosen anew, and the result goes the way of every challenger: on record, in shadow,
promoted by a named person or not at all.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.app.model_answers import REFUSALS, AskedModels, make
from engine.prediction import calibrate
from engine.prediction.fleet import Bound
from engine.prediction.kept import depth_us, failures_in, fleet_kept, recalled
from engine.prediction.package import write_package
from engine.prediction.prediction_file import PredictionFile
from engine.prediction.registry import SYSTEM, Registry
from engine.prediction.train_card import choose_tiers
from engine.prediction.train_plan import tiers_in
from engine.prediction.worker import ModelFailed
from engine.store import StoreError
from engine.types import Clock, ModelCard

log = logging.getLogger("watchroom.prediction")
LOOK_S = 3600.0
KEPT_US = 92 * 86_400_000_000
"""So far back kept rows are looked at."""
SETTLED = ("right", "wrong", "dismissed")
MARK = "recalibrated"
"""In ``extra`` of a card: {"of": version, "outcomes": how many there were then}."""


async def propose(asked: AskedModels, file: PredictionFile, folder: Path) -> None:
    """Look once an hour, until cancelled. ``folder`` = where a package lies until it is taken in.

    Kept rows that are older than is ever looked at are taken away.
    """
    while True:
        await asked.clock.sleep(LOOK_S)
        try:
            await propose_once(asked, file, folder)
            await asyncio.to_thread(file.forget, asked.clock.now_us() - KEPT_US)
        except (*REFUSALS, StoreError, ModelFailed, OSError) as error:
            log.warning("no model is recalibrated: %s", error)
        except Exception:  # whatever it is: the models that run go on, and the engine
            log.exception("no model is recalibrated")


async def propose_once(asked: AskedModels, file: PredictionFile, folder: Path) -> None:
    """Propose what can be put right now."""
    for bound in asked.bounds():
        if bound.role == "champion" and bound.model.card.kind == "failure":
            with tempfile.TemporaryDirectory(prefix="recalibrated-", dir=folder) as place:
                async with asked.turn:
                    why = await asyncio.to_thread(
                        written, asked.registry, file, asked.clock, bound, Path(place)
                    )
                    if not why:
                        continue
                    change = await asyncio.to_thread(asked.registry.importing, Path(place), SYSTEM, why)
                    await make(asked, change)


def written(registry: Registry, file: PredictionFile, clock: Clock, bound: Bound, folder: Path) -> str:
    """Write the recalibrated package of a champion to ``folder`` and say why; "" = there is nothing to do.

    Raises:
        PackageRefused, ModelFailed, StoreError: it cannot be looked at now.
    """
    card = bound.model.card
    count = outcomes(file, card)
    versions = [each.card for each in registry.states() if each.card.id == card.id]
    if count - _told(versions, card) < calibrate.FEWEST:
        return ""
    checked = registry.package(card.id, card.version)
    better = recalibrated(registry, file, clock.now_us(), bound)
    if better is None:
        return ""
    mark = {"of": card.version, "outcomes": count}
    name = f"{card.version[:56]}-c{1 + sum(MARK in each.extra for each in versions)}"
    if any(each.version == name for each in versions):
        return ""
    write_package(
        folder,
        msgspec.structs.replace(better, version=name, extra={**card.extra, MARK: mark}),
        checked.model,
    )
    return (
        f"{count} outcomes of {card.id} {card.version} here: probabilities and thresholds put right by them"
    )


def outcomes(file: PredictionFile, card: ModelCard) -> int:
    """How many warnings of a version have an outcome, and failures it did not see coming."""
    key = card.id, card.version
    settled = sum(e.outcome in SETTLED for e in file.episodes() if (e.model, e.version) == key)
    return settled + sum(not e.tier for e in file.missed() if (e.model, e.version) == key)


def recalibrated(registry: Registry, file: PredictionFile, now_us: int, bound: Bound) -> ModelCard | None:
    """The card with knots and thresholds by what followed here; None = outcomes of one kind only, or none.

    By every kept row whose outcome is known, not by those that were warned of alone: they are too few, and
    chosen by the very probability that is to be judged.
    """
    card, hours = bound.model.card, max(bound.model.card.horizon_h)
    model = registry.open(card.id, card.version)
    try:
        oldest_us = now_us - KEPT_US - depth_us(card)
        said = recalled(model, fleet_kept(file, bound, oldest_us, now_us, failures_in(file)))
    finally:
        model.close()
    if said is None:
        return None
    part = said.rows.is_known(hours) & np.isfinite(said.raw[:, -1])
    happened = said.rows.label(hours)
    try:
        knots = calibrate.calibrate(said.raw[part, -1], happened[part])
    except ValueError as error:
        log.info("%s %s is not recalibrated yet: %s", card.id, card.version, error)
        return None
    p = calibrate.apply(knots, said.raw[:, -1])
    tiers, evidence = choose_tiers(said.rows, p, part, tiers_in(card.extra))
    evidence["recalibrated"] = (
        f"by {int(part.sum())} rows of {len(bound.assets)} assets here, {int(happened[part].sum())} of them "
        "before a failure; seen on the same rows, so held against the champion in shadow first"
    )
    return msgspec.structs.replace(card, calibration=knots, tiers=tiers, evidence=evidence)


def _told(versions: Sequence[ModelCard], card: ModelCard) -> int:
    """With how many outcomes this version was recalibrated last."""
    marks: list[Any] = [each.extra.get(MARK) for each in versions]
    return max((int(each["outcomes"]) for each in marks if each and each["of"] == card.version), default=0)
