"""Logging in at a real window of a real engine, from the first administrator on (reliability.md T37)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine import paths
from engine.client import CLOCK
from engine.types import Plant
from hmi import theme
from hmi.author import author, set_author
from hmi.bridge import Bridge
from hmi.shell.first_sheet import FirstSheet
from hmi.shell.login_sheet import LoginSheet
from hmi.shell.secret_sheet import SecretSheet
from hmi.shell.station import Station
from hmi.shell.window import Window
from tests.faults.plants import write_project
from tests.hmi.conftest import collect
from tests.hmi.looking import see
from tests.running import start_engine, stop, stop_detached

pytestmark = [pytest.mark.screen, pytest.mark.system, pytest.mark.timeout(180)]
PASSWORD, PIN = "blue gravel under nine bridges", "482915"
ENTER = Qt.Key.Key_Return


@contextlib.contextmanager
def station(application: QApplication, folder: Path) -> Iterator[tuple[Window, Bridge]]:
    """A station as `hmi.app` makes it, without a horn."""
    theme.load_fonts()
    look = theme.load_theme("light")
    theme.apply_theme(application, look)
    bridge = Bridge(folder)
    made = Station(look, bridge, Plant(name=folder.name))
    made.open()
    try:
        bridge.start(made)
        yield made.windows[0], bridge
    finally:
        made.close()
        bridge.close()
        made.deleteLater()
        set_author(None)
        collect()


def test_from_the_first_administrator_to_a_pin_a_lock_and_a_restart(
    qapp: QApplication, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A device that nobody runs: this project needs none.
    source = {"id": "plc", "driver": "modbus", "endpoint": "tcp://127.0.0.1:9", "security": "none"}
    folder = write_project(tmp_path / "line", [source], ["Line/Press/Pressure,plc,holding:0:uint16,10"])
    process = start_engine(folder)
    try:
        with station(qapp, folder) as (window, bridge):
            people = window.people
            see(lambda: people.bar.isVisible(), 30, "the first administrator is offered")
            _make_first(window)
            see(lambda: people.known.session, 30, "the administrator is logged in")
            assert author() == "Ada Admin" and bridge.seat.token and not people.bar.isVisible()
            _set_pin(window)
            window.command("log out")
            see(lambda: people.known.session is None and bridge.seat.token == "", 15, "nobody is logged in")
            see(lambda: any(each.has_pin for each in people.known.faces), 15, "a face with a PIN")
            took_s = _log_in_by_pin(window)
            with capsys.disabled():
                print(f"\n  from the tap to the session by PIN: {took_s:.2f} s, 8 taps")
            window.command("lock")
            see(lambda: people.known.is_locked, 15, "locked")
            assert people.known.why_not("acknowledge") == "Locked: unlock first."
            _unlock(window)
            token = bridge.seat.token
            stop(process)
            see(lambda: window.stalled is not None, 30, "the engine is gone")
            # The window starts it again by itself.
            see(lambda: window.stalled is None and people.known.session is None, 60, "the session is over")
            assert people.known.ended and bridge.seat.token == ""
            _is_nowhere(folder, token)
    finally:
        stop(process)
        stop_detached(folder)


def _make_first(window: Window) -> None:
    window.people.bar.make.click()
    sheet = window.people.sheet
    assert isinstance(sheet, FirstSheet)
    texts = {"full_name": "Ada Admin", "name": "ada", "password": PASSWORD, "again": PASSWORD}
    for key, text in texts.items():
        QTest.keyClicks(sheet.fields[key], text)
    sheet.button.click()
    see(lambda: window.people.sheet is None or sheet.said.text() != "One moment…", 30, "an answer")
    assert window.people.sheet is None, sheet.said.text()


def _set_pin(window: Window) -> None:
    window.command("change pin")
    sheet = window.people.sheet
    assert isinstance(sheet, SecretSheet)
    for field, text in ((sheet.old, PASSWORD), (sheet.new, PIN), (sheet.again, PIN)):
        QTest.keyClicks(field, text)
    sheet.button.click()
    see(lambda: window.people.sheet is None or sheet.said.text() != "One moment…", 30, "an answer")
    assert window.people.sheet is None, sheet.said.text()


def _log_in_by_pin(window: Window) -> float:
    """Seconds from the first tap to the session."""
    began_us = CLOCK.mono_us()
    window.people.open_menu()
    sheet = window.people.sheet
    assert isinstance(sheet, LoginSheet)
    sheet.who_page.tiles[0].click()
    for digit in PIN:
        sheet.pin_page.pad.keys[digit].click()
    sheet.pin_page.pad.keys[">"].click()
    see(lambda: window.people.known.session, 30, "a session by PIN")
    return (CLOCK.mono_us() - began_us) / 1e6


def _unlock(window: Window) -> None:
    window.people.open_menu()
    sheet = window.people.sheet
    assert isinstance(sheet, LoginSheet) and sheet.title.text() == "Unlock"
    QTest.keyClicks(sheet.pin_page.field, PIN)
    QTest.keyClick(sheet.pin_page.field, ENTER)
    see(lambda: not window.people.known.is_locked, 15, "unlocked")


def _is_nowhere(folder: Path, token: str) -> None:
    """Neither the token nor a secret stands in any file of the project."""
    files = [each for each in folder.rglob("*") if each.is_file()]
    assert paths.data(folder) in [each.parent for each in files]
    for file in files:
        content = file.read_bytes()
        for secret in (token, PASSWORD, PIN):
            assert secret.encode() not in content, file
