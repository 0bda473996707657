"""What live has kept, looked at again: drift, followed normals, standings, past cases; over a restart too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.prediction.buckets import Buckets
from engine.prediction.cases import past_cases
from engine.prediction.drifting import Drifts
from engine.prediction.episodes import Episodes, Says
from engine.prediction.explain import explain_with
from engine.prediction.features import FEATURES, spec_of
from engine.prediction.fleet import Bound, OpenBucket, fleet_name
from engine.prediction.kept import failures_in, fleet_kept, kept_rows, standings
from engine.prediction.leveling import Levels, NotFollowed
from engine.prediction.package import PackageRefused
from engine.prediction.prediction import Calls
from engine.prediction.prediction_file import PredictionFile
from engine.prediction.promotion import DAY_US, PromotionRule
from engine.types import ModelCard
from tests.engine.prediction.fleet_rig import Formula, MovedClock, Plant, card

HOUR_US = 3_600_000_000
START_US = 1_790_000_000_000_000 - 1_790_000_000_000_000 % (24 * HOUR_US)
DAYS = 20
ASSETS = ("Line 1/P1", "Line 1/P2")


def hourly(**changes: object) -> ModelCard:
    """A card with a bucket an hour whose reference is what calm pumps give."""
    made = card(bucket_s=3600.0, windows_h=(3.0, 24.0), events=(), **changes)
    rows = FEATURES[made.features].compute(spec_of(made), buckets(calm(7), made), np.arange(100, DAYS * 24))
    names = FEATURES[made.features].names(spec_of(made))
    table = np.quantile(rows.reshape(-1, len(names)), np.linspace(0, 1, 11), axis=0).T
    return msgspec.structs.replace(made, reference=dict(zip(names, map(tuple, table.tolist()), strict=True)))


def calm(seed: int) -> NDArray[np.float32]:
    """Vibration about 5 and pressure about 6 of two pumps: float32[hours, 2, 2]."""
    random = np.random.default_rng(seed)
    return random.normal((5.0, 6.0), (1.0, 1.0), (DAYS * 24, 2, 2)).astype(np.float32)


def buckets(means: NDArray[np.float32], made: ModelCard) -> Buckets:
    roles = tuple(each.role for each in made.inputs)
    shape = (*means.shape[:2], 0)
    return Buckets(START_US, HOUR_US, means, np.ones_like(means), np.zeros(shape, np.int32), roles)


class Kept:
    """A file with what was kept of two pumps, the last hour just closed."""

    def __init__(self, folder: Path, means: NDArray[np.float32], **changes: object) -> None:
        self.folder, self.file = folder, PredictionFile(folder / "prediction.db")
        self.card = hourly(**changes)
        self.clock = MovedClock(START_US + len(means) * HOUR_US)
        self.keep(means)
        columns = np.arange(4, dtype=np.intp).reshape(2, 2)
        self.bound = Bound(Formula(self.card), ASSETS, columns)
        self.notes: list[dict[str, Any]] = []

    def keep(self, means: NDArray[np.float32]) -> None:
        self.file.keep_buckets(fleet_name(self.card), buckets(means, self.card), OpenBucket(0, b"", b""))

    def levels(self) -> Levels:
        return Levels(self.file, self.folder / "levels.json", self.notes.append)

    def fail(self, asset: str, hour: float) -> None:
        """Tell a failure to a model that watches, as live does."""
        episodes, at_us = Episodes(self.file), START_US + round(hour * HOUR_US)
        says = [Says(asset, "", 0.1)]
        episodes.step(at_us - HOUR_US, "pump-48h", "1", 48.0, says, 3600.0)
        episodes.failed(asset, at_us)


@pytest.fixture
def files():
    made: list[Kept] = []
    yield made
    for each in made:
        each.file.close()


NONE = np.zeros(2, np.bool_)


@pytest.mark.parametrize("odd", [3.0, 80.0])
def test_rows_of_kept_buckets_are_those_of_live_to_the_bit(tmp_path: Path, odd: float) -> None:
    plant = Plant(tmp_path)
    plant.run(60, [3.0, 6.0])
    plant.run(5, [odd, 6.0])  # 80 is outside what the model knows, and stays in the window
    plant.run(29, [4.0, 6.0])
    bound = Bound(plant.model, plant.assets, plant.columns)
    now_us = plant.clock.now_us()
    rows = kept_rows(plant.model.card, fleet_kept(plant.file, bound, now_us - 2 * HOUR_US, now_us, {}))
    assert rows is not None
    ours = rows.features[rows.asset == 0]
    # All that live was asked once its longest window was full.
    for live in [each for each in plant.model.asked if len(each)][-6:]:
        assert any(np.array_equal(live[0], row, equal_nan=True) for row in ours)
        assert np.nanmax(live[0][:4]) < 10.0, "no mean has it in it"
    plant.close()


@pytest.fixture
def two_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pumps stand for the eight assets that a fleet needs to be compared."""
    monkeypatch.setattr("engine.prediction.drift.LEAST_ASSETS", 2)


