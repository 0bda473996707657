"""The page of what runs behind all sources: the engine's own figures, and the stored past."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QVBoxLayout, QWidget

from hmi.displays.system.engine_block import EngineBlock
from hmi.displays.system.history_block import HistoryBlock
from hmi.theme import Theme

SIDE_BY_SIDE_PX = 800


class EnginePage(QScrollArea):
    """Side by side where there is room, else the history below the engine."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "page")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QFrame(self)
        content.setProperty("look", "page")
        self.engine, self.history = EngineBlock(theme, content), HistoryBlock(theme, content)
        self._blocks = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._blocks.setSpacing(theme.size.gap)
        self._blocks.addWidget(self.history, 3)
        self._blocks.addWidget(self.engine, 2)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._blocks)
        column.addStretch(1)
        self.setWidget(content)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        directions = QBoxLayout.Direction
        is_wide = self.viewport().width() >= SIDE_BY_SIDE_PX
        self._blocks.setDirection(directions.LeftToRight if is_wide else directions.TopToBottom)
