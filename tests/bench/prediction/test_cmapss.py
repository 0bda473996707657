"""The shipped model of remaining life, on engines of the public sets and on odd folders of their layout."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from engine import paths
from engine.prediction.buckets import Buckets
from engine.prediction.explain import contributions, groups_of, weights_of
from engine.prediction.features import FEATURES, spec_of
from engine.prediction.fleet import Bound, Fleet
from engine.prediction.package import Package, load_package
from engine.prediction.scoring import score
from engine.types import Rul
from tests.bench.prediction import cmapss
from tests.bench.prediction.__main__ import main
from tests.bench.prediction.cmapss_data import Engine, read_set, sets_in

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "cmapss"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the public tables are not in {DATA}")
BARS = {"FD001": 14.5, "FD003": 15.0, "FD004": 16.0}


@pytest.fixture(scope="module")
def package() -> Package:
    return load_package(paths.resources() / "models" / cmapss.MODEL)


@pytest.fixture(scope="module")
def engines() -> list[Engine]:
    """The first test engines of the set with six ways of running."""
    if not DATA.is_dir():
        pytest.skip(f"the public tables are not in {DATA}")
    return read_set(DATA, "test", "FD002")[:12]


def folder_of(folder: Path, engines: list[Engine], rul: bool = True) -> Path:
    """The same engines as a folder in the layout of the set, not compressed."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {each.name.rpartition("/")[2] for each in engines}
    with gzip.open(DATA / "test_FD002.txt.gz", "rt") as text:
        rows = [line for line in text if line.split()[0] in names]
    (folder / "test_FD009.txt").write_text("".join(rows))
    if rul:
        (folder / "RUL_FD009.txt").write_text("".join(f"{each.left}\n" for each in engines))
    return folder


def test_its_card_says_what_the_interval_and_the_unit_are(package: Package) -> None:
    card = package.card
    assert (card.kind, card.extra["unit"], card.extra["share"]) == ("rul", "cycles", 0.8)
    assert card.failures == 709 and card.data["kind"] == "simulated" and "NASA" in card.data["origin"]
    assert not any(each in " ".join(card.reference) for each in ("cycle", "age", "unit"))
    assert card.extra["fit"]["parity"] <= 1e-5


def test_engines_in_six_ways_of_running_are_answered_inside_their_intervals(
    package: Package, engines: list[Engine]
) -> None:
    answers = [cmapss.lives_of(package, each) for each in engines]
    last = np.array([each[-1] for each in answers])
    found = cmapss.figures(last, cmapss.truth_of(engines))
    assert np.isfinite(last).all()
    assert found["rmse_capped"][0] < 20
    assert found["inside"][0] > 0.5
    whole = np.concatenate(answers)
    whole = whole[np.isfinite(whole[:, 0])]
    assert ((whole[:, 1] <= whole[:, 0]) & (whole[:, 0] <= whole[:, 2])).all()
    assert ((whole[:, 0] >= 0) & (whole[:, 0] <= cmapss.CAP)).all()


def test_live_and_replay_give_the_same_bits(package: Package, engines: list[Engine]) -> None:
    card, buckets = package.card, engines[0].buckets()
    spec, function = spec_of(card), FEATURES[card.features]
    rows = np.arange(len(buckets.means))
    whole = package.run(function.compute(spec, buckets, rows))
    for row in (20, len(rows) - 1):
        alone = package.run(function.compute(spec, buckets, rows[row : row + 1]))
        assert alone.tobytes() == whole[row : row + 1].tobytes()


def test_the_engine_tells_the_life_of_an_asset_with_its_interval(
    package: Package, engines: list[Engine]
) -> None:
    whole = engines[0].buckets()
    past = Buckets(0, whole.bucket_us, whole.means[:, None], whole.coverage[:, None], whole.events[:, None],
                   whole.roles)  # fmt: skip
    bound = Bound(package, ("plant/engine",), np.arange(len(whole.roles))[None])
    fleet = Fleet(bound, whole.bucket_us, len(whole.means) * whole.bucket_us)
    fleet.remember(past)
    was = np.zeros(1, np.int8), np.zeros(1, np.int64), np.zeros(1, np.int64)
    scored = score(fleet, was, fleet.end_us, None, lambda _: "", "")
    value, low, high = cmapss.lives_of(package, engines[0])[-1]
    assert scored.reasons == [""]
    assert scored.rul == [Rul(value, low, high, "cycles", 0.8)]
    stopped = score(fleet, was, fleet.end_us, None, lambda _: "it is stopped", "")
    assert stopped.rul == [None]


