"""The panel of the editor: what stands on it and where. What it does stands in `editor`."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from hmi.displays.feed import Feed
from hmi.displays.twin import editor_moves as moves
from hmi.displays.twin.asset_list import AssetList
from hmi.displays.twin.editor_hands import AssetDrag, SceneKeys
from hmi.displays.twin.editor_motion_page import MotionPage
from hmi.displays.twin.editor_palette import Entry, Palette
from hmi.displays.twin.editor_part_page import PartPage
from hmi.displays.twin.editor_plan_page import PlanPage
from hmi.displays.twin.editor_session import Session
from hmi.displays.twin.editor_sheets import AskSheet, PathSheet, SaveSheet
from hmi.displays.twin.editor_words import words_of
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.buttons import told_button
from hmi.widgets.choice import Choice
from hmi.widgets.labels import Words, heading, rule
from hmi.widgets.scene_view import SceneView

WIDTH_PX = 372


class EditorPanel(QFrame):
    """All that is seen of the editor beside the scene."""

    def __init__(self, theme: Theme, feed: Feed, scene: SceneView, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName(t("Editor of the scene"))
        self._theme, self._scene, self._model = theme, scene, Model()
        self._drawn: tuple[object, ...] = ()
        self._armed: Entry | None = None
        self._held = -1
        self._grip: tuple[float, float] | None = None
        self.session = Session(feed, self)
        self.keys = SceneKeys(scene)
        assets = getattr(parent, "assets", None)
        self.drag = AssetDrag(assets) if isinstance(assets, AssetList) else None
        self._title = heading(theme, t("Edit the scene"))
        self.undo = told_button("↶", t("Undo (Ctrl+Z)"), self)
        self.redo = told_button("↷", t("Redo (Ctrl+Shift+Z)"), self)
        self.pages = Choice(
            None,
            [
                ("add", t("Add"), t("Place something new")),
                ("part", t("Part"), t("Place, size and asset of what is chosen")),
                ("motion", t("Motion"), t("Tags that move what is chosen")),
                ("plan", t("Plan"), t("A picture of the ground plan on the floor")),
            ],
            self,
        )
        self.grid = Choice(
            None, [(f"{each:g}", f"{each:g} m", t("Snap to {n} m", n=each)) for each in moves.GRIDS], self
        )
        self.several = told_button(t("Several"), t("Taps choose one more instead of another"), self)
        self.several.setCheckable(True)
        self.palette_page = Palette(theme, self)
        self.part_page = PartPage(theme, self)
        self.motion_page = MotionPage(theme, self)
        self.plan_page = PlanPage(theme, self)
        self.stack = QStackedWidget(self)
        self.words = Words(theme, step="body")
        self.words.setWordWrap(True)
        self.theirs = QPushButton(t("Take theirs"), self)
        self.mine = QPushButton(t("Keep mine"), self)
        self.leave = told_button(t("Close"), t("Back to the display"), self)
        self.discard = told_button(t("Discard…"), t("Back to the scene as it is saved"), self)
        self.save = told_button(t("Save…"), t("Write it into the project (Ctrl+S)"), self)
        self.paths = PathSheet(theme, parent)
        self.saving = SaveSheet(theme, parent)
        self.asking = AskSheet(theme, parent)
        self._lay_out()
        self.grid.pick("0.5")
        self.hide()

    # Laying out

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 6, 12, 12)
        box.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._title, 1)
        for button in (self.undo, self.redo):
            button.setAccessibleName(button.toolTip())
            top.addWidget(button)
        tools = QHBoxLayout()
        tools.setSpacing(6)
        tools.addWidget(self.grid, 1)
        tools.addWidget(self.several)
        for page in (self.palette_page, self.part_page, self.motion_page, self.plan_page):
            self.stack.addWidget(page if page is self.palette_page else _scrolled(page, self))
        news = QHBoxLayout()
        news.setSpacing(6)
        for button in (self.theirs, self.mine):
            news.addWidget(button)
        foot = QHBoxLayout()
        foot.setSpacing(6)
        foot.addWidget(self.leave)
        foot.addStretch(1)
        foot.addWidget(self.discard)
        foot.addWidget(self.save)
        box.addLayout(top)
        box.addWidget(self.pages)
        box.addWidget(rule(self))
        box.addWidget(self.stack, 1)
        box.addWidget(rule(self))
        box.addLayout(tools)
        box.addWidget(self.words)
        box.addLayout(news)
        box.addLayout(foot)

    # What it says

    def _show_words(self) -> None:
        session = self.session
        editing = session.editing
        can = session.is_ready and not session.is_saving
        self.undo.setEnabled(can and bool(editing.done))
        self.redo.setEnabled(can and bool(editing.undone))
        self.save.setEnabled(can and editing.is_changed and not session.conflict)
        self.discard.setEnabled(can and editing.is_changed)
        for button in (self.theirs, self.mine):
            button.setVisible(bool(session.conflict) and session.is_ready)
        self.stack.setEnabled(session.is_ready)
        words, is_loud = self._told()
        self.words.set_look("" if is_loud else "muted")
        self.words.set_bold(is_loud)
        self.words.show_text(words)

    def _told(self) -> tuple[str, bool]:
        """What is to be said now, and whether it must be seen."""
        session = self.session
        if session.trouble:
            return session.trouble, True
        if session.conflict:
            files = ", ".join(session.conflict)
            return t(
                "Somebody else saved {files} meanwhile. Yours is kept here as a draft.", files=files
            ), True
        if self._armed is not None:
            return t("Tap the floor to place: {what}. Esc ends it.", what=self._armed.word), True
        if session.words:
            return session.words, True
        if session.editing.is_changed:
            return t("Not saved: {what}.", what=words_of(session.differs)), False
        return t("Nothing is changed."), False


def _scrolled(page: QWidget, parent: QWidget) -> QScrollArea:
    made = QScrollArea(parent)
    made.setWidgetResizable(True)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setWidget(page)
    return made
