"""Our own certificate as a file, to be put among those that a server trusts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from hmi.displays.system import certificate_state as certificates
from hmi.displays.system.certificate_state import Card
from hmi.formats import t


def ask_certificate_file(over: QWidget, card: Card, plant: str, say: Callable[[str], None]) -> None:
    """Where it is to be; ``say`` gets what became of it. Nothing waits."""
    file = certificates.file_name(card.certificate, plant)
    dialog = QFileDialog(over, t("Save our certificate"), str(Path.home() / file))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    # Our own look: a native one would be white at night.
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.selectFile(file)
    dialog.fileSelected.connect(lambda chosen: say(_write(card, chosen)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _write(card: Card, file: str) -> str:
    try:
        shutil.copyfile(card.certificate.file, file)
    except OSError as error:
        return t("Our certificate was not saved: {why}. Choose another place.", why=error)
    return t(
        "Saved as {file}. Put it among the trusted certificates of the server, then press Try now.", file=file
    )
