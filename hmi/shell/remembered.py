"""A window as a station's layout remembers it, and a window made so again."""

from __future__ import annotations

from PySide6.QtCore import Qt

from hmi.displays import DISPLAYS
from hmi.displays.display import DOCUMENT, Place
from hmi.shell.deck import BY_ID
from hmi.shell.document_state import LastPages
from hmi.shell.layout import WindowLayout
from hmi.shell.window import Window


def kept(window: Window) -> WindowLayout:
    """All that comes back of a window after a restart."""
    is_whole = window.isMaximized() or window.isFullScreen()
    box = window.normalGeometry() if is_whole else window.geometry()
    place, faceplate = window.standing
    pages = window.documents.kept_pages()
    return WindowLayout(
        box=(box.x(), box.y(), box.width(), box.height()),
        screen=window.screen().name(),
        maximised=window.isMaximized(),
        full_screen=window.isFullScreen(),
        display=place.display,
        path=place.path,
        faceplate=faceplate,
        views={**window.deck.layouts(), **({DOCUMENT: pages} if pages else {})},
    )


def restore(window: Window, wanted: WindowLayout) -> None:
    """Make a window so again; what stands on a path waits for the plant."""
    flag = Qt.WindowState.WindowFullScreen if wanted.full_screen else Qt.WindowState.WindowMaximized
    if wanted.full_screen or wanted.maximised:
        window.setWindowState(flag)
    window.deck.restore(wanted.views)
    window.documents.last_pages = LastPages(wanted.views.get(DOCUMENT))
    display = wanted.display if wanted.display in BY_ID else DISPLAYS[0].id
    window.stand(Place(display, wanted.path), wanted.faceplate)
