"""The editor of the scene: its pages, saving and leaving. Hands on the scene stand in `editor_on_scene`."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QWidget,
)

from engine.types import Motion, Plan, Snapshot
from hmi.displays.feed import Feed
from hmi.displays.twin import editor_moves as moves
from hmi.displays.twin import editor_state as state
from hmi.displays.twin.editor_on_scene import EditorOnScene
from hmi.displays.twin.editor_palette import entries
from hmi.displays.twin.editor_plan_page import Spot, with_plan
from hmi.displays.twin.editor_state import Editing
from hmi.displays.twin.editor_words import name_of, words_of
from hmi.displays.twin.layout import laid_out, typed_parts
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.scene.asset_look import Sight
from hmi.widgets.scene_view import SceneView


class Editor(EditorOnScene):
    """``parts_changed`` = the parts to draw now, tuple[Part, ...]; ``ended`` = it was left. What is not saved
    stays as a draft on this station.
    """

    parts_changed = Signal(object)
    ended = Signal()

    def __init__(self, theme: Theme, feed: Feed, scene: SceneView, parent: QWidget) -> None:
        super().__init__(theme, feed, scene, parent)
        self._connect(parent)

    def _connect(self, parent: QWidget) -> None:
        self.session.changed.connect(self._show)
        self.session.told.connect(self._show_words)
        self.session.saved.connect(self._show_words)
        self.undo.clicked.connect(self.session.undo)
        self.redo.clicked.connect(self.session.redo)
        self.save.clicked.connect(self.ask_save)
        self.discard.clicked.connect(self._ask_discard)
        self.leave.clicked.connect(self._ask_leave)
        self.theirs.clicked.connect(self.session.take_theirs)
        self.mine.clicked.connect(self.session.keep_mine)
        self.pages.chosen.connect(self._turn)
        self.grid.chosen.connect(lambda _: self._show_grid())
        self.palette_page.armed.connect(self._arm)
        self.part_page.acted.connect(self._act)
        self.part_page.asked_asset.connect(self._ask_asset)
        self.motion_page.changed.connect(self._set_motion)
        self.motion_page.asked_tag.connect(self._ask_tag)
        self.plan_page.changed.connect(self._set_plan)
        self.plan_page.measured.connect(self._set_measure)
        self.plan_page.measuring.connect(lambda _: self._show_words())
        self.keys.nudged.connect(self._nudge)
        self.keys.stepped.connect(self._step)
        self.keys.dropped.connect(self._dropped)
        self._scene.part_pressed.connect(self._pressed)
        self._scene.ground_dragged.connect(self._drag_to)
        self.keys.tapped.connect(self._tapped)
        for keys, act in (
            ("Ctrl+Z", self.session.undo),
            ("Ctrl+Shift+Z", self.session.redo),
            ("Ctrl+Y", self.session.redo),
            ("Ctrl+S", self.ask_save),
            ("Ctrl+D", lambda: self._act(lambda editing: moves.duplicated(editing, self.grid_m))),
            ("Ctrl+A", self._choose_all),
        ):
            made = QShortcut(QKeySequence(keys), parent)
            made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            made.activated.connect(lambda act=act: act() if self.is_editing else None)

    # What the display tells

    @property
    def is_editing(self) -> bool:
        """Whether the scene is being edited."""
        return self.session.is_open

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (self._title, self.words):
            part.set_theme(theme)
        for page in (self.palette_page, self.part_page, self.motion_page, self.plan_page):
            page.set_theme(theme)
        for sheet in (self.paths, self.saving, self.asking):
            sheet.set_theme(theme)

    def set_plant(self, model: Model) -> None:
        """Another plant, or the same with another scene: somebody may have saved one."""
        is_other = model.folder != self._model.folder
        self._model = model
        self.part_page.set_locale(model.plant.locale)
        self.plan_page.set_locale(model.plant.locale)
        self.motion_page.set_model(model)
        if self.is_editing and is_other:
            self.end()
        elif self.is_editing:
            self._drawn = ()
            self._show()
            self.session.look()

    def on_numbers(self, snapshot: Snapshot) -> None:
        """Values of now, for the preview of motions."""
        if self.is_editing:
            self.motion_page.on_numbers(snapshot)

    def begin(self) -> None:
        """Edit the scene as it is saved, or go on with the draft of before."""
        if self.is_editing:
            return
        self._drawn, self._armed, self._held = (), None, -1
        self.keys.set_on(True)
        if self.drag is not None:
            self.drag.is_on = True
        self.show()
        self.pages.pick("add")
        self._turn("add")
        self._show_grid()
        self.session.begin(self._model.folder, laid_out(self._model))
        self._scene.setFocus()

    def end(self) -> None:
        """Stop editing; what is not saved stays as a draft."""
        if not self.is_editing:
            return
        self.session.end()
        self.keys.set_on(False)
        if self.drag is not None:
            self.drag.is_on = False
        for sheet in (self.paths, self.saving, self.asking):
            sheet.leave()
        self._disarm()
        self._show_chosen(())
        self.hide()
        self.ended.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.session.flush()

    # Pages

    def _show_grid(self) -> None:
        self.part_page.grid_m = self.grid_m

    def _ask_asset(self) -> None:
        picked = self.session.editing.chosen_pieces
        now = picked[-1].part.asset if picked else ""
        self.paths.ask(
            t("Which asset is it?"),
            tuple(path for path in self._model.assets if path),
            lambda path: self._act(lambda editing: moves.bound(editing, path)),
            now,
        )

    def _ask_tag(self, at: int) -> None:
        picked = self.session.editing.chosen_pieces
        asset = picked[0].part.asset if picked else ""
        own = [tag.path for tag in self._model.tags if asset and tag.path.startswith(f"{asset}/")]
        mine = set(own)
        others = [tag.path for tag in self._model.tags if tag.path not in mine]
        self.paths.ask(t("Which tag moves it?"), (*own, *others), lambda path: self._set_tag(at, path))

    def _set_tag(self, at: int, path: str) -> None:
        picked = self.session.editing.chosen_pieces
        index = self._model.index.get(path)
        if len(picked) != 1 or index is None or at >= len(picked[0].part.motions):
            return
        tag, motion = self._model.tags[index], picked[0].part.motions[at]
        ends = (tag.low, tag.high) if tag.low is not None and tag.high is not None else motion.values
        self._set_motion(at, msgspec.structs.replace(motion, tag=path, values=ends))

    def _set_motion(self, at: int, motion: Motion | None) -> None:
        self._act(lambda editing: moves.with_motion(editing, at, motion))

    def _set_plan(self, plan: Plan | None) -> None:
        self._act(lambda editing: state.changed(editing, t("Plan"), with_plan(editing, plan)))

    def _set_measure(self, first: Spot, second: Spot, metres: float) -> None:
        self._act(lambda editing: moves.measured(editing, first, second, metres))

    # Saving and leaving

    def ask_save(self) -> None:
        """Say what changes, and ask for the reason."""
        if self.save.isEnabled():
            self.saving.ask([each.words for each in self.session.differs], self.session.save)

    def _ask_discard(self) -> None:
        self.asking.ask(
            t("Discard what is not saved?"),
            words_of(self.session.differs),
            (t("Discard"), self.session.discard),
        )

    def _ask_leave(self) -> None:
        if not self.session.editing.is_changed or not (self.session.editing.done or self.session.conflict):
            self.end()
            return
        self.asking.ask(
            t("Close the editor?"),
            t("Not saved yet: {what}.", what=words_of(self.session.differs)),
            (t("Keep as a draft"), self.end),
            (t("Save…"), self.ask_save),
        )

    # What it shows

    def _show(self) -> None:
        editing = self.session.editing
        parts = (*editing.drawn.parts, *typed_parts(self._model, editing.drawn.parts))
        shown = (*parts, editing.drawn.plan)
        if shown != self._drawn and self.session.is_ready:
            is_new_plan = not self._drawn or self._drawn[-1] != editing.drawn.plan
            self._drawn = shown
            self.parts_changed.emit(parts)
            if is_new_plan:
                self._show_plan(editing.drawn.plan)
        self._show_chosen(tuple(editing.number(each) for each in editing.chosen))
        self._show_page(editing)
        self.keys.is_held = bool(editing.chosen)
        self._show_words()

    def _show_plan(self, plan: Plan | None) -> None:
        folder = self._model.folder
        path = Path(folder) / "scene" / plan.file if plan is not None and folder else None
        self._scene.show_plan(path, plan if path is not None else None)

    def _show_chosen(self, numbers: tuple[int, ...]) -> None:
        sight = self._scene.sight
        if sight.chosen != numbers:
            self._scene.show_sight(
                Sight(sight.selected, sight.apart, sight.through, sight.cut, tuple(sorted(numbers)))
            )

    def _show_page(self, editing: Editing) -> None:
        self.part_page.show_editing(editing)
        self.motion_page.show_editing(editing)
        self.plan_page.show_editing(editing, self.session.scene.plans)
        self.palette_page.show_entries(entries(self._model, self.session.scene.models))

    def name_of_chosen(self) -> str:
        """What is chosen, in words, for who listens."""
        return ", ".join(name_of(each.part) for each in self.session.editing.chosen_pieces)
