"""Trends by mouse and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from engine import paths
from engine.types import Alarm
from hmi.displays.display import Place
from hmi.displays.trends.finder import MIME
from hmi.displays.trends.view import TrendsView
from hmi.theme import apply_theme, load_fonts, load_theme
from tests.hmi.conftest import collect
from tests.hmi.displays.trends.plant import FORCE, MANY, MODEL, OIL, PRESS, PRESSURE, SERIAL, STATE, VALUES
from tests.hmi.pixels import is_colour, picture
from tests.hmi.plant import NOW_US, STALE, PlantFeed, curve, snapshot

pytestmark = pytest.mark.screen
LOOK = load_theme("light")
LEFT = Qt.MouseButton.LeftButton
Made = Callable[[], TrendsView]


@pytest.fixture
def feed() -> PlantFeed:
    """Nothing is sent here."""
    return PlantFeed()


@pytest.fixture
def view(
    qapp: Any, feed: PlantFeed, went: list[Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TrendsView]:
    """Trends at laptop size, nothing drawn yet."""
    monkeypatch.setattr(paths, "user_config", lambda: tmp_path)
    load_fonts()
    apply_theme(qapp, LOOK)
    made = TrendsView(LOOK, feed, went.append)
    made.resize(1290, 640)
    made.set_plant(MODEL)
    made.show()
    qapp.processEvents()
    yield made
    made.close()
    made.deleteLater()
    collect()


def drawn(view: TrendsView) -> list[str]:
    """The paths of the pens on the plot."""
    return [pen.path for pen in view.trend.plot.pens]


def tap_row(view: TrendsView, key: str, at_mark: bool = False) -> None:
    """A tap on the row of the finder with this key."""
    finder = view.column.finder
    row = next(place for place, each in enumerate(finder.rows.rows) if each.key == key)
    finder.list.scrollTo(finder.rows.index(row))
    box = finder.list.visualRect(finder.rows.index(row))
    spot = QPoint(box.right() - 15 if at_mark else box.left() + 30, box.center().y())
    QTest.mouseClick(finder.list.viewport(), LEFT, pos=spot)


def frame(view: TrendsView, status: dict[int, int] | None = None, now_us: int = NOW_US) -> None:
    """Values and one frame."""
    view.on_numbers(snapshot(VALUES, status))
    view.on_trends(now_us)
    view.on_numbers(snapshot(VALUES, status))


def test_nothing_drawn_costs_nothing_and_says_what_to_do(view: TrendsView) -> None:
    assert view.wants() == set()
    assert "Tap a unit" in view.trend.plot.hint
    ink = is_colour(picture(view.trend.plot), LOOK.colour.muted, 60)
    assert ink.sum() > 300


def test_tap_on_a_unit_draws_what_matters_in_it_and_a_second_tap_takes_it_away(view: TrendsView) -> None:
    tap_row(view, PRESS)
    assert drawn(view) == [PRESSURE, OIL]
    assert view.wants() == {"numbers", "trends"}
    tap_row(view, PRESS)
    assert drawn(view) == []


def test_tag_is_found_by_letters_and_drawn_by_return(view: TrendsView) -> None:
    QTest.keyClicks(view.column.finder.field, "oiltemp")
    QTest.keyClick(view.column.finder.field, Qt.Key.Key_Return)
    assert drawn(view) == [OIL]


def test_place_of_a_tag_adds_it_and_places_of_several_replace_all(view: TrendsView) -> None:
    assert view.show_place(FORCE) == FORCE
    assert view.show_place(PRESSURE) == PRESSURE
    assert drawn(view) == [FORCE, PRESSURE]
    assert view.show_place(f"{OIL}\n{STATE}") == ""
    assert drawn(view) == [OIL, STATE]
    QTest.mouseClick(view.note.button, LEFT)
    assert drawn(view) == [FORCE, PRESSURE]


def test_place_of_a_text_says_why_it_is_not_drawn(view: TrendsView) -> None:
    view.show_place(SERIAL)
    assert drawn(view) == [] and view.note.isVisible() and "text" in view.note.words.text()


def test_tag_dropped_on_the_plot_is_drawn(view: TrendsView) -> None:
    dragged = QMimeData()
    dragged.setData(MIME, f"{PRESSURE}\n{FORCE}".encode())
    view.dropEvent(
        QDropEvent(
            QPointF(700, 200),
            Qt.DropAction.CopyAction,
            dragged,
            LEFT,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert drawn(view) == [PRESSURE, FORCE]


def test_row_that_is_dragged_carries_its_tags(view: TrendsView) -> None:
    rows = view.column.finder.rows
    place = next(at for at, row in enumerate(rows.rows) if row.key == PRESS)
    data = rows.mimeData([rows.index(place)])
    assert bytes(data.data(MIME).data()).decode() == f"{PRESSURE}\n{OIL}"


def test_tap_on_a_pen_opens_its_faceplate_and_marks_it(view: TrendsView, went: list[Place]) -> None:
    view.show_place(f"{PRESSURE}\n{OIL}")
    QTest.mouseClick(view.column.pens.rows[OIL].text, LEFT)
    assert went == [Place("", OIL)]
    assert view.layout()["chosen"] == OIL


def test_swatch_hides_a_pen_and_the_cross_takes_it_out_with_a_way_back(view: TrendsView) -> None:
    view.show_place(f"{PRESSURE}\n{OIL}")
    row = view.column.pens.rows[PRESSURE]
    QTest.mouseClick(row.swatch, LEFT)
    assert drawn(view) == [OIL] and list(view.column.pens.rows) == [PRESSURE, OIL]
    QTest.mouseClick(row.swatch, LEFT)
    QTest.mouseClick(row.cross, LEFT)
    assert drawn(view) == [OIL] and list(view.column.pens.rows) == [OIL]
    QTest.mouseClick(view.note.button, LEFT)
    assert drawn(view) == [PRESSURE, OIL]


def test_axis_of_the_chosen_pen_is_chosen_below_it(view: TrendsView) -> None:
    view.show_place(f"{PRESSURE}\n{OIL}")
    row = view.column.pens.rows[PRESSURE]
    QTest.mouseClick(row.text, LEFT)
    button = next(
        each for each in row.findChildren(QAbstractButton) if each.text() == "Range" and each.isVisible()
    )
    QTest.mouseClick(button, LEFT)
    frame(view)
    pen = next(pen for pen in view.trend.plot.pens if pen.path == PRESSURE)
    assert view.trend.plot.axis_of(pen).range == (0, 250)


def test_group_is_saved_opened_and_deleted_with_a_way_back(view: TrendsView, feed: PlantFeed) -> None:
    view.show_place(f"{PRESSURE}\n{OIL}")
    QTest.mouseClick(view.column.save, LEFT)
    QTest.keyClicks(view.window().focusWidget() or view, "Warm-up")
    QTest.keyClick(view.window().focusWidget() or view, Qt.Key.Key_Return)
    QTest.mouseClick(view.column.clear, LEFT)
    assert drawn(view) == []
    other = TrendsView(LOOK, feed, lambda _: None)
    other.set_plant(MODEL)
    assert [row.key for row in other.column.finder.rows.rows if row.kind == "group"] == ["Warm-up"]
    other.deleteLater()
    tap_row(view, "Warm-up")
    assert drawn(view) == [PRESSURE, OIL]
    tap_row(view, "Warm-up", at_mark=True)
    assert not [row for row in view.column.finder.rows.rows if row.kind == "group"]
    QTest.mouseClick(view.note.button, LEFT)
    assert [row for row in view.column.finder.rows.rows if row.kind == "group"]


def test_table_tells_values_now_at_the_cursor_and_the_statistics_of_the_window(
    view: TrendsView, feed: PlantFeed
) -> None:
    feed.made = lambda index: curve([-50, -30, -10], [216, 218, 218], [216, 219, 218])
    view.show_place(PRESSURE)
    frame(view)
    readout = view.readout
    now, *_, least, mean, most, last = readout.rows.cells[0][1:]
    assert now == last == "217.0\u202fbar" and least == "216.0\u202fbar" and most == "219.0\u202fbar"
    assert 216 < float(mean.split("\u202f")[0]) < 219
    assert readout.isColumnHidden(2)
    view.trend.plot.set_cursor(NOW_US - 40_000_000)
    assert not readout.isColumnHidden(2) and readout.rows.cells[0][2] == "216.0\u202fbar"


def test_stale_value_is_told_in_list_and_table(view: TrendsView) -> None:
    view.show_place(PRESSURE)
    frame(view, {0: STALE})
    assert "stale" in view.readout.rows.cells[0][1]
    assert "stale" in view.column.pens.rows[PRESSURE].text.accessibleName()


def test_all_reaches_as_far_back_as_the_history(view: TrendsView, feed: PlantFeed) -> None:
    feed.past.oldest = NOW_US - 7_200_000_000
    view.show_place(PRESSURE)
    frame(view)
    QTest.mouseClick(next(each for each in view.findChildren(QAbstractButton) if each.text() == "All"), LEFT)
    assert 7200e6 <= view.trend.plot.span_us < 7800e6


def test_32_pens_are_drawn_and_each_has_a_row(view: TrendsView) -> None:
    view.show_place("\n".join(MANY[:33]))
    frame(view)
    assert len(drawn(view)) == 32 and len(view.column.pens.rows) == 32
    assert "32" in view.note.words.text()
    assert len(view.readout.rows.cells) == 32


def test_layout_is_restored_even_before_the_tags_are_known(
    view: TrendsView, feed: PlantFeed, qapp: Any
) -> None:
    view.show_place(f"{PRESSURE}\n{FORCE}")
    view.trend.plot.set_span(3600)
    saved = view.layout()
    other = TrendsView(LOOK, feed, lambda _: None)
    other.restore(saved)
    other.set_plant(MODEL)
    assert drawn(other) == [PRESSURE, FORCE] and other.trend.plot.span_us == 3_600_000_000
    other.deleteLater()


def test_pens_survive_a_new_list_of_tags(view: TrendsView) -> None:
    view.show_place(f"{PRESSURE}\n{FORCE}")
    view.set_plant(MODEL)
    frame(view)
    assert drawn(view) == [PRESSURE, FORCE]


def test_alarm_that_came_before_its_pen_is_marked_all_the_same(view: TrendsView) -> None:
    view.set_alarms([Alarm(PRESSURE, "hh", 1, True, NOW_US - 20_000_000, NOW_US - 20_000_000)])
    view.show_place(PRESSURE)
    frame(view)
    assert is_colour(picture(view.trend.plot), LOOK.alarms[0], 30).sum() > 40


@pytest.mark.parametrize("minutes_ago", [3, 40])
def test_alarm_at_its_time_stands_in_the_middle_marked_and_other_pens_stay(
    view: TrendsView, minutes_ago: int
) -> None:
    view.show_place(f"{PRESSURE}\n{OIL}")
    frame(view)
    at_us = NOW_US - minutes_ago * 60_000_000
    view.show_place(FORCE)
    view.show_moment(at_us)
    frame(view)
    plot = view.trend.plot
    assert plot.shown is not None and plot.moment_us == at_us and not plot.is_live
    middle = (plot.shown.start_us + plot.shown.end_us) // 2
    assert abs(middle - at_us) < plot.span_us / 50
    assert plot.shown.end_us - at_us >= 59_000_000
    assert [pen.path for pen in plot.pens] == [PRESSURE, OIL, FORCE]


def test_alarm_that_came_just_now_is_marked_on_the_live_trend(view: TrendsView) -> None:
    view.show_place(PRESSURE)
    view.show_moment(NOW_US - 5_000_000)
    frame(view)
    plot = view.trend.plot
    assert plot.is_live and plot.scene().shows(plot.moment_us)
    assert plot.span_us == 120_000_000
    view.show_place(OIL)
    assert plot.moment_us is None, "who goes elsewhere has left that moment"


def test_hidden_pen_is_shown_again_by_who_asks_for_it(view: TrendsView) -> None:
    view.show_place(f"{PRESSURE}\n{OIL}")
    view.column.pens.hidden.emit(OIL)
    assert [pen.path for pen in view.trend.plot.pens] == [PRESSURE]
    view.show_place(OIL)
    assert [pen.path for pen in view.trend.plot.pens] == [PRESSURE, OIL]


def test_stalled_trend_has_no_pen_colours(view: TrendsView) -> None:
    view.show_place(PRESSURE)
    frame(view)
    area = view.trend.plot.plot_rect().toRect()
    inside = (slice(area.top(), area.bottom()), slice(area.left() + 120, area.right()))
    assert is_colour(picture(view.trend.plot)[inside], LOOK.pens[0]).any()
    view.set_stalled(True)
    assert not is_colour(picture(view.trend.plot)[inside], LOOK.pens[0]).any()


def test_every_button_has_a_name_for_who_hears_it(view: TrendsView) -> None:
    view.show_place(f"{PRESSURE}\n{OIL}")
    seen = [each for each in view.findChildren(QAbstractButton) if each.isVisible()]
    nameless = [each for each in seen if not each.accessibleName() and each.objectName() == ""]
    assert [each for each in nameless if not each.text()] == []


def test_head_never_keeps_the_display_wider_than_the_window(view: TrendsView, qapp: Any) -> None:
    view.show_place(PRESSURE)
    view.resize(880, 480)
    qapp.processEvents()
    assert view.trend.geometry().right() <= view.width()
    head = view.trend.head
    assert head is not None
    shown = [each for each in head.findChildren(QAbstractButton) if each.isVisible()]
    boxes = sorted((each.x(), each.x() + each.width()) for each in shown)
    assert len(boxes) >= 6 and boxes[-1][1] <= head.width()
    assert all(left[1] <= right[0] for left, right in zip(boxes, boxes[1:], strict=False))


def test_chosen_pen_has_room_for_its_axis_choices(view: TrendsView, qapp: Any) -> None:
    view.show_place(f"{PRESSURE}\n{OIL}")
    QTest.mouseClick(view.column.pens.rows[OIL].text, LEFT)
    qapp.processEvents()
    assert view.column.pens.verticalScrollBar().maximum() == 0


def test_every_length_of_time_and_export_have_room_on_a_laptop(view: TrendsView, qapp: Any) -> None:
    view.show_place(PRESSURE)
    qapp.processEvents()
    shown = {each.text() for each in view.findChildren(QAbstractButton) if each.isVisible()}
    assert {"1 min", "10 min", "1 h", "8 h", "24 h", "72 h", "All", "Export…"} <= shown


def test_statistics_say_over_which_time_they_are(view: TrendsView) -> None:
    view.show_place(PRESSURE)
    frame(view)
    view.trend.keep_span()
    view.trend.plot.set_span(72 * 3600)
    frame(view, now_us=NOW_US + 1_000_000)
    titles = view.readout.rows
    assert titles.headerData(0, Qt.Orientation.Horizontal) == "Pen · last 72 h"
    view.trend.plot.show_until(NOW_US - 86_400_000_000)
    frame(view, now_us=NOW_US + 2_000_000)
    assert titles.headerData(0, Qt.Orientation.Horizontal) == "Pen · 72 h to 21 Nov 14:12"
