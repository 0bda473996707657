"""The upper part of a faceplate: indicator, value, setpoint, limits, and the quality in words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.types import Snapshot
from hmi import values
from hmi.formats import t
from hmi.gauge import NO_GAUGE, gauge_of
from hmi.model import Model
from hmi.shell.faceplate_control import ValueControl
from hmi.theme import Theme
from hmi.values import Reading
from hmi.widgets.indicator import Indicator
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.quality_mark import QualityMark
from hmi.widgets.text_paint import width_of

GAUGE_PX = 176
ROOM_PX = 270
_FRESH = ("normal", "uncertain")


class Front(QWidget):
    """One variable, large; its setpoint beside it. Says so where an asset has none."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._model = theme, Model()
        self._at: int | None = None
        self._setpoint: int | None = None
        self.indicator = Indicator(theme, self)
        self.indicator.setFixedHeight(GAUGE_PX)
        self.name = ShortWords(theme, step="body", look="muted")
        self.value = Words(theme, step="big_value", look="live", bold=True)
        self.value.setWordWrap(True)
        self.unit = Words(theme, step="title", look="muted")
        self.setpoint_name = Words(theme, t("Setpoint"), "body", "muted")
        self.setpoint = Words(theme, step="value", look="setpoint", bold=True)
        self.setpoint_unit = ShortWords(theme, step="body", look="muted")
        self.setpoint_mark = QualityMark(theme, self)
        self.limits = Words(theme, step="small", look="muted")
        self.control = ValueControl(theme, self)
        self.mark = QualityMark(theme, self)
        self.quality = Words(theme, step="body", bold=True)
        self.trust = Words(theme, step="small", look="muted")
        self._parts = (
            self.indicator,
            self.name,
            self.value,
            self.unit,
            self.setpoint_name,
            self.setpoint,
            self.setpoint_unit,
            self.setpoint_mark,
            self.control,
            self.limits,
            self.mark,
            self.quality,
            self.trust,
        )
        for part in (self.limits, self.quality, self.trust):
            part.setWordWrap(True)
        self._lay_out()

    def _lay_out(self) -> None:
        low = Qt.AlignmentFlag.AlignBottom
        amount, wanted = QHBoxLayout(), QHBoxLayout()
        for row, parts in (
            (amount, (self.value, self.unit)),
            (wanted, (self.setpoint, self.setpoint_unit, self.setpoint_mark)),
        ):
            row.setSpacing(8)
            for part in parts:
                row.addWidget(part, 0, low)
            row.addStretch(1)
        wanted.addWidget(self.control.change, 0, low)
        self.unit.setContentsMargins(0, 0, 0, 6)
        self.setpoint_unit.setContentsMargins(0, 0, 0, 4)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addStretch(1)
        right.addWidget(self.name)
        right.addLayout(amount)
        right.addSpacing(8)
        right.addWidget(self.setpoint_name)
        right.addLayout(wanted)
        right.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(22)
        upper.addWidget(self.indicator, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(right, 1)
        quality = QHBoxLayout()
        quality.setSpacing(8)
        quality.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        quality.addWidget(self.quality, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addLayout(upper)
        box.addWidget(self.control)
        box.addWidget(self.limits)
        box.addLayout(quality)
        box.addWidget(self.trust)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in self._parts:
            part.set_theme(theme)

    def show_tag(self, model: Model, at: int | None, setpoint: int | None, limits: str) -> None:
        """Another variable; None = the asset has none to show large."""
        self._model, self._at, self._setpoint = model, at, setpoint
        self.limits.show_text(limits)
        self.limits.setVisible(bool(limits))
        for part in (self.setpoint_name, self.setpoint, self.setpoint_unit):
            part.setVisible(setpoint is not None)

    def show_numbers(self, snapshot: Snapshot | None) -> None:
        """The values now."""
        if self._at is None:
            self._show_nothing()
            return
        shown = values.reading(self._model.tags[self._at], snapshot, self._at, self._model.plant)
        self.name.show_text(shown.name)
        self._show_value(shown)
        self.indicator.setVisible(shown.has_range)
        self.indicator.show_gauge(gauge_of(self._model, self._at, snapshot))
        self.mark.show_look(shown.kind)
        self.mark.setVisible(shown.kind != "normal")
        self.quality.show_text(shown.quality)
        self.trust.show_text(values.trust_text(snapshot, self._at))
        self.trust.setVisible(shown.kind != "normal")
        if self._setpoint is not None:
            self._show_setpoint(self._setpoint, snapshot)
        else:
            self.setpoint_mark.hide()

    def _show_value(self, shown: Reading) -> None:
        self.value.set_look("live" if shown.kind in _FRESH else "muted")
        text, theme = shown.whole or shown.value, self._theme
        is_long = width_of(theme, text, theme.size.big_value, True) > ROOM_PX - self.unit.sizeHint().width()
        self.value.set_step("title" if shown.is_words or is_long else "big_value")
        self.value.setWordWrap(shown.is_words)
        self.value.show_text(text)
        self.unit.show_text(shown.unit)
        wide = width_of(
            theme, max(shown.value, shown.widest if shown.unit else "", key=len), theme.size.big_value, True
        )
        self.value.setMinimumWidth(0 if shown.is_words or is_long else round(wide) + 1)

    def _show_setpoint(self, at: int, snapshot: Snapshot | None) -> None:
        wanted = values.reading(self._model.tags[at], snapshot, at, self._model.plant)
        self.setpoint.set_look("setpoint" if wanted.kind in _FRESH else "muted")
        self.setpoint.show_text(wanted.value)
        self.setpoint_unit.show_text(wanted.unit)
        # Above it, where there is room: beside it stands the button.
        name = t("Setpoint")
        self.setpoint_name.show_text(name if wanted.kind == "normal" else f"{name} · {wanted.quality}")
        self.setpoint_mark.show_look(wanted.kind)
        self.setpoint_mark.setVisible(wanted.kind != "normal")

    def _show_nothing(self) -> None:
        self.indicator.show_gauge(NO_GAUGE)
        self.indicator.hide()
        self.mark.hide()
        self.trust.hide()
        self.name.show_text("")
        self.unit.show_text("")
        self.value.show_text("")
        self.quality.show_text(t("This asset has no tags of its own."))
