"""The start page: what to open when there is no last project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from engine.paths import SAFE_PATH
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words


class StartPage(QDialog):
    """Two ways to begin: open a project folder, or look at the demo plant."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.folder: Path | None = None
        self.setWindowTitle("Watchroom")
        self.setMinimumWidth(560)
        title = Words(theme, t("Which plant?"), "title", bold=True)
        text = QLabel(
            t(
                "A plant is a folder with plant.toml and tags.csv. The demo plant is a small press line "
                "with its own OPC UA and Modbus servers on this computer."
            )
        )
        text.setWordWrap(True)
        self._trouble = QLabel()
        self._trouble.setWordWrap(True)
        self._trouble.hide()
        buttons = QHBoxLayout()
        for words, act in ((t("Open a folder…"), self._open), (t("Demo plant"), self._demo)):
            button = QPushButton(words)
            button.setMinimumHeight(theme.size.target)
            button.clicked.connect(act)
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 28, 32, 28)
        column.setSpacing(16)
        for widget in (title, text, self._trouble):
            column.addWidget(widget)
        column.addLayout(buttons)

    @classmethod
    def ask(cls, theme: Theme) -> Path | None:
        """Show the page; the chosen folder, or None when closed or when the demo was started."""
        page = cls(theme)
        page.exec()
        return page.folder

    def _open(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, t("Open a plant folder"))
        if not chosen:
            return
        if not (Path(chosen) / "plant.toml").is_file():
            self._trouble.setText(
                t("There is no plant.toml in {folder}. Choose the folder that holds it.", folder=chosen)
            )
            self._trouble.show()
            return
        self.folder = Path(chosen)
        self.accept()

    def _demo(self) -> None:
        # The demo is its own program: it starts the plant, then a window like this one.
        demo = subprocess.Popen([sys.executable, *SAFE_PATH, "-m", "engine", "demo"], start_new_session=True)
        demo.returncode = 0  # it outlives this process on purpose
        self.accept()
