"""The buttons over the scene: Show trouble, Home, View with what can be switched, and zoom."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from hmi.formats import t
from hmi.theme import Theme

MARGIN = 12


class Tools(QObject):
    """Buttons that lie over ``scene`` in its corners, and the sheet that View opens.

    ``changed`` = a switch of View was set: `through`, `apart`, `labels`.
    """

    trouble = Signal()
    home = Signal()
    zoomed = Signal(float)
    changed = Signal()

    def __init__(self, theme: Theme, scene: QWidget) -> None:
        super().__init__(scene)
        self._scene = scene
        self._bar, self._zoom, self._sheet = QWidget(scene), QWidget(scene), _Sheet(scene)
        self._gap = theme.size.gap
        self.show_trouble = _button(t("Show trouble"), t("Frame the worst alarm and select it"), self._bar)
        self.go_home = _button(t("Home"), t("Show all of the scene"), self._bar)
        self.view = _button(t("View ▾"), t("What the scene shows"), self._bar)
        self.view.setCheckable(True)
        self.through = _switch(
            t("X-ray"), t("All but the selected and what is in alarm like glass"), self._sheet
        )
        self.apart = _switch(t("Only the selected"), t("Hide everything else"), self._sheet)
        self.labels = _switch(t("Labels"), t("Names and values over the units"), self._sheet)
        self.labels.setChecked(True)
        self._lay_out()
        self._connect()
        scene.installEventFilter(self)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for button in (self.show_trouble, self.go_home, self.view):
            row.addWidget(button)
        column = QVBoxLayout(self._zoom)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for text, words, factor in (("+", t("Nearer"), 1.25), ("\u2212", t("Farther"), 0.8)):
            button = _button(text, words, self._zoom)
            button.clicked.connect(lambda _=False, factor=factor: self.zoomed.emit(factor))
            column.addWidget(button)
        box = QVBoxLayout(self._sheet)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(6)
        for button in (self.through, self.apart, self.labels):
            box.addWidget(button)
        self._sheet.hide()

    def _connect(self) -> None:
        self.show_trouble.clicked.connect(self.trouble)
        self.go_home.clicked.connect(self.home)
        self.view.toggled.connect(self._open)
        self._sheet.left.connect(lambda: self.view.setChecked(False))
        for button in (self.through, self.apart, self.labels):
            button.toggled.connect(self.changed)

    def show_selected(self, has_selected: bool, has_trouble: bool) -> None:
        """What can be done now."""
        self.apart.setEnabled(has_selected)
        self.show_trouble.setEnabled(has_trouble)
        if not has_selected and self.apart.isChecked():
            self.apart.setChecked(False)

    def place(self) -> list[QRect]:
        """Put the buttons where they belong; gives the rectangles they cover."""
        for each in (self._bar, self._zoom, self._sheet):
            each.adjustSize()
        self._bar.move(MARGIN, MARGIN)
        zoom = self._zoom.size()
        self._zoom.move(
            self._scene.width() - zoom.width() - MARGIN, self._scene.height() - zoom.height() - MARGIN
        )
        self._sheet.move(self.view.mapTo(self._scene, QPoint(0, self.view.height() + 6)))
        return [each.geometry() for each in (self._bar, self._zoom)]

    def _open(self, is_open: bool) -> None:
        self._sheet.setVisible(is_open)
        self._sheet.raise_()
        self.changed.emit()
        if not is_open and self._sheet.focusWidget() is not None:
            self.view.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and self.view.isChecked():
            self.view.setChecked(False)
        return super().eventFilter(watched, event)


class _Sheet(QFrame):
    """The switches of View; Escape leaves it."""

    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "popup")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _button(text: str, words: str, parent: QWidget) -> QPushButton:
    made = QPushButton(text, parent)
    made.setAccessibleName(f"{text.removesuffix(' ▾')}: {words}")
    made.setToolTip(words)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made


def _switch(text: str, words: str, parent: QWidget) -> QPushButton:
    made = _button(text, words, parent)
    made.setCheckable(True)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return made
