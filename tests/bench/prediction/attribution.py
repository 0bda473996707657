"""Whether the explanation names the right sensor: ``python -m tests.bench.prediction.attribution DIR``.

DIR = the Azure set (simulated: a failing component moves one sensor, so the truth is known). For each failure
after training, the shipped model's strongest group of sensors about 11 h and 35 h before it, beside the
largest distance from normal. Bar: at least 95 % right at 11 h and 90 % at 35 h.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from engine import paths
from engine.prediction.explain import groups_of, normal_of, weights_of
from engine.prediction.features import spec_of
from engine.prediction.package import load_package
from engine.prediction.train_fleet import Layout, read_tables
from engine.prediction.train_rows import rows_of
from tests.bench.prediction.azure import COLUMNS, FACTS, MODEL, optional_of

MOVES = {"comp1": "voltage", "comp2": "rotation", "comp3": "pressure", "comp4": "vibration"}
SINCE = np.datetime64("2015-09-04", "us")
HOUR_US = 3_600_000_000


def run(data: Path) -> None:
    """Print the share that is right, for both times ahead."""
    package = load_package(paths.resources() / "models" / MODEL)
    card = package.card
    rows = rows_of(
        read_tables(data, Layout(COLUMNS, card.events, card.bucket_s, FACTS)),
        spec_of(card),
        card.features,
        optional_of(card),
    )
    groups, normal = groups_of(card), normal_of(card)
    sensors = [k for k, group in enumerate(groups) if group.name in MOVES.values()]
    names = [groups[k].name for k in sensors]
    spread = np.array([max(each[-1] - each[0], 1e-9) for each in card.reference.values()], np.float32)
    with (data / "failures.csv").open(encoding="utf-8") as file:
        failures = [
            (each["machineID"], np.datetime64(each["datetime"], "us"), each["failure"])
            for each in csv.DictReader(file)
        ]
    for hours in (11, 35):
        right = plain = total = 0
        for machine, at, component in failures:
            wanted = at.astype(np.int64) - hours * HOUR_US
            near = np.flatnonzero(
                (np.array(rows.names)[rows.asset] == machine) & (abs(rows.known_us - wanted) <= 2 * HOUR_US)
            )
            if at < SINCE or not len(near):
                continue
            row = rows.features[near[:1]]
            weights = weights_of(package, row, groups)[0, sensors]
            far = [np.nanmax(abs((row[0] - normal) / spread)[groups[k].columns]) for k in sensors]
            right += names[int(np.argmax(weights))] == MOVES[component]
            plain += names[int(np.argmax(far))] == MOVES[component]
            total += 1
        print(
            f"{hours} h before: {right} of {total} right ({right / total:.1%}); "
            f"largest distance {plain / total:.1%}"
        )


if __name__ == "__main__":
    run(Path(sys.argv[1]))
