"""The models of the demo plant: their packages, what they foresee in it, and what they leave alone."""

from __future__ import annotations

import csv
import functools

import numpy as np
import pytest

from engine import paths
from engine.app.project import load
from engine.prediction.explain import groups_of, weights_of
from engine.prediction.features import spec_of
from engine.prediction.package import Package, load_package, read_package
from engine.prediction.train_rows import rows_of
from engine.testing.demo_plant.conditions import Conditions
from engine.testing.demo_plant.framing.names import S50
from engine.testing.demo_plant.framing.plant import PLANT
from engine.testing.demo_plant.past import invented
from engine.testing.demo_plant.plant import Model
from tests.bench.prediction import demo
from tests.bench.prediction.__main__ import main
from tests.bench.prediction.demo_delays import Seen, measured, seen
from tests.bench.prediction.demo_fleet import (
    BROKEN,
    BUCKET_S,
    KINDS,
    START_US,
    Kind,
    Line,
    fleet_of,
    line_of,
    lived,
    means_of,
    wanted,
)
from tests.bench.prediction.demo_quiet import quiet_of
from tests.bench.prediction.demo_train import plan_of, write_tables

NOW_S = 72 * 3600.0
HOUR_US = 3_600_000_000
kinds = pytest.mark.parametrize("kind", KINDS, ids=[each.asset_class for each in KINDS])


@functools.lru_cache(maxsize=1)
def types() -> set[str]:
    return {each.id for each in load(paths.resources() / "demo" / "framing").types}


def package(kind: Kind) -> Package:
    return demo.packages()[kind.asset_class]


@kinds
def test_its_package_is_whole_small_and_says_that_its_data_are_simulated(kind: Kind) -> None:
    folder = paths.resources() / "models" / kind.model
    card = read_package(folder).card
    assert load_package(folder).card == card
    assert sum(each.stat().st_size for each in folder.iterdir()) < 500_000
    assert card.failures >= 30 and card.data["kind"] == "simulated"
    assert any("simulated" in each for each in card.limits)
    assert {"validation", "test", "unseen"} <= card.metrics.keys()
    plan = plan_of(kind)
    assert (plan.id, plan.version, plan.spec(), plan.limits) == (
        card.id, card.version, spec_of(card), card.limits,
    )  # fmt: skip


@kinds
def test_it_binds_to_the_assets_of_its_class_by_tags_and_units_that_they_have(kind: Kind) -> None:
    assert kind.asset_class in types()
    with (paths.resources() / "demo" / "framing" / "tags.csv").open(encoding="utf-8") as text:
        unit = {row["path"]: row["unit"] for row in csv.DictReader(text)}
    for asset in kind.assets:
        for each in package(kind).card.inputs:
            assert unit[f"{asset}/{each.tag}"] == each.unit


def test_means_of_buckets_are_those_of_all_samples() -> None:
    path = f"{S50}/Hydraulics/Pump current"
    made = means_of(Conditions(7), [path], 0.25)[path]
    model = Model(PLANT, wanted([path]))
    every = model.values(Conditions(7), np.arange(0.0, 0.25 * 86_400.0, 1.0))[:, 0]
    right = every.reshape(len(made), -1).mean(axis=1)
    off = made - right
    assert off.std() < 2.5 and abs(float(off.mean())) < 0.8, "a stroke moves it by 41 A"
    assert np.corrcoef(made, right)[0, 1] > 0.5


def test_a_line_that_fails_does_so_when_its_fault_has_grown() -> None:
    conditions, failed = lived(11, 60.0)
    found = {
        (fault.name, round(fault.end_s))
        for fault in conditions.faults
        if (fault.end_s - fault.begin_s) / fault.grow_s > 0.99 * BROKEN and fault.name in failed
    }
    assert found == {(name, round(at)) for name, times in failed.items() for at in times} != set()
    assert lived(11, 60.0) == (conditions, failed) != lived(12, 60.0)
    healthy, nothing = lived(11, 60.0, is_healthy=True)
    assert not healthy.faults and not nothing and healthy.settings


