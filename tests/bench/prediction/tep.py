"""Tennessee Eastman: normal from the training run of fault 0, limit from half of its test run.

Any folder with ``tep.parquet`` of the same columns, whichever faults it holds. Settings:
``presets.PROCESS`` for the Mahalanobis distance; T2 and Q of principal components beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
from numpy.typing import NDArray

from engine.prediction import normal, pca
from engine.prediction.onset import runs
from engine.prediction.presets import PROCESS
from tests.bench.prediction.scored import Row, Scored

Floats = NDArray[np.float64]
Score = Callable[[Floats], Floats]

UNSEEN = (3, 9, 15)
"""Almost undetectable by anyone: reported with and without them."""
FAULT_FROM = 160
MINUTES = 3
COMPONENTS = pca.PcaSettings(smooth=PROCESS.settings.smooth, margin=PROCESS.settings.margin)


def run(data: Path) -> Scored:
    """Scores of every test run, false alarms on unseen normal, detection and delay per fault."""
    found = read(data / "tep.parquet")
    if (0, "train") not in found or (0, "test") not in found:
        raise ValueError("fault 0 is missing: without a normal run nothing can be learned")
    names, train, test = found[0, "train"][0], found[0, "train"][1], found[0, "test"][1]
    half = len(test) // 2
    methods = {
        "EWMA-Mahalanobis": _mahalanobis(train, names, test[:half]),
        "PCA T2 + Q": _components(train, names, test[:half]),
    }
    tests = {fault: each[1] for (fault, part), each in sorted(found.items()) if part == "test"}
    summary = [f"Tennessee Eastman: {len(tests) - 1} faults, {len(names)} tags, limit from half of d00_te"]
    rows: list[Row] = []
    for method, score in methods.items():
        ratios = {fault: score(each) for fault, each in tests.items()}
        summary += told(method, ratios, half)
        if not rows:
            rows = [row for fault, each in ratios.items() for row in _rows(fault, each)]
    return Scored(rows, summary)


def read(path: Path) -> dict[tuple[int, str], tuple[tuple[str, ...], Floats]]:
    """Names of the tags and rows float64[n, tags] by fault and part, oldest first."""
    if not path.is_file():
        raise ValueError(f"{path.name} is expected in it")
    table = parquet.read_table(path)
    names = tuple(name for name in table.column_names if name.startswith(("xmeas_", "xmv_")))
    lacking = [each for each in ("fault", "part", "sample") if each not in table.column_names]
    if lacking or not names:
        told = ", ".join([*lacking, *([] if names else ["xmeas_... and xmv_..."])])
        raise ValueError(f"{path.name} lacks the columns {told}")
    values = np.column_stack([table[name].to_numpy().astype(np.float64) for name in names])
    fault, sample = table["fault"].to_numpy(), table["sample"].to_numpy()
    part = np.array(table["part"].to_pylist())
    found: dict[tuple[int, str], tuple[tuple[str, ...], Floats]] = {}
    for number in np.unique(fault):
        for which in np.unique(part[fault == number]):
            at = np.flatnonzero((fault == number) & (part == which))
            found[int(number), str(which)] = names, values[at[np.argsort(sample[at], kind="stable")]]
    return found


def _mahalanobis(train: Floats, names: tuple[str, ...], held_back: Floats) -> Score:
    learned = normal.learn(train, names, PROCESS.settings, held_back)
    return lambda rows: normal.score(learned, normal.begin(learned), rows)[0] / learned.limit


def _components(train: Floats, names: tuple[str, ...], held_back: Floats) -> Score:
    learned = pca.learn(train, names, COMPONENTS, held_back)
    return lambda rows: pca.score(learned, pca.begin(learned), rows)[0]


def told(method: str, ratios: Mapping[int, Floats], half: int) -> list[str]:
    """False alarms, detection and the delay of each fault."""
    alarms = {
        fault: runs(each, np.arange(1, len(each) + 1), PROCESS.rule)[0] for fault, each in ratios.items()
    }
    before = np.concatenate([each[:FAULT_FROM] for fault, each in alarms.items() if fault] or [np.zeros(1)])
    after = {fault: each[FAULT_FROM:] for fault, each in alarms.items() if fault}
    seen = {fault: each for fault, each in after.items() if fault not in UNSEEN}
    delays = {fault: _delay(each) for fault, each in after.items()}
    in_time = [delays[fault] for fault in seen]
    mean = float(np.mean([each.mean() for each in seen.values()])) if seen else float("nan")
    whole = float(np.mean([each.mean() for each in after.values()])) if after else float("nan")
    return [
        f"{method}: FAR {100 * alarms[0][half:].mean():.2f} % on unseen normal, {100 * before.mean():.2f} % "
        f"in the 8 h before each fault; detection {mean:.3f} without faults 3, 9, 15, {whole:.3f} with (an "
        f"alarm that is always on: 1.000 at FAR 100 %); median delay {np.median(in_time):.0f} min, "
        f"within 15 min {sum(delay <= 15 for delay in in_time)} of {len(in_time)}",
        f"{method}, minutes to the alarm by fault (- = never): "
        + ", ".join(f"{fault}: {_minutes(delay)}" for fault, delay in delays.items()),
    ]


def _minutes(delay: float) -> str:
    return f"{delay:.0f}" if np.isfinite(delay) else "-"


def _delay(alarm: NDArray[np.bool_]) -> float:
    """Minutes from the first faulty sample to the first alarm, infinite = never."""
    return float(np.argmax(alarm) * MINUTES) if alarm.any() else np.inf


def _rows(fault: int, ratios: Floats) -> list[Row]:
    """Time is minutes from the start of the run: the set has no dates."""
    return [
        Row(f"fault {fault}", f"{MINUTES * at} min", score=float(ratio)) for at, ratio in enumerate(ratios)
    ]
