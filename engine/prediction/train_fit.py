"""Gradient-boosted trees, and the one way from LightGBM to ONNX. Only the training process imports this.

The ONNX graph answers ``probabilities`` float32[n, horizons], the shortest horizon first; a longer one is at
least as likely as a shorter one.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.prediction.train_plan import Fit

OPSET, IR = 15, 8
"""The newest that the converter of the trees writes."""
Progress = Callable[[float], None]


class Cancelled(Exception):
    """The training was asked to stop."""


def fit(
    features: NDArray[np.float32],
    label: NDArray[np.bool_],
    train: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    how: Fit,
    progress: Progress = lambda _: None,
) -> Any:
    """A booster that stopped where the validation got no better.

    ``progress`` is called with 0…1; what it raises stops the training.
    """
    import lightgbm

    def step(state: Any) -> None:
        progress((state.iteration + 1) / how.trees)

    options = {
        "objective": "binary", "num_leaves": how.leaves, "learning_rate": how.rate,
        "min_data_in_leaf": how.least_rows, "feature_fraction": 0.7, "bagging_fraction": 0.8,
        "bagging_freq": 1, "lambda_l2": 5.0, "num_threads": 1, "force_col_wise": True, "deterministic": True,
        "seed": how.seed,
        "verbose": -1,
    }  # fmt: skip
    given: Any = lightgbm
    learn = given.Dataset(features[train], label[train])
    checked = given.Dataset(features[validation], label[validation], reference=learn)
    stop = given.early_stopping(how.patience, verbose=False)
    return given.train(options, learn, how.trees, valid_sets=[checked], callbacks=[step, stop])


def predict(boosters: list[Any], features: NDArray[np.float32]) -> NDArray[np.float64]:
    """What the trainer itself answers, float64[n, horizons]: what the ONNX graph is compared with."""
    each = [booster.predict(features, num_threads=1) for booster in boosters]
    return np.maximum.accumulate(np.column_stack(each), axis=1)


def to_onnx(boosters: list[Any], wide: int) -> bytes:
    """One graph for all horizons. Trees with NaN in them go the way that LightGBM sends them."""
    from onnx import TensorProto, checker, helper

    onnx: Any = helper
    graphs = [_graph(booster, wide, f"h{number}_") for number, booster in enumerate(boosters)]
    nodes: list[Any] = [node for graph in graphs for node in graph.node]
    constants: list[Any] = [each for graph in graphs for each in graph.initializer]
    last = ""
    for number in range(len(boosters)):
        one, mine = f"joined_{number}_one", f"joined_{number}_yes"
        given = [f"h{number}_probabilities", "second"]
        nodes.append(onnx.make_node("ArrayFeatureExtractor", given, [one], domain="ai.onnx.ml"))
        nodes.append(onnx.make_node("Max", [one, last] if last else [one], [mine]))
        last = mine
    columns = [f"joined_{number}_yes" for number in range(len(boosters))]
    nodes.append(onnx.make_node("Concat", columns, ["probabilities"], axis=1))
    for node in nodes:  # all graphs read the one input
        for place, name in enumerate(node.input):
            if name.endswith("_features"):
                node.input[place] = "features"
    second = onnx.make_tensor("second", TensorProto.INT64, [1], [1])
    given = onnx.make_tensor_value_info("features", TensorProto.FLOAT, [None, wide])
    answers = onnx.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, len(boosters)])
    graph = onnx.make_graph(nodes, "failure", [given], [answers], [*constants, second])
    opsets = [onnx.make_opsetid("", OPSET), onnx.make_opsetid("ai.onnx.ml", 3)]
    model = onnx.make_model(graph, opset_imports=opsets, ir_version=IR, producer_name="watchroom")
    checked: Any = checker
    checked.check_model(model)
    return bytes(model.SerializeToString())


def _graph(booster: Any, wide: int, prefix: str) -> Any:
    from onnx import compose

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the converters warn of their own libraries
        import onnxmltools  # pyright: ignore[reportMissingTypeStubs]
        from onnxmltools.convert.common import data_types  # pyright: ignore[reportMissingTypeStubs]

        tools: Any = onnxmltools
        types: Any = data_types
        shape = [("features", types.FloatTensorType([None, wide]))]
        model = tools.convert_lightgbm(exact(booster), initial_types=shape, zipmap=False, target_opset=OPSET)
    joined: Any = compose
    return joined.add_prefix(model, prefix).graph


def exact(booster: Any) -> Any:
    """The same trees with every limit rounded down to float32.

    LightGBM compares with float64. To the nearest float32, a limit can come to lie on the other side of a
    value: 0.0025 off in 277,000 rows. Rounded down, ``x <= limit`` is the same for every float32 x.
    """
    import lightgbm

    given: Any = lightgbm
    lines = [_down(line) for line in str(booster.model_to_string()).splitlines()]
    return given.Booster(model_str="\n".join(lines) + "\n")


def _down(line: str) -> str:
    name, mark, values = line.partition("=")
    if name == "tree_sizes":
        return ""  # they would no longer be true; without them the trees are read one by one
    if name != "threshold":
        return line
    exact = np.array(values.split(), np.float64)
    near = exact.astype(np.float32)
    down = np.where(near > exact, np.nextafter(near, np.float32(-np.inf)), near)
    return name + mark + " ".join(repr(float(each)) for each in down)
