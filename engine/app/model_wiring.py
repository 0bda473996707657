"""The models of a running project: opened with it, asked through it. Without them the rest goes on."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from engine import paths
from engine.app.foresight_past import events_of, known_since
from engine.app.jobs import Kind, Work
from engine.app.ledger import Scribe
from engine.app.model_classes import class_histories, first_of
from engine.app.models import Models
from engine.app.plant import Running
from engine.prediction.kept import Failures
from engine.server import Answer, RequestRefused
from engine.store import StoreError
from engine.types import ClassHistory, ModelState

log = logging.getLogger("watchroom.prediction")
UNUSABLE = "the models of this project cannot be used; see data/log/engine.log"


async def open_models(running: Running, scribe: Scribe) -> None:
    """Open the registry of a project and give its models to prediction, which has not begun yet."""
    foresight = running.foresight
    if foresight is None:
        return
    place = Path(running.project.folder)
    about = foresight.rates, foresight.rebind
    given = scribe.record, running.note, lambda: foresight.bounds, *about

    def classes(failures: Failures, states: Sequence[ModelState]) -> tuple[ClassHistory, ...]:
        return class_histories(running.project, failures, states)

    try:
        models = await asyncio.to_thread(Models, place, running.clock, *given, classes)
    except (StoreError, OSError) as error:
        log.error("no model runs: %s", error)
        return
    running.models = models
    foresight.given = dataclasses.replace(
        foresight.given, models=models.chosen, calls=models.calls, closing=models.closing
    )


def model_answers_of(running: Running) -> Mapping[str, Answer]:
    """The answers about models."""
    return (
        dict.fromkeys(("models", "model_change"), _none)
        if running.models is None
        else running.models.answers()
    )


def model_kinds_of(running: Running) -> Mapping[str, Kind]:
    """The long work about models."""
    models, foresight = running.models, running.foresight
    if models is None or foresight is None:
        return {"retrain": _no_work}
    journal = paths.data(Path(running.project.folder)) / "journal.db"
    return models.kinds(
        running.project.plant.name,
        foresight.buckets,
        lambda start_us, end_us: events_of(journal, start_us, end_us),
        lambda: _whole_since(running, journal),
        lambda name, now_us: first_of(foresight.given.rolled, running.project, running.tags, name, now_us),
        asyncio.get_running_loop(),
    )


def _whole_since(running: Running, journal: Path) -> int | None:
    """Since when samples and events are both on record, None = they are not."""
    events_us = known_since(journal)
    samples_us = running.past.status.oldest_us if running.past is not None else None
    return None if events_us is None or samples_us is None else max(events_us, samples_us)


async def _none(_: msgspec.Raw) -> object:
    raise RequestRefused(UNUSABLE)


def _no_work(_: msgspec.Raw) -> Work:
    raise RequestRefused(UNUSABLE)
