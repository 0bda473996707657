"""Train the remaining-life model on the training engines of C-MAPSS, and write its package.

``python -m tests.bench.prediction.cmapss_train --data FOLDER --out FOLDER`` (needs ``watchroom[train]``).
One model for all sets: values are corrected to the first way of running before features are made. How many
trees, and how wide the interval is, is settled on training engines that were left out in turn; tables of
"test" are read at the end, for the figures on the card. Every engine is shown twice, once from a cycle drawn
at random: else "there is no older data" would read as "it is new".
"""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.prediction.conditions import Conditions
from engine.prediction.features import FEATURES, FeatureSpec
from engine.prediction.package import Package, load_package, write_package
from engine.prediction.session import open_session
from engine.prediction.train_fit import exact
from engine.types import ModelCard
from tests.bench.prediction.cmapss import MODEL, cut_rows, figures, lives_of, truth_of
from tests.bench.prediction.cmapss_data import (
    CYCLE_S,
    ROLES,
    SENSORS,
    SETTINGS,
    Engine,
    inputs,
    read_set,
    sets_in,
)

CAP = 125.0
"""A remaining life above this shows in no sensor: it is learned as this."""
WINDOWS_H, LONG_H = (5.0, 10.0, 20.0), (40.0, 80.0, 150.0)
FIRST = 15
"""Rows of an engine that are not learned from: too little is known of it."""
THIN = 2
FOLDS, MOST, PATIENCE, SEED = 4, 700, 40, 0
SHARE, PARITY = 0.8, 1e-5
KNOTS = (0.0, 10.0, 20.0, 30.0, 45.0, 60.0, 80.0, 100.0, 115.0, 125.0)
SCALES, APART = (42.0, 0.84, 40.0), 0.05
FUNCTION = "life/1"
OPTIONS = {
    "objective": "regression", "num_leaves": 31, "learning_rate": 0.04, "min_data_in_leaf": 60,
    "feature_fraction": 0.2, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "num_threads": 1,
    "force_col_wise": True, "deterministic": True, "seed": SEED, "verbose": -1,
}  # fmt: skip
Figures = NDArray[np.float64]


