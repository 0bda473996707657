"""Small real models and their packages, as a trainer would write them; and the ones nobody should load."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from engine.prediction.features import FEATURES, spec_of
from engine.prediction.package import write_package
from engine.types import ModelCard, ModelInput

INPUTS = (ModelInput("pressure", "bar", group="hydraulics"), ModelInput("temperature", "°C", required=False))
WEIGHTS = np.linspace(-0.5, 0.5, 64, dtype=np.float32)


def card_of(**changes: Any) -> ModelCard:
    """A whole card of a model on two inputs and one class of events; golden rows are as `linear` answers."""
    facts: dict[str, Any] = {
        "id": "pump-failure",
        "version": "1",
        "kind": "failure",
        "sha256": "0" * 64,
        "asset_class": "pump",
        "title": "Pump failure within 48 h",
        "what": "a failure of the pump",
        "horizon_h": (48.0,),
        "features": "windows/1",
        "bucket_s": 3600.0,
        "windows_h": (3.0, 24.0),
        "events": ("alarm",),
        "inputs": INPUTS,
        "tiers": {"watch": 0.2, "act": 0.8},
        "evidence": {"act": "19 of 20 right on validation"},
        "metrics": {"pr_auc": 0.8},
        "data": {"origin": "made up for tests", "licence": "Apache-2.0"},
        "limits": ("only for tests",),
        "golden": (),
        "reference": {},
        "trainer": {"numpy": np.__version__},
        "author": "Tests",
        "failures": 40,
        **changes,
    }
    card = ModelCard(**facts)
    if not card.reference:
        names = FEATURES["windows/1"].names(spec_of(card))
        facts["reference"] = dict.fromkeys(names, (-1.0, 0.0, 1.0))
    if "golden" not in changes:
        facts["golden"] = golden(len(facts["reference"]))
    return ModelCard(**facts)


def answer(features: np.ndarray) -> np.ndarray:
    """What `linear` answers, NaN as 0: float64[n]."""
    known = np.nan_to_num(features).astype(np.float64)
    return 1.0 / (1.0 + np.exp(-known @ WEIGHTS[: features.shape[1]].astype(np.float64)))


def golden(wide: int) -> tuple[dict[str, Any], ...]:
    """Three rows, one of them with a missing feature."""
    rows = np.random.default_rng(1).normal(size=(3, wide)).astype(np.float32)
    rows[2, 0] = np.nan
    return tuple(
        {"features": [None if np.isnan(x) else float(x) for x in row], "outputs": [float(p)]}
        for row, p in zip(rows, answer(rows), strict=True)
    )


def linear(wide: int) -> bytes:
    """Probability of a failure as float32[n, 2] (no, yes), missing features taken as 0."""
    nodes = [
        helper.make_node("IsNaN", ["x"], ["missing"]),
        helper.make_node("Where", ["missing", "zero", "x"], ["known"]),
        helper.make_node("MatMul", ["known", "weights"], ["score"]),
        helper.make_node("Sigmoid", ["score"], ["yes"]),
        helper.make_node("Sub", ["one", "yes"], ["no"]),
        helper.make_node("Concat", ["no", "yes"], ["probabilities"], axis=1),
    ]
    weights = [
        numpy_helper.from_array(np.float32(0.0), "zero"),
        numpy_helper.from_array(np.float32(1.0), "one"),
        numpy_helper.from_array(WEIGHTS[:wide].reshape(-1, 1).copy(), "weights"),
    ]
    return model_of(nodes, weights, wide)


def model_of(
    nodes: Sequence[onnx.NodeProto],
    weights: Sequence[onnx.TensorProto] = (),
    wide: int = 12,
    outputs: Sequence[onnx.ValueInfoProto] = (),
    **settings: Any,
) -> bytes:
    """A serialised model from ``x`` float32[n, wide] to ``probabilities`` float32[n, 2]."""
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", settings.pop("takes", TensorProto.FLOAT), [None, wide])],
        list(outputs) or [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2])],
        list(weights),
    )
    opsets = settings.pop("opsets", [helper.make_opsetid("", 17)])
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, **settings).SerializeToString()


def pack(folder: Path, model: bytes | None = None, **changes: Any) -> ModelCard:
    """A package in ``folder``: of `linear`, or of ``model``."""
    card = card_of(**changes)
    return write_package(folder, card, linear(len(card.reference)) if model is None else model)
