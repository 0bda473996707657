"""Probabilities put right by what came of them: proposed beside the champion once there is enough."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.app.model_answers import AskedModels
from engine.app.model_plan import plan_of
from engine.app.model_propose import MARK, propose_once
from engine.app.model_record import Approvals, on_record, open_registry
from engine.prediction.buckets import Buckets
from engine.prediction.episodes import Episodes, Says
from engine.prediction.fleet import Bound, OpenBucket, fleet_name
from engine.prediction.prediction_file import PredictionFile
from engine.prediction.train_plan import Tiers, tiers_in
from engine.types import NotRecorded, RecordEntry
from tests.engine.prediction.fleet_rig import MovedClock
from tests.engine.prediction.packages import pack

HOUR_US = 3_600_000_000
HOURS = 40 * 24
PUMPS = tuple(f"Line 1/P{at}" for at in range(1, 9))
END_US = 1_790_000_000_000_000 - 1_790_000_000_000_000 % HOUR_US
START_US = END_US - HOURS * HOUR_US


class Line:
    """Pumps of which a champion warned often, mostly for nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.entries = folder, MovedClock(END_US), list[RecordEntry]()
        self.is_full = False
        registry = open_registry(folder, self.clock, Approvals(folder / "none"))
        pack(folder / "from", extra={"tiers": {"early": 0.75, "false_high": 0.1}})
        registry.carry_out(registry.importing(folder / "from", "A. Engineer", "try it"))
        key = "pump-failure", "1"
        registry.carry_out(
            registry.promoting(*key, "A. Engineer", "it is all there is", {}, is_override=True)
        )
        self.file = PredictionFile(folder / "prediction.db")
        self.card = registry.states()[0].card
        model = registry.open(*key)
        self.bound = Bound(model, PUMPS, np.zeros((len(PUMPS), 2), np.intp))
        self.episodes, self.told = Episodes(self.file), 0
        record = on_record(self._record, lambda *_: None, Approvals(folder / "none"))
        self.asked = AskedModels(registry, self.clock, record, lambda: None, lambda: [self.bound])
        self._keep()

    async def _record(self, entries: Sequence[RecordEntry]) -> None:
        if self.is_full:
            raise NotRecorded("the disk is full")
        self.entries += entries

    def _keep(self) -> None:
        random = np.random.default_rng(5)
        means = random.normal(0.0, 1.0, (HOURS, len(PUMPS), 2)).astype(np.float32)
        made = Buckets(
            START_US, HOUR_US, means, np.ones_like(means), np.zeros((HOURS, len(PUMPS), 1), np.int32),
            ("pressure", "temperature"), ("alarm",),
        )  # fmt: skip
        self.file.keep_buckets(fleet_name(self.card), made, OpenBucket(0, b"", b""))

    def warn(self, count: int) -> None:
        """So many more warnings, each the fifth of which was right."""
        for number in range(self.told, self.told + count):
            at_us = START_US + (72 + 60 * (number // len(PUMPS))) * HOUR_US
            pump = PUMPS[number % len(PUMPS)]
            says = [Says(pump, "act", 0.9)]
            (begun,) = [e for e in self.episodes.step(at_us, "pump-failure", "1", 48.0, says, 3600.0)
                        if e.outcome == "open"]  # fmt: skip
            if number % 5:
                self.episodes.verdict(begun.id, False, "B. Smith", "nothing found")
            else:
                self.episodes.failed(pump, at_us + 10 * HOUR_US)
        self.told += count

    def look(self) -> dict[str, str]:
        asyncio.run(propose_once(self.asked, self.file, self.folder))
        return {each.card.version: each.role for each in self.asked.registry.states()}

    def close(self) -> None:
        self.bound.model.close()  # pyright: ignore
        self.file.close()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    made.close()


@pytest.mark.system
def test_at_twenty_outcomes_a_better_calibrated_version_is_proposed_and_nothing_else_changes(
    line: Line,
) -> None:
    line.warn(19)
    assert line.look() == {"1": "champion"}
    line.warn(1)
    line.is_full = True
    with pytest.raises(NotRecorded):
        line.look()
    assert [each.card.version for each in line.asked.registry.states()] == ["1"]
    line.is_full = False
    assert line.look() == {"1": "champion", "1-c1": "challenger"}
    (entry,) = line.entries
    assert (entry.actor, entry.body["what"]) == ("system", "import") and "20 outcomes" in entry.body["reason"]
    card = next(each.card for each in line.asked.registry.states() if each.card.version == "1-c1")
    assert card.extra[MARK] == {"of": "1", "outcomes": 20} and card.calibration
    # The model itself says what it said; what is made of it is nearer to how often it came true.
    said = np.interp(0.9, *zip(*card.calibration, strict=True))
    assert said < 0.5 and "held against the champion" in card.evidence["recalibrated"]
    told = card.evidence["chosen"]
    assert "finds 75% of" in told and "0.1 at the upper end" in told, "by its own targets"
    assert tiers_in(card.extra) == Tiers(early=0.75, false_high=0.1), "which the next one has too"
    assert plan_of(card, 8, START_US, END_US, "Line 1", "A. Engineer").tiers == tiers_in(card.extra)
    assert line.look() == {"1": "champion", "1-c1": "challenger"}, "not again for the same outcomes"
    line.warn(20)
    assert line.look() == {"1": "champion", "1-c1": "shadow", "1-c2": "challenger"}
    assert not list(line.folder.glob("recalibrated-*"))
