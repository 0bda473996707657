"""What speaks for a prediction, and the past case that was most like it; for any model of numbers.

Occlusion by group: a group's features are put at their normal, and the fall of the answer is its weight
(prediction.md 7; checked there against the failing component's own sensor). One batch of groups + 1 rows
an asset, so hundreds of assets are explained in one call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.prediction.card import feature_names
from engine.prediction.features import columns_of
from engine.prediction.package import PackageRefused
from engine.prediction.worker import ModelFailed
from engine.types import Contribution, ModelCard, ModelInput, SimilarCase

if TYPE_CHECKING:
    from engine.prediction.fleet import Bound, Runner

EVENTS = "events"
"""The group of all counted events: devices' errors and alarms."""
SMALLEST = 1e-6
"""Probabilities are kept this far from 0 and 1: log-odds have no end there."""
IN_COMMON = 0.5
SIMILAR = 1.5
"""A case is similar up to this root mean square distance, in spreads of the features in training."""
MOST = 5


Told = Callable[["Bound", int, NDArray[np.float32]], tuple[tuple[Contribution, ...], SimilarCase | None]]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Features that are explained together. ``main`` = the feature whose value is shown, ``of`` its input."""

    name: str
    columns: NDArray[np.intp]
    main: int
    of: ModelInput | None


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Past cases: features float32[k, m] as they were when warned, or ``case.lead_h`` before the failure."""

    features: NDArray[np.float32]
    cases: tuple[SimilarCase, ...]


def explain_with(
    past: Callable[[Bound], Cases], offsets: Callable[[Bound], NDArray[np.float32]] | None = None
) -> Told:
    """What `engine.prediction.prediction.Calls.explain` wants; in the thread of `Prediction.step`.

    ``past`` = the cases of before (`engine.prediction.cases`); ``offsets`` float32[assets, roles] = what was
    taken off the inputs (`Levels.offsets`): people are told the values as they were measured.
    """
    groups = dict[str, tuple[Group, ...]]()

    def told(
        bound: Bound, asset: int, row: NDArray[np.float32]
    ) -> tuple[tuple[Contribution, ...], SimilarCase | None]:
        card = bound.model.card
        of = groups.setdefault(card.sha256, groups_of(card))
        try:
            weights = weights_of(bound.model, row[None], of)[0]
        except (PackageRefused, ModelFailed):  # counted where it was asked for its answer
            return (), None
        top = contributions(card, row, weights, of)
        if offsets is not None:
            off = dict(zip((each.role for each in card.inputs), offsets(bound)[asset].tolist(), strict=True))
            roles = {each.name: each.of.role for each in of if each.of is not None}
            top = tuple(_as_measured(each, off.get(roles.get(each.group, ""), 0.0)) for each in top)
        return top, most_similar(card, row, past(bound))

    return told


def _as_measured(given: Contribution, offset: float) -> Contribution:
    value = None if given.value is None else given.value + offset
    normal = None if given.normal is None else given.normal + offset
    return msgspec.structs.replace(given, value=value, normal=normal)


def groups_of(card: ModelCard) -> tuple[Group, ...]:
    """The groups of a card: by each input's ``group``, else its role; and `EVENTS`, where it counts any."""
    names, by_name = feature_names(card), dict[str, list[ModelInput]]()
    for each in card.inputs:
        by_name.setdefault(each.group or each.role, []).append(each)
    found = list[Group]()
    for name, inputs in by_name.items():
        columns = columns_of(names, {each.role for each in inputs})
        main = columns_of(names, {inputs[0].role})
        if len(columns):
            found.append(Group(name, columns, int(main[0]), inputs[0]))
    counts = columns_of(names, set(card.events))
    if len(counts):
        found.append(Group(EVENTS, counts, int(counts[0]), None))
    return tuple(found)


def normal_of(card: ModelCard) -> NDArray[np.float32]:
    """The normal of each feature, float32[m]: its middle quantile in training."""
    return np.array([quantiles[len(quantiles) // 2] for quantiles in card.reference.values()], np.float32)


def weights_of(
    model: Runner, features: NDArray[np.float32], groups: Sequence[Group], output: int = -1
) -> NDArray[np.float64]:
    """How much each group speaks for what is predicted of each asset: float64[n, groups].

    ``features`` float32[n, m]; ``output`` = which of the model's outputs. A probability: the fall of its
    log-odds were the group normal; a remaining life: how much longer it were, in its unit. Below 0 = it
    speaks against. NaN where the model gives no number.
    """
    count = len(features)
    normal = normal_of(model.card)
    occluded = np.repeat(features[:, None, :], len(groups) + 1, axis=1)
    for place, group in enumerate(groups, start=1):
        occluded[:, place, group.columns] = normal[group.columns]
    answers = model.run(occluded.reshape(-1, features.shape[1]))
    told = answers[:, output if model.card.kind == "failure" else 0].reshape(count, len(groups) + 1)
    if model.card.kind == "failure":
        bounded = np.clip(told, SMALLEST, 1.0 - SMALLEST)
        told = np.log(bounded / (1.0 - bounded))
        return told[:, :1] - told[:, 1:]
    return told[:, 1:] - told[:, :1]


def contributions(
    card: ModelCard, row: NDArray[np.float32], weights: NDArray[np.float64], groups: Sequence[Group]
) -> tuple[Contribution, ...]:
    """The groups that speak for the prediction of one asset, the strongest first, at most `MOST`.

    ``row`` float32[m] and ``weights`` float64[groups] of that asset. Value and normal are of the group's
    main feature; None for events, and for what is missing.
    """
    normal, found = normal_of(card), list[Contribution]()
    order: list[int] = np.argsort(-weights, kind="stable")[:MOST].tolist()
    for place in order:
        weight, group = float(weights[place]), groups[place]
        if not weight > 0.0:  # also where it is NaN
            continue
        if group.of is None:
            found.append(Contribution(group.name, weight))
            continue
        value = float(row[group.main])
        usual = float(normal[group.main])
        known = value if np.isfinite(value) else None
        found.append(Contribution(group.name, weight, known, usual, group.of.unit, group.of.tag))
    return tuple(found)


def most_similar(card: ModelCard, row: NDArray[np.float32], past: Cases) -> SimilarCase | None:
    """The past case nearest to ``row`` float32[m], or None where none is near enough.

    Distance = root mean square over the features that both have, each in spreads (outer quarters of its
    training quantiles); a case with less than half of the features in common is not compared.
    """
    if not past.cases:
        return None
    apart = (past.features.astype(np.float64) - row) / _spread(card)
    has_both = np.isfinite(apart)
    common = has_both.sum(axis=1)
    squares = np.where(has_both, apart, 0.0) ** 2
    distance = np.sqrt(squares.sum(axis=1) / np.maximum(common, 1))
    distance[common < IN_COMMON * row.size] = np.inf
    nearest = int(np.argmin(distance))
    return past.cases[nearest] if distance[nearest] <= SIMILAR else None


def _spread(card: ModelCard) -> NDArray[np.float64]:
    quantiles: Mapping[str, tuple[float, ...]] = card.reference
    table = np.array(list(quantiles.values()), np.float64)
    low, high = table.shape[1] // 4, table.shape[1] - 1 - table.shape[1] // 4
    spread = table[:, high] - table[:, low]
    # Counts of rare events have no quarters apart: there the whole range, and where that is none, one.
    spread = np.where(spread > 0.0, spread, table[:, -1] - table[:, 0])
    return np.where(spread > 0.0, spread, 1.0)