def test_without_a_sensor_for_five_cycles_there_is_no_number(package: Package, engines: list[Engine]) -> None:
    buckets = engines[0].buckets()
    buckets.means[-5:, 5] = np.nan
    row = FEATURES[package.card.features].compute(
        spec_of(package.card), buckets, np.array([len(buckets.means) - 1])
    )
    assert np.isnan(package.run(row)).all()


def test_a_setting_between_the_known_ways_of_running_gives_no_number(
    package: Package, engines: list[Engine]
) -> None:
    engine = engines[0]
    values = engine.values.copy()
    values[-5:, 0] = 15.0
    answers = cmapss.lives_of(package, Engine(engine.name, engine.cycles, values, engine.left))
    assert np.isnan(answers[-1]).all() and np.isfinite(answers[-10]).all()


def test_a_worn_engine_is_explained_by_groups_of_sensors_in_their_units(package: Package) -> None:
    card = package.card
    middle = np.array([each[5] for each in card.reference.values()], np.float32)
    worn = middle.copy()
    names = list(card.reference)
    for place, name in enumerate(names):
        if name.startswith("T50:mean"):
            worn[place] += 12.0
    weights = weights_of(package, worn[None], groups_of(card))[0]
    top = contributions(card, worn, weights, groups_of(card))
    assert top[0].group == "temperatures" and top[0].unit == "°R" and top[0].weight > 0


@needs_data
def test_any_folder_of_that_layout_is_scored_cycle_by_cycle(
    engines: list[Engine], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scores.csv"
    assert (
        main(["--set", "cmapss", "--data", str(folder_of(tmp_path / "a", engines)), "--out", str(out)]) == 0
    )
    with out.open() as text:
        found = list(csv.DictReader(text))
    assert list(found[0]) == ["asset", "time", "p24", "p48", "tier", "rul", "score"]
    assert len(found) == sum(len(each.cycles) for each in engines)
    ours = [each for each in found if each["asset"] == "FD009/1"]
    assert [int(each["time"]) for each in ours] == engines[0].cycles.tolist()
    assert ours[0]["rul"] == "" and 0 <= float(ours[-1]["rul"]) <= 125
    told = capsys.readouterr().out
    assert "RMSE true" in told and "capped at 125" in told and "NASA score true" in told


@needs_data
def test_without_the_true_lives_it_is_scored_and_not_judged(
    engines: list[Engine], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--set", "cmapss", "--data", str(folder_of(tmp_path, engines[:2], rul=False))]) == 0
    told = capsys.readouterr().out
    assert "scored, not judged" in told and "RMSE" not in told


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({}, "expected test_FD001.txt"),
        ({"test_A.txt": "1 1 0 0\n"}, "row 1 has not 26 numbers"),
        ({"test_A.txt": "1 x " + "0 " * 24}, "could not convert"),
        ({"test_A.txt": "1 1 " + "0 " * 24, "RUL_A.txt": "5\n6\n"}, "RUL_A tells of 2 engines"),
    ],
)
def test_an_odd_folder_is_refused_with_a_sentence(
    files: dict[str, str], wanted: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert main(["--set", "cmapss", "--data", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert wanted in told and "Traceback" not in told


@pytest.mark.slow
@needs_data
@pytest.mark.timeout(300)
def test_the_bars_are_reached_on_every_test_set_that_is_there(package: Package) -> None:
    for name in sets_in(DATA, "test"):
        engines = read_set(DATA, "test", name)
        answers = np.array([cmapss.lives_of(package, each)[-1] for each in engines])
        assert np.isfinite(answers).all(), name
        found = cmapss.figures(answers, cmapss.truth_of(engines))
        assert found["rmse_capped"][0] <= BARS.get(name, 16.0), name
        assert found["rmse_near"][0] <= 7.0, name
        assert found["inside"][2] >= 0.8, name
