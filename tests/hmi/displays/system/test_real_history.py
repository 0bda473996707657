"""System on a real engine: its history is filled, and its data are judged."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.hmi.displays.system.page import view_of
from tests.hmi.looking import see, window
from tests.running import PRESSURE, demo_plant, engine

pytestmark = [pytest.mark.screen, pytest.mark.system]


def test_history_and_quality_of_a_real_engine_are_on_show(qapp: QApplication, tmp_path: Path) -> None:
    with (
        demo_plant(tmp_path / "demo") as plant,
        engine(plant.folder),
        window(qapp, plant.folder) as (shown, _),
    ):
        shown.show_display("system")
        view = view_of(shown)
        view.show_page(1)
        see(lambda: view.history.bar.part is not None, 30, "room")
        see(
            lambda: view.history.grid.texts.get("To disk", "0 ")[0] != "0", 30, "samples on their way to disk"
        )
        see(lambda: "Availability" in view.history.grid.texts, 30, "availability")
        assert view.history.grid.texts["Lost"] == "0 samples"
        assert "Backup" in view.history.grid.texts
        assert not view.history.trouble.isVisible()
        view.show_page(2)
        rows = see(lambda: view.quality.table.texts.rows, 30, "scores")
        assert {"Framing line 3", "Framing line 3/S50 Roof press"} <= {cells[0] for cells in rows}
        view.quality.levels.button(2).click()
        assert PRESSURE in {cells[0] for cells in view.quality.table.texts.rows}
        assert view.own.sources.rows[1].good.endswith("%")
