"""Where the parts of the lists stand: the tree at the left, one alarm at the right or below the tree."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hmi.theme import Theme
from hmi.widgets.labels import Words, panel

WIDE_FROM_PX, DETAIL_PX = 1500, 380
"""From this width on the detail stands at the right of the list, else below the tree."""
TREE_PX, LEFT_PX, LEAST_LEFT_PX, LOW_PX = 250, 284, 248, 420
NARROW_PX = 1000


class Columns:
    """Lays out ``over``: the tree, in the middle what stands above the list and the list, and the detail."""

    def __init__(
        self, theme: Theme, over: QWidget, tree: QWidget, middle: Sequence[QWidget], detail: QWidget
    ) -> None:
        self._detail, self._left, self._tree_box = detail, QVBoxLayout(), panel("panel", over)
        inside = QVBoxLayout(self._tree_box)
        inside.setContentsMargins(1, 4, 1, 4)
        inside.addWidget(tree)
        self._left.setSpacing(theme.size.gap)
        self._left.addWidget(self._tree_box, 1)
        *above, table = middle
        list_box = panel("panel", over)
        inside = QVBoxLayout(list_box)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(table)
        centre = QVBoxLayout()
        centre.setSpacing(6)
        for part in above:
            centre.addWidget(part)
        centre.addWidget(list_box, 1)
        self._row = QHBoxLayout(over)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.size.gap)
        self._row.addLayout(self._left)
        self._row.addLayout(centre, 1)
        self._row.addWidget(detail)

    def fit(self, width_px: int, height_px: int) -> None:
        """Share a room of this size."""
        is_wide = width_px >= WIDE_FROM_PX
        for box in (self._row, self._left):
            box.removeWidget(self._detail)
        if is_wide:
            self._row.addWidget(self._detail)
        else:
            self._left.addWidget(self._detail, 2)
        left_px = TREE_PX if is_wide else LEFT_PX if width_px > NARROW_PX else LEAST_LEFT_PX
        self._tree_box.setFixedWidth(left_px)
        self._detail.setFixedWidth(DETAIL_PX if is_wide else left_px)
        # Where there is room for one of them only: the field for words finds places too.
        self._tree_box.setVisible(is_wide or height_px > LOW_PX)


def empty_words(theme: Theme, over: QWidget) -> Words:
    """Words in the middle of a list without rows."""
    made = Words(theme, step="body", look="muted")
    made.setWordWrap(True)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    QVBoxLayout(over).addWidget(made)
    return made
