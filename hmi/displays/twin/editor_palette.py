"""What can be placed: shapes with a small picture, CAD models of the project, types that have parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QShowEvent
from PySide6.QtWidgets import QLineEdit, QListView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from engine.types import AssetType, Part
from hmi.displays.twin.editor_icons import icon_of
from hmi.displays.twin.editor_words import shape_word
from hmi.formats import t
from hmi.model import Model
from hmi.shell.fuzzy import best
from hmi.theme import Theme
from hmi.widgets.scene.shapes import SHAPES

PICTURE_PX, WORD_PX, COLUMNS, BAR_PX = 52, 40, 3, 26
PIPE_POINTS = ((-1.0, 0.0, 1.0), (1.0, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to place, around (0, 0). ``sought`` = all words by which it is found."""

    word: str
    parts: tuple[Part, ...]
    sought: str


def entries(model: Model, models: Sequence[str]) -> tuple[Entry, ...]:
    """All that can be placed: types first, then models, then shapes by name."""
    types: dict[str, AssetType] = {}
    for asset in model.assets.values():
        if asset.type.parts:
            types.setdefault(asset.type.id, asset.type)
    found = [
        Entry(each.title or each.id, tuple(_loose(part) for part in each.parts), f"{each.id} type")
        for each in types.values()
    ]
    found += [Entry(name.rpartition("/")[2], (Part("model", file=name),), f"{name} model") for name in models]
    names = sorted([*SHAPES, "pipe"])
    found += [Entry(shape_word(Part(name)), (_shape(name),), f"{name} shape") for name in names]
    return tuple(found)


def found_in(known: Sequence[Entry], wanted: str) -> tuple[Entry, ...]:
    """Those whose words fit, best first; all for nothing."""
    if not wanted.strip():
        return tuple(known)
    return tuple(known[at] for at in best(wanted, [f"{each.sought}/{each.word}" for each in known], 60))


def _shape(name: str) -> Part:
    return Part(name, points=PIPE_POINTS) if name == "pipe" else Part(name)


def _loose(part: Part) -> Part:
    """A part of a type by itself: which asset it is for is said once it stands."""
    return Part(
        part.shape,
        at=part.at,
        turn=part.turn,
        size=part.size,
        points=part.points,
        file=part.file,
        node=part.node,
        scale=part.scale,
        up=part.up,
    )


class Palette(QWidget):
    """``armed`` = an `Entry` to be placed with the next tap on the floor; None = no more."""

    armed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._known: tuple[Entry, ...] = ()
        self._shown: tuple[Entry, ...] = ()
        self._icons: dict[tuple[str, str], QIcon] = {}
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(t("Search shapes…"))
        self.search.setAccessibleName(t("Search shapes, models and types"))
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget(self)
        self.list.setAccessibleName(t("What can be placed"))
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setUniformItemSizes(True)
        self.list.setWordWrap(True)
        self.list.setIconSize(QSize(PICTURE_PX, PICTURE_PX))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.search)
        box.addWidget(self.list, 1)
        self._next = QTimer(self)
        self._next.setInterval(0)
        self._next.timeout.connect(self._paint_one)
        self.search.textChanged.connect(lambda _: self._fill())
        self.search.returnPressed.connect(lambda: self._arm(self.list.item(0)))
        self.list.itemClicked.connect(self._arm)
        self.list.itemActivated.connect(self._arm)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self._fill()

    def show_entries(self, known: tuple[Entry, ...]) -> None:
        """What there is to place."""
        if known != self._known:
            self._known = known
            self._fill()

    @property
    def shown(self) -> tuple[Entry, ...]:
        """What fits the search."""
        return self._shown

    def disarm(self) -> None:
        """Nothing is to be placed any more."""
        self.list.clearSelection()
        self.list.setCurrentItem(None)  # pyright: ignore[reportArgumentType]

    def _fill(self) -> None:
        self._shown = found_in(self._known, self.search.text())
        self.list.clear()
        wide = max(84, (self.list.width() - BAR_PX) // COLUMNS)
        size = QSize(wide, PICTURE_PX + WORD_PX)
        self.list.setGridSize(size)
        for entry in self._shown:
            item = QListWidgetItem(entry.word, self.list)
            item.setSizeHint(size)
            item.setToolTip(entry.sought)
        if self.isVisible():
            self._next.start()

    def _paint_one(self) -> None:
        """One picture at a time: none of them holds up the window."""
        for at, entry in enumerate(self._shown):
            item, key = self.list.item(at), (entry.sought, self._theme.name)
            if item is None or not item.icon().isNull():
                continue
            if key not in self._icons:
                self._icons[key] = icon_of(entry.parts[0], self._theme, PICTURE_PX, self.devicePixelRatioF())
            item.setIcon(self._icons[key])
            return
        self._next.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self._fill)

    def _arm(self, item: QListWidgetItem | None) -> None:
        if item is not None and 0 <= self.list.row(item) < len(self._shown):
            self.list.setCurrentItem(item)
            self.armed.emit(self._shown[self.list.row(item)])
