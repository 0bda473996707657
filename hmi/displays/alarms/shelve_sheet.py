"""Asks for how long an alarm is shelved, and why. What its class does not allow cannot be chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.types import Alarm
from hmi import alarms as words
from hmi import formats
from hmi.displays.alarms import shelving
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet

SHEET_PX = 720


class ShelveSheet(Sheet):
    """``agreed`` = ids, how long in microseconds, whether its return ends it too, and the reason."""

    agreed = Signal(list, object, bool, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Shelve"), SHEET_PX, parent)
        self._ids: list[int] = []
        self._most, self._is_reason_wanted = 0, True
        self._lengths: dict[QPushButton, int] = {}
        self._what = Words(theme, step="body")
        self._what.setWordWrap(True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._group = QButtonGroup(self)
        self.presets: list[QPushButton] = []
        self.untils: list[Words] = []
        for place in range(4):
            self._add_preset(theme, place)
        self.other = QLineEdit(self)
        self.other.setPlaceholderText(t("Other, such as 90 min or 1.5 h"))
        self.other.setAccessibleName(t("Another length, such as 90 min or 1.5 h"))
        self.one_shot = QPushButton(t("Back at its return too"), self)
        self.one_shot.setCheckable(True)
        self.one_shot.setToolTip(t("It also comes back to the list as soon as its condition is over"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.other, 1)
        row.addWidget(self.one_shot)
        self.reason = QLineEdit(self)
        self.reason.setMaxLength(200)
        self.reason.setAccessibleName(t("Reason"))
        self.said = Words(theme, step="body")
        self.said.setWordWrap(True)
        self.button = QPushButton(t("Shelve"), self)
        self.body.addWidget(self._what)
        self.body.addLayout(self._grid)
        self.body.addLayout(row)
        self.body.addWidget(self.reason)
        self.body.addWidget(self.said)
        self.foot.addWidget(self.button)
        self.other.textEdited.connect(self._typed)
        self.reason.textChanged.connect(self._check)
        self.button.clicked.connect(self._agree)

    def _add_preset(self, theme: Theme, place: int) -> None:
        button = QPushButton(self)
        button.setCheckable(True)
        button.clicked.connect(self._picked)
        self._group.addButton(button)
        until = Words(theme, step="small", look="muted")
        self.presets.append(button)
        self.untils.append(until)
        self._grid.addWidget(button, 0, place)
        self._grid.addWidget(until, 1, place)

    def ask(self, model: Model, alarms: Sequence[Alarm], now_us: int) -> None:
        """Open for these alarms; a shelf that all of them may have can be chosen."""
        self._ids = [each.id for each in alarms]
        self._most = shelving.most_us(model, alarms)
        self._is_reason_wanted = shelving.wants_reason(model, alarms)
        one = alarms[0]
        named = t("{where}: {message}", where=words.where(model, one), message=words.message(one))
        self._what.show_text(named if len(alarms) == 1 else t("{n} alarms", n=len(alarms)))
        found = shelving.presets(model, self._most, now_us)
        self._lengths = {}
        self._group.setExclusive(False)
        for place, (button, until) in enumerate(zip(self.presets, self.untils, strict=True)):
            preset = found[place] if place < len(found) else None
            button.setChecked(False)
            button.setVisible(preset is not None)
            until.setVisible(preset is not None)
            if preset is not None:
                self._lengths[button] = preset.length_us
                button.setText(preset.word)
                button.setEnabled(preset.is_allowed)
                told = t("until {time}", time=preset.until) if preset.is_allowed else t("not allowed")
                until.show_text(told)
                button.setAccessibleName(f"{preset.word}, {told}")
        self._group.setExclusive(True)
        self.other.clear()
        self.reason.clear()
        self.one_shot.setChecked(False)
        is_managed = shelving.is_managed(model, alarms)
        asked = t("Reason, and who authorised it") if is_managed else t("Reason")
        self.reason.setPlaceholderText(asked if self._is_reason_wanted else t("Reason (not required)"))
        self._check()
        self.open()
        self.cancel.setFocus()

    @property
    def length_us(self) -> int | None:
        """How long, as chosen or typed; None = not said yet, or not understood."""
        picked = next((each for each in self._lengths if each.isChecked()), None)
        return self._lengths[picked] if picked is not None else shelving.typed_us(self.other.text())

    def _picked(self) -> None:
        self.other.clear()
        self._check()

    def _typed(self) -> None:
        self._group.setExclusive(False)
        for button in self.presets:
            button.setChecked(False)
        self._group.setExclusive(True)
        self._check()

    def _check(self) -> None:
        length_us = self.length_us
        why = shelving.refusal(length_us, self._most, self._is_reason_wanted, self.reason.text())
        is_begun = length_us is not None or bool(self.other.text()) or self._most <= 0
        most = t("At most {span}.", span=formats.span(self._most / 1e6))
        self.said.show_text(why if is_begun and why else most)
        self.button.setEnabled(not why)
        if self.isVisible():
            self.place()

    def _agree(self) -> None:
        length_us = self.length_us
        if length_us is not None and self._ids:
            self.agreed.emit(self._ids, length_us, self.one_shot.isChecked(), self.reason.text().strip())
            self.leave()
