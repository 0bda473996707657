"""Accuracy of the shipped models on public data, or on any folder of the same layout.

``python -m tests.bench.prediction --set azure|cmapss|skab|tep|nab --data DIR [--out scores.csv]``: models
and thresholds are those that are shipped, nothing is fitted to what is scored. ``--set azure --compare
retraining`` shows what refitting on the last 72 hours does, and what following the sensors' level does;
``--model cnn-lstm`` scores the network instead of the trees.
``--set demo`` makes its data itself; with ``--train`` it trains the shipped models of the demo plant anew.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module, util
from pathlib import Path

from engine.prediction.card import PackageRefused
from tests.bench.harness import machine
from tests.bench.prediction.scored import Scored, write

SETS = ("azure", "cmapss", "skab", "tep", "nab", "demo")
MADE = "demo"
"""The set that is made and not read."""
MODELS = ("cnn-lstm",)
COMPARE = {("azure", "retraining"): "tests.bench.prediction.azure_retraining"}


def main(arguments: list[str] | None = None) -> int:
    """Exit 0 done, 1 the data cannot be scored."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.prediction", description=__doc__)
    parser.add_argument("--set", required=True, choices=SETS)
    parser.add_argument("--data", type=Path, help="folder with the tables of the set")
    parser.add_argument("--out", type=Path, help="file for one row per asset and time")
    parser.add_argument("--train", action="store_true", help="with --set demo: train its models anew")
    parser.add_argument("--compare", choices=sorted({what for _, what in COMPARE}))
    parser.add_argument("--model", choices=MODELS, help="with --set azure: another model than the trees")
    asked = parser.parse_args(arguments)
    if asked.model and (asked.set != "azure" or asked.compare):
        parser.error("--model is for --set azure, without --compare")
    if asked.train and asked.set != MADE:
        parser.error("--train is for --set demo; python -m engine.prediction.train trains from tables")
    if asked.train:
        return import_module("tests.bench.prediction.demo_train").main(asked.data)
    if asked.data is None and asked.set != MADE:
        parser.error("--data is missing: give the folder with the tables of the set")
    name = COMPARE.get((asked.set, asked.compare or ""), f"tests.bench.prediction.{asked.set}")
    if util.find_spec(name) is None:
        print(f"the set {asked.set!r} has no measurement in this version", file=sys.stderr)
        return 1
    if asked.data is not None and not asked.data.is_dir():
        print(f"{asked.data} is no folder; give the one with the tables of {asked.set!r}", file=sys.stderr)
        return 1
    print(machine(("numpy", "onnxruntime")), flush=True)
    try:
        scored: Scored = import_module(name).run(asked.data, *([asked.model] if asked.model else []))
    except (OSError, ValueError, LookupError, PackageRefused) as error:
        print(f"{asked.data or asked.set} cannot be scored: {error}", file=sys.stderr)
        return 1
    for line in scored.lines:
        print(line)
    if asked.out:
        print(f"{write(asked.out, scored.rows):,} rows in {asked.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
