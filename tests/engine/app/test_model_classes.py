"""What each class of assets has to learn from, and a first model of a class that has none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.app.model_classes import class_histories, first_of
from engine.prediction.kept import failures_in
from engine.server import RequestRefused
from engine.types import ClassHistory, ModelState
from tests.engine.app.test_foresight import HOUR_US, PUMP, TAGS, TYPE, Rig, chosen
from tests.engine.prediction.fleet_rig import card
from tests.engine.prediction.test_crossings import START_US


@pytest.fixture
def rigs(tmp_path: Path) -> Iterator[Any]:
    made: list[Rig] = []

    def make(*models: Any, **more: Any) -> Rig:
        made.append(Rig(tmp_path, models, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


def known(rig: Rig, *states: ModelState) -> tuple[ClassHistory, ...]:
    assert rig.foresight.history is not None
    return class_histories(rig.running.project, failures_in(rig.foresight.history), states)


def test_a_failure_is_on_record_also_where_no_model_watches_and_after_a_restart(rigs: Any) -> None:
    rig: Rig = rigs()
    assert known(rig) == (ClassHistory("pump", 1, 0, 30, False),)
    rig.run(10)
    rig.run(10, state=2.0)
    rig.run(10)
    assert known(rig) == (ClassHistory("pump", 1, 1, 30, False),)
    rig.foresight.failed(PUMP, rig.clock.now_us() + 30 * HOUR_US)
    rig.look()
    rig.close()
    assert known(rigs())[0].failures == 2


def test_a_class_whose_model_runs_says_so_and_a_retired_one_does_not_count(rigs: Any) -> None:
    rig: Rig = rigs(chosen())
    assert known(rig, ModelState(card(), "shadow"))[0].has_model
    assert not known(rig, ModelState(card(), "retired"))[0].has_model


def test_types_that_cannot_fail_are_no_class_to_learn(rigs: Any) -> None:
    rig: Rig = rigs(types=(msgspec.structs.replace(TYPE, failed=()),))
    assert known(rig) == ()
    rig.foresight.failed(PUMP, START_US)
    rig.look()
    assert [each.failures for each in known(rig)] == [1], "unless one is on record"


def test_a_first_model_sees_what_all_measure_and_nothing_that_counts(rigs: Any) -> None:
    more = tuple(
        msgspec.structs.replace(tag, path=tag.path.replace("P1", "P2"), address=f"holding:{at + 20}")
        for at, tag in enumerate(TAGS)
        if not tag.path.endswith("Vibration")
    )
    rig: Rig = rigs(tags=TAGS)
    rig.run(90, vibration=4.0)
    now_us = rig.clock.now_us()
    of = rig.foresight.given.rolled, rig.running.project, rig.running.tags
    bound, buckets = first_of(*of, "pump", now_us)
    assert [each.role for each in bound.model.card.inputs] == ["Vibration", "Pressure"], (
        "not Starts, not State"
    )
    end_us = now_us - now_us % (900 * 1_000_000)
    means, coverage = buckets(bound, end_us - HOUR_US, end_us)
    assert means.shape == coverage.shape == (4, 1, 2)
    assert np.nanmedian(means[:, 0, 0]) == pytest.approx(4.0, abs=0.1)
    with pytest.raises(RequestRefused, match="no assets of class 'fan'"):
        first_of(*of, "fan", now_us)
    project = msgspec.structs.replace(rig.running.project, tags=(*rig.running.project.tags, *more))
    shared, _ = first_of(of[0], project, (*of[2], *more), "pump", now_us)
    assert [each.role for each in shared.model.card.inputs] == ["Pressure"], "what both of them have"