@pytest.mark.usefixtures("two_are_enough")
def test_drift_blocks_act_and_names_the_input_that_moved(tmp_path: Path, files: list[Kept]) -> None:
    means = calm(1)
    files.append(still := Kept(tmp_path, means))
    drifts = Drifts(still.file, still.clock, lambda: [still.bound])
    assert drifts.of(still.card) is None
    assert drifts.blocked(still.card) == ""
    seen = drifts.of(still.card)
    assert seen is not None and max(seen.psi.values()) < 0.25
    moved = means.copy()
    moved[-6 * 24 :, :, 0] += 3.0
    (tmp_path / "moved").mkdir()
    files.append(other := Kept(tmp_path / "moved", moved))
    drifts = Drifts(other.file, other.clock, lambda: [other.bound])
    assert "Vibration" in drifts.blocked(other.card) and "no ACT" in drifts.blocked(other.card)


def test_drift_is_looked_at_once_an_hour_and_not_more(tmp_path: Path, files: list[Kept]) -> None:
    files.append(kept := Kept(tmp_path, calm(1)))
    drifts = Drifts(kept.file, kept.clock, lambda: [kept.bound])
    asked: list[int] = []
    read = kept.file.buckets
    kept.file.buckets = lambda *args: asked.append(1) or read(*args)  # type: ignore[method-assign]
    for _ in range(59):
        drifts.blocked(kept.card)
        kept.clock.at_us += 60_000_000
    assert len(asked) == 1
    kept.clock.at_us += 60_000_000
    drifts.blocked(kept.card)
    drifts.close()  # it is looked at in another thread: waited for here
    assert len(asked) == 2


@pytest.mark.usefixtures("two_are_enough")
def test_what_is_followed_is_no_drift(tmp_path: Path, files: list[Kept]) -> None:
    means = calm(1)
    means[:, :, 0] += 2.0
    files.append(kept := Kept(tmp_path, means))
    levels = kept.levels()
    end_us = kept.clock.now_us()
    for day in range(5):
        levels.after(kept.bound, end_us - (4 - day) * 24 * HOUR_US, NONE)
    off = levels.offsets(kept.bound)
    assert np.allclose(off[:, 0], off[0, 0], atol=1.0) and (off[:, 0] > 1.0).all() and (off[:, 1] == 0).all()
    without = Drifts(kept.file, kept.clock, lambda: [kept.bound])
    assert "Vibration" in without.blocked(kept.card)
    assert Drifts(kept.file, kept.clock, lambda: [kept.bound], levels.offsets).blocked(kept.card) == ""


def test_a_normal_is_followed_one_step_a_day_on_record_and_over_a_restart(
    tmp_path: Path, files: list[Kept]
) -> None:
    files.append(kept := Kept(tmp_path, calm(1) + np.float32(2.0)))
    levels, end_us = kept.levels(), kept.clock.now_us()
    first = levels.after(kept.bound, end_us - 24 * HOUR_US, NONE)
    assert first[0, 0] == pytest.approx(0.5)
    assert (levels.after(kept.bound, end_us - 23 * HOUR_US, NONE) == first).all()
    assert len(kept.notes) == 2 and {each["asset"] for each in kept.notes} == set(ASSETS)
    told = kept.notes[0]
    assert (told["what"], told["id"], told["before"]) == ("baseline moved", "pump-48h", {})
    assert (kept.levels().offsets(kept.bound) == first).all()
    second = kept.levels().after(kept.bound, end_us, NONE)
    assert second[0, 0] == pytest.approx(1.0)


def test_a_normal_stands_still_while_something_is_wrong_and_is_not_learned_from_it(
    tmp_path: Path, files: list[Kept]
) -> None:
    means = calm(1)
    means[-8 * 24 :] += 2.0
    files.append(kept := Kept(tmp_path, means))
    levels, end_us = kept.levels(), kept.clock.now_us()
    wrong = np.array([True, False])
    for hour in range(8 * 24):
        off = levels.after(kept.bound, end_us - (8 * 24 - 1 - hour) * HOUR_US, wrong)
    assert (off[0] == 0).all() and (off[1] != 0).any()
    # Right again: the eight days are no part of what is learned, and the six before were calm.
    off = levels.after(kept.bound, end_us, NONE)
    assert (off[0] == 0).all()


