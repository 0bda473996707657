"""The work area: the display, and at its right the faceplate; on a narrow window it lies over the display."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hmi.displays.display import Place
from hmi.model import Model
from hmi.shell.deck import Deck
from hmi.shell.document_viewer import DocumentViewer
from hmi.shell.faceplate import WIDTH_PX, Faceplate
from hmi.shell.faceplate_state import opens_on
from hmi.theme import Theme

DRAWER_PX = 1400
"""Up to this width of the window a display needs all of it."""


class WorkArea(QWidget):
    """Lays out its children by hand: a hidden faceplate leaves all the room to the display.

    ``viewer`` = a document that is read lies over the display, which then costs nothing; the faceplate stays
    beside it on a narrow window too.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._gap = theme.size.gap
        self._deck: Deck | None = None
        self._faceplate: Faceplate | None = None
        self.viewer = DocumentViewer(theme, self)
        self.viewer.closed.connect(self._uncover)

    def fill(self, deck: Deck, faceplate: Faceplate) -> None:
        """Take the display and the faceplate in."""
        self._deck, self._faceplate = deck, faceplate
        self.arrange()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; the display has its own call."""
        for part in (self._faceplate, self.viewer):
            if part is not None:
                part.set_theme(theme)

    def set_model(self, model: Model) -> None:
        """Another plant; the display has its own call."""
        for part in (self._faceplate, self.viewer):
            if part is not None:
                part.set_model(model)

    def read(self, path: str) -> None:
        """Open a document over the display."""
        if self._deck is not None:
            self._deck.set_covered(True)
        self.viewer.open(path)
        self.arrange()

    def _uncover(self) -> None:
        if self._deck is not None:
            self._deck.set_covered(False)
            self._deck.view_widget.setFocus()
        self.arrange()

    @property
    def is_narrow(self) -> bool:
        """The faceplate lies over the display."""
        return self.window().width() <= DRAWER_PX

    def arrange(self) -> None:
        """Give each its place, after any of them came, went or the window changed its size."""
        deck, face, gap = self._deck, self._faceplate, self._gap
        if deck is None or face is None:
            return
        is_over = self.is_narrow and self.viewer.isHidden()
        is_docked = not face.isHidden() and not is_over
        face.set_drawer(is_over)
        deck.setGeometry(0, 0, self.width() - (WIDTH_PX + gap if is_docked else 0), self.height())
        left, edge = self.width() - WIDTH_PX, gap if is_docked else 0
        face.setGeometry(left - edge, edge, WIDTH_PX, max(0, self.height() - 2 * edge))
        self.viewer.setGeometry(deck.geometry().adjusted(gap, gap, -gap, -gap))
        # What was opened over all of it, a login or a question, stays over the faceplate too.
        deck.lower()

    def show_face(self, model: Model, place: Place, has_faceplate: bool, is_wanted: bool) -> None:
        """Open, keep or hide the faceplate for a place one goes to. ``is_wanted`` = not closed by hand."""
        face = self._faceplate
        if face is None:
            return
        if place.display:
            self.viewer.leave()
        if not has_faceplate:
            face.hide()
        elif not place.display:
            face.open(place.path)
        elif place.display == "unit":
            wanted = opens_on(model, place.path, is_wanted and not self.is_narrow)
            if wanted is None or not face.open(wanted):
                face.hide()
        elif not self.is_narrow and is_wanted:
            # What was opened elsewhere gives way to where a person goes now.
            if not (place.path and face.open(place.path)) and face.face is not None:
                face.open(face.path)
        if self._deck is not None and not face.isHidden():
            self._deck.follow(face.path)
        self.arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()


def framed(parent: QWidget, top: QWidget, rail: QWidget, column: Sequence[QWidget]) -> QWidget:
    """The frame of a window: a bar above, a rail at the left, beside it a column whose work area grows."""
    right, below, whole = QVBoxLayout(), QHBoxLayout(), QWidget(parent)
    box = QVBoxLayout(whole)
    box.setContentsMargins(0, 0, 0, 0)
    for each in (right, below, box):
        each.setSpacing(0)
    for part in column:
        right.addWidget(part, 1 if isinstance(part, WorkArea) else 0)
    below.addWidget(rail)
    below.addLayout(right, 1)
    box.addWidget(top)
    box.addLayout(below, 1)
    return whole
