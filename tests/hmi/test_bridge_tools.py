"""What a person does with a trend, on a real engine: statistics, find similar, notes and export."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from hmi.displays.display import Place
from hmi.displays.trends.view import TrendsView
from tests.hmi.looking import see, window
from tests.running import PRESSURE, demo_plant, engine

pytestmark = [pytest.mark.screen, pytest.mark.system]
STRETCH_US = 6_000_000


def test_selection_is_counted_noted_found_again_and_exported(qapp: QApplication, tmp_path: Path) -> None:
    with demo_plant(tmp_path / "demo") as plant, engine(plant.folder):
        with window(qapp, plant.folder) as (shown, bridge):
            see(lambda: shown.tags and shown.snapshot is not None, 30, "values")
            began_us = bridge.now_us()
            shown.go(Place("trends", PRESSURE))
            view = shown.deck.view
            assert isinstance(view, TrendsView)
            tools, plot = view.tools, view.trend.plot
            row = [tag.path for tag in shown.tags].index(PRESSURE)

            def stored_us() -> int:
                time = bridge.curve(row, began_us, bridge.now_us(), 400).time_us
                return int(time[-1]) - began_us if time.size else 0

            see(lambda: stored_us() > STRETCH_US, 30, "some seconds of samples")
            plot.select(began_us, began_us + STRETCH_US)

            tools.bar.buttons["statistics"].click()
            see(lambda: tools.results.table.isVisible(), 20, "statistics")
            assert int(tools.results.table.rows.cells[0][5].replace("\u202f", "")) > 5

            tools.bar.buttons["similar"].click()
            see(lambda: not tools.job.is_busy, 20, "the search to end")
            assert tools.results.similar.cards or tools.results.words.text()

            tools.bar.buttons["note"].click()
            tools.note_sheet.field.setText("seen by the test")
            tools.note_sheet.save.click()
            see(lambda: not tools.note_sheet.isVisible(), 20, "the note to be kept")
            see(lambda: any(flag.isVisible() for flag in tools.notes.flags), 20, "its flag")
            flag = next(each for each in tools.notes.flags if each.isVisible())
            flag.click()
            tools.notes.card.buttons[0].click()
            see(lambda: not any(each.isVisible() for each in tools.notes.flags), 20, "the flag to go")

            plot.select(began_us, began_us + STRETCH_US)
            tools.bar.buttons["export"].click()
            file = tmp_path / "pressure.csv"
            tools.exporting.write(file)
            see(lambda: tools.exporting.sheet.path.text() == str(file) and file.exists(), 20, "the file")
            assert len(file.read_text("utf-8-sig").splitlines()) > 5
