"""A small fleet of fans whose heat rises before they fail, as tables in the layout of the training."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

DAYS = 120
PLAN = """
id = "fans"
version = "1.0.0"
asset_class = "fan"
title = "Fan fails within 48 h"
what = "the fan fails"
author = "The tests"
horizon_h = [24.0, 48.0]
bucket_s = 10800.0
windows_h = [3.0, 24.0]
lags_h = [12.0]
events = ["error1"]
limits = ["made up"]

[columns]
heat = "heat_m3"

[[inputs]]
role = "heat"
unit = "°C"
group = "heat"

[split]
train = ["2020-01-04", "2020-02-28"]
validation = ["2020-03-04", "2020-03-25"]
test = ["2020-03-29", "2020-04-25"]
assets = [1, 30]

[fit]
trees = 60
leaves = 7
least_rows = 30
patience = 10

[data]
origin = "made up by the tests"
licence = "none needed"
kind = "simulated"
"""


def tables(folder: Path, machines: int = 32, seed: int = 7) -> Path:
    """Write telemetry_3h.csv, errors.csv, failures.csv, maint.csv and machines.csv to ``folder``."""
    folder.mkdir()
    random = np.random.default_rng(seed)
    start = np.datetime64("2020-01-01T01:00:00")
    telemetry: list[tuple[object, ...]] = []
    errors: list[tuple[object, ...]] = []
    failures: list[tuple[object, ...]] = []
    for machine in range(1, machines + 1):
        heat = random.normal(60, 2, DAYS * 8)
        failed = np.sort(random.choice(np.arange(8, DAYS - 2), 5, replace=False)) * 24 + 5
        for hour in failed:
            heat[max(0, hour // 3 - 15) : hour // 3] += 6
            errors.append((start + np.timedelta64(int(hour) - 23, "h"), machine, "error1"))
            failures.append((start + np.timedelta64(int(hour), "h"), machine, "comp1"))
        telemetry += [
            (machine, start + np.timedelta64(3 * step, "h"), f"{value:.4f}")
            for step, value in enumerate(heat)
        ]
    put(folder / "telemetry_3h.csv", ("machineID", "t", "heat_m3"), telemetry)
    put(folder / "errors.csv", ("datetime", "machineID", "errorID"), errors)
    put(folder / "failures.csv", ("datetime", "machineID", "failure"), failures)
    put(folder / "maint.csv", ("datetime", "machineID", "comp"), failures)
    put(
        folder / "machines.csv",
        ("machineID", "model", "age"),
        [(each, "a", 3) for each in range(1, machines + 1)],
    )
    return folder


def put(file: Path, names: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write one table."""
    with file.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows([names, *rows])