def conditions_of(engines: list[Engine]) -> Conditions:
    """The ways of running that the settings show, the one nearest the ground first."""
    values = np.concatenate([each.values for each in engines]).astype(np.float64)
    settings = values[:, :3] / SCALES
    centres: list[Figures] = []
    for row in settings[:: max(1, len(settings) // 5000)]:
        if all(np.linalg.norm(row - each) > APART for each in centres):
            centres.append(row)
    centres.sort(key=lambda each: float(each[0]))
    apart = np.stack([np.linalg.norm(settings - each, axis=1) for each in centres], axis=1)
    which = apart.argmin(axis=1)
    middle = [settings[which == k].mean(axis=0) for k in range(len(centres))]
    far = float(np.linalg.norm(settings - np.stack(middle)[which], axis=1).max())
    of = {name: [values[which == k, 3 + at] for k in range(len(middle))] for at, name in enumerate(SENSORS)}
    return Conditions(
        SETTINGS, SCALES, tuple(tuple(float(x) for x in each * SCALES) for each in middle),
        {name: tuple(round(float(x.mean()), 6) for x in each) for name, each in of.items()},
        {name: tuple(round(float(x.std()), 6) + 1e-6 for x in each) for name, each in of.items()},
        round(2 * far, 4),
    )  # fmt: skip


def features_of(spec: FeatureSpec, engine: Engine) -> NDArray[np.float32]:
    """Features of every cycle of an engine."""
    return FEATURES[FUNCTION].compute(spec, engine.buckets(), engine.cycles - engine.cycles[0])


def later(engine: Engine, random: np.random.Generator) -> Engine:
    """The same engine, known only from a cycle on."""
    start = int(random.integers(1, len(engine.cycles) - FIRST - 5))
    return Engine(engine.name, engine.cycles[start:], engine.values[start:], engine.left)


class Table:
    """Rows to learn from: features, cycles left, and the number of the engine."""

    def __init__(self, spec: FeatureSpec, engines: list[Engine], numbers: list[int]) -> None:
        parts = [features_of(spec, each)[FIRST:] for each in engines]
        self.features = np.concatenate(parts)
        self.left = np.concatenate([each.lives[FIRST:] for each in engines])
        self.engine = np.repeat(numbers, [len(each) for each in parts])


def fit(table: Table, rows: NDArray[np.bool_], trees: int, held: NDArray[np.bool_] | None = None) -> Any:
    """A booster of the capped life; with ``held`` it stops where those engines get no better."""
    import lightgbm

    given: Any = lightgbm
    label = np.minimum(table.left, CAP)
    learn = given.Dataset(table.features[rows], label[rows])
    if held is None:
        return given.train(OPTIONS, learn, trees)
    check = given.Dataset(table.features[held], label[held], reference=learn)
    return given.train(
        OPTIONS, learn, trees, valid_sets=[check], callbacks=[given.early_stopping(PATIENCE, verbose=False)]
    )


def knots_of(said: Figures, left: Figures) -> tuple[list[float], list[float]]:
    """Low and high at each of `KNOTS`: where the true life of engines left out lay in 80 % of the cases.

    Both rise with what is said, low is never above it and high never below.
    """
    low: list[float] = []
    high: list[float] = []
    for place, knot in enumerate(KNOTS):
        ends = KNOTS[max(place - 1, 0)], KNOTS[min(place + 1, len(KNOTS) - 1)]
        width = max(3.0, 0.5 * min((abs(each - knot) for each in ends if each != knot), default=3.0))
        near = left[np.abs(said - knot) <= width]
        near = near if len(near) >= 50 else left[np.argsort(np.abs(said - knot))[:50]]
        low.append(min(float(np.quantile(near, 0.5 - SHARE / 2)), knot))
        high.append(max(float(np.quantile(near, 0.5 + SHARE / 2)), knot))
    return np.maximum.accumulate(low).tolist(), np.maximum.accumulate(high).tolist()


def to_onnx(booster: Any, wide: int, needed: int, low: list[float], high: list[float]) -> bytes:
    """Trees, then the interval by straight lines between the knots: ``rul`` float32[n, 3].

    A row in which one of the first ``needed`` features is missing gets no number.
    """
    import onnxmltools
    from onnx import TensorProto, checker, helper, numpy_helper
    from onnxmltools.convert.common.data_types import FloatTensorType

    shape = [("features", FloatTensorType([None, wide]))]
    trees = onnxmltools.convert_lightgbm(exact(booster), initial_types=shape, target_opset=15).graph
    nodes, constants = list(trees.node), list(trees.initializer)

    def constant(name: str, value: Any, kind: Any = np.float32) -> str:
        constants.append(numpy_helper.from_array(np.array(value, kind), name))
        return name

    def node(kind: str, given: list[str], made: str, **settings: Any) -> str:
        nodes.append(helper.make_node(kind, given, [made], **settings))
        return made

    plain = node("Clip", [trees.output[0].name, constant("none", 0.0), constant("cap", CAP)], "plain")
    span = {"from": 0, "to": needed, "axis": 1}
    ends = [constant(name, [number], np.int64) for name, number in span.items()]
    newest = node("Slice", ["features", *ends], "newest")
    nothing = node("Mul", [node("ReduceSum", [newest, "axis"], "sum"), "none"], "nothing")
    value = node("Add", [plain, nothing], "value")
    bends = node("Relu", [node("Sub", [value, constant("knots", [KNOTS[:-1]])], "past")], "bends")
    found = [value]
    for name, line in (("low", low), ("high", high)):
        slope = np.diff(np.diff(line) / np.diff(KNOTS), prepend=0.0).reshape(-1, 1)
        rise = node("MatMul", [bends, constant(f"{name}_slopes", slope)], f"{name}_rise")
        found.append(node("Add", [rise, constant(f"{name}_first", line[0])], name))
    found[1] = node("Min", [found[1], value], "least")
    found[2] = node("Max", [found[2], value], "most")
    node("Concat", found, "rul", axis=1)
    given = helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, wide])
    answer = helper.make_tensor_value_info("rul", TensorProto.FLOAT, [None, 3])
    graph = helper.make_graph(nodes, "life", [given], [answer], constants)
    opsets = [helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="watchroom")
    checker.check_model(model)
    return bytes(model.SerializeToString())


