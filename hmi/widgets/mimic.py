"""A hand-made drawing of one asset, scaled to the room there is; its text never is, and never overlaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.types import Mimic, MimicSymbol, Snapshot
from hmi import values
from hmi.alarms import NO_BADGES, Badge, marked
from hmi.formats import t
from hmi.model import UNTYPED, Asset, Model, tag_at, tags_at
from hmi.theme import Theme, colour
from hmi.values import Kind, Reading
from hmi.widgets.blink import Blink
from hmi.widgets.mimic_item import SymbolItem, SymbolLook, ValueItem
from hmi.widgets.text_paint import FRESH

_NORMAL: Kind = "normal"
PIPE_PX, ARROW_PX = 3.0, 7.0
MOST_SCALE = 2.0
NO_ASSET = Asset("", "", None, "unit", UNTYPED, (), (), ())


class MimicView(QWidget):
    """Draws the mimic of an asset. ``tapped`` gets the path of a device or tag."""

    def __init__(self, theme: Theme, tapped: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._tapped = theme, tapped
        self._model, self._asset = Model(), NO_ASSET
        self._mimic = Mimic("")
        self._snapshot: Snapshot | None = None
        self._badges: Mapping[str, Badge] = NO_BADGES
        self.blink = Blink(self._turn, self)
        self._is_old = False
        self._scale, self._corner = 1.0, QPointF()
        self.symbols: list[SymbolItem] = []
        self.values: list[ValueItem] = []

    def show_mimic(self, model: Model, asset: Asset, mimic: Mimic) -> None:
        """Draw this one; what names a tag that the asset does not have is left out."""
        self._model, self._asset, self._mimic, self._snapshot = model, asset, mimic, None
        for item in (*self.items(), *(each.words for each in self.symbols)):
            item.hide()
            item.deleteLater()
        self.symbols, self.values = [], []
        parts = sorted([*mimic.symbols, *mimic.values], key=lambda each: each.at)
        for part in parts:
            if isinstance(part, MimicSymbol):
                tags = tuple(model.tags[at] for at in tags_at(model, asset, part.lines))
                path = self._path(part)
                self.symbols.append(SymbolItem(self._theme, part, path, tags, self._tapped, self))
            elif tag_at(model, asset, part.tag) is not None:
                path = f"{asset.path}/{part.tag}" if asset.path else part.tag
                tag = model.tags[model.index[path]]
                self.values.append(ValueItem(self._theme, part, tag, self._tapped, self))
        self.setAccessibleName(mimic.title or asset.name)
        self.on_numbers(None, None)
        self._lay_out()
        for item in self.items():
            item.show()

    def items(self) -> list[SymbolItem | ValueItem]:
        """Everything that can be tapped."""
        return [*self.symbols, *self.values]

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for item in self.items():
            item.set_theme(theme)
        self._lay_out()

    def set_badges(self, badges: Mapping[str, Badge]) -> None:
        """Alarms of assets and tags, by path."""
        if badges != self._badges:
            self._badges = badges
            self.on_numbers(self._snapshot, None)
        self._need_blink()

    def _need_blink(self) -> None:
        self.blink.need(self.isVisible() and any(item.is_waiting for item in self.symbols))

    def _turn(self) -> None:
        for item in self.symbols:
            if item.is_waiting:
                item.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._need_blink()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.blink.need(False)

    def on_numbers(self, snapshot: Snapshot | None, changed: NDArray[np.bool_] | None) -> None:
        """Paint the parts that differ; ``changed`` bool[n] = tags that may look different, None = all."""
        self._snapshot = snapshot
        self._show_symbols(changed)
        for item in self.values:
            at = self._model.index[item.path]
            if changed is None or changed[at]:
                item.show_reading(self._read(at))
        kinds = [*(item.look.kind for item in self.symbols if item.look is not None)]
        kinds += [item.reading.kind for item in self.values if item.reading is not None]
        is_old = bool(kinds) and not any(kind in FRESH for kind in kinds)
        if is_old != self._is_old:
            self._is_old = is_old
            self.update()

    # What a device shows

    def _path(self, symbol: MimicSymbol) -> str:
        """What a tap on a device opens: its asset, else the first of its tags."""
        own = self._asset.path
        if symbol.asset:
            return f"{own}/{symbol.asset}" if own else symbol.asset
        named = tags_at(self._model, self._asset, (symbol.level, *symbol.lines, symbol.running))
        return self._model.tags[named[0]].path if named else own

    def _show_symbols(self, changed: NDArray[np.bool_] | None) -> None:
        for item in self.symbols:
            symbol = item.symbol
            tags = tags_at(self._model, self._asset, (symbol.running, symbol.level, *symbol.lines))
            if changed is None or changed[list(tags)].any():
                item.show_look(self._look(symbol, tags))

    def _look(self, symbol: MimicSymbol, tags: tuple[int, ...]) -> SymbolLook:
        lines = tuple(self._read(at) for at in tags_at(self._model, self._asset, symbol.lines))
        running: bool | None = None
        words, kind = symbol.title, _NORMAL
        at = tag_at(self._model, self._asset, symbol.running)
        if at is not None:
            state = self._read(at)
            kind = state.kind
            if kind in FRESH and self._snapshot is not None:
                running = bool(self._snapshot.value[at])
                word = t("{title} running") if running else t("{title} stopped")
                words = word.format(title=symbol.title)
        level, at = None, tag_at(self._model, self._asset, symbol.level)
        if at is not None:
            filled = self._read(at)
            level, kind = filled.level, filled.kind
        elif not symbol.running and lines:
            kind = lines[0].kind
        badge = self._badges.get(self._path(symbol)) if symbol.asset else None
        alarms = [each.alarm for each in (self._read(at) for at in tags) if each.alarm]
        if badge is None and alarms:
            badge = Badge(min(alarms), 1)
        return SymbolLook(words, running, kind, level, lines, badge)

    def _read(self, at: int) -> Reading:
        tag = self._model.tags[at]
        return marked(values.reading(tag, self._snapshot, at, self._model.plant), self._badges.get(tag.path))

    # Where things go

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        width, height = self._mimic.size
        self._scale = min(self.width() / width, self.height() / height, MOST_SCALE)
        left = (self.width() - width * self._scale) / 2
        self._corner = QPointF(left, (self.height() - height * self._scale) / 2)
        drawings = [self._box(item.symbol) for item in self.symbols]
        taken = [self._place_value(item, drawings) for item in self.values]
        for item, drawing in zip(self.symbols, drawings, strict=True):
            others = [*taken, *(each for each in drawings if each is not drawing)]
            words, lines = self._words(item, drawing, others)
            item.place(drawing, words, lines)
            taken.append(words)
        self.update()

    def _place_value(self, item: ValueItem, drawings: list[QRectF]) -> QRectF:
        """Put a value where it is drawn, or a little to the left where its text would cover a device."""
        corner = self._at(item.value.at)
        wide, tall = item.wanted(self._model.plant)
        box = _kept_inside(QRectF(corner.x(), corner.y(), wide, tall), QRectF(self.rect()))
        if item.value.to is not None:
            # Over the end of its leader line, so that this is a plumb one at any scale.
            end = self._at(item.value.to).x()
            box.moveLeft(min(max(box.left(), end - wide + 24), end - 24))
        for drawing in drawings:
            covered = box.intersected(drawing)
            if 0 < covered.width() < box.width() / 3 and box.left() < drawing.left():
                box.moveRight(drawing.left() - 2)
        item.place(box.toAlignedRect())
        return box

    def _words(self, item: SymbolItem, drawing: QRectF, others: list[QRectF]) -> tuple[QRectF, int]:
        """Where the words below a device go, and how many of its lines have room there."""
        whole = QRectF(self.rect())
        pipes = [each for pipe in self._mimic.pipes for each in self._pieces(pipe.points)]
        for lines in range(len(item.tags), -1, -1):
            wide, tall = item.words_size(lines, self._model.plant)
            words = QRectF(drawing.center().x() - wide / 2, drawing.bottom() + 3, wide, tall)
            words = _kept_inside(words, whole, only_sideways=True)
            hit = [*others, *(pipes if lines else ())]
            if words.bottom() <= whole.bottom() and not any(words.intersects(each) for each in hit):
                return words, lines
        return QRectF(drawing.left(), drawing.bottom(), drawing.width(), 0), 0

    def _pieces(self, points: tuple[tuple[float, float], ...]) -> list[QRectF]:
        """A pipe as thin boxes."""
        placed = [self._at(point) for point in points]
        return [
            QRectF(start, end).normalized().adjusted(-2, -2, 2, 2)
            for start, end in zip(placed, placed[1:], strict=False)
        ]

    def _at(self, point: tuple[float, float]) -> QPointF:
        return self._corner + QPointF(*point) * self._scale

    def _box(self, symbol: MimicSymbol) -> QRectF:
        corner, size = self._at(symbol.at), QPointF(*symbol.size) * self._scale
        return QRectF(corner, corner + size)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for pipe in self._mimic.pipes:
                self._paint_pipe(painter, [self._at(point) for point in pipe.points])
            for item in self.values:
                if item.value.to is not None:
                    self._paint_leader(painter, item, self._at(item.value.to))

    def _paint_pipe(self, painter: QPainter, points: list[QPointF]) -> None:
        """A line with an arrow amid its longest piece; dashed where nothing on the drawing is current."""
        ink = colour(self._theme.colour.hatch if self._is_old else self._theme.colour.outline)
        pen = QPen(ink, PIPE_PX, Qt.PenStyle.DashLine if self._is_old else Qt.PenStyle.SolidLine)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        start, end = max(zip(points, points[1:], strict=False), key=lambda each: _length(each[1] - each[0]))
        along = (end - start) / max(1.0, _length(end - start))
        across, tip = QPointF(-along.y(), along.x()), (start + end) / 2 + along * ARROW_PX
        tail = tip - along * ARROW_PX * 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPolygon(QPolygonF([tip, tail + across * ARROW_PX, tail - across * ARROW_PX]))

    def _paint_leader(self, painter: QPainter, item: ValueItem, end: QPointF) -> None:
        box = QRectF(item.geometry())
        x = min(max(end.x(), box.left() + 8), box.right() - 8)
        y = box.bottom() if end.y() > box.center().y() else box.top()
        ink = colour(self._theme.colour.outline)
        painter.setPen(QPen(ink, 1.2))
        painter.drawLine(QPointF(x, y), end)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(end, 4, 4)


def _length(way: QPointF) -> float:
    return abs(way.x()) + abs(way.y())


def _kept_inside(box: QRectF, whole: QRectF, only_sideways: bool = False) -> QRectF:
    moved = QRectF(box)
    moved.moveLeft(max(whole.left(), min(box.left(), whole.right() - box.width())))
    if not only_sideways:
        moved.moveTop(max(whole.top(), min(box.top(), whole.bottom() - box.height())))
    return moved
