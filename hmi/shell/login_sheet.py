"""Logging in, taking over and unlocking: a badge, a face and its PIN, or name and password.

Nothing else of the window moves, opens or closes: layout, displays and what is selected are the station's.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from engine.types import DEMO_PASSWORD, DEMO_PIN, LoginKind
from hmi import who
from hmi.alarm_desk import Sender
from hmi.formats import t
from hmi.shell.login_pages import PasswordPage, PinPage, WhoPage, secret_of
from hmi.shell.side_sheet import SideSheet
from hmi.theme import Theme
from hmi.who import Quick, Who
from hmi.widgets.labels import Words

Page = WhoPage | PinPage | PasswordPage
SECOND_MS = 1000


class LoginSheet(SideSheet):
    """``is_unlock`` = first of all the person whose session is locked. ``glass`` = break the glass."""

    glass = Signal()

    def __init__(self, theme: Theme, sender: Sender, known: Who, is_unlock: bool, parent: QWidget) -> None:
        super().__init__(theme, t("Log in"), sender, parent)
        self._known = known
        self._is_unlock = is_unlock and known.session is not None
        self._name, self._badge, self._wait_s, self._refusal = "", "", 0, ""
        self.note = Words(theme, step="small", look="muted")
        self.note.setWordWrap(True)
        self.who_page = WhoPage(theme, known.faces, self)
        self.pin_page, self.password_page = PinPage(theme, self), PasswordPage(theme, self)
        self.body.addWidget(self.note)
        for page in (self.who_page, self.pin_page, self.password_page):
            self.body.addWidget(page)
            page.hide()
        self.back = QPushButton(t("Someone else…"), self)
        self.back.clicked.connect(self.choose)
        self.break_glass = QPushButton(t("Break glass…"), self)
        self.break_glass.setToolTip(t("In an emergency: the sealed code of an area"))
        self.break_glass.clicked.connect(self.glass)
        self.foot.addWidget(self.back)
        self.foot.addWidget(self.break_glass)
        self._second = QTimer(self)
        self._second.setInterval(SECOND_MS)
        self._second.timeout.connect(self._count)
        self._connect()
        self.page: Page = self.who_page
        self._unlock() if self._is_unlock else self.choose()

    def _connect(self) -> None:
        self.who_page.badge.connect(self._read)
        self.who_page.face.connect(self._tapped)
        self.who_page.named.connect(lambda: self._ask_password("", False))
        self.pin_page.entered.connect(self._pin)
        self.pin_page.password.connect(lambda: self._ask_password(self._name, self._is_unlock))
        self.password_page.entered.connect(self._password)
        self.password_page.name.textEdited.connect(self._forgive)

    # Whose turn it is

    def choose(self) -> None:
        """Anybody: the badge, the faces, or a name."""
        self._is_unlock, self._name, self._badge = False, "", ""
        self._forgive()
        session = self._known.session
        if session is not None:
            self.set_heading(t("Take over from {name}", name=session.full_name))
            self.note.show_text(
                t("Windows and displays stay as they are. A write that was begun is given up.")
            )
        else:
            self.set_heading(t("Log in"))
            self.note.show_text(self._known.ended or self._welcome())
        self._turn(self.who_page)

    def _welcome(self) -> str:
        if any(face.is_demo for face in self._known.faces):
            how = t("This is a demo: tap whom you want to be. A second person approves with {password}.")
            return how.format(password=DEMO_PASSWORD)
        return t("Watching needs no login; doing something does.")

    def _unlock(self) -> None:
        session = self._known.session
        if session is None:
            return
        self._name = session.person
        self.set_heading(t("Unlock"))
        self.note.show_text(t("Commands are off until you show who you are. The view and the horn stay."))
        face = next((each for each in self._known.faces if each.name == session.person), None)
        if face is not None and face.has_pin:
            self.pin_page.ask(session.full_name, "", has_password=True)
            self._turn(self.pin_page)
        else:
            self._ask_password(session.person, True)

    def _tapped(self, face: Quick) -> None:
        self._name = face.name
        self._forgive()
        if face.is_demo:
            self._send(DEMO_PIN, "pin", name=face.name)  # everybody knows it: nobody is asked for it
        elif face.has_pin:
            self.pin_page.ask(face.full_name, "", has_password=True)
            self._turn(self.pin_page)
        else:
            self._ask_password(face.name, False)

    def _read(self, badge: str) -> None:
        self._badge = badge
        self._forgive()
        self.pin_page.ask(t("Badge read"), t("Now the PIN of this badge."), has_password=False)
        self._turn(self.pin_page)

    def _ask_password(self, name: str, is_fixed: bool) -> None:
        self._badge = ""
        self.password_page.ask(name, is_fixed, t("Unlock") if self._is_unlock else t("Log in"))
        self._turn(self.password_page)

    def _turn(self, page: Page) -> None:
        self.page = page
        for each in (self.who_page, self.pin_page, self.password_page):
            each.setVisible(each is page)
        self.back.setVisible(page is not self.who_page)
        self.break_glass.setVisible(page is self.who_page)
        if not self._wait_s:
            self.say("")
        if self.isVisible():
            self.place()
            page.take_keys()

    def open(self) -> None:
        """Show it, ready for a badge, a tap or the keys."""
        super().open()
        self.page.take_keys()

    # What is sent

    def _pin(self, pin: str) -> None:
        if self._badge:
            self._send(self._badge, "badge", name="", pin=pin)
        else:
            self._send(pin, "pin", name=self._name)

    def _password(self, name: str, password: str) -> None:
        self._send(password, "password", name=name)

    def _send(self, secret: str, kind: LoginKind, name: str, pin: str = "") -> None:
        if self._wait_s:
            return
        body: dict[str, Any] = {"secret": secret, "kind": kind}
        if self._is_unlock:
            self.ask("unlock", body, self._done, self._refused)
            return
        body |= {"station": who.station_name(), "name": name, "pin": pin}
        self.ask("login", body, self._done, self._refused)

    def _done(self, answer: Any) -> None:
        self._clear()
        warning = answer.get("warning", "") if not self._is_unlock else ""
        if not warning:
            self.leave()
            return
        # Logged in all the same: what is wrong must be read before the sheet goes.
        self.set_heading(t("You are logged in"))
        for part in (self.page, self.back, self.break_glass, self.note):
            part.hide()
        self.cancel.setText(t("Close"))
        self.say(warning)
        self.cancel.setFocus()

    def _refused(self, why: str) -> None:
        self._clear()
        self._refusal, self._wait_s = why, who.wait_s(why)
        if self._wait_s:
            self._second.start()
        self.page.take_keys()

    def _clear(self) -> None:
        field = secret_of(self.page)
        if field is not None:
            field.clear()

    def _forgive(self) -> None:
        """It is somebody else's turn: nobody waits for the wrong try of another."""
        self._wait_s = 0
        self._second.stop()

    def _count(self) -> None:
        self._wait_s -= 1
        self.say(who.counted(self._refusal, self._wait_s))
        if self._wait_s <= 0:
            self._forgive()
