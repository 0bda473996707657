"""C-MAPSS, remaining life: the shipped model, frozen, on the test engines of any folder of that layout.

A folder has ``test_FD001.txt`` (26 columns, as NASA wrote it; .gz too) and ``RUL_FD001.txt`` with the true
cycles left after each engine's last; sets of any name are scored, without the second file they are scored
and not judged. Errors are printed against the true life and against one capped at 125, as papers differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import paths
from engine.prediction.doubts import ENOUGH
from engine.prediction.features import FEATURES, spec_of
from engine.prediction.package import Package, load_package
from tests.bench.prediction.cmapss_data import Engine, read_set, sets_in
from tests.bench.prediction.scored import Row, Scored

MODEL = "cmapss-turbofan"
CAP, NEAR, DRAWS = 125.0, 30.0, 1000
ALWAYS = 87.0
"""What a model that knows nothing says: the mean capped life of the training engines."""
Figures = NDArray[np.float64]


def run(data: Path) -> Scored:
    """Score the folder.

    Raises:
        ValueError: there is nothing to score, or a table is not in this layout.
    """
    package = load_package(paths.resources() / "models" / MODEL)
    names = sets_in(data, "test")
    if not names:
        raise ValueError(f"expected test_FD001.txt or the like in {data}; give the folder with the tables")
    rows: list[Row] = []
    card = package.card
    lines = [f"model {card.id} {card.version}; simulated data ({card.data['origin']})"]
    for name in names:
        engines = read_set(data, "test", name)
        answers = [lives_of(package, each) for each in engines]
        rows += _rows(engines, answers)
        lines += [*judged(name, engines, answers)]
    return Scored(rows, lines)


def lives_of(package: Package, engine: Engine) -> Figures:
    """Value, low and high after each cycle, float64[n, 3]; NaN where live would give none."""
    card, buckets = package.card, engine.buckets()
    there = engine.cycles - engine.cycles[0]
    answers = package.run(FEATURES[card.features].compute(spec_of(card), buckets, there))
    steps = round(max(card.windows_h) * 3600.0 / card.bucket_s)
    known = np.concatenate([np.zeros((1, buckets.coverage.shape[1])), np.cumsum(buckets.coverage, axis=0)])
    share = ((known[there + 1] - known[np.maximum(there + 1 - steps, 0)]) / steps).min(axis=1)
    newest = buckets.means[there]
    ends = [(each.low, each.high) for each in card.inputs]
    inside = [(newest[:, at] >= low) & (newest[:, at] <= high) for at, (low, high) in enumerate(ends)]
    answers[(share < ENOUGH) | ~np.all(inside, axis=0)] = np.nan
    return answers


def truth_of(engines: list[Engine]) -> Figures:
    """Cycles left after the last of each engine, NaN = not told."""
    return np.array([each.lives[-1] for each in engines])


def judged(name: str, engines: list[Engine], answers: list[Figures]) -> Iterator[str]:
    """What is told of a set: the answer after each engine's last cycle against the truth."""
    last, left = np.array([each[-1] for each in answers]), truth_of(engines)
    given = np.isfinite(last).all(axis=1)
    silent = f"; {int((~given).sum())} engines have too little good data for a number" * (not given.all())
    yield ""
    yield f"== {name}: {len(engines)} engines{silent} =="
    use = given & np.isfinite(left)
    if not use.any():
        yield f"RUL_{name} is missing, or nothing was answered: scored, not judged"
        return
    found = figures(last[use], left[use])
    yield (
        f"RMSE true {_ci(found['rmse'])}, capped at {CAP:g} {_ci(found['rmse_capped'])}; with <= {NEAR:g} "
        f"cycles left ({found['near']} engines) {_ci(found['rmse_near'])}"
    )
    yield f"NASA score true {found['score']:.0f}, capped {found['score_capped']:.0f}"
    always, truth = np.full(int(use.sum()), ALWAYS), left[use]
    yield f"always {ALWAYS:g}: RMSE true {_rmse(always, truth):.1f}, capped {_capped(always, truth):.1f}"
    yield (
        f"80 % interval: holds the true life of {_ci(found['inside'])}, with <= {CAP:g} left of "
        f"{_ci(found['inside_capped'])}; median width {found['width']:.0f} cycles, with <= {NEAR:g} left "
        f"{found['width_near']:.0f}"
    )


def figures(answers: Figures, left: Figures) -> dict[str, Any]:
    """Errors and coverage of value, low, high float64[n, 3] against the true lives; [value, low, high] each
    with 95 % by drawing engines.
    """
    value, inside = answers[:, 0], (answers[:, 1] <= left) & (left <= answers[:, 2])
    near, short = left <= NEAR, left <= CAP
    width = answers[:, 2] - answers[:, 1]
    return {
        "engines": len(left),
        "rmse": _drawn(_rmse, value, left),
        "rmse_capped": _drawn(_capped, value, left),
        "near": int(near.sum()),
        "rmse_near": _drawn(_rmse, value[near], left[near]),
        "score": round(_score(value, left), 1),
        "score_capped": round(_score(value, np.minimum(left, CAP)), 1),
        "inside": _drawn(_share, inside),
        "inside_capped": _drawn(_share, inside[short]),
        "width": round(float(np.median(width)), 2),
        "width_near": round(float(np.median(width[near])), 2) if near.any() else 0.0,
    }


def cut_rows(engine: NDArray[np.integer[Any]], left: Figures, most: float = 145.0) -> NDArray[np.intp]:
    """One row of each engine, drawn among those with up to so many cycles left (the spread of the tests)."""
    random = np.random.default_rng(1)
    usable = (left <= most) & (left >= 6.0)
    return np.array(
        [random.choice(np.flatnonzero((engine == each) & usable)) for each in np.unique(engine[usable])]
    )


def _share(inside: NDArray[np.bool_]) -> float:
    return float(np.mean(inside)) if len(inside) else float("nan")


def _rmse(value: Figures, left: Figures) -> float:
    return float(np.sqrt(np.mean((value - left) ** 2))) if len(left) else float("nan")


def _capped(value: Figures, left: Figures) -> float:
    return _rmse(np.minimum(value, CAP), np.minimum(left, CAP))


def _score(value: Figures, left: Figures) -> float:
    """NASA's (PHM08): late is worse than early."""
    late = value - left
    return float(np.sum(np.where(late < 0, np.exp(-late / 13.0), np.exp(late / 10.0)) - 1.0))


def _drawn(of: Callable[..., float], *columns: NDArray[Any]) -> list[float]:
    random = np.random.default_rng(0)
    many = len(columns[0])
    if not many:
        return [float("nan")] * 3
    found = [of(*(each[drawn] for each in columns)) for drawn in random.integers(0, many, (DRAWS, many))]
    low, high = np.quantile(found, (0.025, 0.975))
    return [round(float(each), 4) for each in (of(*columns), low, high)]


def _rows(engines: list[Engine], answers: list[Figures]) -> Iterator[Row]:
    for engine, given in zip(engines, answers, strict=True):
        for cycle, (value, _, _) in zip(engine.cycles.tolist(), given.tolist(), strict=True):
            yield Row(engine.name, str(cycle), rul=value)


def _ci(figure: list[float]) -> str:
    value, low, high = figure
    return f"{value:.2f} ({low:.2f} to {high:.2f})"
