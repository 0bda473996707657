"""What a person reads of an asset whose own model is damaged, whatever else watches it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine.app.foresight_bind import Chosen
from engine.wire import NormalBody
from tests.engine.app.test_foresight import PUMP, Rig, chosen
from tests.engine.prediction.fleet_rig import START_US, Formula, card

LOST = replace(chosen(), role="refused", broken="the model pump-48h 1 that watches it does not run")


@pytest.fixture
def rigs(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    with ExitStack() as stack:
        yield lambda *models: stack.enter_context(closing(Rig(tmp_path, models)))


def test_asset_whose_champion_is_damaged_says_so_and_not_that_limits_are_all(
    rigs: Callable[..., Rig],
) -> None:
    rig = rigs(LOST)
    assert rig.outlook().reason == LOST.broken and rig.outlook().p48 is None


def test_damaged_champion_is_named_beside_a_challenger_and_a_learned_normal(rigs: Callable[..., Rig]) -> None:
    later = Chosen(Formula(card(events=(), version="2")), "challenger")
    rig = rigs(LOST, later)
    assert rig.outlook().reason == LOST.broken and rig.outlook().p48 is None
    rig.run(30 * 60)
    rig.job(NormalBody(PUMP, START_US, rig.clock.now_us(), (), "Ada Maier", "a calm day"))
    rig.look()
    rig.run(90, pressure=7.5)
    found = rig.outlook()
    assert found.reason == LOST.broken and found.p48 is None
    assert found.layers == ("limits", "normal"), "what other layers say stays"
    assert found.abnormal is not None and found.abnormal.since_us


def test_a_damaged_model_lowers_the_odds_of_another_that_runs(rigs: Callable[..., Rig]) -> None:
    rig = rigs(LOST, Chosen(Formula(card(events=(), id="other-48h")), "champion"))
    rig.run(13 * 60)
    assert rig.outlook().p48 is not None and LOST.broken in rig.outlook().degraded
