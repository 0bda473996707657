"""The unit display by hand and by keys: what is seen, what a tap opens, what is painted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from engine.types import Alarm, Gap, Project
from hmi import theme
from hmi.displays.display import Place
from hmi.displays.unit.head import ALL_TAGS, WORKING
from hmi.model import build
from hmi.widgets.tap import Tap
from tests.hmi.displays.unit.cell import AIR, CELL, PRESS, TAGS, all_stale, model, snapshot
from tests.hmi.pixels import is_colour, picture
from tests.hmi.plant import BAD, NOW_US, PLANT, STALE, PlantFeed, curve, tag
from tests.hmi.structure import problems

if TYPE_CHECKING:
    from hmi.displays.unit.view import UnitView

pytestmark = pytest.mark.screen
ROBOT, CURRENT = f"{CELL}/Robot 1", f"{CELL}/Robot 1/Weld current"
GUARD, PRESSURE = f"{CELL}/Interlocks/Guard closed", f"{PRESS}/Hydraulics/Pressure"
SIZES = ((1290, 576), (1420, 830), (3300, 1700), (866, 576))


class Painted(QObject):
    """Which parts were painted since it was asked last."""

    def __init__(self, parts: list[QWidget]) -> None:
        super().__init__()
        self.parts: list[QWidget] = []
        for part in parts:
            part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            self.parts.append(watched)
        return False


def taps(view: UnitView) -> list[Tap]:
    """Everything on show that opens something."""
    return [each for each in view.findChildren(Tap) if each.isVisible()]


def tap_of(view: UnitView, path: str) -> Tap:
    """The first part on show that opens a path."""
    return next(each for each in taps(view) if each.path == path)


def spoken(view: UnitView) -> list[str]:
    """What a screen reader says of every part on show."""
    return [each.accessibleName() for each in taps(view)]


def alarm(path: str, priority: int = 2) -> Alarm:
    """An active alarm of a tag."""
    return Alarm(path, "h", priority, True, NOW_US, NOW_US, 11.9)


def test_first_unit_is_shown_with_its_devices_interlocks_and_main_value(view: UnitView) -> None:
    assert (view.path, view.head.title, view.head.now) == (CELL, "S30 Spot weld", "auto · running")
    said = spoken(view)
    assert any(each.startswith("Robot 2; fault; Weld current 9.10 kA, good") for each in said)
    assert "Guard closed: true" in said
    assert (
        any(each.startswith("Weld current · Robot 1: 9.25 kA, good; setpoint") for each in said) is False
    ), "the setpoint of a robot is not the unit's own"


@pytest.mark.parametrize("path", [ROBOT, GUARD, CURRENT])
def test_tap_opens_the_faceplate_where_we_are(view: UnitView, places: list[Place], path: str) -> None:
    QTest.mouseClick(tap_of(view, path), Qt.MouseButton.LeftButton)
    assert places == [Place("", path)]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Enter])
def test_keys_open_the_faceplate_too(view: UnitView, places: list[Place], key: Qt.Key) -> None:
    tap_of(view, GUARD).setFocus()
    QTest.keyClick(tap_of(view, GUARD), key)
    assert places == [Place("", GUARD)]


def test_arrow_of_a_card_and_two_taps_and_ctrl_return_open_its_display(
    view: UnitView, places: list[Place]
) -> None:
    card = tap_of(view, ROBOT)
    QTest.mouseClick(
        card,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QPoint(card.width() - 12, 20 if card.height() > 80 else card.height() // 2),
    )
    QTest.keyClick(card, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseDClick(card, Qt.MouseButton.LeftButton)
    assert places == [Place("unit", ROBOT)] * 3


def test_finger_that_slides_off_opens_nothing(view: UnitView, places: list[Place]) -> None:
    card = tap_of(view, ROBOT)
    QTest.mousePress(card, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(20, 20))
    QTest.mouseRelease(card, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(-40, -40))
    assert places == []


def test_tab_reaches_every_part_on_show(view: UnitView, qapp: Any) -> None:
    view.activateWindow()
    view.setFocus()
    reached: set[QWidget | None] = set()
    for _ in range(60):
        QTest.keyClick(view.window().focusWidget() or view, Qt.Key.Key_Tab)
        reached.add(view.window().focusWidget())
    assert set(taps(view)) <= reached


def test_neighbours_and_the_unit_above_are_one_key_away(view: UnitView, places: list[Place]) -> None:
    view.activateWindow()
    QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert places.pop() == Place("unit", PRESS)
    assert view.show_place(ROBOT) == ROBOT
    assert (view.head.title, view.head.above.isVisible()) == ("Robot 1", True)
    QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert places.pop() == Place("unit", CELL)
    QTest.mouseClick(view.head.next, Qt.MouseButton.LeftButton)
    assert places.pop() == Place("unit", f"{CELL}/Robot 2")


def test_last_of_its_kind_has_no_way_further(view: UnitView, places: list[Place]) -> None:
    view.show_place(AIR)
    assert not view.head.next.isVisible() and not view.head.above.isVisible()
    view.show_place(PRESS)
    assert view.head.previous.isEnabled() and not view.head.next.isEnabled()
    QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert places == []


def test_tag_is_shown_on_its_unit(view: UnitView) -> None:
    assert view.show_place(PRESSURE) == PRESS
    assert view.head.title == "Hydraulic circuit"
    assert view.show_place("nobody/knows") == PRESS
    assert view.show_place("") == PRESS


def test_alarm_outlines_the_card_and_is_counted_in_the_head(view: UnitView, qapp: Any) -> None:
    orange = theme.load_theme("light").alarms[1]
    assert is_colour(picture(view), orange).sum() == 0
    view.set_alarms((alarm(CURRENT), alarm(f"{ROBOT}/Tip wear", 3)))
    view.on_numbers(snapshot({CURRENT: 11.9}, alarm={CURRENT: 2}))
    card = tap_of(view, ROBOT)
    assert is_colour(picture(card), orange).sum() > card.width()
    assert is_colour(picture(tap_of(view, f"{CELL}/Robot 2")), orange).sum() == 0
    assert "2 alarms, worst priority 2" in card.accessibleName()
    view.set_alarms(())
    view.on_numbers(snapshot())
    assert is_colour(picture(view), orange).sum() == 0


def test_device_far_from_its_command_differs_only_after_it_had_time(view: UnitView, feed: PlantFeed) -> None:
    view.show_place(PRESS)
    apart = snapshot({f"{PRESS}/Hydraulics/Valve position": 41.2})
    view.on_numbers(apart)
    valve = tap_of(view, f"{PRESS}/Hydraulics/Valve position")
    row = next(each for each in view.working.checks.pairs if each.path == valve.path)
    assert "differs" not in row.accessibleName()
    feed.now += 2_500_000
    view.on_numbers(apart)
    assert row.accessibleName() == "V-502 demand 62 %, at 41.2 %, differs"
    view.on_numbers(snapshot())
    assert "differs" not in row.accessibleName()


def test_stale_unit_has_no_live_colour_and_no_interlock_that_looks_true(view: UnitView) -> None:
    live = theme.load_theme("light").colour.live
    assert is_colour(picture(tap_of(view, CURRENT)), live).sum() > 100
    view.on_numbers(all_stale(snapshot()))
    for part in taps(view):
        assert is_colour(picture(part), live).sum() == 0, part.accessibleName()
    checks = [each.accessibleName() for each in view.working.checks.checks]
    assert checks == [
        "Guard closed: not known, stale · 3 min ago",
        "not: Door open: not known, stale · 3 min ago",
    ]


def test_only_the_card_whose_value_changed_is_painted(view: UnitView, qapp: Any) -> None:
    qapp.processEvents()
    seen = Painted([*taps(view)])
    view.on_numbers(snapshot())
    qapp.processEvents()
    assert seen.parts == []
    view.on_numbers(snapshot({f"{CELL}/Robot 2/Tip wear": 77}))
    qapp.processEvents()
    assert [each.path for each in seen.parts if isinstance(each, Tap)] == [f"{CELL}/Robot 2"]


def test_hidden_pages_are_not_told_and_the_page_of_all_tags_is_not_made_before(
    view: UnitView, feed: PlantFeed, qapp: Any
) -> None:
    assert view.all_tags is None
    view.show_page(ALL_TAGS)
    qapp.processEvents()
    seen = Painted([*view.findChildren(Tap)])
    view.on_numbers(snapshot({CURRENT: 12.5}))
    qapp.processEvents()
    assert seen.parts == []
    view.show_page(WORKING)
    assert any("12.50 kA" in each for each in spoken(view)), "told at once when it comes to the front"


def test_trend_of_a_unit_names_the_reason_of_a_gap(view: UnitView, feed: PlantFeed) -> None:
    feed.past.set_tags(TAGS)
    feed.past.known_gaps.take((0, 2 * NOW_US), [Gap(NOW_US - 120_000_000, NOW_US - 60_000_000, "engine")])
    feed.made = lambda index: curve([-300, -240, -130, -120, -50, -1], [1, 2, 3, math.nan, 4, 5])
    trend = view.working.trend
    trend.plot.set_span(600)
    for step in range(3):
        view.on_trends(NOW_US + step * 1_000_000)
    trend.plot.set_cursor(NOW_US - 90_000_000, is_pinned=True)
    assert trend.plot.reason().startswith("engine was not running")


def test_all_tags_are_those_of_the_asset_and_a_tag_is_chosen_there(view: UnitView) -> None:
    QTest.keyClick(view, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    page = view.all_tags
    assert page is not None and page.isVisible()
    assert page.paths == [each.path for each in TAGS if each.path.startswith(f"{CELL}/")]
    page.filter.setText("robot wear")
    assert [path.rpartition("/")[0] for path in page.paths] == [ROBOT, f"{CELL}/Robot 2"]
    view.show_place(PRESS)
    assert page.isVisible(), "the page stays while units change"
    page.filter.clear()
    assert all(path.startswith(f"{PRESS}/") for path in page.paths)
    view.show_place(f"{PRESS}/Ram/Force")
    assert page.chosen == f"{PRESS}/Ram/Force"
    QTest.keyClick(view, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    assert not page.isVisible()


def test_unit_stays_on_show_when_the_engine_starts_again(view: UnitView) -> None:
    view.show_place(PRESS)
    view.set_plant(model())
    assert view.path == PRESS
    view.set_plant(build(Project("", PLANT, (), TAGS[:12])))
    assert view.path == CELL, "what is gone gives way to the first unit"


def test_snapshot_of_another_tag_list_is_ignored(view: UnitView) -> None:
    view.set_plant(build(Project("", PLANT, (), TAGS[:12])))
    view.on_numbers(snapshot())
    assert any("waiting for the engine" in each for each in spoken(view))


def test_plant_without_tags_teaches_how_to_write_some(view: UnitView, qapp: Any) -> None:
    from PySide6.QtWidgets import QTextBrowser

    view.set_plant(build(Project("", PLANT, (), ())))
    qapp.processEvents()
    page = next(each for each in view.findChildren(QTextBrowser) if each.isVisible())
    assert "tags.csv" in page.toPlainText()
    assert view.wants() == set()


@pytest.mark.parametrize("path", [CELL, PRESS, ROBOT, AIR])
def test_nothing_is_cut_covered_or_too_small_in_any_size_and_state(
    view: UnitView, qapp: Any, path: str
) -> None:
    view.show_place(path)
    states = {
        "normal": snapshot(),
        "alarm": snapshot(
            {CURRENT: 11.9, GUARD: 0}, {PRESSURE: BAD, GUARD: STALE}, {CURRENT: 1, PRESSURE: 2}
        ),
        "stale": all_stale(snapshot()),
    }
    wrong: list[str] = []
    for size in SIZES:
        view.resize(*size)
        for page in (WORKING, ALL_TAGS):
            view.show_page(page)
            for name, now in states.items():
                view.on_numbers(now)
                qapp.processEvents()
                wrong += [f"{size} {name}: {each}" for each in problems(view)]
    assert wrong == []


def test_view_never_asks_for_more_room_than_a_laptop_has(view: UnitView) -> None:
    view.show_page(ALL_TAGS)
    assert view.minimumSizeHint().height() <= 560
    assert view.minimumSizeHint().width() <= 880


def test_unit_of_five_hundred_tags_stays_within_its_room(view: UnitView, qapp: Any) -> None:
    tags = tuple(tag(f"a/Unit/Device {n // 5}/T{n}") for n in range(500))
    view.set_plant(build(Project("", PLANT, (), tags)))
    qapp.processEvents()
    assert len(view.working.floor.cards) == 100
    assert problems(view) == []
