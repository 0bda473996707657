"""Train a failure model from tables and write its package: a process of its own, behind everything else.

``python -m engine.prediction.train PLAN.toml --data FOLDER --out FOLDER``. Prints one JSON object a line:
{"stage", "share" 0…1}, at the end {"done", "folder"} or {"refused"}. SIGTERM stops it; nothing is half
written. Needs the extra ``watchroom[train]``.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.prediction.package import write_package
from engine.prediction.session import open_session
from engine.prediction.train_card import Parts, card_of, golden_rows
from engine.prediction.train_fit import Cancelled, fit, predict, to_onnx
from engine.prediction.train_fleet import TablesRefused, read_tables
from engine.prediction.train_plan import Plan, read_plan
from engine.prediction.train_rows import Rows, failures_in, taken_of
from engine.types import ModelCard

PARITY = 1e-5
FEWEST = 30
"""Failures without which there is nothing to learn (prediction.md 7)."""
Told = Callable[[str, float], None]


def train(plan: Plan, data: Path, out: Path, told: Told) -> ModelCard:
    """Learn by ``plan`` from the tables in ``data`` and write ``model.onnx`` and ``card.json`` to ``out``.

    ``told`` is called with the stage and its share, 0…1; what it raises stops the training.

    Raises:
        TablesRefused: too little history, or tables that cannot be used.
    """
    told("read", 0.0)
    fleet = read_tables(data, plan.layout())
    for note in fleet.notes:
        told(note, 0.05)
    plan, rows, parts = taken_of(fleet, plan)
    _require(rows, parts)
    many, known = len(plan.horizon_h), rows.is_known(max(plan.horizon_h))
    boosters = [
        fit(
            rows.features,
            rows.label(hours),
            parts["train"] & known,
            parts["validation"] & known,
            plan.fit,
            lambda share, at=at, hours=hours: told(f"fit {hours:g} h", 0.1 + 0.8 * (at + share) / many),
        )
        for at, hours in enumerate(plan.horizon_h)
    ]
    told("convert", 0.9)
    wide = rows.features.shape[1]
    model = to_onnx(boosters, wide)
    (run,) = (open_session(model, "the new model", ("probabilities",), (None, wide)),)
    p = run(rows.features)[0]
    _require_same(p, predict(boosters, rows.features), plan)
    p[~rows.served] = np.nan
    told("card", 0.95)
    chosen, golden = golden_rows(rows.features[parts["validation"]], p[parts["validation"]])
    card = card_of(plan, rows, parts, p, (golden, run(golden)[0]))
    told(f"write ({len(chosen)} golden rows)", 0.99)
    return write_package(out, card, model)


def _require(rows: Rows, parts: Parts) -> None:
    for name in ("train", "validation"):
        if not parts[name].any():
            raise TablesRefused(
                f"the tables have no rows in the part {name!r} of the plan; correct its dates"
            )
    failures = failures_in(rows, parts["train"])
    if failures < FEWEST:
        raise TablesRefused(f"not enough history: {failures} of {FEWEST} failures; train when there are more")


def _require_same(ours: NDArray[np.float64], theirs: NDArray[np.float64], plan: Plan) -> None:
    far = float(np.max(np.abs(ours - theirs)))
    if not far <= PARITY:
        raise TablesRefused(
            f"{plan.id}: ONNX answers up to {far:.2g} otherwise than the trainer; it is not written"
        )


def _lines(stage: str, share: float) -> None:
    print(msgspec.json.encode({"stage": stage, "share": round(share, 3)}).decode(), flush=True)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Cancelled


def main(arguments: list[str] | None = None) -> int:
    """The command. Exit 0 done, 1 refused or stopped."""
    parser = argparse.ArgumentParser(prog="python -m engine.prediction.train", description=__doc__)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)
    if hasattr(os, "nice"):
        os.nice(19)  # the screen and the engine come first
    try:
        card = train(read_plan(asked.plan), asked.data, asked.out, _lines)
    except (TablesRefused, Cancelled, ModuleNotFoundError) as error:
        told = "stopped; nothing was written" if isinstance(error, Cancelled) else str(error)
        if isinstance(error, ModuleNotFoundError):
            told = f"{error.name} is not installed; training needs watchroom[train]"
        print(msgspec.json.encode({"refused": told}).decode(), flush=True)
        return 1
    print(
        msgspec.json.encode({"done": f"{card.id} {card.version}", "folder": str(asked.out)}).decode(),
        flush=True,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