def test_tables_hold_what_the_lines_did(tmp_path) -> None:
    from engine.prediction.train_fleet import read_tables

    kind = KINDS[1]
    plan = plan_of(kind)
    seed = next(seed for seed in range(20, 99) if lived(seed, 20.0)[1]["pump-cavitation"])
    line = line_of(seed, 20.0, [f"{asset}/{each.tag}" for asset in kind.assets for each in plan.inputs])
    write_tables(tmp_path, kind, plan, [line])
    given = fleet_of(kind, {each.role: each.tag for each in plan.inputs}, [line]).assets
    for read, made in zip(read_tables(tmp_path, plan.layout()).assets, given, strict=True):
        assert read.name == made.name
        assert np.array_equal(read.buckets.means, made.buckets.means)
        assert np.array_equal(read.known_us(), made.known_us())
        assert np.array_equal(read.failures_us, made.failures_us)
        assert np.array_equal(read.repaired_us, made.repaired_us)
    assert len(given[0].failures_us) == len(line.failed_s["pump-cavitation"])
    assert not len(given[1].failures_us), "the second pump is sound"


def test_after_the_made_past_the_worn_bearing_is_foreseen_and_named_and_nothing_else() -> None:
    tags = {
        f"{a}/{t}" for kind in KINDS for a in kind.assets for t in demo.tags_by_role(package(kind)).values()
    }
    past = invented(PLANT, 1, 1_790_000_000_000_000, NOW_S)
    line = Line(1, past.conditions, means_of(past.conditions, sorted(tags), NOW_S / 86_400.0), {})
    for kind in KINDS:
        model = package(kind)
        rows = rows_of(fleet_of(kind, demo.tags_by_role(model), [line]), spec_of(model.card), "windows/1")
        now = rows.known_us == START_US + round(NOW_S * 1e6)
        assert rows.served[now].all()
        p48 = model.run(rows.features[now])[:, -1]
        if kind.asset_class != "hydraulics":
            assert (p48 < model.card.tiers["watch"]).all(), kind.asset_class
            continue
        groups = groups_of(model.card)
        weights = weights_of(model, rows.features[now], groups)[0]
        assert p48[0] >= model.card.tiers["watch"]
        assert groups[int(np.argmax(weights))].name in kind.breaks["bearing-wear"][1]


@functools.lru_cache(maxsize=1)
def drifts() -> list[Seen]:
    """Faults that grow within 60 h, on two lines that nobody trained or chose anything on."""
    chosen = (("seal-leak", "pump-cavitation"), ("bearing-wear", "cooling-loss"), ("sensor-drift",))
    return [each for seed in (701, 702) for each in seen(seed, demo.packages(), ("drift",), chosen)]


def test_slow_faults_are_seen_by_both_layers_a_day_before_they_break_something() -> None:
    breaking = [each for each in drifts() if each.fault != "sensor-drift"]
    assert len(breaking) == 8
    for each in breaking:
        assert each.normal_h is not None and each.normal_h < 12.0, each
        assert each.watch_h is not None and each.watch_h < 30.0, each
        assert each.is_right, each


def test_a_sensor_that_drifts_is_abnormal_by_its_own_tag_and_no_model_acts_on_it() -> None:
    for each in drifts():
        if each.fault == "sensor-drift":
            assert each.normal_h is not None and each.is_right
            assert each.act_h is None


def test_nothing_is_foreseen_and_nothing_abnormal_on_two_sound_lines() -> None:
    for seed in (711, 712):
        for kind in (KINDS[1], KINDS[3]):
            model = package(kind)
            tags = demo.tags_by_role(model)
            line = line_of(
                seed, 6.0, [f"{a}/{t}" for a in kind.assets for t in tags.values()], is_healthy=True
            )
            rows, p = demo.scored(model, fleet_of(kind, tags, [line]))
            assert rows.served.any() and not (p[rows.served] >= model.card.tiers["act"]).any()
    asset = f"{S50}/Hydraulics"
    calm, _ = quiet_of(711, 11.0, {asset: measured(asset)})
    assert calm == (0.0,)


def test_only_the_set_that_is_made_is_trained_here(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--set", "azure", "--train"], ["--set", "azure"]):
        with pytest.raises(SystemExit):
            main(words)
    told = capsys.readouterr().err
    assert "--train is for --set demo" in told and "--data is missing" in told


def test_buckets_of_the_plan_are_those_that_are_made() -> None:
    assert {plan_of(kind).bucket_s for kind in KINDS} == {BUCKET_S}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_twenty_lines_are_scored_and_the_tiers_keep_what_they_promise() -> None:
    lines = demo.run(seeds=demo.SEEDS).lines
    for kind in KINDS:
        (act,) = (each for each in lines if each.startswith(f"{kind.asset_class:12s} ACT"))
        found = float(act.partition("recall ")[2].split()[0])
        right = float(act.partition("right ")[2].split()[0])
        false = float(act.partition("false/month ")[2].split()[0])
        assert found >= 0.9 and right >= 0.9 and false <= 0.10, act
