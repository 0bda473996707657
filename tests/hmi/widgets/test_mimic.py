"""A hand-made drawing in any size: what it shows, what a tap opens, and that its words never meet."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.types import MimicSymbol
from hmi import theme
from hmi.alarms import Badge
from tests.hmi import framing
from tests.hmi.conftest import collect
from tests.hmi.displays.unit.cell import MIMIC, PRESS, all_stale, model, snapshot
from tests.hmi.pixels import is_colour, picture
from tests.hmi.plant import BAD, STALE

if TYPE_CHECKING:
    from hmi.widgets.mimic import MimicView
    from hmi.widgets.mimic_item import SymbolItem, ValueItem

pytestmark = pytest.mark.screen
PRESSURE, LEVEL = f"{PRESS}/Hydraulics/Pressure", f"{PRESS}/Hydraulics/Oil level"
PUMP, FORCE = f"{PRESS}/Hydraulics/Pump running", f"{PRESS}/Ram/Force"


@pytest.fixture
def tapped() -> list[str]:
    """The paths that were tapped."""
    return []


@pytest.fixture
def view(qapp: Any, tapped: list[str]) -> Iterator[MimicView]:
    """The press of the tests, drawn."""
    from PySide6.QtWidgets import QWidget

    from hmi.widgets.mimic import MimicView

    theme.load_fonts()
    look = theme.load_theme("light")
    theme.apply_theme(qapp, look)
    parent = QWidget()
    made = MimicView(look, tapped.append, parent)
    made.resize(900, 400)
    plant = model()
    made.show_mimic(plant, plant.assets[PRESS], MIMIC)
    parent.resize(900, 400)
    parent.show()
    qapp.processEvents()
    made.on_numbers(snapshot(), None)
    yield made
    parent.close()
    parent.deleteLater()
    collect()


def symbol(view: MimicView, name: str) -> SymbolItem:
    """A device by its symbol."""
    return next(each for each in view.symbols if each.symbol.symbol == name)


def value(view: MimicView) -> ValueItem:
    """The one value of the drawing."""
    return view.values[0]


def test_what_the_asset_does_not_have_is_left_out(view: MimicView) -> None:
    assert [each.path for each in view.values] == [PRESSURE]
    assert len(view.symbols) == 3


def test_tap_on_a_device_its_words_or_a_value_opens_it(view: MimicView, tapped: list[str]) -> None:
    for part in (
        symbol(view, "press"),
        symbol(view, "press").words,
        symbol(view, "tank"),
        symbol(view, "pump"),
        value(view),
    ):
        QTest.mouseClick(part, Qt.MouseButton.LeftButton)
    assert tapped == [f"{PRESS}/Ram", f"{PRESS}/Ram", LEVEL, PRESSURE, PRESSURE]


def test_keys_walk_from_the_left_to_the_right_and_open(view: MimicView, tapped: list[str]) -> None:
    view.window().activateWindow()
    symbol(view, "tank").setFocus()
    order = ["tank"]
    for _ in range(3):
        QTest.keyClick(view.window().focusWidget(), Qt.Key.Key_Tab)
        part = view.window().focusWidget()
        order.append(part.symbol.symbol if part in view.symbols else "value")
    assert order == ["tank", "pump", "value", "press"]
    QTest.keyClick(view.window().focusWidget(), Qt.Key.Key_Return)
    assert tapped == [f"{PRESS}/Ram"]


def test_device_says_whether_it_runs_and_claims_nothing_it_does_not_know(view: MimicView) -> None:
    said = []
    for now in (snapshot(), snapshot({PUMP: 0}), snapshot(status={PUMP: STALE})):
        view.on_numbers(now, None)
        said.append(symbol(view, "pump").accessibleName().split(";")[0])
    assert said == ["P-501 running", "P-501 stopped", "P-501"]


def test_tank_is_filled_as_high_as_its_level_says(view: MimicView) -> None:
    band = theme.load_theme("light").colour.band
    filled = []
    for level in (80.0, 20.0):
        view.on_numbers(snapshot({LEVEL: level}), None)
        filled.append(int(is_colour(picture(symbol(view, "tank")), band, 4).sum()))
    assert filled[0] == pytest.approx(4 * filled[1], rel=0.15)
    view.on_numbers(snapshot(status={LEVEL: BAD}), None)
    assert is_colour(picture(symbol(view, "tank")), band, 4).sum() == 0


def test_value_in_alarm_gets_a_box_in_the_colour_of_the_alarm(view: MimicView) -> None:
    red = theme.load_theme("light").alarms[0]
    assert is_colour(picture(view), red).sum() == 0
    view.on_numbers(snapshot({PRESSURE: 243}, alarm={PRESSURE: 1}), None)
    box = value(view)
    assert is_colour(picture(box), red).sum() > 2 * (box.width() + box.height())


def test_badge_of_an_asset_stands_at_its_device(view: MimicView) -> None:
    orange = theme.load_theme("light").alarms[1]
    view.set_badges({f"{PRESS}/Ram": Badge(2, 3)})
    assert is_colour(picture(symbol(view, "press")), orange).sum() > 50
    assert is_colour(picture(symbol(view, "tank")), orange).sum() == 0


def test_old_drawing_has_no_live_colour_and_dashed_pipes(view: MimicView) -> None:
    tokens = theme.load_theme("light").colour
    before = is_colour(picture(view), tokens.outline, 4)[200:240, 90:110].sum()
    view.on_numbers(all_stale(snapshot()), None)
    shot = picture(view)
    assert is_colour(shot, tokens.live).sum() == 0
    assert before > 60 and is_colour(shot, tokens.outline, 4)[200:240, 90:110].sum() == 0


def test_numbers_that_stay_the_same_are_not_painted_again(view: MimicView, qapp: Any) -> None:
    from PySide6.QtCore import QEvent, QObject

    class Painted(QObject):
        count = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            self.count += event.type() == QEvent.Type.Paint
            return False

    qapp.processEvents()
    seen = Painted()
    for part in (view, *view.items()):
        part.installEventFilter(seen)
    view.on_numbers(snapshot(), None)
    qapp.processEvents()
    assert seen.count == 0


@pytest.mark.parametrize("size", [(1100, 420), (760, 390), (620, 300), (430, 250), (2400, 900)])
def test_words_of_the_real_press_never_meet_and_shrink_before_they_do(
    view: MimicView, size: tuple[int, int]
) -> None:
    from hmi.model import build

    plant = build(framing.project())
    mimic = plant.mimics["Framing line 3/S50 Roof press"]
    view.resize(*size)
    view.show_mimic(plant, plant.assets[mimic.asset], mimic)
    view.on_numbers(framing.snapshot("alarm"), None)
    words = [each.words for each in view.symbols if each.words.isVisible() and each.words.height() > 1]
    parts = [*view.values, *view.symbols, *words]
    if size[0] >= 600:
        met = [
            (type(a).__name__, type(b).__name__, a.geometry().intersected(b.geometry()).getRect())
            for a, b in itertools.combinations(parts, 2)
            if a.geometry().intersected(b.geometry()).width() > 1
            and a.geometry().intersected(b.geometry()).height() > 1
        ]
        assert met == []
    assert all(view.rect().contains(each.geometry()) for each in parts)
    titled = [each for each in view.symbols if each.symbol.title]
    assert all(each.words.isVisible() for each in titled), "titles stay, lines go first"


def test_symbol_without_any_tag_opens_the_asset_itself(view: MimicView, tapped: list[str]) -> None:
    import msgspec

    plant = model()
    bare = msgspec.structs.replace(MIMIC, symbols=(MimicSymbol("valve", (10, 10)),), values=(), pipes=())
    view.show_mimic(plant, plant.assets[PRESS], bare)
    QTest.mouseClick(view.symbols[0], Qt.MouseButton.LeftButton)
    assert tapped == [PRESS]
