"""The plan picture on the floor: which one, where it lies, and how large it is by two taps and a distance."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QVBoxLayout, QWidget

from engine.types import Plan
from hmi.displays.twin.editor_numbers import Number
from hmi.displays.twin.editor_pick import Pick
from hmi.displays.twin.editor_state import Drawn, Editing
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words

Spot = tuple[float, float]


class PlanPage(QFrame):
    """``changed`` = another plan, None = none; ``measured`` = two spots on the floor and their distance."""

    changed = Signal(object)
    measured = Signal(object, object, float)
    measuring = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "list")
        self._plan: Plan | None = None
        self.spots: list[Spot] = []
        self.which = Pick(t("Picture on the floor"), self)
        self.hint = Words(theme, step="body", look="muted")
        self.hint.setWordWrap(True)
        self.numbers = {
            key: Number(theme, title, spoken, 2, self)
            for key, title, spoken in (
                ("x", t("corner x, m"), t("Lower left corner along x, metres")),
                ("y", t("corner y, m"), t("Lower left corner along y, metres")),
                ("width", t("width, m"), t("Width of the picture, metres")),
                ("strength", t("strength"), t("Strength, 0 to 1")),
            )
        }
        self.measure = QPushButton(t("Measure with two taps"), self)
        self.measure.setCheckable(True)
        self.far = Number(
            theme, t("metres between the two spots"), t("Metres between the two spots"), 2, self
        )
        self._lay_out()
        self.which.activated.connect(self._pick)
        self.measure.toggled.connect(self._measure)
        self.far.entered.connect(self._far)
        for key, number in self.numbers.items():
            number.entered.connect(lambda value, key=key: self._set(key, value))
        self.show_editing(Editing(), ())

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        self.whole = QWidget(self)
        grid = QGridLayout(self.whole)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        for at, number in enumerate(self.numbers.values()):
            grid.addWidget(number, at // 2, at % 2)
        for part in (self.which, self.whole, self.measure, self.far, self.hint):
            box.addWidget(part)
        box.addStretch(1)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for words in self.findChildren(Words):
            words.set_theme(theme)

    def set_locale(self, locale: str) -> None:
        """The decimal sign of the plant."""
        for each in (*self.numbers.values(), self.far):
            each.set_locale(locale)

    def show_editing(self, editing: Editing, pictures: Sequence[str]) -> None:
        """The plan that lies there, and what could."""
        plan = self._plan = editing.drawn.plan
        files = [*pictures, *(() if plan is None or plan.file in pictures else (plan.file,))]
        words = [(t("No picture"), ""), *((name, name) for name in files)]
        self.which.show_words(words, 0 if plan is None else 1 + files.index(plan.file))
        for part in (self.whole, self.measure):
            part.setVisible(plan is not None)
        if plan is not None:
            for key, value in (
                ("x", plan.at[0]),
                ("y", plan.at[1]),
                ("width", plan.width),
                ("strength", plan.strength),
            ):
                self.numbers[key].show_value(value)
        elif self.measure.isChecked():
            self.measure.setChecked(False)
        self._show_hint()

    def tap(self, spot: Spot) -> None:
        """A spot on the floor, while it is measured."""
        self.spots = [*self.spots, spot][-2:]
        self._show_hint()
        if len(self.spots) == 2:
            self.far.show_value(None)
            self.far.field.setFocus()

    def _show_hint(self) -> None:
        is_on = self.measure.isChecked()
        self.far.setVisible(is_on and len(self.spots) == 2)
        if is_on:
            words = (
                t("Tap a spot on the picture whose place you know."),
                t("Tap a second spot, far from the first."),
                t("Say how far apart the two really are."),
            )[len(self.spots)]
        elif self._plan is None:
            words = t("Put a PNG or JPEG of the ground plan into scene/ of the project, then choose it here.")
        else:
            words = t("Two taps and the distance between them give the picture its true size.")
        self.hint.show_text(words)

    def _measure(self, is_on: bool) -> None:
        self.spots = []
        self._show_hint()
        self.measuring.emit(is_on)

    def _far(self, metres: float) -> None:
        first, second = self.spots
        self.measure.setChecked(False)
        self.measured.emit(first, second, metres)

    def _pick(self, _: int) -> None:
        name = self.which.key
        plan = self._plan
        if not name:
            self.changed.emit(None)
        else:
            self.changed.emit(Plan(name) if plan is None else msgspec.structs.replace(plan, file=name))

    def _set(self, key: str, value: float) -> None:
        plan = self._plan
        if plan is None or (key == "width" and value <= 0):
            return
        if key == "strength":
            new = msgspec.structs.replace(plan, strength=min(1.0, max(0.0, value)))
        elif key == "width":
            new = msgspec.structs.replace(plan, width=value)
        else:
            new = msgspec.structs.replace(plan, at=(value, plan.at[1]) if key == "x" else (plan.at[0], value))
        self.changed.emit(new)


def with_plan(editing: Editing, plan: Plan | None) -> Drawn:
    """The same pieces over another plan."""
    return Drawn(editing.drawn.pieces, plan)
