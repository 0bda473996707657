"""The sheet through which anything is written: checked at its left, confirmed at its right, never at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.types import Snapshot, Write
from hmi import control_words as words
from hmi import values
from hmi.control_desk import ControlDesk
from hmi.displays.feed import Feed
from hmi.formats import t
from hmi.shell import change_state as state
from hmi.shell.change_sheet_checks import CheckList
from hmi.shell.change_sheet_confirm import Confirm
from hmi.shell.change_sheet_entry import Entry
from hmi.shell.change_sheet_result import Result
from hmi.shell.change_sheet_second import Second
from hmi.shell.change_sheet_trend import SPAN_US, SmallTrend
from hmi.shell.change_state import Intent
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words, heading
from hmi.widgets.quality_mark import QualityMark
from hmi.widgets.sheet import Sheet

SHEET_PX, LEFT_PX, RIGHT_PX, GAP_PX = 1120, 300, 356, 22
TALL, SHORT_PX = 10, 640
"""Height of the columns in targets; in a lower work area than this the trend gives way to the checks."""
SECOND_MS = 1000
_INPUT = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress)


class ChangeSheet(Sheet):
    """One for a window, opened for one tag or command at a time. Leaving it in any way gives back what was
    selected. ``resolve`` = a person wants to say what became of a write. Hidden it costs nothing.
    """

    resolve = Signal(object)

    def __init__(self, theme: Theme, desk: ControlDesk, feed: Feed, parent: QWidget) -> None:
        super().__init__(theme, "", SHEET_PX, parent)
        self._desk, self._feed = desk, feed
        self._intent: Intent | None = None
        self._snapshot: Snapshot | None = None
        self._had_write = self._was_result = self._was_waiting = False
        self.path = ShortWords(theme, step="small", look="muted")
        self.entry = Entry(theme, self)
        self.todo = Words(theme, step="body")
        self.check = QPushButton(t("Check"), self)
        self.now_name = Words(theme, t("Now"), "body", "muted")
        self.now = Words(theme, step="big_value", look="live", bold=True)
        self.mark = QualityMark(theme, self)
        self.quality = Words(theme, step="body", bold=True)
        self.bounds = Words(theme, step="body", look="muted")
        self.trend = SmallTrend(theme, self)
        self.checks_head = Words(theme, t("Checks"), "body", bold=True)
        self.checks = CheckList(theme, self)
        self.second = Second(theme, self)
        self.confirm = Confirm(theme, self)
        self.result = Result(theme, self)
        for part in (self.todo, self.quality, self.bounds):
            part.setWordWrap(True)
        self._lay_out(theme)
        self._clock = QTimer(self)
        self._clock.setInterval(SECOND_MS)
        self._clock.timeout.connect(self._second)
        self._connect()

    def _lay_out(self, theme: Theme) -> None:
        left, middle, right, row = QVBoxLayout(), QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        self.head = heading(theme, t("1  Enter and check"))
        for part in (self.head, self.todo, self.entry):
            left.addWidget(part, 1 if part is self.entry else 0)
        left.addWidget(self.check)
        quality = QHBoxLayout()
        quality.setSpacing(8)
        quality.addWidget(self.mark)
        quality.addWidget(self.quality, 1)
        middle.addWidget(self.now_name)
        middle.addWidget(self.now)
        middle.addLayout(quality)
        for part in (self.bounds, self.trend, self.second, self.checks_head, self.checks):
            middle.addWidget(part, 1 if part is self.checks else 0)
        middle.addStretch(0)
        right.addWidget(self.confirm)
        right.addWidget(self.result)
        row.setSpacing(GAP_PX)
        for box, wide in ((left, LEFT_PX), (middle, 0), (right, RIGHT_PX)):
            holder = QWidget(self)
            # As tall as the pad and the checks need: what is pressed must not move from step to step.
            holder.setMinimumHeight(round(theme.size.target * TALL))
            box.setContentsMargins(0, 0, 0, 0)
            box.setSpacing(6)
            holder.setLayout(box)
            if wide:
                holder.setFixedWidth(wide)
            row.addWidget(holder, 0 if wide else 1)
        self.foot.removeWidget(self.cancel)
        head = QHBoxLayout()
        names = QVBoxLayout()
        names.setSpacing(1)
        self._box.removeWidget(self.title)
        names.addWidget(self.title)
        names.addWidget(self.path)
        head.addLayout(names, 1)
        head.addWidget(self.cancel)
        self.body.addLayout(head)
        self.body.addLayout(row, 1)

    def _connect(self) -> None:
        self._desk.listeners.append(self._show)
        self.entry.edited.connect(self._edited)
        self.check.clicked.connect(self._check)
        self.confirm.confirmed.connect(self._desk.confirm)
        self.confirm.touched.connect(self._desk.renew)
        self.second.approved.connect(self._desk.approve)
        self.result.undo.connect(self._undo)
        self.result.resolve.connect(self._resolve)
        self.left.connect(self._gone)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        super().set_theme(theme)
        for part in (self.mark, self.trend, self.checks, self.entry, self.second, self.confirm, self.result):
            part.set_theme(theme)

    # Open and closed

    def ask(self, intent: Intent) -> None:
        """Open it for a tag or a command; nothing is asked of the engine yet."""
        self._desk.leave()
        self._intent, self._had_write = intent, False
        self._was_result = self._was_waiting = False
        model = self._desk.model
        self.title.show_text(state.title(intent))
        self.setAccessibleName(state.title(intent))
        self.path.show_text(intent.path)
        self.now_name.show_text(t("Now") if intent.command is None else self._feedback_name(intent))
        bounds = state.bounds_text(intent, model.plant)
        self.bounds.show_text(bounds)
        self.bounds.setVisible(bool(bounds) and not state.choices(intent.tag))
        self.entry.ask(intent, model.plant)
        self.todo.show_text(self._what(intent))
        self.todo.setVisible(intent.kind != "setpoint")
        self.head.show_text(t("1  Enter and check") if intent.kind == "setpoint" else t("1  Check"))
        has_trend = intent.tag is not None and values.has_curve(intent.tag)
        self.trend.setVisible(has_trend and not state.choices(intent.tag))
        write_class = intent.rule.write_class if intent.rule is not None else "normal"
        write_class = intent.command.write_class if intent.command is not None else write_class
        self.confirm.begin(self._desk.reasons(intent.path), write_class in model.control.reason_for)
        self.second.begin()
        self.checks.show_checks(())
        self._show_now()
        self._show()
        self.open()
        self._clock.start()
        self._second()
        if intent.kind == "setpoint":
            self.entry.focus()
        else:
            self.cancel.setFocus()

    def _what(self, intent: Intent) -> str:
        model, command = self._desk.model, intent.command
        if command is None:
            value = "" if intent.value is None else words.amount(intent.tag, intent.value, model.plant)
            return t(
                "Writes back {value}, what it was before. It is checked and confirmed as any write.",
                value=value,
            )
        if not command.feedback:
            return t("Gives the command once. No feedback is known for it.")
        name = command.feedback.rpartition("/")[2]
        return t(
            "Gives the command once; {name} must answer within {n} s.", name=name, n=f"{command.within_s:g}"
        )

    @staticmethod
    def _feedback_name(intent: Intent) -> str:
        return values.name_of(intent.tag) if intent.tag is not None else t("Feedback")

    def _gone(self) -> None:
        self._clock.stop()
        self.second.begin()
        self._had_write, self._intent = False, None
        self._desk.leave()
        self._desk.tell()

    # What is on show

    def on_numbers(self, snapshot: Snapshot | None) -> None:
        """The live values."""
        self._snapshot = snapshot
        if self.isVisible():
            self._show_now()

    def _show_now(self) -> None:
        intent = self._intent
        if intent is None or intent.at is None or intent.tag is None:
            for part in (self.now, self.mark, self.quality):
                part.hide()
            return
        plant = self._desk.model.plant
        shown = values.reading(intent.tag, self._snapshot, intent.at, plant)
        is_fresh = shown.kind in ("normal", "uncertain")
        self.now.set_look("live" if is_fresh else "muted")
        self.now.set_step("title" if shown.is_words else "big_value")
        self.now.show_text(shown.amount)
        self.now.show()
        self.mark.show_look(shown.kind)
        self.mark.setVisible(shown.kind != "normal")
        has_age = shown.kind == "normal" and " \u00b7 " not in shown.quality
        quality = (
            t("{quality} \u00b7 {age}", quality=shown.quality, age=shown.age) if has_age else shown.quality
        )
        self.quality.show_text(quality)
        self.quality.show()
        is_known = self._snapshot is not None and is_fresh
        now = float(self._snapshot.value[intent.at]) if is_known and self._snapshot is not None else None
        self.entry.show_now(now)

    def _second(self) -> None:
        intent = self._intent
        if intent is None:
            return
        self._desk.tick()
        if intent.at is not None and not self.trend.isHidden():
            now_us, wide = self._feed.now_us(), max(50, self.trend.width())
            curve = self._feed.curve(intent.at, now_us - SPAN_US, now_us, wide)
            self.trend.show_curve(curve, now_us, self._desk.model.plant.timezone)
        self._show()

    def _show(self) -> None:
        intent, write, desk = self._intent, self._desk.write, self._desk
        if intent is None:
            return
        if self._had_write and write is None and not desk.awaited:
            # Somebody else logged in, or the plant changed: it was given back.
            self.leave()
            return
        self._had_write = self._had_write or write is not None
        is_result = write is not None and desk.is_confirmed and not words.is_waiting(write)
        is_result = is_result and (write is None or not words.is_selected(write) or desk.is_doubtful)
        is_waiting = write is not None and words.is_waiting(write)
        self.result.setVisible(is_result)
        self.confirm.setVisible(not is_result)
        self.second.setVisible(is_waiting)
        has_checks = bool(write and write.checks)
        self.now_name.setVisible(not is_waiting)
        is_short = self._over.height() < SHORT_PX and has_checks
        self.trend.setVisible(not is_waiting and self._has_trend and not is_short)
        for part in (self.checks_head, self.checks):
            part.setVisible(has_checks)
        zone = desk.model.plant.timezone
        self.checks.show_checks(write.checks if write is not None else (), zone)
        self._show_first(intent, write, is_result or is_waiting)
        if is_result and write is not None:
            self._show_result(intent, write)
        else:
            self._show_confirm(intent, write, is_waiting)
        self._show_focus(is_result, is_waiting)
        if self.isVisible():
            self.place()

    def _show_focus(self, is_result: bool, is_waiting: bool) -> None:
        """Once what had the keys is over, they go where nothing is written by them."""
        if is_result and not self._was_result:
            self.cancel.setFocus()
        elif is_waiting and not self._was_waiting:
            self.second.name.setFocus()
        self._was_result, self._was_waiting = is_result, is_waiting

    @property
    def _has_trend(self) -> bool:
        intent = self._intent
        tag = None if intent is None else intent.tag
        return tag is not None and values.has_curve(tag) and not state.choices(tag)

    def _show_first(self, intent: Intent, write: Write | None, is_over: bool) -> None:
        desk = self._desk
        is_held = write is not None and words.is_selected(write)
        self.entry.set_open(not is_over)
        refusal = desk.refusal(intent.path, "command" if intent.command is not None else None)
        trouble = self.entry.trouble or refusal
        said = trouble
        if not said and write is not None and words.outcome(write) == "rejected" and not desk.is_confirmed:
            said = words.why_words(write) or t("It cannot be written now: see the checks.")
        self.entry.show_said("" if is_over else said or ("" if is_held else desk.trouble))
        is_ready = self.entry.value is not None and not trouble and not desk.awaited
        self.check.setEnabled(is_ready and not is_held and not is_over)
        self.check.setText(t("Being checked\u2026") if desk.awaited == "select" else t("Check"))
        self.trend.show_new(None if state.choices(intent.tag) or intent.command else self.entry.value)
        is_sent = is_over and write is not None and not words.is_waiting(write)
        self.cancel.setText(t("Close") if is_sent else t("Cancel"))

    def _show_confirm(self, intent: Intent, write: Write | None, is_waiting: bool) -> None:
        plant, desk = self._desk.model.plant, self._desk
        if write is None or not (words.is_selected(write) or is_waiting):
            self.confirm.show_step("", "", ("", ""), t("Check it first."))
            self.confirm.set_open(True)
            return
        old, new = state.from_to(write, intent, plant)
        left_s = max(0, round((write.until_us - self._feed.now_us()) / 1e6))
        why = ""
        if is_waiting:
            who = write.by_name or write.by
            why = t("Confirmed by {who}. It waits for a second person.", who=who)
            if write.reason:
                told = "Confirmed by {who}, because: {reason}. It waits for a second person."
                why = t(told, who=who, reason=write.reason)
            self.second.show_left(who, left_s)
            self.second.show_trouble(desk.trouble, not desk.awaited and left_s > 0)
        elif left_s <= 0:
            why = t("The time to confirm is over. Check it again.")
        elif desk.awaited == "confirm":
            why = t("Being written\u2026")
        self.confirm.show_wanted(write.needs_reason)
        self.confirm.set_open(not is_waiting)
        self.confirm.show_step(old, new, state.act(intent, write.new, plant), why)
        if not why and not self.confirm.missing:
            held = t("Held for you for {n} s. Nothing is written yet.", n=left_s)
            self.confirm.show_held(f"{desk.trouble} {held}".strip())

    def _show_result(self, intent: Intent, write: Write) -> None:
        if self._desk.is_doubtful:
            self.result.show_lost(self._desk.trouble)
        else:
            self.result.show_write(self._desk.model, intent, write, self._feed.now_us())

    # What a person does

    def _edited(self) -> None:
        if self._desk.write is not None or self._desk.awaited:
            # Another value is another write.
            self._had_write = False
            self._desk.leave()
        self._show()

    def _check(self) -> None:
        intent, value = self._intent, self.entry.value
        if intent is None or value is None or not self.check.isEnabled():
            return
        # Keys go back to the entry: what is pressed next must not be the button that writes.
        self.cancel.setFocus() if intent.kind != "setpoint" else self.entry.focus()
        self._had_write = False
        is_command = intent.command is not None
        self._desk.select(intent.path, None if is_command else value, intent.verb, intent.kind, intent.of)

    def _undo(self) -> None:
        write = self._desk.write
        made = state.rollback(self._desk.model, write) if write is not None else None
        if made is not None:
            self.ask(made)

    def _resolve(self) -> None:
        write = self._desk.write
        self.leave()
        if write is not None:
            self.resolve.emit(write)

    def event(self, event: QEvent) -> bool:
        if event.type() in _INPUT:
            self._desk.renew()
        return super().event(event)
