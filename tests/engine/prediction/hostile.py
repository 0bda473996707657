"""Models that nobody should load, each made the way an attacker or an accident makes it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from engine.prediction.onnx_file import as_part
from tests.engine.prediction.packages import linear, model_of

WIDE = 12
EIGHT_TB = [2, 1_000_000, 1_000_000]


def bomb() -> bytes:
    """Few bytes that ask for eight terabytes, through an operation that honest models use too."""
    return model_of(
        [
            helper.make_node("ConstantOfShape", ["huge"], ["zeros"]),
            helper.make_node("ReduceSum", ["zeros"], ["sum"], keepdims=0),
            helper.make_node("MatMul", ["x", "weights"], ["score"]),
            helper.make_node("Add", ["score", "sum"], ["probabilities"]),
        ],
        [
            numpy_helper.from_array(np.array(EIGHT_TB, np.int64), "huge"),
            numpy_helper.from_array(np.zeros((WIDE, 2), np.float32), "weights"),
        ],
    )


def big() -> bytes:
    """Takes four gigabytes that most computers have, so that only a limit stops it."""
    return bomb().replace(
        np.array(EIGHT_TB, np.int64).tobytes(), np.array([2, 700, 714_286], np.int64).tobytes()
    )


def slow() -> bytes:
    """Minutes of work for each row: matrix after matrix, all of allowed operations."""
    size, rounds = 1500, 400
    nodes = [helper.make_node("Expand", ["one", "shape"], ["m0"])]
    nodes += [helper.make_node("MatMul", [f"m{k}", f"m{k}"], [f"m{k + 1}"]) for k in range(rounds)]
    nodes += [
        helper.make_node("ReduceSum", [f"m{rounds}"], ["sum"], keepdims=0),
        helper.make_node("MatMul", ["x", "weights"], ["score"]),
        helper.make_node("Add", ["score", "sum"], ["probabilities"]),
    ]
    return model_of(
        nodes,
        [
            # Of the features, so that nothing of it is done while it is loaded.
            numpy_helper.from_array(np.array([size, size], np.int64), "shape"),
            numpy_helper.from_array(np.full((1, 1), 1e-4, np.float32), "one"),
            numpy_helper.from_array(np.zeros((WIDE, 2), np.float32), "weights"),
        ],
    )


def not_a_number() -> bytes:
    """Answers NaN to everything."""
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["score"]),
        helper.make_node("Sub", ["score", "score"], ["zero"]),
        helper.make_node("Div", ["zero", "zero"], ["probabilities"]),
    ]
    return model_of(nodes, [numpy_helper.from_array(np.ones((WIDE, 2), np.float32), "weights")])


def no_stride() -> bytes:
    """A pool that steps by nothing: dividing by it has crashed runtimes while they loaded it."""
    nodes = [
        helper.make_node("Unsqueeze", ["x", "axis"], ["rows"]),
        helper.make_node("MaxPool", ["rows"], ["pooled"], kernel_shape=[2], strides=[0]),
        helper.make_node("Squeeze", ["pooled", "axis"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["probabilities"]),
    ]
    weights = numpy_helper.from_array(np.zeros((WIDE - 1, 2), np.float32), "weights")
    return model_of(nodes, [numpy_helper.from_array(np.array([1], np.int64), "axis"), weights])


def outside(location: str) -> bytes:
    """Weights in another file of the computer."""
    weights = TensorProto(name="weights", data_type=TensorProto.FLOAT, dims=[WIDE, 2])
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value=location)
    weights.external_data.add(key="length", value=str(WIDE * 8))
    return model_of([helper.make_node("MatMul", ["x", "weights"], ["probabilities"])], [weights])


def outside_in_a_constant(location: str) -> bytes:
    """The same, hidden in the setting of an operation."""
    weights = TensorProto(name="weights", data_type=TensorProto.FLOAT, dims=[WIDE, 2])
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value=location)
    constant = helper.make_node("Constant", [], ["weights"], value=weights)
    return model_of([constant, helper.make_node("MatMul", ["x", "weights"], ["probabilities"])])


def loop() -> bytes:
    """A loop without an end."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        ],
        [helper.make_tensor_value_info("on", TensorProto.BOOL, [])],
    )
    return model_of(
        [
            helper.make_node("Loop", ["", "true"], [], body=body),
            helper.make_node("MatMul", ["x", "weights"], ["probabilities"]),
        ],
        [
            numpy_helper.from_array(np.array(True), "true"),
            numpy_helper.from_array(np.zeros((WIDE, 2), np.float32), "weights"),
        ],
    )


def nested(depth: int) -> bytes:
    """Graphs inside graphs: a reader that follows them runs out of stack."""
    inner = b""
    for _ in range(depth):
        inner = as_part(1, as_part(5, as_part(6, inner)))
    return as_part(7, inner)


def own_operation() -> bytes:
    """An operation of somebody's own library."""
    nodes = [helper.make_node("Shell", ["x"], ["probabilities"], domain="com.example")]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.example", 1)]
    return model_of(nodes, opsets=opsets)


def lying_size() -> bytes:
    """Weights that say they are a million times what they are."""
    weights = TensorProto(name="weights", data_type=TensorProto.FLOAT, dims=[WIDE, 2_000_000])
    weights.raw_data = bytes(WIDE * 8)
    return model_of([helper.make_node("MatMul", ["x", "weights"], ["probabilities"])], [weights])


def negative_size() -> bytes:
    """Weights of a size below nothing."""
    weights = TensorProto(name="weights", data_type=TensorProto.FLOAT, dims=[-WIDE, -2])
    weights.raw_data = bytes(WIDE * 8)
    return model_of([helper.make_node("MatMul", ["x", "weights"], ["probabilities"])], [weights])


def as_double() -> bytes:
    """Whole and honest, and of float64."""
    weights = numpy_helper.from_array(np.zeros((WIDE, 2)), "weights")
    return model_of([helper.make_node("MatMul", ["x", "weights"], ["probabilities"])], [weights])


def as_8_bit() -> bytes:
    """Quantised, the usual dynamic way."""
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"]),
        helper.make_node("MatMulInteger", ["q", "weights", "zero"], ["sum"]),
        helper.make_node("Cast", ["sum"], ["probabilities"], to=TensorProto.FLOAT),
    ]
    return model_of(nodes, [numpy_helper.from_array(np.zeros((WIDE, 2), np.int8), "weights")])


def cut_short() -> bytes:
    """Half of a download."""
    whole = linear(WIDE)
    return whole[: len(whole) // 2]


BEFORE_LOADING: dict[str, tuple[Callable[[], bytes], str]] = {
    "external data, upwards": (lambda: outside("../../../etc/passwd"), "point to another file"),
    "external data, absolute": (lambda: outside("/etc/passwd"), "point to another file"),
    "external data in a constant": (lambda: outside_in_a_constant("/etc/passwd"), "point to another file"),
    "loop": (loop, "loops or branches"),
    "nested graphs": (lambda: nested(2000), "loops or branches"),
    "own operation": (own_operation, "com.example"),
    "lying size": (lying_size, "another size than they have"),
    "negative size": (negative_size, "another size than they have"),
    "float64": (as_double, "float64"),
    "8 bit": (as_8_bit, "float32"),
    "cut short": (cut_short, "broken or cut short"),
    "empty": (lambda: b"", "no graph"),
    "no model at all": (lambda: b"#!/bin/sh\nrm -rf ~\n" * 20, "broken"),
}
"""What `read_package` refuses by looking: the maker, and what it says."""
