"""The models that run now, opened from the registry; one that cannot be is left out alone, and says why."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.app.foresight_bind import Chosen
from engine.prediction.package import Model, PackageRefused
from engine.prediction.registry import Registry
from engine.prediction.worker import ModelFailed
from engine.types import ModelCard

log = logging.getLogger("watchroom.prediction")
RUN = ("champion", "challenger", "shadow")
LIFE = 3
"""Numbers that a model of the remaining life gives."""


class Steady:
    """A model that gives no number where it fails, instead of an error: the others are asked all the same.

    Any thread may ask it, one after another.
    """

    def __init__(self, model: Model) -> None:
        self._model, self._lock = model, threading.Lock()

    @property
    def card(self) -> ModelCard:
        """Its card."""
        return self._model.card

    def run(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """As `engine.prediction.package.Package.run`; all NaN while it fails, which it has told the log."""
        try:
            with self._lock:
                return self._model.run(features)
        except (ModelFailed, PackageRefused) as error:
            log.error("no prediction by %s %s: %s", self.card.id, self.card.version, error)
            wide = len(self.card.horizon_h) if self.card.kind == "failure" else LIFE
            return np.full((len(features), wide), np.nan)

    def close(self) -> None:
        """Give it back."""
        with self._lock:
            self._model.close()


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands where a model should: nothing is asked of it."""

    card: ModelCard

    def run(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """No number."""
        return np.full((len(features), len(self.card.horizon_h)), np.nan)


def opened(registry: Registry) -> tuple[Chosen, ...]:
    """Every version that runs, opened anew. Not in the loop."""
    registry.look()
    found: list[Chosen] = [_broken(each.card) for each in registry.lost()]
    for state in registry.states():
        if state.role not in RUN:
            continue
        key = state.card.id, state.card.version
        try:
            model = Steady(registry.open(*key))
        except (PackageRefused, OSError) as error:
            log.error("%s %s does not run: %s", *key, error)
            if state.role == "champion":
                found.append(_broken(state.card))
            continue
        why = "" if state.role == "champion" else f"{state.card.title} runs as {state.role}"
        found.append(Chosen(model, state.role, f"{why}: it is recorded and not shown" if why else ""))
    return tuple(found)


def _broken(card: ModelCard) -> Chosen:
    """A champion that cannot run: its assets say so, rather than that limits are all they ever had."""
    why = f"the model {card.id} {card.version} that watches it does not run; see System, Models"
    return Chosen(Absent(card), "refused", broken=why)


def close(models: Sequence[Chosen]) -> None:
    """Give back what `opened` gave."""
    for each in models:
        if isinstance(each.model, Steady):
            each.model.close()
