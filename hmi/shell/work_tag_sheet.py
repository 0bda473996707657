"""The tag of work in progress on an asset: put on with name and phone, taken off by its owner or by two."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.types import WorkTag
from hmi import control_words as words
from hmi.control_desk import ControlDesk
from hmi.formats import t
from hmi.shell.change_state import where_of
from hmi.theme import Theme
from hmi.widgets.choice import Choice
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet

SHEET_PX = 680
HOUR_US = 3_600_000_000
LENGTHS = (("1", "1 h"), ("4", "4 h"), ("8", "8 h"), ("24", "24 h"), ("0", "Open end"))
PUT_ON = "Until it is taken off nothing is written to this asset or suggested for it, from any station."
TAKE_OFF = (
    "It is taken off by its owner. For anybody else a second person must agree, with their own password."
)


class WorkTagSheet(Sheet):
    """For putting a tag on; for taking it off the same sheet shows who has it."""

    def __init__(self, theme: Theme, desk: ControlDesk, parent: QWidget) -> None:
        super().__init__(theme, "", SHEET_PX, parent)
        self._desk, self._asset = desk, ""
        self._work: WorkTag | None = None
        self._is_sent = False
        self.told = Words(theme, step="body")
        self.who = Words(theme, step="body", bold=True)
        self.name, self.phone = self._line(t("Name (required)")), self._line(t("Phone"))
        self.order, self.text = self._line(t("Order, such as WO-10884")), self._line(t("What is being done"))
        options = [(key, t(word), t("Until {word} from now", word=word)) for key, word in LENGTHS]
        self.length = Choice(Words(theme, t("For"), "body"), options, self)
        self.second, self.secret = self._line(t("Name of the second person")), self._line(t("Password"))
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData
        )
        self.said = Words(theme, step="body", bold=True)
        self.button = QPushButton(self)
        self._on = (self.name, self.phone, self.order, self.text, self.length)
        self._off = (self.who, self.second, self.secret)
        for part in (self.told, self.who, self.said):
            part.setWordWrap(True)
        people, pair = QHBoxLayout(), QHBoxLayout()
        for row, parts in ((people, (self.name, self.phone)), (pair, (self.second, self.secret))):
            row.setSpacing(10)
            for part in parts:
                row.addWidget(part, 1)
        self.body.addWidget(self.who)
        self.body.addWidget(self.told)
        self.body.addLayout(people)
        for part in (self.order, self.text, self.length):
            self.body.addWidget(part)
        self.body.addLayout(pair)
        self.body.addWidget(self.said)
        self.foot.addWidget(self.button)
        self.button.clicked.connect(self._act)
        self.left.connect(self.secret.clear)

    def _line(self, word: str) -> QLineEdit:
        made = QLineEdit(self)
        made.setPlaceholderText(word)
        made.setAccessibleName(re.sub(r" \(.*|, such as.*", "", word))
        made.setMaxLength(200)
        made.textChanged.connect(lambda _: self._show())
        return made

    def put_on(self, asset: str) -> None:
        """Open to put one on an asset, under the name of who is logged in."""
        self._begin(asset, None)
        self.title.show_text(t("Work in progress on {where}", where=where_of(self._desk.model, asset)))
        session = self._desk.who.session
        self.name.setText("" if session is None else session.full_name)
        self.told.show_text(t(PUT_ON))
        self.length.pick("8")
        self.button.setText(t("Put the work tag on"))
        self._open(self.phone)

    def take_off(self, work: WorkTag) -> None:
        """Open to take one off; who owns it needs nobody else."""
        self._begin(work.asset, work)
        plant = self._desk.model.plant
        self.title.show_text(t("Take the work tag off {where}", where=where_of(self._desk.model, work.asset)))
        self.who.show_text(words.work_line(work, self._desk.now_us(), plant.timezone))
        self.told.show_text(t("It is your own tag.") if self.is_own else t(TAKE_OFF))
        self.button.setText(t("Take the work tag off"))
        self._open(self.cancel)

    @property
    def is_own(self) -> bool:
        """Who is logged in put it on."""
        session, work = self._desk.who.session, self._work
        return session is not None and work is not None and session.person.casefold() == work.by.casefold()

    def _begin(self, asset: str, work: WorkTag | None) -> None:
        self._asset, self._work, self._is_sent = asset, work, False
        for each in self._on:
            each.setVisible(work is None)
        for each in self._off:
            each.setVisible(work is not None and (each is self.who or not self.is_own))
        for line in (self.name, self.phone, self.order, self.text, self.second, self.secret):
            line.clear()
        self.said.show_text("")

    def _open(self, focus: QWidget) -> None:
        self._show()
        self.open()
        focus.setFocus()

    def _show(self) -> None:
        work = self._work
        why = self._desk.refusal_of_work()
        is_given = bool(self.name.text().strip())
        if work is not None:
            is_alone = self.is_own and self.second.isHidden()
            is_given = is_alone or bool(self.second.text().strip() and self.secret.text())
        if why:
            self.said.show_text(why)
        self.button.setEnabled(is_given and not why and not self._is_sent)

    def _act(self) -> None:
        self._is_sent = True
        if self._work is None:
            op, body = "work_tag", self._tag()
        else:
            second, secret = self.second.text().strip(), self.secret.text()
            op = "work_tag_off"
            body = {"asset": self._asset, "owner": self._work.by, "second": second, "secret": secret}
            self.secret.setFocus()  # a password that was wrong is typed again here
            self.secret.clear()
        self._show()
        self._desk.do(op, body, self._done, self._fail)

    def _tag(self) -> dict[str, Any]:
        hours = int(self.length.picked or 0)
        lines = {"name": self.name, "phone": self.phone, "order": self.order, "text": self.text}
        body: dict[str, Any] = {key: line.text().strip() for key, line in lines.items()}
        until_us = self._desk.now_us() + hours * HOUR_US if hours else 0
        return {"asset": self._asset, **body, "until_us": until_us}

    def _done(self, answer: Any) -> None:
        if self._is_sent:
            self.leave()

    def _fail(self, why: str) -> None:
        self._is_sent = False
        self.said.show_text(why)
        for each in self._off:  # also its owner may need somebody else: the engine says why
            each.setVisible(self._work is not None)
        self._show()
        if self.isVisible():
            self.place()
