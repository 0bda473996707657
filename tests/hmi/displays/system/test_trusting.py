"""A real server that nobody trusts yet: its page says so, and a person trusts it there."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from engine import paths
from engine.types import SourceStatus
from hmi.displays.system.view import SystemView
from hmi.shell.window import Window
from tests.hmi.looking import see, window
from tests.running import PRESSURE, demo_plant, engine

pytestmark = [pytest.mark.screen, pytest.mark.system]


def press_of(shown: Window) -> SourceStatus | None:
    """The state of the press's link."""
    return next((each for each in shown.sources if each.id == "press"), None)


def click(view: SystemView, text: str) -> None:
    """Tap the button with this text, once it is there."""
    found = see(
        lambda: [each for each in view.findChildren(QPushButton) if each.text() == text and each.isVisible()],
        10,
        text,
    )
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


def test_person_trusts_a_server_on_its_page_and_its_values_turn_good(
    qapp: QApplication, tmp_path: Path
) -> None:
    with demo_plant(tmp_path / "demo") as plant:
        pinned = paths.pki(plant.folder) / "trusted" / "press"
        at_the_server = next(iter(pinned.glob("*.der"))).read_bytes()
        shutil.rmtree(pinned)
        with engine(plant.folder), window(qapp, plant.folder) as (shown, _):
            see(lambda: (press := press_of(shown)) and press.state == "refused", 30, "the server is refused")
            shown.show_source("press")
            view = shown.findChildren(SystemView)[0]
            head = view.page.head
            see(lambda: "trusted" in head.what.words.text(), 10, "what is wrong")
            assert head.what.isVisible() and head.do.isVisible()
            assert head.what.words.text().endswith(".") and head.do.words.text().endswith(".")
            see(lambda: view.page.certificates.cards.rejected, 10, "the certificate it showed")
            see(lambda: view.page.tags.table.texts.rowCount() > 0, 10, "its tags without a good value")
            assert view.page.certificates.cards.own, "ours is there to be saved"

            click(view, "Trust…")
            QTest.keyClicks(view.sheet.field, hashlib.sha256(at_the_server).hexdigest()[:8])
            click(view, "Trust this server")

            row = [tag.path for tag in shown.tags].index(PRESSURE)
            see(lambda: (press := press_of(shown)) and press.good == press.tags > 0, 30, "good values")
            see(lambda: head.headline.text().startswith("Connected and encrypted"), 10, "the calm sentence")
            assert not head.what.isVisible()
            see(lambda: view.page.certificates.cards.trusted, 10, "the certificate is trusted")
            assert view.page.certificates.cards.rejected == ()
            shown.show_display("overview")
            see(lambda: (s := shown.snapshot) is not None and s.status[row] == 0, 10, "a good value on show")

            shown.show_source("press")
            click(view, "Remove…")
            click(view, "Stop trusting it")
            see(lambda: (press := press_of(shown)) and press.state != "connected", 30, "the link ends")
            see(lambda: view.page.certificates.cards.rejected, 10, "it is among the rejected again")
