"""The section through a scene: which axis, how far along it, from which side; by slider, steps and keys."""

from __future__ import annotations

from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from engine.types import Cut
from hmi.formats import number, t
from hmi.theme import Theme
from hmi.widgets.buttons import told_button
from hmi.widgets.labels import Words

Axis = Literal["x", "y", "z"]
AXES: tuple[Axis, ...] = ("x", "y", "z")
STEPS, PAGE = 200, 20
"""Places of the slider between the ends of the scene; a step of a button is a tenth of its way."""


class Section(QWidget):
    """``changed`` = `cut` is another; ``grown`` = it needs more room, or less."""

    changed = Signal()
    grown = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._low, self._high = np.full(3, -10.0), np.full(3, 10.0)
        self._axis: Axis | None = None
        self._title = Words(theme, t("Section"), "body", bold=True)
        self.off = self._pick(t("Off"), t("No section"), None)
        told = t("Left and right: cut along x"), t("Front and back: cut along y"), t("Height: cut along z")
        self.axes = {
            axis: self._pick(axis.upper(), words, axis) for axis, words in zip(AXES, told, strict=True)
        }
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(PAGE)
        self.slider.setMinimumHeight(theme.size.target)
        self.slider.setAccessibleName(t("Where the section lies; arrow keys move it"))
        self.less = self._step("\u2212", t("Section back"), -PAGE)
        self.more = self._step("+", t("Section on"), PAGE)
        self.flip = told_button(t("Flip"), t("Hide the other side of the section"), self)
        self.flip.setAccessibleName(t("Flip: hide the other side of the section"))
        self.flip.setCheckable(True)
        self._where = Words(theme, step="small", look="muted")
        self._lay_out()
        self.slider.valueChanged.connect(self._moved)
        self.flip.toggled.connect(self.changed)
        self._show_axis()

    def _pick(self, text: str, told: str, axis: Axis | None) -> QPushButton:
        made = told_button(text, told, self)
        made.setAccessibleName(t("Section {way}: {told}", way=text, told=told))
        made.setCheckable(True)
        made.clicked.connect(lambda: self._set_axis(axis))
        return made

    def _step(self, text: str, told: str, by: int) -> QPushButton:
        made = told_button(text, told, self)
        made.setAccessibleName(told)
        made.setAutoRepeat(True)
        made.clicked.connect(lambda: self.slider.setValue(self.slider.value() + by // 10))
        return made

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._title, 1)
        for each in (self.off, *self.axes.values()):
            top.addWidget(each)
        self._bar = QWidget(self)
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for each in (self.less, self.slider, self.more, self.flip):
            row.addWidget(each, 1 if each is self.slider else 0)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addLayout(top)
        box.addWidget(self._bar)
        box.addWidget(self._where)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self._title.set_theme(theme)
        self._where.set_theme(theme)
        self.slider.setMinimumHeight(theme.size.target)

    def show_bounds(self, bounds: NDArray[np.floating]) -> None:
        """float[2, 3]: the ends of the scene, between which a section lies; one that is set stays there."""
        cut = self.cut
        self._low, self._high = bounds[0].astype(float) - 0.5, bounds[1].astype(float) + 0.5
        self.show_cut(cut)

    @property
    def cut(self) -> Cut | None:
        """The section that is set; None while it is off."""
        return None if self._axis is None else Cut(self._axis, round(self._at, 2), self.flip.isChecked())

    @property
    def _at(self) -> float:
        row = AXES.index(cast("Axis", self._axis))
        share = self.slider.value() / STEPS
        return float(self._low[row] + share * (self._high[row] - self._low[row]))

    def show_cut(self, cut: Cut | None) -> None:
        """Set it as a saved view has it, without a word to anybody."""
        quiet = self.slider.blockSignals(True), self.flip.blockSignals(True)
        self._axis = None if cut is None else cut.axis
        if cut is not None:
            row = AXES.index(cut.axis)
            reach = self._high[row] - self._low[row]
            self.slider.setValue(round((cut.at - self._low[row]) / reach * STEPS))
            self.flip.setChecked(cut.flipped)
        self.slider.blockSignals(quiet[0])
        self.flip.blockSignals(quiet[1])
        self._show_axis()

    def _set_axis(self, axis: Axis | None) -> None:
        if axis is not None and self._axis is None:
            # A section begins where something is cut: in the middle.
            self.show_cut(Cut(axis, float((self._low + self._high)[AXES.index(axis)] / 2)))
        self._axis = axis
        self._show_axis()
        self.changed.emit()

    def _moved(self) -> None:
        self._show_where()
        if self._axis is not None:
            self.changed.emit()

    def _show_axis(self) -> None:
        self.off.setChecked(self._axis is None)
        for axis, button in self.axes.items():
            button.setChecked(axis == self._axis)
        for part in (self._bar, self._where):
            part.setVisible(self._axis is not None)
        self._show_where()
        self.grown.emit()

    def _show_where(self) -> None:
        if self._axis is not None:
            words = {"x": t("along the line"), "y": t("from front to back"), "z": t("above the floor")}
            at = number(self._at, 1)
            self._where.show_text(t("at {at} m {way}", at=at, way=words[self._axis]))
