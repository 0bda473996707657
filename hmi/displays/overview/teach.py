"""What stands on the overview of a plant that has nothing to show yet."""

from __future__ import annotations

from PySide6.QtWidgets import QTextBrowser, QWidget

from hmi.formats import t
from hmi.theme import Theme


class Teach(QTextBrowser):
    """Says what is missing, and what to write where."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.document().setDocumentMargin(40)
        self._has_plant = False
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        look = f"p, pre {{ margin: 14px 0; line-height: 150%; }} pre {{ color: {theme.colour.live}; }}"
        self.setHtml(f"<style>{look}</style>{_words(self._has_plant)}")

    def show_plant(self, has_plant: bool) -> None:
        """Whether the project is known by now."""
        self._has_plant = has_plant
        self.set_theme(self._theme)


def _words(has_plant: bool) -> str:
    if not has_plant:
        return t(
            "<h2>Waiting for the engine</h2>"
            "<p>It reads the project and connects to the PLCs.</p>"
            "<p>If the bar above names a mistake in a file, put it right and save the file: the engine is "
            "started again by itself. F1 shows how the files are written.</p>"
        )
    return t(
        "<h2>No tags yet</h2>"
        "<p>Watchroom shows what stands in <b>tags.csv</b> of the project folder, one line a tag:</p>"
        "<pre>path,source,address,unit,low,high<br>"
        "Body shop/S50/Hydraulics/Pressure,press,holding:100:float32,bar,0,250</pre>"
        "<p>Every second part of a path, here <b>S50</b>, becomes a tile of this overview. Files in "
        "<b>types/</b> say what a tile draws: its symbol, its main tag, its cycle time.</p>"
        "<p><b>source</b> is the id of a [[sources]] entry in <b>plant.toml</b>.<br>"
        "<b>watchroom browse DIR SOURCE</b> lists the addresses a device offers.<br>"
        "<b>watchroom check DIR</b> finds mistakes, with file and line.</p>"
        "<p>Start the engine again after a change; this window follows by itself.</p>"
    )