def train(data: Path, out: Path) -> ModelCard:
    """Train on all sets that have tables of "train" in ``data``, and write the package to ``out``."""
    engines = [each for name in sets_in(data, "train") for each in read_set(data, "train", name)]
    random = np.random.default_rng(SEED)
    conditions = conditions_of(engines)
    spec = FeatureSpec(ROLES, (), WINDOWS_H, LONG_H, CYCLE_S, conditions)
    print(f"{len(engines)} engines, {len(conditions.centres)} conditions", flush=True)
    numbers = list(range(len(engines)))
    table = Table(spec, [*engines, *(later(each, random) for each in engines)], [*numbers, *numbers])
    thin = np.arange(len(table.left)) % THIN == 0
    trees, said = _crossed(table, (random.permutation(len(engines)) % FOLDS)[table.engine], thin)
    low, high = knots_of(said, table.left)
    print(f"{trees} trees; low {np.round(low, 1)}, high {np.round(high, 1)}", flush=True)
    whole = fit(table, thin, trees)
    wide = table.features.shape[1]
    model = to_onnx(whole, wide, len(SENSORS), low, high)
    run = open_session(model, "the new model", ("rul",), (None, wide))
    parity = _apart(run, whole, table.features)
    answers = np.column_stack([said, np.interp(said, KNOTS, low), np.interp(said, KNOTS, high)])
    left_out = _left_out(table, answers, engines)
    how = {"trees": trees, "parity": parity, "options": OPTIONS}
    card = write_package(out, card_of(engines, spec, table, run, how, left_out), model)
    metrics = {**card.metrics, "test sets": _tested(load_package(out), data)}
    return write_package(out, msgspec.structs.replace(card, metrics=metrics), model)


def _crossed(table: Table, fold: NDArray[np.intp], thin: NDArray[np.bool_]) -> tuple[int, Figures]:
    """How many trees serve engines that were left out best, and what is said of each then."""
    held = [fold == each for each in range(FOLDS)]
    tried = [fit(table, thin & ~each, MOST, thin & each) for each in held]
    trees = round(float(np.mean([each.best_iteration for each in tried])))
    said = np.full(len(table.left), np.nan)
    for each, booster in zip(held, tried, strict=True):
        said[each] = np.clip(booster.predict(table.features[each], num_iteration=trees), 0.0, CAP)
    return trees, said


