"""The editor on the screen: place, drag, bind, undo, save, and nothing is ever lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from engine.typed import convert
from engine.types import Part, Plan
from hmi.model import Model
from hmi.who import Who
from tests.hmi.displays.twin.plants import HYDRAULICS, PARTS, ROBOT, S20, model, snapshot
from tests.hmi.plant import PlantFeed
from tests.hmi.widgets.scenes import let_run

if TYPE_CHECKING:
    from hmi.displays.twin.editor import Editor
    from hmi.displays.twin.view import TwinView

pytestmark = pytest.mark.screen
ANN = Who(is_known=True, is_new=True)


class Disk(PlantFeed):
    """An engine with a scene in two files; ``refused`` = what it says to the next change."""

    def __init__(self, parts: tuple[Part, ...] = PARTS) -> None:
        super().__init__()
        self.files = {"line.toml": list(parts)} if parts else {}
        self.marks = dict.fromkeys(self.files, "1")
        self.plan: Plan | None = None
        self.refused, self.problem, self.reasons = "", "", list[str]()

    def submit(self, name: str, body: dict[str, Any], on_done: Any, on_error: Any) -> None:
        if name == "scene":
            told = [
                {
                    "name": each,
                    "mark": self.marks[each],
                    "problem": self.problem,
                    "parts": msgspec.to_builtins(parts),
                }
                for each, parts in self.files.items()
            ]
            plan = msgspec.to_builtins(self.plan)
            marks = self.marks.get("views.toml", "")
            on_done(
                {
                    "files": told,
                    "views": [],
                    "plan": plan,
                    "views_mark": marks,
                    "models": [],
                    "plans": ["a.png"],
                }
            )
        elif name == "scene_change":
            self._change(body, on_done, on_error)
        else:
            raise AssertionError(f"sent {name}")

    def _change(self, body: dict[str, Any], on_done: Any, on_error: Any) -> None:
        file = body["file"]
        if self.refused or body["mark"] != self.marks.get(file, ""):
            on_error(self.refused or f"somebody changed scene/{file} since it was read here")
            return
        self.reasons.append(body["reason"])
        self.marks[file] = f"{int(self.marks.get(file) or 0) + 1}"
        if file == "views.toml":
            self.plan = convert(body["plan"], Plan | None)
        else:
            self.files[file] = convert(body["parts"], list[Part])
        on_done({"mark": self.marks[file], "problems": []})

    def somebody_saves(self, *parts: Part) -> None:
        self.files["line.toml"] = list(parts)
        self.marks["line.toml"] = "77"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.paths.user_config", lambda: tmp_path)


def plant(**more: Any) -> Model:
    return replace(model(**more), folder="/plants/body shop")


@contextmanager
def editing(application: Any, disk: Disk, shown: Model | None = None) -> Iterator[tuple[TwinView, Editor]]:
    from hmi import theme
    from hmi.displays.twin.view import TwinView
    from tests.hmi.conftest import collect

    theme.load_fonts()
    look = theme.load_theme("light")
    theme.apply_theme(application, look)
    view = TwinView(look, disk, lambda _: None)
    view.resize(1290, 632)
    try:
        view.set_plant(shown or plant())
        view.set_who(ANN)
        view.show()
        view.on_numbers(snapshot())
        view.edit()
        application.processEvents()
        editor = view._editor  # noqa: SLF001
        assert editor is not None
        yield view, editor
    finally:
        view.close()
        view.deleteLater()
        del view
        collect()


def number_of(editor: Editor, shape: str) -> int:
    return [part.shape for part in editor.session.editing.drawn.parts].index(shape)


def part(editor: Editor, shape: str) -> Part:
    return editor.session.editing.drawn.parts[number_of(editor, shape)]


def press(view: TwinView, editor: Editor, shape: str) -> None:
    view.scene.part_pressed.emit(number_of(editor, shape))


def test_a_tap_chooses_a_part_and_shows_where_it_stands(qapp: Any) -> None:
    with editing(qapp, Disk()) as (view, editor):
        press(view, editor, "press")
        assert editor.part_page.numbers["x"].value == 3.0
        assert editor.part_page.asset.words.text() == S20
        assert view.scene.sight.chosen == (number_of(editor, "press"),)
        view.scene.part_pressed.emit(-1)
        assert view.scene.sight.chosen == ()


def test_a_part_is_dragged_by_where_it_was_held_and_snaps(qapp: Any) -> None:
    with editing(qapp, Disk()) as (view, editor):
        press(view, editor, "tank")
        view.scene.ground_dragged.emit(0.2, 6.1, False)
        view.scene.ground_dragged.emit(9.27, 12.3, False)
        assert part(editor, "tank").at == (0.0, 6.0, 0.0)
        view.scene.ground_dragged.emit(9.27, 12.3, True)
        assert part(editor, "tank").at == (9.0, 12.0, 0.0)
        editor.undo.click()
        assert part(editor, "tank").at == (0.0, 6.0, 0.0)
        editor.redo.click()
        assert part(editor, "tank").at == (9.0, 12.0, 0.0)


def test_a_shape_found_by_search_is_placed_with_a_tap_on_the_floor(qapp: Any) -> None:
    from PySide6.QtTest import QTest

    with editing(qapp, Disk()) as (view, editor):
        editor.palette_page.search.setText("pump")
        QTest.keyClick(editor.palette_page.search, "\r")
        assert "Tap the floor" in editor.words.text()
        middle = view.scene.rect().center()
        spot = view.scene.ground_at(middle.x(), middle.y())
        assert spot is not None
        QTest.mouseClick(view.scene, *_left(), middle)
        let_run(lambda: len(editor.session.editing.drawn.parts) == len(PARTS) + 1, "the pump stands")
        made = editor.session.editing.drawn.parts[-1]
        assert made.shape == "pump"
        assert abs(made.at[0] - spot[0]) <= 0.3 and abs(made.at[1] - spot[1]) <= 0.3
        assert editor.session.editing.chosen_pieces[0].part == made
        assert "1 part added in line.toml" in editor.words.text()


def _left() -> tuple[Any, Any]:
    from PySide6.QtCore import Qt

    return Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def test_everything_goes_by_keys(qapp: Any) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    with editing(qapp, Disk()) as (view, editor):
        view.scene.setFocus()
        QTest.keyClick(view.scene, Qt.Key.Key_PageDown)
        QTest.keyClick(view.scene, Qt.Key.Key_PageDown)
        assert editor.session.editing.chosen_pieces[0].part.asset == ROBOT
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_BracketLeft):
            QTest.keyClick(view.scene, key)
        assert part(editor, "robot").at == (-2.5, -1.5, 0.0)
        assert part(editor, "robot").turn == 15.0
        QTest.keyClick(view.scene, Qt.Key.Key_Delete)
        assert "robot" not in [each.shape for each in editor.session.editing.drawn.parts]
        for _ in range(4):
            QTest.keyClick(view.scene, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert editor.session.editing.drawn == editor.session.editing.base


def test_exact_numbers_are_typed_or_tapped(qapp: Any) -> None:
    with editing(qapp, Disk()) as (view, editor):
        press(view, editor, "press")
        editor.part_page.more.setChecked(True)
        editor.part_page.numbers["turn"].field.setFocus()
        editor.part_page.pad.aim(editor.part_page.numbers["turn"])
        editor.part_page.numbers["turn"].field.selectAll()
        for key in ("4", "5", "Enter"):
            editor.part_page.pad.keys[key].click()
        assert part(editor, "press").turn == 45.0


def test_an_asset_is_bound_by_choosing_and_by_dropping(qapp: Any) -> None:
    with editing(qapp, Disk()) as (view, editor):
        press(view, editor, "body")
        editor.part_page.asset.button.click()
        editor.paths.field.setText("hydrau")
        editor.paths.button.click()
        assert part(editor, "body").asset == HYDRAULICS
        editor.keys.dropped.emit(ROBOT, number_of(editor, "body"))
        assert part(editor, "body").asset == ROBOT
        editor.keys.dropped.emit("no such asset", number_of(editor, "body"))
        assert part(editor, "body").asset == ROBOT


def test_a_motion_takes_its_ends_from_the_tag_and_tells_where_it_is_now(qapp: Any) -> None:
    with editing(qapp, Disk()) as (view, editor):
        press(view, editor, "robot")
        editor.pages.buttons["motion"].click()
        editor.motion_page.add.click()
        editor.paths.field.setText("weld current")
        editor.paths.button.click()
        (motion,) = part(editor, "robot").motions
        assert (motion.tag, motion.values) == (f"{ROBOT}/Weld current", (0.0, 20.0))
        view.on_numbers(snapshot())
        assert "9.6" in editor.motion_page.now.text() and "43.20" in editor.motion_page.now.text()


def test_save_says_what_changes_asks_why_and_writes_it(qapp: Any) -> None:
    disk = Disk()
    with editing(qapp, disk) as (view, editor):
        press(view, editor, "tank")
        editor.part_page.numbers["x"].entered.emit(12.34)
        editor.ask_save()
        assert editor.saving.said.text() == "1 part moved in line.toml"
        assert not editor.saving.button.isEnabled()
        editor.saving.field.setText("tank was moved")
        editor.saving.button.click()
        assert disk.reasons == ["tank was moved"]
        assert [each.at[0] for each in disk.files["line.toml"] if each.shape == "tank"] == [12.34]
        assert all(each.came_from == "" for each in disk.files["line.toml"])
        assert not editor.save.isEnabled()
        assert editor.undo.isEnabled()


def test_somebody_else_saving_is_told_and_either_can_win(qapp: Any) -> None:
    for wins in ("theirs", "mine"):
        disk = Disk()
        with editing(qapp, disk) as (view, editor):
            press(view, editor, "tank")
            editor.part_page.numbers["x"].entered.emit(5.0)
            disk.somebody_saves(Part("pump"))
            editor.session.save("mine")
            assert "Somebody else saved line.toml" in editor.words.text()
            assert not editor.save.isEnabled()
            assert disk.files["line.toml"] == [Part("pump")]
            if wins == "theirs":
                editor.theirs.click()
                assert [each.shape for each in editor.session.editing.drawn.parts] == ["pump"]
                editor.undo.click()
                assert part(editor, "tank").at[0] == 5.0
            else:
                editor.mine.click()
                editor.session.save("mine after all")
                assert [each.at[0] for each in disk.files["line.toml"] if each.shape == "tank"] == [5.0]
            editor.session.discard()


def test_what_somebody_else_saved_is_shown_at_once_where_nothing_is_changed_here(qapp: Any) -> None:
    disk = Disk()
    with editing(qapp, disk) as (view, editor):
        disk.somebody_saves(Part("pump"))
        view.set_plant(plant())
        assert [each.shape for each in editor.session.editing.drawn.parts] == ["pump"]
        assert "Somebody else changed the scene" in editor.words.text()


def test_a_crash_a_refusal_and_a_replay_lose_nothing(qapp: Any) -> None:
    disk = Disk()
    disk.refused = "you are logged out"
    with editing(qapp, disk) as (view, editor):
        press(view, editor, "tank")
        editor.part_page.numbers["x"].entered.emit(5.0)
        editor.session.save("why")
        assert "You are logged out" in editor.words.text()
        assert part(editor, "tank").at[0] == 5.0
        view.set_past(1_000_000)
        assert not editor.is_editing
    with editing(qapp, Disk()) as (view, editor):
        assert part(editor, "tank").at[0] == 5.0
        assert "draft is back" in editor.words.text()
        editor.session.discard()
        assert part(editor, "tank").at[0] == 0.0
    with editing(qapp, Disk()) as (view, editor):
        assert "draft" not in editor.words.text()


def test_a_project_without_a_scene_begins_with_its_laid_out_row(qapp: Any) -> None:
    disk = Disk(())
    with editing(qapp, disk, plant(parts=())) as (view, editor):
        count = len(editor.session.editing.drawn.parts)
        assert count > 3
        assert not editor.undo.isEnabled()
        editor.session.save("first")
        assert len(disk.files["line.toml"]) == count


def test_a_file_that_is_broken_by_hand_is_told_and_not_edited(qapp: Any) -> None:
    disk = Disk()
    disk.problem = "scene/line.toml:6: a pipe needs two points"
    with editing(qapp, disk) as (view, editor):
        assert "scene/line.toml:6" in editor.words.text()
        press(view, editor, "tank")
        assert not editor.session.editing.chosen
        assert not editor.save.isEnabled()


def test_two_taps_on_the_plan_and_a_distance_give_its_width(qapp: Any) -> None:
    disk = Disk()
    with editing(qapp, disk) as (view, editor):
        editor.pages.buttons["plan"].click()
        editor.plan_page.which.choose(1)
        editor.plan_page.measure.setChecked(True)
        editor.plan_page.tap((0.0, 0.0))
        editor.plan_page.tap((10.0, 0.0))
        editor.plan_page.far.entered.emit(20.0)
        plan = editor.session.editing.drawn.plan
        assert plan is not None and (plan.file, plan.width) == ("a.png", 100.0)
        editor.session.save("plan")
        assert disk.plan == plan


def test_every_button_is_large_enough_and_says_what_it_does(qapp: Any) -> None:
    from PySide6.QtWidgets import QPushButton

    with editing(qapp, Disk()) as (view, editor):
        press(view, editor, "press")
        editor.session.do(editor.session.editing)
        qapp.processEvents()
        for button in editor.findChildren(QPushButton):
            if button.isVisible():
                assert button.height() >= 40, button.text()
                assert button.accessibleName() or len(button.text()) > 2, button.text()
