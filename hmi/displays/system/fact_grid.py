"""Names and what is true of them, in two columns. Only texts change where the names stay the same."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from hmi.displays.system.state import Fact
from hmi.theme import Theme
from hmi.widgets.labels import Words

_TOP = Qt.AlignmentFlag.AlignTop


class FactGrid(QWidget):
    """Name muted, text beside it, wrapped where it is long and heavier where a person must look."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self._texts: list[Words] = []
        self._is_old = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)

    @property
    def texts(self) -> dict[str, str]:
        """What the grid says, by name."""
        return {name: words.text() for name, words in zip(self._names, self._texts, strict=True)}

    def set_theme(self, theme: Theme) -> None:
        """Labels made from now on take these tokens; those on show are told by the view."""
        self._theme = theme

    def show_facts(self, facts: Sequence[Fact], is_old: bool = False) -> None:
        """Bring the grid up to date. ``is_old`` = nobody knows whether it still holds: all of it grey."""
        names = tuple(fact.name for fact in facts)
        if names != self._names:
            self._build(names)
        for words, fact in zip(self._texts, facts, strict=True):
            words.show_text(fact.text)
            words.set_bold(fact.is_poor and not is_old)
            words.set_look("muted" if is_old else "")

    def _build(self, names: tuple[str, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._names, self._texts = names, []
        for row, name in enumerate(names):
            text = Words(self._theme, "", "small", parent=self)
            text.setWordWrap(True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(Words(self._theme, name, "small", "muted", parent=self), row, 0, _TOP)
            self._grid.addWidget(text, row, 1, _TOP)
            self._texts.append(text)
