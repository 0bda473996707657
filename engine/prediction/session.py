"""The only place that runs ONNX models: float32, one thread, nothing written, nothing sent, nothing kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.prediction.card import PackageRefused

ROWS_AT_ONCE = 4096
"""Larger requests are run in parts of so many rows: memory stays bounded whatever is asked for."""
NOT_USED = frozenset({"label", "output_label"})
"""Outputs that converters add and nobody needs; asking for them makes onnxruntime warn at each run."""
ONLY_ERRORS = 3

Run = Callable[[NDArray[np.float32]], list[NDArray[np.float64]]]


def open_session(model: bytes, where: object, names: tuple[str, ...], shape: tuple[int | None, ...]) -> Run:
    """A function from features float32[n, m] to the outputs ``names``, each float64[n, …].

    ``shape`` = that of the model's input; of more than two sizes, a row is folded into it. ``model`` has
    been read by `onnx_file.read_onnx` before: what that refuses must never get here.

    Raises:
        PackageRefused: onnxruntime cannot load it.
    """
    onnxruntime = runtime()
    onnxruntime.set_default_logger_severity(ONLY_ERRORS)
    session: Any = None
    try:
        session = onnxruntime.InferenceSession(model, _options(), providers=["CPUExecutionProvider"])
    except Exception as error:  # its own exceptions share no class but this one
        told = " ".join(str(error).split())[:300]
        raise PackageRefused(f"{where} cannot be loaded ({told}); export it again") from error
    given = session.get_inputs()[0].name
    inner = tuple(int(size or 1) for size in shape[1:])

    def run(features: NDArray[np.float32]) -> list[NDArray[np.float64]]:
        parts = [
            session.run(names, {given: features[at : at + ROWS_AT_ONCE].reshape(-1, *inner)})
            for at in range(0, len(features), ROWS_AT_ONCE)
        ]
        return [np.concatenate(each).astype(np.float64) for each in zip(*parts, strict=True)]

    return run


def runtime() -> Any:
    """The module onnxruntime: 60 MB of memory, so loaded only where there are models. It reports to nobody.

    Since 1.32 it sends what it is used for to its maker, as soon as it is imported, and keeps a database and
    a device id in the user's cache for that. Only this variable, before the import, prevents all of it (its
    Privacy.md, "Disabling Telemetry").
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    return import_module("onnxruntime")


def _options() -> Any:
    onnxruntime = runtime()
    options: Any = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # two threads were slower on shared cores
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = ONLY_ERRORS
    options.enable_cpu_mem_arena = False  # the arena keeps the largest it ever took
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.add_session_config_entry("session.load_model_format", "ONNX")
    return options
