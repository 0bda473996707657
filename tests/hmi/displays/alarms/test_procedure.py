"""From an alarm to what has to be done: the procedure of its asset."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from engine.types import Document
from hmi.displays.alarms import row_menu
from hmi.displays.display import DOCUMENT, Place
from hmi.document_words import procedure_of
from hmi.model import Model, build
from tests.hmi.displays.alarms.lists_parts import Desk, shown
from tests.hmi.line import HIGH, LINE, PRESS, TIPS

__all__ = ["shown"]
HYDRAULICS = f"{PRESS}/Hydraulics"
TOO_HIGH = Document(HYDRAULICS, "HYD-5012: pressure too high", "m.pdf", 35, "procedure")
STOP = Document(PRESS, "Stopping the press", "p.pdf", 1, "procedure")
MANUAL = Document(HYDRAULICS, "HYD-5012", "m.pdf")


def plant(*documents: Document) -> Model:
    return build(msgspec.structs.replace(LINE, documents=documents))


def texts(model: Model, alarm: Any) -> list[str]:
    return [each.text for each in row_menu.entries(model, [alarm], is_dead=True)]


def test_procedure_is_the_nearest_one_and_a_manual_is_none() -> None:
    assert procedure_of(plant(MANUAL, STOP, TOO_HIGH), HYDRAULICS) == TOO_HIGH
    assert procedure_of(plant(MANUAL, STOP), HYDRAULICS) == STOP
    assert procedure_of(plant(MANUAL), HYDRAULICS) is None


def test_menu_of_an_alarm_offers_the_procedure_of_its_asset_also_in_a_replay() -> None:
    model = plant(MANUAL, TOO_HIGH)
    assert "Procedure: HYD-5012, page 35: pressure too high" in texts(model, HIGH)
    assert not any(each.startswith("Procedure") for each in texts(model, TIPS))


@pytest.mark.screen
def test_procedure_opens_at_its_page(shown: Desk) -> None:
    acts = shown.view.lists.acts
    acts.model = plant(TOO_HIGH)
    acts.do("procedure", [HIGH])
    assert shown.went == [Place(DOCUMENT, "35:m.pdf")]
