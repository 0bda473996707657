"""The pages beside the lists: each loaded when it is first opened, and told then what the others know."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QStackedWidget, QWidget

from hmi.displays.alarms.page import Page, Subject
from hmi.displays.display import Go
from hmi.displays.feed import Feed
from hmi.model import Model
from hmi.theme import Theme

PAGES: dict[str, tuple[str, str]] = {
    "journal": ("Journal", "hmi.displays.alarms.journal.page:JournalPage"),
    "performance": ("Performance", "hmi.displays.alarms.performance.page:PerformancePage"),
    "rationalise": ("Rationalisation", "hmi.displays.alarms.rationalise.page:RationalisePage"),
}
"""Title and class of each page, by its name."""


class Pages(QStackedWidget):
    """The lists in front at first; a page takes their place. ``name`` = the page in front, "" = the lists.

    ``asked`` = on one page a person asks to see a `Subject` on another: its name and the subject.
    """

    asked = Signal(str, object)

    def __init__(self, theme: Theme, feed: Feed, go: Go, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._feed, self._go = theme, feed, go
        self._model: Model | None = None
        self._is_stalled, self._past_us = False, cast("int | None", None)
        self._pages: dict[str, tuple[QWidget, Page]] = {}
        self._paths: dict[str, str] = {}
        self._lists: QWidget | None = None
        self.name = ""

    def show_lists(self, lists: QWidget | None = None) -> None:
        """The lists to the front; ``lists`` the first time."""
        if lists is not None:
            self._lists = lists
            self.addWidget(lists)
        self.name = ""
        if self._lists is not None:
            self.setCurrentWidget(self._lists)

    def open(self, name: str, path: str) -> None:
        """A page to the front, narrowed to ``path`` if that differs from last time. Raises: KeyError."""
        if name not in self._pages:
            module, _, kind = PAGES[name][1].partition(":")
            made = getattr(import_module(module), kind)(self._theme, self._feed, self._go, self)
            self._pages[name] = cast("QWidget", made), cast("Page", made)
            self._paths[name] = ""
            self.addWidget(made)
            self._tell_all(name)
            if isinstance(asked := getattr(made, "asked", None), SignalInstance):
                asked.connect(self.asked)
        widget, page = self._pages[name]
        if self._paths[name] != path:
            self._paths[name] = path
            page.show_path(path)
        self.name = name
        self.setCurrentWidget(widget)
        widget.setFocus()

    def show_on(self, name: str, about: Subject) -> None:
        """A page to the front, and on it one alarm or one stretch of time."""
        self.open(name, "")
        told = getattr(self._pages[name][1], "show_subject", None)
        if told is not None:
            told(about)

    def opened(self) -> dict[str, Page]:
        """The pages that were opened so far."""
        return {name: page for name, (_, page) in self._pages.items()}

    def _tell_all(self, name: str) -> None:
        page = self._pages[name][1]
        if self._model is not None:
            page.set_plant(self._model)
        page.set_past(self._past_us)
        page.set_stalled(self._is_stalled)

    def set_plant(self, model: Model) -> None:
        """Another plant."""
        self._model = model
        for _, page in self._pages.values():
            page.set_plant(model)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for _, page in self._pages.values():
            page.set_theme(theme)

    def set_stalled(self, stalled: bool) -> None:
        """The engine does not answer."""
        self._is_stalled = stalled
        for _, page in self._pages.values():
            page.set_stalled(stalled)

    def set_past(self, at_us: int | None) -> None:
        """The instant of a replay."""
        self._past_us = at_us
        for _, page in self._pages.values():
            page.set_past(at_us)
