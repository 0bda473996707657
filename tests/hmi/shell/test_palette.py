"""The command palette: typing leads anywhere."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hmi.displays.display import Place
from hmi.shell.help import Help
from hmi.shell.palette import Palette
from hmi.shell.window import Window
from tests.hmi.line import PRESS, PRESSURE, TIPS
from tests.hmi.shell.parts import part

pytestmark = pytest.mark.screen


@pytest.mark.parametrize(
    ("typed", "place", "face"),
    [
        ("s50 pressure", Place("unit", PRESS), PRESSURE),
        ("s30 spot weld a", Place("unit", "Framing/S30 Spot weld A"), ""),
        ("trends", Place("trends"), ""),
        ("weld current high", Place("unit", "Framing/S30 Spot weld A"), TIPS.path),
    ],
)
def test_palette_goes_to_tag_asset_display_and_alarm(
    line: Window, typed: str, place: Place, face: str
) -> None:
    line.set_alarms([TIPS])
    QTest.keyClick(line, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = part(line, Palette)
    assert palette.isVisible()
    QTest.keyClicks(palette.field, typed)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert line.place.display == place.display
    assert line.place.path == place.path or place.display == "trends"
    assert line.faceplate.path == face


def test_palette_runs_commands_and_arrows_choose_among_them(line: Window) -> None:
    palette = part(line, Palette)
    palette.open()
    QTest.keyClicks(palette.field, "theme: night")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert line.theme.name == "dark"
    palette.open()
    before = palette.list.currentIndex().row()
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.rows.entry(palette.list.currentIndex().row()) is not None
    assert palette.list.currentIndex().row() > before
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_palette_and_help_give_the_keys_back_to_the_display(line: Window) -> None:
    line.activateWindow()
    before = line.focusWidget()
    palette = part(line, Palette)
    palette.open()
    assert line.focusWidget() is palette.field
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert line.focusWidget() is before
    helped = part(line, Help)
    helped.toggle()
    assert line.focusWidget() is helped.page
    helped.leave()
    assert line.focusWidget() is before
