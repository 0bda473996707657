"""What one window knows of writes to the plant, and what its person does about them. No Qt.

One write at a time is in the hands of a window. Nothing of it is queued: an engine that is silent is not
asked, and what was selected is given back as soon as the person turns away.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from engine.typed import convert
from engine.types import Action, Write, WriteKind, WriteRule
from hmi import control_words as words
from hmi.control_book import OPEN, ControlBook
from hmi.formats import sentence, t
from hmi.model import Model
from hmi.who import NOBODY, Who

RENEW_US = 8_000_000
"""The lease is renewed once less than this is left of it and there was input since the last time."""
_ORDER = (*OPEN, "rejected", "unknown", "verified", "closed")
"""What may still follow what: a device that said no, or nothing, may be seen to have done it later."""


class Sender(Protocol):
    """The part of a feed that sends."""

    def submit(
        self,
        name: str,
        body: dict[str, Any],
        on_done: Callable[[Any], None],
        on_error: Callable[[str], None],
    ) -> None: ...

    def now_us(self) -> int: ...


class ControlDesk:
    """Shared by the faceplate, its sheets and the displays of one window.

    ``write`` = the write in the hands of this window, None = there is none; ``awaited`` = what was asked for
    it and is not answered yet; ``trouble`` = why the last was not done; ``is_doubtful`` = the engine went
    away before it answered, so nobody knows whether it was done. ``recent`` = coded reasons, last used
    first. ``listeners`` are called when any of this changes.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self.book, self.model, self.who = ControlBook(), Model(), NOBODY
        self.is_stalled = self.is_past = False
        self.write: Write | None = None
        self.awaited, self.trouble, self.is_doubtful = "", "", False
        self.recent: list[str] = []
        self.listeners: list[Callable[[], None]] = []
        self._turn, self._had_input = 0, False
        self._confirmed: set[str] = set()

    # What the window tells

    def take(self, book: ControlBook) -> None:
        """The book changed."""
        self.book = book
        if self.write is not None:
            told = book.writes.get(self.write.id)
            if told is not None:
                self._bring(told)
        self.tell()

    def set_model(self, model: Model) -> None:
        """Another plant or list of tags: what was in hand is given back."""
        self.model = model
        self.leave()
        self.tell()

    def set_stalled(self, is_stalled: bool) -> None:
        """True: the engine does not answer."""
        if is_stalled != self.is_stalled:
            self.is_stalled = is_stalled
            if not is_stalled and self.is_doubtful:
                self._look()
            self.tell()

    def set_past(self, is_past: bool) -> None:
        """True: the window shows a past instant."""
        if is_past != self.is_past:
            self.is_past = is_past
            if is_past:
                self.leave()
            self.tell()

    def set_who(self, who: Who) -> None:
        """Who is at this station; another person, nobody or a lock makes void what was selected."""
        before, self.who = self.who, who
        if _hand(before) != _hand(who):
            self.leave()
        if before != who:
            self.tell()

    def now_us(self) -> int:
        """UTC microseconds now."""
        return self._sender.now_us()

    # What may be done

    @property
    def is_drawn(self) -> bool:
        """Buttons that write stand on the screen; at the stage Look there are none."""
        return self.book.is_known and self.book.stage.stage != "look"

    def rule(self, path: str) -> WriteRule | None:
        """What writes.csv says of a tag; None = it is never written."""
        return self.model.writes.get(path)

    def refusal(self, path: str, action: Action | None = None) -> str:
        """Why nothing can be written at a tag, or commanded at an asset, now: "" = it can.

        The right of this person at this very place, limits and interlocks are the engine's to judge.
        """
        mine = self.write.id if self.write is not None else ""
        wanted = self._action(path) if action is None else action
        return self._dead() or sentence(self.who.why_not(wanted)) or self._held(path, mine)

    def refusal_to_resolve(self, write: Write | None) -> str:
        """Why nobody can say here what became of a write."""
        action = "command" if write is not None and write.verb else self._action(write.path if write else "")
        return self._silent() or sentence(self.who.why_not(action))

    def refusal_to_save(self) -> str:
        """Why no set of setpoints can be saved now; reading them needs no stage."""
        return self._silent() or sentence(self.who.why_not("restore"))

    def refusal_of_work(self) -> str:
        """Why no work tag can be put on or taken off now, at any stage; "" = it can."""
        return self._silent() or sentence(self.who.why_not("work tag"))

    def _silent(self) -> str:
        if self.is_stalled or not self.book.is_known:
            return t("The engine does not answer.")
        return t("This is a replay: nothing is written from the past.") if self.is_past else ""

    def _dead(self) -> str:
        stage, silent = self.book.stage.stage, self._silent()
        if silent:
            return silent
        if stage != "control":
            return t(
                "The project is at the stage {stage}: nothing is written.", stage=words.stage_word(stage)
            )
        return sentence(self.book.refusing)

    def _held(self, path: str, mine: str) -> str:
        work = self.book.work_at(path)
        if work:
            phone = t(", phone {phone}", phone=work[0].phone) if work[0].phone else ""
            return t("Work in progress: {name}{phone}.", name=work[0].name, phone=phone)
        write = self._last(path)
        if write is None or write.id == mine:
            return ""
        if write.is_locked:
            return t("Locked: nobody knows what became of the last write.")
        if words.outcome(write) == "open":
            return sentence(words.at_value(write, None, self.model.plant, self.now_us()).text)
        return ""

    def _action(self, path: str) -> Action:
        rule = self.rule(path)
        return "write critical" if rule is not None and rule.write_class == "critical" else "write"

    def undo(self, path: str) -> Write | None:
        """The write of a tag that can be taken back now."""
        write = self.book.write_of(path)
        return write if words.undo_left(write, self.now_us()) else None

    @property
    def is_confirmed(self) -> bool:
        """The write in hand was confirmed here: what becomes of it is a result."""
        return self.write is not None and self.write.id in self._confirmed

    def _last(self, path: str) -> Write | None:
        return self.book.write_of(path) if path in self.model.index else self.book.command_of(path)

    def said(self, path: str) -> words.Said:
        """What stands at the value of a tag, or at an asset for its last command."""
        write = self._last(path)
        at = self.model.index.get(path)
        tag = None if at is None else self.model.tags[at]
        was_confirmed = write is not None and write.id in self._confirmed
        return words.at_value(write, tag, self.model.plant, self.now_us(), was_confirmed)

    def reasons(self, path: str) -> tuple[str, ...]:
        """Coded reasons for a tag, last used first."""
        rule = self.rule(path)
        known = (rule.reasons if rule is not None else ()) or self.model.control.reasons
        used = [each for each in self.recent if each in known]
        return (*used, *(each for each in known if each not in used))

    # One write, step by step

    def select(
        self,
        path: str,
        value: float | None = None,
        verb: str = "",
        kind: WriteKind = "setpoint",
        of: str = "",
    ) -> None:
        """Have it checked and held: the first step. What was in hand before is given back."""
        self.leave()
        body = {"path": path, "value": value, "verb": verb, "kind": kind, "of": of}
        self._ask("select", body)

    def renew(self) -> None:
        """There was input: the lease is renewed before it ends, and not more often."""
        self._had_input = True
        write = self.write
        if write is None or not words.is_selected(write) or self.awaited:
            return
        if write.until_us - self.now_us() < RENEW_US:
            self._had_input = False
            self._ask("renew", {"id": write.id})

    def tick(self) -> None:
        """Once a second while a sheet is open."""
        if self._had_input:
            self.renew()

    def confirm(self, reason: str, note: str) -> None:
        """The second step: the tag and the value as the person saw them."""
        write = self.write
        if write is None or not words.is_selected(write) or self.awaited or self.is_doubtful:
            return
        self._confirmed.add(write.id)
        if reason:
            self.recent = [reason, *(each for each in self.recent if each != reason)]
        body = {"id": write.id, "path": write.path, "value": write.new, "reason": reason, "note": note}
        self._ask("confirm", body)

    def approve(self, name: str, secret: str) -> None:
        """The second person, with their own secret; it is not kept anywhere here."""
        write = self.write
        if write is not None and words.is_waiting(write) and not self.awaited and not self.is_doubtful:
            self._ask("approve", {"id": write.id, "name": name, "secret": secret})

    def leave(self) -> None:
        """The person turns away: what is selected or waits is given back; what is sent goes its way."""
        write, self.write = self.write, None
        self._turn += 1
        if write is not None and _can_cancel(write) and self.awaited in ("", "renew"):
            self._cancel(write)
        self.awaited, self.trouble, self.is_doubtful, self._had_input = "", "", False, False

    def _cancel(self, write: Write) -> None:
        # Refused, it was over already; unanswered, its lease ends by itself.
        self._sender.submit("cancel", {"id": write.id}, _ignore, _ignore)

    def _ask(self, op: str, body: dict[str, Any]) -> None:
        turn, self.awaited, self.trouble = self._turn, op, ""
        self.tell()
        self._sender.submit(op, body, partial(self._done, turn), partial(self._fail, turn, op))

    def _done(self, turn: int, answer: Any) -> None:
        write = convert(answer, Write)
        if turn != self._turn:
            # It came after the person had turned away.
            if _can_cancel(write):
                self._cancel(write)
            return
        self.awaited = ""
        if self.write is None:
            self.write = write
        else:
            self._bring(write)
        self.tell()

    def _fail(self, turn: int, op: str, why: str) -> None:
        if turn != self._turn:
            return
        self.awaited, self.trouble = "", sentence(why)[:300]
        if op in ("confirm", "approve"):
            # Refused in words, or done and not told: only the engine knows how it stands.
            self.is_doubtful = True
            self._look()
        self.tell()

    def _look(self) -> None:
        turn = self._turn
        self._sender.submit("control", {"version": 0}, partial(self._looked, turn), _ignore)

    def _looked(self, turn: int, answer: Any) -> None:
        if turn != self._turn or self.write is None:
            return
        told = convert(answer["writes"], tuple[Write, ...])
        found = next((each for each in told if each.id == self.write.id), None)
        self.is_doubtful = found is None
        if found is not None:
            self._bring(found)
        self.tell()

    def _bring(self, told: Write) -> None:
        """Take what the engine told of the write in hand, unless it is older than what is known."""
        write = self.write
        if write is None or told.id != write.id:
            return
        if (_ORDER.index(told.step), told.until_us) >= (_ORDER.index(write.step), write.until_us):
            self.write = told
            self.is_doubtful = self.is_doubtful and told == write

    # All else: each is answered to who asked

    def do(
        self, op: str, body: dict[str, Any], done: Callable[[Any], None], fail: Callable[[str], None]
    ) -> None:
        """Resolve, work tags, sets: ``fail`` gets a whole sentence. Nothing is sent while stalled."""
        if self.is_stalled:
            fail(t("The engine does not answer; nothing was sent."))
            return
        self._sender.submit(op, body, done, lambda why: fail(sentence(why)[:300]))

    def tell(self) -> None:
        """Call all who listen."""
        for each in tuple(self.listeners):
            each()


def _hand(who: Who) -> tuple[str, bool, str]:
    """What differs once somebody else, or nobody, has the hand at this station."""
    session = who.session
    return ("", True, "") if session is None else (session.id, session.is_locked, session.trying)


def _can_cancel(write: Write) -> bool:
    return words.is_selected(write) or words.is_waiting(write)


def _ignore(_: object) -> None:
    pass
