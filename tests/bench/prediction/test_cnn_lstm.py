"""The network under the contract of every package: golden rows, a slice of the fleet, and its bars."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine import paths
from engine.prediction.features import FEATURES, spec_of
from engine.prediction.package import Package, load_package
from engine.prediction.train_fleet import read_tables
from engine.prediction.train_plan import read_plan
from engine.prediction.train_rows import Rows, rows_of
from engine.prediction.train_scores import average_precision, brier_skill, events_of
from tests.bench.prediction import azure
from tests.bench.prediction.__main__ import main
from tests.bench.prediction.test_azure import tables

NAME = f"{azure.MODEL}-cnn-lstm"
DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "azure_pdm"


@pytest.fixture(scope="module")
def package() -> Package:
    return load_package(paths.resources() / "models" / NAME)


def scored(folder: Path, package: Package) -> tuple[Rows, np.ndarray]:
    rows = rows_of(read_tables(folder, azure.layout_of(package.card)), spec_of(package.card), "steps/1")
    return rows, azure.probabilities(package, rows)


def test_its_plan_is_the_one_it_was_trained_by_and_torch_agreed(package: Package) -> None:
    plan, card = read_plan(paths.resources() / "training" / f"{NAME}.toml"), package.card
    assert (plan.id, plan.version, plan.features, plan.spec()) == (
        card.id, card.version, card.features, spec_of(card)
    )  # fmt: skip
    assert card.extra["fit"]["parity"] <= 1e-5
    assert "torch" in card.trainer and card.data["kind"] == "simulated"
    assert tuple(card.reference) == FEATURES["steps/1"].names(spec_of(card))


def test_a_day_is_never_likelier_than_two(package: Package) -> None:
    random = np.random.default_rng(3)
    rows = random.normal(100, 60, (500, len(package.card.reference))).astype(np.float32)
    rows[random.random(rows.shape) < 0.1] = np.nan
    p = package.run(rows)
    assert np.isfinite(p).all()
    assert (p[:, 0] <= p[:, 1]).all()


def test_it_warns_where_a_sensor_moves_and_codes_come_and_not_elsewhere(
    package: Package, tmp_path: Path
) -> None:
    rows, p = scored(tables(tmp_path / "a"), package)
    first = rows.asset == 0
    assert np.nanmax(p[first][158:164, 1]) > 10 * np.nanmedian(p[first][:80, 1])
    assert np.isnan(p[~rows.served]).all()


def test_the_bench_scores_it_beside_the_limits_and_the_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tables(tmp_path / "a")
    assert main(["--set", "azure", "--model", "cnn-lstm", "--data", str(folder)]) == 0
    told = capsys.readouterr().out
    assert f"model {NAME}" in told and "limit AND error code" in told and "HH/LL" in told


def test_another_set_has_no_such_model(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--set", "skab", "--model", "cnn-lstm", "--data", str(tmp_path)])


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(not DATA.is_dir(), reason=f"the public tables are not in {DATA}")
def test_both_tiers_reach_their_bars_on_later_months_and_on_machines_it_has_not_seen(
    package: Package,
) -> None:
    rows, p = scored(DATA, package)
    known, unseen, _ = azure.parts(rows, package.card).values()
    for part in (known & rows.served, unseen & rows.served):
        use = part & np.isfinite(p).all(axis=1)
        assert average_precision(rows.label(48.0)[use], p[use, 1]) >= 0.74
        assert average_precision(rows.label(24.0)[use], p[use, 0]) >= 0.93
        assert brier_skill(rows.label(48.0)[use], p[use, 1]) >= 0.51  # a Brier of 0.018 at 3.8 %
        act = events_of(rows, p[:, 1], package.card.tiers["act"], part)
        assert act.found.sum() / act.failures.sum() >= 0.90
        assert act.wrong.sum() / act.months.sum() <= 0.10
        assert act.right.sum() / (act.right + act.wrong).sum() >= 0.85
        watch = events_of(rows, p[:, 1], package.card.tiers["watch"], part)
        assert watch.early.sum() / watch.failures.sum() >= 0.85
        assert watch.wrong.sum() / watch.months.sum() <= 1.6
