"""The models of a project in one hand: what runs, what is set aside, and what a demo brought, on record."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.app.model_open import Steady, close, opened
from engine.app.model_record import PRODUCT
from engine.app.models import Models
from engine.prediction.prediction import Calls
from engine.prediction.worker import ModelFailed
from engine.types import RecordEntry
from tests.engine.prediction.fleet_rig import Formula, MovedClock, card
from tests.engine.prediction.packages import pack


class House:
    """Models with a champion that the product brought, and a list of what went on record."""

    def __init__(self, folder: Path) -> None:
        self.entries, self.notes = list[RecordEntry](), list[dict[str, Any]]()
        self.changed, self.folder = 0, folder
        self.models = Models(
            folder, MovedClock(), self._record, lambda event, body: self.notes.append(body), tuple,
            lambda model, version: (), self._changed,
        )  # fmt: skip
        registry = self.models.registry
        pack(folder / "from")
        registry.carry_out(registry.importing(folder / "from", PRODUCT, "came along", is_tried=False))
        key = "pump-failure", "1"
        registry.carry_out(registry.promoting(*key, PRODUCT, "came along", {}, is_override=True))

    async def _record(self, entries: Sequence[RecordEntry]) -> None:
        self.entries += entries

    def _changed(self) -> None:
        self.changed += 1

    async def runs(self, seconds: float = 0.0) -> asyncio.Task[None]:
        """The task of the engine, once it has begun."""
        task = asyncio.ensure_future(self.models.run())
        while not self.entries:
            await asyncio.sleep(0)
        return task


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.models.close()


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def test_what_the_product_brought_is_put_on_record_once(house: House) -> None:
    async def run() -> None:
        await ended(await house.runs())

    asyncio.run(run())
    (entry,) = house.entries
    assert (entry.type, entry.actor, entry.body["roles"]) == (
        "model",
        PRODUCT,
        {"pump-failure 1": "champion"},
    )


def test_a_model_below_its_budget_goes_into_shadow_on_record(house: House) -> None:
    (state,) = house.models.registry.states()

    async def run() -> None:
        task = await house.runs()
        tell = house.models.calls(Calls()).shadowed
        await asyncio.to_thread(tell, state.card, "2 of 12 ACT warnings were right here, below 70%")
        while not house.changed:
            await asyncio.sleep(0.01)
        await ended(task)

    asyncio.run(run())
    (state,) = house.models.registry.states()
    assert (state.role, state.by) == ("shadow", "system") and "2 of 12" in state.why
    assert house.entries[-1].body["what"] == "shadow" and house.notes[-1]["what"] == "shadow"


def test_one_damaged_version_is_left_out_and_the_others_run(house: House) -> None:
    pack(house.folder / "second", version="2")
    registry = house.models.registry
    registry.carry_out(registry.importing(house.folder / "second", "Ada", "try", is_tried=False))
    place = house.folder / "data" / "models" / "packages" / "pump-failure" / "1" / "model.onnx"
    place.write_bytes(place.read_bytes()[:-1])
    running = opened(registry)
    assert [(each.model.card.version, each.role) for each in running] == [
        ("1", "refused"),
        ("2", "challenger"),
    ]
    assert "runs as challenger" in running[1].why and not running[1].broken
    assert "pump-failure 1 that watches it does not run" in running[0].broken, "its assets are to say so"
    close(running)


def test_a_model_that_fails_gives_no_number_and_no_error() -> None:
    def fails(_: object) -> None:
        raise ModelFailed("no answer within 5 s")

    model = Steady(Formula(card(), fails))  # pyright: ignore
    assert np.isnan(model.run(np.zeros((3, 4), np.float32))).all()
    assert model.run(np.zeros((3, 4), np.float32)).shape == (3, 2)