def test_a_person_takes_a_followed_normal_back_and_lets_it_go_on(tmp_path: Path, files: list[Kept]) -> None:
    files.append(kept := Kept(tmp_path, calm(1) + np.float32(2.0)))
    levels, end_us = kept.levels(), kept.clock.now_us()
    levels.after(kept.bound, end_us - 48 * HOUR_US, NONE)
    with pytest.raises(NotFollowed, match="no normal of 'Line 9'"):
        levels.set("pump-48h", "Line 9", "", "A. Engineer", "wrong sensor")
    levels.set("pump-48h", ASSETS[0], "", "A. Engineer", "it learned a fault")
    told = kept.notes[-1]
    assert (told["what"], told["by"], told["after"]) == ("baseline taken back", "A. Engineer", {})
    assert told["before"]["Vibration"] == pytest.approx(0.5)
    levels = kept.levels()
    off = levels.after(kept.bound, end_us - 24 * HOUR_US, NONE)
    assert (off[0] == 0).all() and off[1, 0] == pytest.approx(1.0)
    levels.set("pump-48h", ASSETS[0], "72h", "A. Engineer", "the sensor was changed")
    assert levels.after(kept.bound, end_us, NONE)[0, 0] == pytest.approx(0.5)


def test_a_damaged_file_of_levels_gives_every_model_its_own_normal(tmp_path: Path, files: list[Kept]) -> None:
    files.append(kept := Kept(tmp_path, calm(1) + np.float32(2.0)))
    kept.levels().after(kept.bound, kept.clock.now_us(), NONE)
    (tmp_path / "levels.json").write_bytes(b'{"levels": 3}')
    assert (kept.levels().offsets(kept.bound) == 0).all()
    assert (tmp_path / "levels.json.damaged").exists()


def test_the_remaining_life_is_never_levelled(tmp_path: Path, files: list[Kept]) -> None:
    files.append(kept := Kept(tmp_path, calm(1) + np.float32(2.0), kind="rul"))
    assert (kept.levels().after(kept.bound, kept.clock.now_us(), NONE) == 0).all() and kept.notes == []


def test_live_scores_what_is_left_after_the_level_is_taken_off(tmp_path: Path) -> None:
    asked: list[tuple[int, list[bool]]] = []

    def level(bound: Bound, end_us: int, wrong: NDArray[np.bool_]) -> NDArray[np.float32]:
        asked.append((end_us, wrong.tolist()))
        return np.full((len(bound.assets), 2), (2.0, 0.0), np.float32)

    calls = Calls(level=level, alarmed=lambda asset: asset == "Line 1/P2")
    plant = Plant(tmp_path, calls=calls)
    plant.run(60, [5.0, 6.0])
    assert plant.outlook().p48 == pytest.approx(0.3)
    assert asked[-1][1] == [True, True]  # both are in WATCH by 0.3, the second in alarm, too
    assert asked[0][1] == [False, True]
    plant.close()


def test_two_versions_are_judged_over_the_same_rows(tmp_path: Path, files: list[Kept]) -> None:
    means = calm(1)
    for hour in (5 * 24, 12 * 24):  # a failure that shows a day ahead, and one that does not
        means[hour - 24 : hour, 0, 0] = 12.0
    files.append(kept := Kept(tmp_path, means))
    kept.fail(ASSETS[0], 5 * 24 + 0.5)
    kept.fail(ASSETS[0], 12 * 24 + 0.5)
    kept.fail(ASSETS[1], 9 * 24 + 0.5)
    nervous = Formula(
        msgspec.structs.replace(kept.card, version="2"), lambda rows: np.full((len(rows), 2), 0.9)
    )
    bounds = [kept.bound, Bound(nervous, ASSETS, kept.bound.columns, "challenger")]
    keys = [("pump-48h", "1"), ("pump-48h", "2"), ("pump-48h", "3")]
    models = {"1": kept.bound.model, "2": nervous}
    closed: list[str] = []

    def opened(_: str, version: str) -> Any:
        model = models[version]
        model.close = lambda: closed.append(version)
        return model

    found = standings(kept.file, opened, bounds, kept.clock.now_us(), START_US + 48 * HOUR_US, keys)
    assert set(found) == {("pump-48h", "1"), ("pump-48h", "2")} and closed == ["1", "2"]
    calm_one, loud = found["pump-48h", "1"], found["pump-48h", "2"]
    assert (calm_one.failures, calm_one.found) == (3, 2) and (loud.failures, loud.found) == (3, 3)
    assert calm_one.months == loud.months > 0.9
    assert calm_one.false_alarms == 0 < loud.false_alarms
    assert calm_one.brier is not None and loud.brier is not None and calm_one.brier < loud.brier


