"""What a model was never shown counts for no part of a training, as it counts for nothing live."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from engine.prediction.features import FEATURES, within
from engine.prediction.train_fleet import Fleet, read_tables
from engine.prediction.train_plan import Plan, read_plan
from engine.prediction.train_rows import taken_of
from tests.engine.prediction.train_rig import PLAN, tables


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Fleet]:
    folder = tmp_path_factory.mktemp("fans")
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    plan = read_plan(folder / "plan.toml")
    return plan, read_tables(tables(folder / "tables", machines=4), plan.layout())


def day(text: str) -> int:
    return int(np.datetime64(text, "us").astype(np.int64))


def strange(fleet: Fleet, since: str, until: str) -> Fleet:
    """The same, and the first fan tells 500 °C meanwhile."""
    first = fleet.assets[0]
    means, known = first.buckets.means.copy(), first.known_us()
    means[(known > day(since)) & (known <= day(until))] = 500.0
    first = replace(first, buckets=replace(first.buckets, means=means))
    return Fleet((first, *fleet.assets[1:]), ())


@pytest.mark.parametrize(
    ("part", "days"),
    [("validation", ("2020-03-10", "2020-03-12")), ("test", ("2020-04-05", "2020-04-07"))],
)
def test_a_value_out_of_range_is_missing_in_every_part_as_it_is_live(
    given: tuple[Plan, Fleet], part: str, days: tuple[str, str]
) -> None:
    plan, fleet = given
    _, before, parts = taken_of(fleet, plan)
    ranged, rows, after = taken_of(strange(fleet, *days), plan)
    heat = ranged.inputs[0]
    assert heat.high is not None and heat.high < 500.0
    hot = (rows.asset == 0) & (rows.known_us > day(days[0])) & (rows.known_us <= day(days[1]))
    assert not hot.any() and after[part].sum() < parts[part].sum()
    assert not (rows.features[rows.asset == 0] > 200.0).any(), "nor does a window reach back to it"
    assert np.array_equal(rows.features[after["train"]], before.features[parts["train"]], equal_nan=True)
    asset = strange(fleet, *days).assets[0]
    live = within(ranged.inputs, asset.buckets)
    places = np.searchsorted(asset.known_us(), rows.known_us[rows.asset == 0])
    made = FEATURES[plan.features].compute(plan.spec(), live, places)
    assert np.array_equal(made, rows.features[rows.asset == 0], equal_nan=True), "bit for bit"


def test_what_is_learned_from_lies_in_its_range_whatever_its_size(given: tuple[Plan, Fleet]) -> None:
    plan, fleet = given
    for scale, offset in ((1e-6, 0.0), (0.0, 0.12345), (0.0, 0.0), (1e6, -1e7)):
        assets = tuple(
            replace(each, buckets=replace(each.buckets, means=each.buckets.means * scale + offset))
            for each in fleet.assets
        )
        ranged, _, parts = taken_of(Fleet(assets, ()), plan)
        (heat,) = ranged.inputs
        assert heat.low is not None and heat.high is not None and heat.low < heat.high
        assert parts["train"].sum() == taken_of(fleet, plan)[2]["train"].sum()


def test_a_plan_whose_dates_hold_nothing_gives_no_rows_to_learn_from(given: tuple[Plan, Fleet]) -> None:
    plan, fleet = given
    split = msgspec.structs.replace(plan.split, train=("1999-01-01", "1999-02-01"))
    assert not taken_of(fleet, msgspec.structs.replace(plan, split=split))[2]["train"].any()
