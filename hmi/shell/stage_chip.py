"""The stage of the project in the top bar: Look, Advise or Control; a tap says what that means."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from engine.types import Stage, StageState
from hmi.formats import t
from hmi.theme import Theme


def word(stage: Stage) -> str:
    """A stage as one word."""
    return {"look": t("Look"), "advise": t("Advise"), "control": t("Control")}[stage]


def meaning(stage: Stage) -> str:
    """What a stage lets happen."""
    return {
        "look": t(
            "The plant is shown. Nothing in this program can write to it: that part is not even loaded."
        ),
        "advise": t("Suggestions are worked out and shown. People act on the plant's own controls."),
        "control": t("People with the right may write what writes.csv allows, step by step and on record."),
    }[stage]


class StageChip(QPushButton):
    """``View only`` for an engine that knows no stages."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(t("View only"), parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setEnabled(False)
        self.setAccessibleName(t("View only"))
        self.setToolTip(t("This window shows; it cannot change anything in the plant."))
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        self._fit()

    def _fit(self) -> None:
        # The style sheet sets a least width of its own, and that would win over a size hint.
        self.ensurePolished()
        self.setMinimumWidth(0)
        self.setFixedWidth(self.sizeHint().width())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit()

    def show_stage(self, state: StageState) -> None:
        """The stage as it is now; a raise that waits for a second person is said."""
        asked = state.asked is not None
        name = word(state.stage)
        words = t("{stage} → {asked}?", stage=name, asked=word(state.asked)) if state.asked else name
        self.setEnabled(True)
        if words != self.text():
            self.setText(words)
            self._fit()
        waits = t(" A second person is waited for.") if asked else ""
        self.setToolTip(f"{meaning(state.stage)}{waits}")
        self.setAccessibleName(t("Stage of the project: {words}.{waits}", words=words, waits=waits))