def test_lives_are_judged_on_those_that_ended_with_the_part_their_interval_held(
    tmp_path: Path, files: list[Kept]
) -> None:
    means, ended = calm(1), 300
    left_h = np.maximum(ended - np.arange(len(means), dtype=np.float32), 0.0)
    means[:ended, 0, 0] = 40.0 - left_h[:ended] / 10.0  # the first wears out, the second never does
    rul: dict[str, Any] = {"kind": "rul", "horizon_h": (100.0,), "extra": {"unit": "h"}, "tiers": {}}
    files.append(kept := Kept(tmp_path, means, **rul))
    kept.fail(ASSETS[0], ended + 0.5)

    def told(wide: float, off: float) -> Any:
        def say(rows: NDArray[np.float32]) -> NDArray[np.float64]:
            value = (40.0 - rows[:, 0].astype(np.float64)) * 10.0 + off
            return np.stack([value, value - wide, value + wide], axis=1)

        return say

    models = {"1": Formula(kept.card, told(20.0, 0.0))}
    models["2"] = Formula(msgspec.structs.replace(kept.card, version="2"), told(2.0, 15.0))
    bounds = [Bound(each, ASSETS, kept.bound.columns) for each in models.values()]

    def opened(_: str, version: str) -> Any:
        models[version].close = lambda: None
        return models[version]

    keys = [("pump-48h", "1"), ("pump-48h", "2")]
    found = standings(kept.file, opened, bounds, kept.clock.now_us(), START_US, keys)
    good, bad = found["pump-48h", "1"], found["pump-48h", "2"]
    assert (good.failures, good.months) == (bad.failures, bad.months) and good.failures == 1
    assert good.rmse_h == pytest.approx(1.1, abs=0.6) and bad.rmse_h == pytest.approx(16.1, abs=0.6)
    assert (good.inside, bad.inside) == (1.0, 0.0)
    against = PromotionRule().against(0, 14 * DAY_US, bad, good)
    assert len(against) == 2 and PromotionRule().against(0, 14 * DAY_US, good, bad) == ()


def test_a_failure_told_twice_is_one(tmp_path: Path, files: list[Kept]) -> None:
    files.append(kept := Kept(tmp_path, calm(1)))
    kept.fail(ASSETS[0], 100.0)
    kept.fail(ASSETS[0], 101.0)
    assert {asset: len(times) for asset, times in failures_in(kept.file).items()} == {ASSETS[0]: 1}


def test_a_warning_is_told_in_measured_values_with_the_case_most_like_it(
    tmp_path: Path, files: list[Kept]
) -> None:
    means = calm(1)
    means[10 * 24 - 24 : 10 * 24, 0, 0] = 12.0
    means[-24:, 1, 0] = 12.0
    files.append(kept := Kept(tmp_path, means))
    episodes, at_us = Episodes(kept.file), START_US + 10 * 24 * HOUR_US
    episodes.step(at_us, "pump-48h", "1", 48.0, [Says(ASSETS[0], "act", 0.9)], 3600.0)
    episodes.failed(ASSETS[0], at_us + 20 * HOUR_US)
    explain = explain_with(
        past_cases(kept.file, kept.clock), lambda bound: np.full((2, 2), (1.5, 0.0), np.float32)
    )
    rows = FEATURES[kept.card.features].compute(
        spec_of(kept.card), buckets(means, kept.card), np.array([len(means) - 1])
    )
    top, case = explain(kept.bound, 1, rows[0, 1])
    assert top[0].group == "Vibration" and top[0].value == pytest.approx(13.5)
    assert top[0].normal == pytest.approx(6.5, abs=0.3)
    assert case is not None and (case.asset, case.ended) == (ASSETS[0], "it failed 20 h later")
    assert case.lead_h == pytest.approx(20.0)


def test_a_model_that_fails_explains_nothing_and_breaks_nothing(tmp_path: Path, files: list[Kept]) -> None:
    def gone(_: NDArray[np.float32]) -> NDArray[np.float64]:
        raise PackageRefused("it failed 4 times and is not started again")

    files.append(kept := Kept(tmp_path, calm(1)))
    bound = Bound(Formula(kept.card, gone), ASSETS, kept.bound.columns)
    explain = explain_with(past_cases(kept.file, kept.clock))
    assert explain(bound, 0, np.zeros(len(kept.card.reference), np.float32)) == ((), None)
    kept.fail(ASSETS[0], 300.0)
    assert Drifts(kept.file, kept.clock, lambda: [bound]).blocked(kept.card) == ""
