"""From LightGBM to ONNX: the same numbers, whatever is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.prediction.package import load_package
from engine.prediction.session import open_session
from engine.prediction.train_fit import Cancelled, fit, predict, to_onnx
from engine.prediction.train_plan import Fit
from tests.engine.prediction.train_rig import PLAN, tables

SMALL = Fit(trees=15, leaves=7, least_rows=20)


@pytest.fixture(scope="module")
def trained() -> tuple[list[object], bytes, np.ndarray]:
    random = np.random.default_rng(4)
    features = random.normal(170, 9, (4000, 6)).astype(np.float32)
    features[:, 1] = np.round(features[:, 1])  # many equal values, as counts of events have
    features[random.random(features.shape) < 0.1] = np.nan
    label = np.nan_to_num(features[:, 0]) + random.normal(0, 3, 4000) > 180
    train = np.arange(4000) < 3000
    both = [fit(features, each, train, ~train, SMALL) for each in (label & (features[:, 1] > 165), label)]
    return both, to_onnx(both, 6), features


def ask(model: bytes, features: np.ndarray) -> np.ndarray:
    return open_session(model, "the model", ("probabilities",), (None, features.shape[1]))(features)[0]


def test_onnx_answers_as_the_trainer_with_values_missing(
    trained: tuple[list[object], bytes, np.ndarray],
) -> None:
    boosters, model, features = trained
    assert np.isnan(features).any(axis=1).mean() > 0.3
    assert np.max(np.abs(ask(model, features) - predict(boosters, features))) <= 1e-5


def test_onnx_answers_as_the_trainer_next_to_every_limit_of_a_tree(
    trained: tuple[list[object], bytes, np.ndarray],
) -> None:
    """Values right at a limit and one float32 beside it: where rounding of the limits would show."""
    boosters, model, features = trained
    limits: list[tuple[int, float]] = []

    def walk(node: dict[str, object]) -> None:
        if "threshold" in node:
            limits.append((int(str(node["split_feature"])), float(str(node["threshold"]))))
            walk(node["left_child"])  # type: ignore[arg-type]
            walk(node["right_child"])  # type: ignore[arg-type]

    for booster in boosters:
        for tree in booster.dump_model()["tree_info"]:  # type: ignore[attr-defined]
            walk(tree["tree_structure"])
    assert len(limits) > 50
    rows = np.repeat(features[:1], 3 * len(limits), axis=0)
    for place, (column, limit) in enumerate(limits):
        near = np.float32(limit)
        rows[3 * place : 3 * place + 3, column] = [
            near,
            np.nextafter(near, -np.inf),
            np.nextafter(near, np.inf),
        ]
    assert np.max(np.abs(ask(model, rows) - predict(boosters, rows))) <= 1e-5


def test_a_longer_horizon_is_never_less_likely(trained: tuple[list[object], bytes, np.ndarray]) -> None:
    _, model, features = trained
    p = ask(model, features)
    assert p.shape == (len(features), 2)
    assert (p[:, 1] >= p[:, 0]).all()


def test_training_stops_where_it_is_asked_to() -> None:
    seen: list[float] = []

    def progress(share: float) -> None:
        seen.append(share)
        if share > 0.2:
            raise Cancelled

    random = np.random.default_rng(1)
    features = random.normal(size=(600, 2)).astype(np.float32)
    train = np.arange(600) < 400
    with pytest.raises(Cancelled):
        fit(features, features[:, 0] > 1, train, ~train, SMALL, progress)
    assert 0.2 < seen[-1] < 0.4


@pytest.mark.system
def test_the_command_makes_a_package_that_is_loaded(tmp_path: Path) -> None:
    tables(tmp_path / "data")
    (tmp_path / "plan.toml").write_text(PLAN)
    done = command(tmp_path)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    assert lines[-1]["done"] == "fans 1.0.0"
    assert [each["share"] for each in lines if each.get("stage") == "fit 48 h"][-1] > 0
    card = load_package(tmp_path / "out").card
    assert card.failures >= 30
    assert card.tiers["watch"] < card.tiers["act"]
    assert card.metrics["test"]["48h"]["pr_auc"][0] > 0.5


@pytest.mark.system
def test_the_command_refuses_too_little_history_and_writes_nothing(tmp_path: Path) -> None:
    tables(tmp_path / "data", machines=4)
    (tmp_path / "plan.toml").write_text(PLAN)
    done = command(tmp_path)
    assert done.returncode == 1
    assert "of 30 failures" in json.loads(done.stdout.splitlines()[-1])["refused"]
    assert not (tmp_path / "out").exists()


@pytest.mark.system
def test_the_command_stops_at_a_signal_and_writes_nothing(tmp_path: Path) -> None:
    tables(tmp_path / "data")
    (tmp_path / "plan.toml").write_text(PLAN)
    child = subprocess.Popen(arguments(tmp_path), stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    next(line for line in child.stdout if "fit" in line)
    child.terminate()
    told, _ = child.communicate(timeout=60)
    assert child.returncode == 1
    assert "stopped" in told.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def arguments(folder: Path) -> list[str]:
    asked = [str(folder / "plan.toml"), "--data", str(folder / "data"), "--out", str(folder / "out")]
    return [sys.executable, "-m", "engine.prediction.train", *asked]


def command(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments(folder), capture_output=True, text=True, timeout=120, check=False)
