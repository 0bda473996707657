"""Accuracy of the shipped models on public data, or on any folder of the same layout.

``python -m tests.bench.prediction --set azure|cmapss|skab|tep|nab --data DIR [--out scores.csv]``: models
and thresholds are those that are shipped, nothing is fitted to what is scored. ``--set azure --compare
retraining`` shows what refitting on the last 72 hours does, and what following the sensors' level does.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module, util
from pathlib import Path

from engine.prediction.card import PackageRefused
from tests.bench.harness import machine
from tests.bench.prediction.scored import Scored, write

SETS = ("azure", "cmapss", "skab", "tep", "nab")
COMPARE = {("azure", "retraining"): "tests.bench.prediction.azure_retraining"}


def main(arguments: list[str] | None = None) -> int:
    """Exit 0 done, 1 the data cannot be scored."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.prediction", description=__doc__)
    parser.add_argument("--set", required=True, choices=SETS)
    parser.add_argument("--data", required=True, type=Path, help="folder with the tables of the set")
    parser.add_argument("--out", type=Path, help="file for one row per asset and time")
    parser.add_argument("--compare", choices=sorted({what for _, what in COMPARE}))
    asked = parser.parse_args(arguments)
    name = COMPARE.get((asked.set, asked.compare or ""), f"tests.bench.prediction.{asked.set}")
    if util.find_spec(name) is None:
        print(f"the set {asked.set!r} has no measurement in this version", file=sys.stderr)
        return 1
    if not asked.data.is_dir():
        print(f"{asked.data} is no folder; give the one with the tables of {asked.set!r}", file=sys.stderr)
        return 1
    print(machine(("numpy", "onnxruntime")), flush=True)
    try:
        scored: Scored = import_module(name).run(asked.data)
    except (OSError, ValueError, LookupError, PackageRefused) as error:
        print(f"{asked.data} cannot be scored: {error}", file=sys.stderr)
        return 1
    for line in scored.lines:
        print(line)
    if asked.out:
        print(f"{write(asked.out, scored.rows):,} rows in {asked.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
