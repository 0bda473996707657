"""Ten digits, one back and Enter, to be tapped: for a PIN where there is no keyboard, or a glove."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from hmi.formats import t

KEY_PX, GAP_PX = 50, 6
"""At 96 dpi 13 mm, for a finger."""


class PinPad(QWidget):
    """``digit`` = one was tapped; ``back`` = the last one goes; ``entered`` = Enter."""

    digit = Signal(str)
    back = Signal()
    entered = Signal()

    def __init__(self, target_px: int, parent: QWidget) -> None:
        super().__init__(parent)
        high = max(KEY_PX, target_px)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP_PX)
        self.keys: dict[str, QPushButton] = {}
        for at, key in enumerate("123456789<0>"):
            made = QPushButton({"<": "⌫", ">": t("Enter")}.get(key, key), self)
            made.setAccessibleName({"<": t("Take the last digit back"), ">": t("Enter")}.get(key, key))
            # The keyboard types digits into the field itself.
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            made.ensurePolished()  # the style sheet sets a least height of its own
            made.setFixedHeight(high)
            made.clicked.connect(lambda _=False, key=key: self._tapped(key))
            grid.addWidget(made, at // 3, at % 3)
            self.keys[key] = made
        self.setFixedHeight(4 * high + 3 * GAP_PX)

    def _tapped(self, key: str) -> None:
        if key == "<":
            self.back.emit()
        elif key == ">":
            self.entered.emit()
        else:
            self.digit.emit(key)
