"""The scene with all that lies over it: buttons, the View menu, words; and flights of the eye."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from engine.types import Cut, Part, Plan, SavedView, Snapshot
from hmi.displays.feed import Feed
from hmi.displays.twin import state
from hmi.displays.twin.flight import Flight
from hmi.displays.twin.framing import camera_of, cut_away, view_of
from hmi.displays.twin.models import Models
from hmi.displays.twin.quality import Freshness, freshness
from hmi.displays.twin.state import Told, Twin
from hmi.displays.twin.tools import Tools
from hmi.displays.twin.view_sheet import ViewSheet
from hmi.displays.twin.views import SavedViews
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.scene.asset_look import SceneLabel, Sight
from hmi.widgets.scene_view import SceneView


class Stage(QFrame):
    """``picked`` = an asset was tapped; ``trouble`` = the next trouble is wanted; ``edit`` = the scene is to
    be edited. The View menu lies over ``over``, which is larger than the scene.
    """

    picked = Signal(str)
    trouble = Signal()
    edit = Signal()

    def __init__(self, theme: Theme, feed: Feed, over: QWidget) -> None:
        super().__init__(over)
        self.setProperty("look", "panel")
        self._twin = state.twin_of(state.Model())
        self._seen, self._is_editing, self._past = "", False, ""
        self._cut_away: frozenset[str] = frozenset()
        self._shown: tuple[Told, Snapshot | None] = (state.NOTHING_TOLD, None)
        self.views = SavedViews(feed)
        self.scene = SceneView(theme, self)
        self.flight = Flight(self.scene)
        self.models = Models(self)
        self.tools = Tools(theme, self.scene)
        self.sheet = ViewSheet(theme, self.views, over)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.scene)
        self._connect()

    def _connect(self) -> None:
        self.scene.picked.connect(self._pick)
        self.scene.built.connect(self._built)
        self.scene.installEventFilter(self)
        # The shelf must not outlive the scene: it reads in a process of its own.
        self.destroyed.connect(self.models.close)
        self.models.came.connect(self._show_parts)
        self.tools.trouble.connect(self.trouble)
        self.tools.home.connect(self.flight.to_home)
        self.tools.zoomed.connect(self.scene.zoom)
        self.tools.opened.connect(self._open)
        self.sheet.left.connect(self.leave)
        self.sheet.changed.connect(self._show_sight)
        self.sheet.edit.connect(self.edit)
        self.sheet.list.wanted.connect(self.show_view)
        self.sheet.list.saved.connect(lambda name: self.views.keep(self.seen_now(name)))

    # What the display tells

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.scene.set_theme(theme)
        self.tools.set_theme(theme)
        self.sheet.set_theme(theme)

    def set_twin(self, twin: Twin) -> None:
        """Another plant, or the same with other parts."""
        model, before = twin.model, self._twin.model
        self._twin = twin
        if model.views != before.views or model.folder != before.folder:
            self.views.take_project(model.views)
        self._show_parts()
        self._show_plan(model.plan, model.folder)

    def _show_plan(self, plan: Plan | None, folder: str) -> None:
        known = plan is not None and bool(folder)
        self.scene.show_plan(Path(folder) / "scene" / plan.file if plan is not None and known else None, plan)

    def show_parts(self, parts: Sequence[Part]) -> None:
        """Parts that an editor holds, in place of those of the plant."""
        self._twin = state.twin_of(self._twin.model, parts)
        self._show_parts()

    def _show_parts(self) -> None:
        parts = self._twin.parts
        self.scene.show_parts(parts, self.models.want(self._twin.model.folder, parts))

    def _built(self) -> None:
        """Other parts are on show: other bounds to cut in, and other labels beyond the cut."""
        self.sheet.section.show_bounds(self.scene.scene.bounds())
        self._show_sight()
        self._cut_away = self._beyond(self.scene.sight.cut)
        self._show_labels()

    def _beyond(self, cut: Cut | None) -> frozenset[str]:
        return cut_away(self.scene.scene, [each.path for each in self._twin.labelled], cut)

    def show_now(self, told: Told, snapshot: Snapshot | None) -> None:
        """Values, qualities and alarms of this instant."""
        self._shown = told, snapshot
        # Who builds sees what is built: no trouble, and nothing hatched because its tags are not heard yet.
        self.scene.show_looks({} if self._is_editing else state.looks(self._twin, told, snapshot))
        self._show_labels()
        if self.sheet.motion.isChecked() and len(self._twin.moves.tags):
            self.scene.show_positions(state.positions(self._twin, snapshot))
        if self.tools.show_legend(bool(told.predicted)):
            self._place_soon()
        self._show_words(snapshot)

    def _show_labels(self) -> None:
        told = state.labels(self._twin, *self._shown)
        labels = [each for each in told if each.path not in self._cut_away]
        self.scene.show_labels(
            [SceneLabel(each.path, each.name, title=each.title) for each in labels]
            if self._is_editing
            else labels
        )

    def _show_words(self, snapshot: Snapshot | None) -> None:
        fresh = freshness(self._twin.model, self._twin.shown, snapshot)
        told = Freshness(self._past) if self._past and fresh.is_calm else fresh
        self.tools.show_words(told.text, told.is_calm)
        self._place_soon()

    def show_past(self, words: str) -> None:
        """The instant of a replay, in words; "" = it is live."""
        self._past = words

    def show_selected(self, seen: str) -> None:
        """The asset of the scene that stands for what is selected; "" = none."""
        self._seen = seen
        self.sheet.show_selected(bool(seen))
        self._show_sight()

    def show_rights(self, why_not: str, can_edit: bool) -> None:
        """Why this person cannot change the project, "" = can; and whether editing is offered."""
        self.views.why_not = why_not
        self.sheet.show_edit(can_edit and not self._is_editing)

    def set_editing(self, is_editing: bool) -> None:
        """What is not needed for editing is out of the way."""
        self._is_editing = is_editing
        self.scene.set_editing(is_editing)
        self.tools.set_editing(is_editing)
        self.show_now(*self._shown)
        self.leave()
        self.place()

    # Where it is seen from

    def fly_to(self, seen: str) -> None:
        """Near to an asset of the scene."""
        self.flight.to_asset(seen)

    def show_view(self, view: SavedView) -> None:
        """As somebody kept it."""
        self.flight.to_camera(camera_of(view))
        if view.apart:
            self.picked.emit(view.apart)
        self.sheet.set_switches(bool(view.apart), view.through, view.labels, view.cut)

    def seen_now(self, name: str) -> SavedView:
        """What is seen now, to be kept under a name."""
        return view_of(name, self.scene, self.scene.sight, self.sheet.labels.isChecked())

    @property
    def is_settled(self) -> bool:
        """The scene is drawn as it will stay."""
        return self.scene.is_settled and not self.flight.is_flying and not self.models.is_waiting

    # Inside

    def _pick(self, path: str) -> None:
        if not self._is_editing:
            self.picked.emit(path)

    def _open(self, is_open: bool) -> None:
        if is_open:
            self.sheet.section.show_bounds(self.scene.scene.bounds())
            self.sheet.open_below(self.tools.view)
            return
        had_focus = self.sheet.isAncestorOf(self.sheet.focusWidget() or self)
        self.sheet.hide()
        if had_focus:
            self.tools.view.setFocus()

    def leave(self) -> None:
        """Close the View menu."""
        self.tools.view.setChecked(False)

    def _show_sight(self) -> None:
        apart = self._seen if self.sheet.isolate.isChecked() else ""
        if apart and apart != self.scene.sight.apart:
            self.flight.to_asset(apart)
        self.flight.is_still = not self.sheet.motion.isChecked()
        cut = self.sheet.cut
        if cut != self.scene.sight.cut:
            self._cut_away = self._beyond(cut)
            self._show_labels()
        self.scene.show_sight(Sight(self._seen, apart, self.sheet.through.isChecked(), cut))
        self.scene.set_labels_shown(self.sheet.labels.isChecked())

    def _place_soon(self) -> None:
        self.scene.set_taken(self.tools.place())

    def place(self) -> None:
        """Buttons and words where they belong, and no label under them."""
        self.scene.set_taken(self.tools.place())
        if self.sheet.isVisible():
            self.sheet.open_below(self.tools.view)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self.scene and kind in (QEvent.Type.Resize, QEvent.Type.Show):
            # After the scene itself has taken its new size.
            QTimer.singleShot(0, self, self.place)
        if kind in (QEvent.Type.Show, QEvent.Type.Hide):
            self.models.show(kind == QEvent.Type.Show)
        if kind == QEvent.Type.MouseButtonPress and self.tools.view.isChecked():
            self.leave()
        return super().eventFilter(watched, event)


def replay_words(clock: str) -> str:
    """What stands over the scene in a replay."""
    return t("as it was at {time}", time=clock)
