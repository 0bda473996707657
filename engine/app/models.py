"""The models of a running project in one hand: registry, drift, followed normals, explanations, proposals."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine import paths
from engine.app import model_open
from engine.app.foresight_bind import Chosen
from engine.app.jobs import Kind
from engine.app.ledger_open import ledger_file
from engine.app.model_answers import REFUSALS, AskedModels, Key, make, model_answers
from engine.app.model_classes import Buckets
from engine.app.model_propose import propose
from engine.app.model_record import (
    EVENT,
    Approvals,
    models_folder,
    of_the_product,
    on_record,
    open_registry,
)
from engine.app.model_repairs import works_in
from engine.app.model_train import AskedTraining, First, cannot_train, clear, train_kinds
from engine.prediction import kept
from engine.prediction.cases import past_cases
from engine.prediction.drifting import Drifts
from engine.prediction.events import Happened
from engine.prediction.explain import explain_with
from engine.prediction.fleet import Bound
from engine.prediction.leveling import Levels
from engine.prediction.prediction import Calls
from engine.prediction.prediction_file import PredictionFile
from engine.prediction.promotion import Standing
from engine.prediction.registry import SYSTEM
from engine.server import Answer
from engine.types import ClassHistory, Clock, HitRate, ModelCard, ModelState, NotRecorded, PutOnRecord

log = logging.getLogger("watchroom.prediction")
LEVELS = "levels.json"


def _no_classes(failures: kept.Failures, states: Sequence[ModelState]) -> tuple[ClassHistory, ...]:
    return ()


class Models:
    """Everything about models that is not asking them. Reads every package and the ledger when it is made.

    ``bounds`` = how every model is bound now · ``rates`` = `Prediction.rates` · ``changed`` is called in the
    loop when another version runs: bind anew · ``classes`` = `class_histories` of the project. It has a
    connection of its own to the file of predictions.

    Raises:
        StoreError, OSError: the files cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        record: PutOnRecord,
        note: Callable[[str, dict[str, Any]], None],
        bounds: Callable[[], Sequence[Bound]],
        rates: Callable[[str, str], Iterable[HitRate]],
        changed: Callable[[], None],
        classes: Callable[[kept.Failures, Sequence[ModelState]], tuple[ClassHistory, ...]] = _no_classes,
    ) -> None:
        self._folder, self._clock, self._bounds = models_folder(folder), clock, bounds
        self._ledger = ledger_file(folder)
        self._approvals = approvals = Approvals(self._ledger)
        self.registry = open_registry(folder, clock, approvals)
        clear(self._folder)
        self._file = PredictionFile(paths.data(folder) / "prediction.db")
        self.levels = Levels(self._file, self._folder / LEVELS, lambda body: note(EVENT, body))
        self._drifts = Drifts(self._file, clock, bounds, self.levels.offsets)
        self._explain = explain_with(past_cases(self._file, clock), self.levels.offsets)
        self.asked = AskedModels(
            self.registry, clock, on_record(record, note, approvals), changed, bounds, rates,
            self._standings, self._drifts.of, self.levels, cannot_train,
            lambda: classes(kept.failures_in(self._file), self.registry.states()),
        )  # fmt: skip
        self._loop: asyncio.AbstractEventLoop | None = None

    def chosen(self) -> Sequence[Chosen]:
        """The models that run, opened anew, for one binding; `closing` gives them back. Not in the loop."""
        return model_open.opened(self.registry)

    def closing(self, models: Sequence[Chosen]) -> None:
        """Give back what `chosen` gave."""
        model_open.close(models)

    def calls(self, calls: Calls) -> Calls:
        """The same, and what blocks, explains, levels and sets a model aside."""
        return dataclasses.replace(
            calls,
            blocked=self._drifts.blocked,
            explain=self._explain,
            level=self.levels.after,
            shadowed=self._set_aside,
        )

    def answers(self) -> dict[str, Answer]:
        """The answers about models."""
        return model_answers(self.asked)

    def kinds(
        self,
        plant: str,
        buckets: Buckets,
        events: Callable[[int, int], Iterable[Happened]],
        since_us: Callable[[], int | None],
        first: First,
        loop: asyncio.AbstractEventLoop,
    ) -> Mapping[str, Kind]:
        """The long work about models, of the history that ``buckets`` and ``events`` give."""
        asked = AskedTraining(
            self.asked, self._folder, plant, buckets, events, since_us,
            lambda: kept.failures_in(self._file), first,
            lambda: works_in(self._ledger, self._clock.now_us()),
        )  # fmt: skip
        return train_kinds(asked, loop)

    async def run(self) -> None:
        """Put on record what a demo came with; then propose what experience teaches, until cancelled."""
        self._loop = asyncio.get_running_loop()
        for change in of_the_product(self.registry, self._approvals, self._clock.now_us()):
            try:
                await self.asked.on_record(change)
            except NotRecorded as error:  # told at the next start
                log.warning("%s %s: %s", change.id, change.version, error)
        await propose(self.asked, self._file, self._folder)

    def close(self) -> None:
        """Give the file back."""
        self._drifts.close()
        self._file.close()

    def _standings(self, since_us: int, keys: Sequence[Key]) -> Mapping[Key, Standing]:
        return kept.standings(
            self._file, self.registry.open, self._bounds(), self._clock.now_us(), since_us, keys,
            self.levels.offsets,
        )  # fmt: skip

    def _set_aside(self, card: ModelCard, why: str) -> None:
        """A model fell below its budget, in the thread of prediction: it goes into shadow, on record."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._into_shadow(card, why), self._loop)

    async def _into_shadow(self, card: ModelCard, why: str) -> None:
        try:
            async with self.asked.turn:
                change = self.registry.moving(card.id, card.version, "shadow", SYSTEM, why)
                await make(self.asked, change)
        except (*REFUSALS, OSError) as error:
            log.warning("%s %s is set aside, but not on record: %s", card.id, card.version, error)
