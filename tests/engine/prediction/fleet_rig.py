"""A plant of pumps with a model that is a formula, and a clock that a test moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.prediction.buckets import MINUTE_US, Intake
from engine.prediction.features import FEATURES, spec_of
from engine.prediction.fleet import Bound
from engine.prediction.prediction import Calls, Prediction
from engine.prediction.prediction_file import PredictionFile
from engine.types import Batch, ModelCard, ModelInput, Samples

START_US = 1_790_000_000_000_000 - 1_790_000_000_000_000 % (3600 * 1_000_000)
BUCKET_S = 300.0
BUCKET_US = 300_000_000
ROLES = ("Vibration", "Pressure")


class MovedClock:
    """Time that stands still until it is moved."""

    def __init__(self, now_us: int = START_US) -> None:
        self.at_us = now_us

    def now_us(self) -> int:
        return self.at_us

    def mono_us(self) -> int:
        return self.at_us

    async def sleep(self, seconds: float) -> None:
        self.at_us += round(seconds * 1e6)


def card(**changes: object) -> ModelCard:
    """A complete card of a pump's failure model: Vibration required, Pressure optional."""
    made = ModelCard(
        id="pump-48h", version="1", kind="failure", sha256="0" * 64, asset_class="pump", title="Pump failure",
        what="bearing", horizon_h=(24.0, 48.0), features="windows/1", bucket_s=BUCKET_S,
        inputs=(
            ModelInput("Vibration", "mm/s", "Vibration", low=0.0, high=50.0, group="Vibration"),
            ModelInput("Pressure", "bar", "Pressure", required=False, low=0.0, high=20.0, group="Pressure"),
        ),
        tiers={"watch": 0.2, "act": 0.8}, evidence={}, metrics={}, data={}, limits=(), golden=(),
        reference={}, trainer={}, author="test", failures=40, windows_h=(0.25, 0.5), events=("device",),
        normal={"Vibration": (5.0, 1.0), "Pressure": (6.0, 1.0)},
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


class Formula:
    """A model: the probability is a tenth of the short mean of the first role, at most 1."""

    def __init__(
        self, made: ModelCard, answer: Callable[[NDArray[np.float32]], NDArray] | None = None
    ) -> None:
        self.card, self.answer = made, answer
        self.names = FEATURES[made.features].names(spec_of(made))
        self.asked: list[NDArray[np.float32]] = []

    def run(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        self.asked.append(features)
        if self.answer is not None:
            return self.answer(features)
        p = np.clip(features[:, 0].astype(np.float64) / 10.0, 0.0, 1.0)
        return np.column_stack([p / 2, p])


class Plant:
    """Pumps P1, P2 … and their prediction. ``value[role]`` is what their sensors say; None = silence."""

    def __init__(
        self, folder: Path, pumps: int = 2, made: ModelCard | None = None, calls: Calls | None = None,
        role: str = "champion", clock: MovedClock | None = None, journal_us: int | None = 0,
        again: tuple[int, list[Samples]] | None = None, **more: object,
    ) -> None:  # fmt: skip
        self.clock = clock or MovedClock()
        self.file = PredictionFile(folder / "prediction.db")
        self.model = Formula(made or card())
        roles = len(self.model.card.inputs)
        self.assets = tuple(f"Line 1/P{at + 1}" for at in range(pumps))
        self.columns = np.arange(pumps * roles, dtype=np.intp).reshape(pumps, roles)
        tags = np.arange(1, pumps * roles + 1, dtype=np.int32)
        self.intake = Intake(tags, self.clock.now_us(), MINUTE_US)
        if again is not None:  # what was not closed is read back from the history
            until_us, samples = again
            self.intake = Intake(tags, START_US, MINUTE_US)
            for tag, each in zip(tags.tolist(), samples, strict=True):
                self.intake.samples(tag, each)
            self.intake.skip(until_us)
        self._batches: list[Batch] = []
        bound = Bound(self.model, self.assets, self.columns, role=role)
        self.prediction = Prediction(
            self.clock, self.intake, [bound], self.file, calls, journal_us=journal_us, **more
        )
        self.tags = tags

    def run(
        self, minutes: float, values: Sequence[float | None], quality: Sequence[int] | None = None
    ) -> None:
        """Samples of all pumps every 30 s, one value a role (None = none comes), and a step after each."""
        roles = len(values)
        for _ in range(round(minutes * 2)):
            now_us = self.clock.now_us()
            for role, value in enumerate(values):
                if value is None:
                    continue
                tags = self.tags[role::roles]
                code = 0 if quality is None else quality[role]
                batch = Batch(
                    0, tags, np.array([now_us]), np.array([now_us]),
                    np.full((1, len(tags)), value), np.full((1, len(tags)), code, np.uint32),
                )  # fmt: skip
                self.intake.append(batch)
                self._batches.append(batch)
            self.clock.at_us += 30_000_000
            self.prediction.step()

    def history(self) -> list[Samples]:
        """What a history would hold of each tag."""
        found: list[Samples] = []
        for tag in self.tags:
            own = [(b, int(np.flatnonzero(b.tags == tag)[0])) for b in self._batches if tag in b.tags]
            time = np.array([b.source_time_us[0] for b, _ in own])
            value = np.array([b.value[0, at] for b, at in own])
            quality = np.array([b.quality[0, at] for b, at in own], np.uint32)
            none = np.zeros(len(own))
            found.append(Samples(time, time, value, quality, none.astype(np.uint8), none.astype(np.uint32)))
        return found

    def outlook(self, pump: int = 1):
        return next(e for e in self.prediction.outlooks()[1] if e.asset == f"Line 1/P{pump}")

    def close(self) -> None:
        self.file.close()
