"""The Rationalisation page on a real engine: edited, tried on its history, applied; file and journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine import config, paths
from engine.app import drivers
from engine.store.alarm_journal import AlarmJournal
from engine.types import AlarmChange
from engine.wire import AlarmJournalBody
from hmi.bridge import Bridge
from hmi.displays.alarms.rationalise.page import RationalisePage
from hmi.model import build
from hmi.shell.window import Window
from hmi.theme import load_theme
from tests.hmi.looking import see, window
from tests.running import engine, eyes
from tests.system.test_alarms import FLOW, NAMES, NORMAL, PRESSURE, Line, running_line

pytestmark = [pytest.mark.screen, pytest.mark.system]
LEFT = Qt.MouseButton.LeftButton
LIMITS = f"""path,kind,limit,priority,deadband,on_delay,message,cause,response,Owner
{PRESSURE},hh,240,1,2,,,seal leak,inspect,Mia

{PRESSURE},h,232,2,2,,,,,"Ben, night"
{FLOW},l,1,2,,1.5,Water flow low,,,
"""


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with running_line(tmp_path / "line", NAMES, LIMITS) as made:
        for path, value in NORMAL.items():
            made.set(path, value)
        yield made


def page_of(shown: Window, bridge: Bridge, folder: Path) -> RationalisePage:
    """The page in a window of its own, on the bridge of a real one."""
    see(lambda: shown.snapshot is not None, 30, "values")
    project, _ = config.read(folder, drivers())
    assert project is not None
    page = RationalisePage(load_theme("light"), bridge, lambda _: None, shown)
    page.setWindowFlag(Qt.WindowType.Window)
    page.resize(1400, 700)
    page.set_plant(build(project))
    page.show()
    see(lambda: page.work.is_known, 15, "the list")
    return page


def noted(folder: Path) -> list[AlarmChange]:
    found = AlarmJournal(paths.data(folder) / "journal.db").changes(AlarmJournalBody(0, 2**62))
    return [each for each in found if each.what in ("edited", "removed")]


def test_list_is_edited_applied_and_stands_in_file_journal_and_record(qapp: QApplication, line: Line) -> None:
    with engine(line.folder), window(qapp, line.folder) as (shown, bridge):
        page = page_of(shown, bridge, line.folder)
        rows = page.table.rows.shown
        page.hands.edit(rows[1], "limit", "warm")
        see(lambda: page.table.rows.found.errors, 15, "the engine says what is wrong")
        assert page.findings.list.item(0).text().startswith("✕ Line 4  Press › Pressure h\nLimit")
        page.hands.edit(rows[1], "limit", "233")
        page.hands.edit(rows[1], "response", "plan the seal, tell the shift")
        page.table.go_to(rows[2])
        page.hands.remove()
        QTest.mouseClick(page.bar.buttons["apply"], LEFT)
        see(lambda: page.changes.isVisible(), 15, "the changes are shown")
        page.changes.by.setText("Ann")
        page.changes.why.setText("quieter nights")
        QTest.mouseClick(page.changes.button, LEFT)
        see(lambda: not page.changes.isVisible(), 15, "it is done")
        text = (line.folder / "alarms.csv").read_text()
        assert text == LIMITS.replace(
            f'{PRESSURE},h,232,2,2,,,,,"Ben, night"',
            f'{PRESSURE},h,233,2,2,,,,"plan the seal, tell the shift","Ben, night"',
        ).replace(f"{FLOW},l,1,2,,1.5,Water flow low,,,\n", "")
        found = see(lambda: noted(line.folder), 15, "the journal")
        assert {(each.path, each.what, each.by) for each in found} == {
            (PRESSURE, "edited", "Ann"),
            (FLOW, "removed", "Ann"),
        }
        (edited,) = [each for each in found if each.what == "edited"]
        assert edited.text.startswith("quieter nights (limit 232 -> 233")
        QTest.mouseClick(page.sides.buttons["record"], LEFT)
        see(lambda: len(page.record.changes) == 2, 15, "the record")
        see(lambda: {each.limit for each in page.work.limits} == {240.0, 233.0}, 15, "it is in force")
        assert not page.work.is_changed
        page.close()


def test_limit_is_tried_on_the_history_of_the_engine(qapp: QApplication, line: Line) -> None:
    with engine(line.folder), window(qapp, line.folder) as (shown, bridge):
        page = page_of(shown, bridge, line.folder)
        with eyes(line.folder) as seen:
            row = seen.rows[PRESSURE]
            for value in (235.0, 220.0):
                line.set(PRESSURE, value)
                see(lambda value=value: seen.snapshot().value[row] == value, 20, f"{value:g} is live")
        QTest.mouseClick(page.sides.buttons["tuner"], LEFT)
        page.table.go_to(page.table.rows.shown[1], "limit")
        assert page.tuner.name.text() == "Pressure h"
        page.tuner.fields["limit"].setText("238")
        QTest.mouseClick(page.tuner.span.buttons["3600"], LEFT)

        def tried() -> str:
            if page.tuner.try_it.isEnabled() and page.tuner.try_it.isVisible():
                QTest.mouseClick(page.tuner.try_it, LEFT)
            see(lambda: not page.tuner.progress.isVisible(), 15, "an answer")
            return page.tuner.said.text() if "It leaves out 1 of them" in page.tuner.said.text() else ""

        said = see(tried, 30, "the alarm is in the history")
        assert said.startswith("As it is 1 alarm, as proposed 0. It leaves out 1 of them (100 %).")
        QTest.mouseClick(page.tuner.take, LEFT)
        assert page.table.rows.cells(1)["limit"] == "238"
        assert (line.folder / "alarms.csv").read_text() == LIMITS, "nothing is applied by trying"
        page.close()
