"""A challenger from the plant's own history: refused honestly, stopped cleanly, on record when done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from engine.app.model_answers import AskedModels
from engine.app.model_record import Approvals, on_record, open_registry
from engine.app.model_repairs import Work
from engine.app.model_train import AskedTraining, clear, train_kinds
from engine.historian.reading import Cancelled
from engine.prediction.events import Happened
from engine.prediction.fleet import Bound
from engine.server import RequestRefused
from engine.types import ModelCard, ModelInput, RecordEntry
from engine.wire import RetrainAnswer, RetrainBody, encode
from tests.engine.prediction.fleet_rig import Formula, MovedClock, card

pytestmark = pytest.mark.timeout(240)  # a training gives way to everything else
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
DAYS = 100
END_US = 1_790_000_000_000_000 - 1_790_000_000_000_000 % DAY_US
START_US = END_US - DAYS * DAY_US
FANS = tuple(f"Hall/Fan {at}" for at in range(1, 25))


def fan(**changes: object) -> ModelCard:
    return card(
        id="fan-48h", asset_class="fan", title="Fan fails", what="the fan fails", bucket_s=10800.0,
        windows_h=(3.0, 24.0), events=("device",), inputs=(ModelInput("heat", "°C", "Heat", group="heat"),),
        extra={"lags_h": [12.0]}, normal={}, **changes,
    )  # fmt: skip


class Hall:
    """Fans whose heat rises before they fail, and the device says so a day ahead."""

    def __init__(self, folder: Path, each: int = 4, made: ModelCard | None = None) -> None:
        random = np.random.default_rng(3)
        self.folder, self.entries = folder, list[RecordEntry]()
        self.heat = random.normal(60, 2, (DAYS * 8, len(FANS), 1)).astype(np.float32)
        self.failures: dict[str, NDArray[np.int64]] = {}
        for at, name in enumerate(FANS):
            steps = np.sort(random.choice(np.arange(6, DAYS - 2, 4), each, replace=False)) * 8
            for step in steps.tolist():
                self.heat[step - 12 : step, at] += 7
            self.failures[name] = START_US + steps * 3 * HOUR_US + HOUR_US
        self.clock, self.changed = MovedClock(END_US), 0
        registry = open_registry(folder, self.clock, Approvals(folder / "none"))
        self.bound = Bound(Formula(made or fan()), FANS, np.arange(len(FANS)).reshape(-1, 1))
        record = on_record(self._record, lambda *_: None, Approvals(folder / "none"))
        self.models = AskedModels(registry, self.clock, record, self._changed, lambda: [self.bound])
        self.asked = AskedTraining(
            self.models, folder / "training", "Hall 3", self.buckets, self.events, lambda: START_US,
            lambda: self.failures,
        )  # fmt: skip

    async def _record(self, entries: Sequence[RecordEntry]) -> None:
        self.entries += entries

    def _changed(self) -> None:
        self.changed += 1

    def buckets(self, bound: Bound, start_us: int, end_us: int) -> tuple[NDArray[np.float32], ...]:
        first, last = ((each - START_US) // (3 * HOUR_US) for each in (start_us, end_us))
        means = self.heat[first:last]
        return means, np.ones_like(means)

    def events(self, start_us: int, end_us: int) -> list[Happened]:
        warned = [(int(at) - 23 * HOUR_US, name) for name, all in self.failures.items() for at in all]
        return [Happened(at, f"{name}/Heat", ("device",)) for at, name in warned if start_us <= at < end_us]

    def train(self, asset_class: str = "fan", by: str = "A. Engineer", stop_at: float = 2.0) -> RetrainAnswer:
        async def wait() -> RetrainAnswer:
            kind = train_kinds(self.asked, asyncio.get_running_loop())["retrain"]
            work = kind(msgspec.Raw(encode(RetrainBody(asset_class, by))))
            return await asyncio.to_thread(work, lambda progress: progress < stop_at)

        return asyncio.run(wait())

    def left(self) -> list[Path]:
        return list((self.folder / "training").glob("*"))


@pytest.mark.parametrize(
    ("asset_class", "by", "told"),
    [
        ("fan", "A. Engineer", r"not enough history: 24 of 30 failures of class fan since 2026-"),
        ("pump", "A. Engineer", r"no model watches assets of class 'pump'"),
        ("fan", " ", "say who wants it"),
    ],
)
def test_what_cannot_be_learned_is_refused_with_its_numbers(
    tmp_path: Path, asset_class: str, by: str, told: str
) -> None:
    hall = Hall(tmp_path, each=1)
    with pytest.raises(RequestRefused, match=told):
        hall.train(asset_class, by)
    assert hall.left() == [] and hall.models.registry.states() == ()


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.app.model_train.EXTRA", ("lightgbm", "no_such_trainer"))
    with pytest.raises(RequestRefused, match=r"watchroom\[train\]: no_such_trainer not installed"):
        Hall(tmp_path).train()


@pytest.mark.system
def test_a_challenger_comes_from_the_plants_own_history(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    work = Work(FANS[2], START_US + 20 * DAY_US, START_US + 23 * DAY_US)
    hall.asked = replace(hall.asked, works=lambda: (work,))
    answer = hall.train()
    (state,) = hall.models.registry.states()
    assert (answer.id, answer.version) == ("fan-48h", state.card.version) and state.role == "shadow"
    assert state.card.data["origin"].startswith("the history of Hall 3, 2026-") and state.card.author
    assert "which it had not seen, ACT found" in answer.text and answer.failures >= 30
    assert state.card.metrics["test"]["act"]["recall"][0] > 0.6
    (entry,) = hall.entries
    assert (entry.type, entry.actor, entry.body["what"]) == ("model", "A. Engineer", "import")
    assert hall.left() == [] and hall.changed == 1
    features = np.zeros((2, len(state.card.reference)), np.float32)
    model = hall.models.registry.open(state.card.id, state.card.version)
    assert model.run(features).shape == (2, 2)
    model.close()


@pytest.mark.system
def test_a_training_that_is_stopped_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    with pytest.raises(Cancelled):
        hall.train(stop_at=0.31)
    assert hall.left() == [] and hall.models.registry.states() == () and hall.entries == []
    assert not [each for each in psutil.Process().children(recursive=True) if "train" in str(each.cmdline())]


@pytest.mark.system
def test_what_the_training_refuses_is_told(tmp_path: Path) -> None:
    inputs = (ModelInput("age", "d", "Age", group="age"),)
    hall = Hall(tmp_path, made=msgspec.structs.replace(fan(), inputs=inputs))
    with pytest.raises(RequestRefused, match="'age' tells age"):
        hall.train()
    assert hall.left() == []


def test_what_a_killed_engine_left_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "training-abc").mkdir()
    (tmp_path / "training-abc" / "telemetry_3h.csv").write_text("machineID\n")
    (tmp_path / "packages").mkdir()
    clear(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["packages"]
