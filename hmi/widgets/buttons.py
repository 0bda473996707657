"""Buttons that are made alike in several places."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget


def told_button(text: str, told: str, parent: QWidget) -> QPushButton:
    """A button as wide as its words, which says more when a pointer rests on it."""
    made = QPushButton(text, parent)
    made.setToolTip(told)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made