def _apart(run: Any, booster: Any, features: NDArray[np.float32]) -> float:
    """How far ONNX is from the trainer at most, as a share of `CAP`."""
    some = features[:: max(1, len(features) // 20_000)]
    own = np.clip(booster.predict(some), 0.0, CAP)
    parity = float(np.max(np.abs(run(some)[0][:, 0] - own))) / CAP
    if not parity <= PARITY:
        raise ValueError(f"ONNX answers up to {parity:.2g} of {CAP:g} otherwise than the trainer")
    return parity


def _left_out(table: Table, answers: Figures, engines: list[Engine]) -> dict[str, Any]:
    """Engines left out in turn, each cut at a cycle drawn at random, as the tests are; by set."""
    half = int(np.flatnonzero(np.diff(table.engine) < 0)[0]) + 1
    found: dict[str, Any] = {}
    for title, part in (
        ("left out", slice(0, half)),
        ("left out, known from a random cycle on", slice(half, None)),
    ):
        engine, left, given = table.engine[part], table.left[part], answers[part]
        rows = cut_rows(engine, left)
        name_of = np.array([engines[each].name.partition("/")[0] for each in engine[rows]])
        found[title] = {
            str(name): figures(given[rows[name_of == name]], left[rows[name_of == name]])
            for name in np.unique(name_of)
        }
    return found


def _tested(package: Package, data: Path) -> dict[str, Any]:
    """The test sets that are there, looked at when all is settled."""
    found: dict[str, Any] = {}
    for name in sets_in(data, "test"):
        engines = read_set(data, "test", name)
        answers = np.array([lives_of(package, each)[-1] for each in engines])
        found[name] = figures(answers, truth_of(engines))
    return found


def card_of(
    engines: list[Engine],
    spec: FeatureSpec,
    table: Table,
    run: Any,
    how: dict[str, Any],
    left_out: dict[str, Any],
) -> ModelCard:
    """The card, all but the hash of the model.

    It names no ``normal``: a level that is followed would take the wear away that the life is told by.
    """
    names = FEATURES[FUNCTION].names(spec)
    values = np.concatenate([each.values for each in engines])
    low, high = values.min(axis=0), values.max(axis=0)
    margin = 0.1 * (high - low)
    given = tuple(
        msgspec.structs.replace(each, low=round(float(a - m), 4), high=round(float(b + m), 4))
        for each, a, b, m in zip(inputs(), low, high, margin, strict=True)
    )
    quantiles = np.nanquantile(table.features, np.linspace(0, 1, 11), axis=0).T
    order = np.argsort(run(table.features)[0][:, 0], kind="stable")
    golden = table.features[order[np.linspace(0, len(order) - 1, 6).astype(np.intp)]].copy()
    golden[-1, 3 * len(SENSORS) :] = np.nan
    return ModelCard(
        id=MODEL, version="1.0.0", kind="rul", sha256="0" * 64, asset_class="turbofan",
        title="Remaining life of a turbofan (C-MAPSS)", what="the engine reaches the end of its life",
        horizon_h=(CAP,), features=FUNCTION, bucket_s=CYCLE_S, inputs=given, tiers={},
        evidence={"interval": f"{SHARE:.0%} of the rows of training engines that were left out in turn"},
        metrics=left_out,
        data={
            "origin": "NASA C-MAPSS turbofan run-to-failure (A. Saxena, K. Goebel, D. Simon, N. Eklund, "
            "PHM08), training engines of "
            + ", ".join(sorted({each.name.partition("/")[0] for each in engines})),
            "licence": "US Government work", "kind": "simulated", "rows_trained": len(table.left) // THIN,
        },
        limits=(
            "Trained and tested on simulated engines: shown on simulated data, never in a plant.",
            "One step is one cycle (a flight), taken as an hour.",
            f"It says at most {CAP:g} cycles, which means {CAP:g} or more: above that no sensor shows "
            "anything. The interval is of the true life and goes further.",
            "Ways of running and faults that are not in the training data (high-pressure compressor, fan) "
            "were never seen.",
        ),
        golden=tuple(
            {"features": [None if np.isnan(x) else float(x) for x in row],
             "outputs": [float(x) for x in answer]}
            for row, answer in zip(golden, run(golden)[0], strict=True)
        ),
        reference={
            name: tuple(float(f"{x:.6g}") for x in np.maximum.accumulate(each))
            for name, each in zip(names, quantiles, strict=True)
        },
        trainer={**{name: version(name) for name in ("lightgbm", "onnxmltools", "onnx", "numpy")},
                 "seed": str(SEED)},
        author="The Watchroom authors", failures=len(engines), windows_h=WINDOWS_H,
        extra={"lags_h": list(LONG_H), "unit": "cycles", "share": SHARE, "fit": how,
               "conditions": msgspec.to_builtins(spec.conditions)},
    )  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.prediction.cmapss_train")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args(arguments)
    try:
        card = train(asked.data, asked.out)
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed; training needs watchroom[train]")
        return 1
    print(f"{card.id} {card.version} in {asked.out}: {card.metrics}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
