"""Filters under a name: kept, shown in the bar, forgotten."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from hmi.displays.alarms import filters
from hmi.displays.alarms.bar import FilterBar
from hmi.displays.alarms.filters import Named
from hmi.displays.alarms.text_sheet import TextSheet
from hmi.formats import t


class NamedFilters(QObject):
    """``say`` = words about what became of it. The file is read when a plant is first shown."""

    def __init__(self, bar: FilterBar, sheet: TextSheet, say: Callable[[str], None]) -> None:
        super().__init__(bar)
        self._bar, self._sheet, self._say = bar, sheet, say
        self._plant = ""
        self._known: tuple[Named, ...] = ()
        bar.kept.connect(self._ask)
        bar.forgotten.connect(self._forget)

    def show_plant(self, plant: str) -> None:
        """The filters of this plant."""
        self._plant = plant
        self._known, trouble = filters.load()
        if trouble:
            self._say(trouble)
        self._show()

    def _show(self) -> None:
        self._bar.show_saved(filters.of_plant(self._known, self._plant))

    def _ask(self) -> None:
        wanted = self._bar.filter
        self._sheet.ask(
            t("Keep filter"),
            filters.in_words(wanted),
            t("Name of the filter"),
            t("Keep"),
            lambda text: self._keep(Named(filters.good_name(text), self._plant, wanted)),
        )

    def _keep(self, made: Named) -> None:
        # Another window may have kept one meanwhile.
        self._known = filters.with_filter(filters.load()[0], made)
        self._say(filters.save(self._known) or t("Kept as {name}.", name=made.name))
        self._show()

    def _forget(self, name: str) -> None:
        self._known = filters.without(filters.load()[0], self._plant, name)
        self._say(filters.save(self._known) or t("{name} is forgotten.", name=name))
        self._show()
