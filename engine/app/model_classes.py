"""The classes of assets of a plant: what there is to learn from, and what a first model of one is to see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.app.foresight_past import Rolled, buckets_of, only_grows
from engine.prediction.doubts import FAILURES
from engine.prediction.fleet import Bound
from engine.prediction.kept import Failures
from engine.prediction.train_plan import banned
from engine.server import RequestRefused
from engine.tags import is_measured
from engine.twin.graph import plant_graph
from engine.types import ClassHistory, ModelCard, ModelInput, ModelState, Project, Tag

MOST_INPUTS = 40
"""More would take hours to learn, and from some thirty failures none of them."""
LOOKED_US = 7 * 86_400_000_000
Buckets = Callable[[Bound, int, int], tuple[NDArray[np.float32], NDArray[np.float32]]]
"""Means and coverage float32[n, assets, roles] of the history, for a bound."""
RUN = ("champion", "challenger", "shadow")
EVENTS = ("alarm", "device")
BUCKET_S, WINDOWS_H, LAGS_H = 900.0, (1.0, 6.0, 24.0), (6.0, 12.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Unmade:
    """Stands for a model that is still to be learned: it has a card and gives no number."""

    card: ModelCard

    def run(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.full((len(features), len(self.card.horizon_h)), np.nan)


def class_histories(
    project: Project, failures: Failures, states: Sequence[ModelState]
) -> tuple[ClassHistory, ...]:
    """The classes that could be learned: their type names what failed, or failures are on record, or there
    is a model. By name.
    """
    fails = {each.id for each in project.types if each.failed}
    taught = {each.card.asset_class for each in states if each.card.kind == "failure" and each.role in RUN}
    assets = {name: _of_class(project, name) for name in {*fails, *taught, *_classes(project)}}
    found = [
        ClassHistory(
            name, len(own), sum(len(failures.get(each, ())) for each in own), FAILURES, name in taught
        )
        for name, own in sorted(assets.items())
    ]
    return tuple(
        each
        for each in found
        if each.assets and (each.asset_class in fails or each.has_model or each.failures)
    )


def _classes(project: Project) -> set[str]:
    return {asset.type for asset in plant_graph(project).assets.values() if asset.type}


def _of_class(project: Project, name: str) -> tuple[str, ...]:
    return tuple(path for path, asset in plant_graph(project).assets.items() if asset.type == name)


def first_bound(project: Project, tags: Sequence[Tag], asset_class: str) -> tuple[Bound, NDArray[np.int32]]:
    """What a first model of a class is to see: all that every asset of it measures, in the same unit; and
    the ids of those tags. What only counts is left out later, by its history.

    Raises:
        RequestRefused: there is no such class, or its assets measure nothing that all of them have.
    """
    assets = _of_class(project, asset_class)
    if not assets:
        raise RequestRefused(f"there are no assets of class {asset_class[:80]!r}; choose one of the plant")
    by_path = {tag.path: tag for tag in tags if is_measured(tag.type, tag.states) and not tag.writable}
    own = [_below(asset, by_path) for asset in assets]
    names = [
        name
        for name, tag in own[0].items()
        if all(name in each and each[name].unit == tag.unit for each in own) and not banned([name])
    ]
    if not 0 < len(names) <= MOST_INPUTS:
        raise RequestRefused(
            f"the assets of class {asset_class} have {len(names)} measured tags in common, 1 to "
            f"{MOST_INPUTS} are needed to learn from; import a model that names its inputs instead"
        )
    inputs = tuple(ModelInput(name, own[0][name].unit, name, group=name) for name in names)
    ids = np.array([each[name].tag_id for each in own for name in names], np.int32)
    columns = np.arange(len(ids), dtype=np.intp).reshape(len(assets), len(names))
    return Bound(_Unmade(_card(asset_class, inputs)), assets, columns, "shadow"), ids


def _below(asset: str, tags: Mapping[str, Tag]) -> dict[str, Tag]:
    start = f"{asset}/"
    return {path.removeprefix(start): tag for path, tag in tags.items() if path.startswith(start)}


def _card(asset_class: str, inputs: tuple[ModelInput, ...]) -> ModelCard:
    """A card that says what is to be learned; all that only training can tell is empty."""
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in asset_class.lower()).strip("-")[:40]
    return ModelCard(
        id=f"{name or 'asset'}-48h", version="0", kind="failure", sha256="", asset_class=asset_class,
        title=f"Failure within 48 h, {asset_class}", what="it fails", horizon_h=(24.0, 48.0),
        features="windows/1", bucket_s=BUCKET_S, inputs=inputs, tiers={}, evidence={}, metrics={}, data={},
        limits=(), golden=(), reference={}, trainer={}, author="", failures=0, windows_h=WINDOWS_H,
        events=EVENTS, extra={"lags_h": list(LAGS_H)},
    )  # fmt: skip


def first_of(
    rolled: Rolled, project: Project, tags: Sequence[Tag], asset_class: str, now_us: int
) -> tuple[Bound, Buckets]:
    """What a first model of a class is to see, and what the history holds of it. Reads the last week.

    Raises:
        RequestRefused: as `first_bound`; also where all of its tags only count.
    """
    bound, ids = first_bound(project, tags, asset_class)
    width_us = round(bound.model.card.bucket_s * 1e6)
    end_us = now_us - now_us % width_us
    means, _ = buckets_of(rolled, ids, bound, end_us - LOOKED_US, end_us)
    # What counts tells how old a machine is, and a model that knows it learns the plan of maintenance.
    kept = [
        at
        for at in range(means.shape[2])
        if not any(only_grows(means[:, asset, at].astype(np.float64)) for asset in range(means.shape[1]))
    ]
    if not kept:
        raise RequestRefused(f"the assets of class {asset_class} only count; nothing in common is measured")
    card = bound.model.card
    inputs = tuple(card.inputs[at] for at in kept)
    model = _Unmade(msgspec.structs.replace(card, inputs=inputs))
    narrow = Bound(model, bound.assets, bound.columns[:, kept], "shadow")
    return narrow, lambda of, start_us, until_us: buckets_of(rolled, ids, of, start_us, until_us)
