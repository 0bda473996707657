"""An engine with an alarm journal in memory that answers as the real one, at once or when it is told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from engine.typed import convert
from engine.types import AlarmChange, Letter, LimitKind, What
from engine.wire import AlarmJournalAnswer, AlarmJournalBody
from tests.hmi.line import AIR, PRESSURE, PUMP, WELD
from tests.hmi.plant import NOW_US, PlantFeed

SECOND_US, HOUR_US = 1_000_000, 3_600_000_000
ALARMS: tuple[tuple[str, LimitKind, int, str], ...] = (
    (PRESSURE, "hh", 1, "Pressure high-high"),
    (WELD, "h", 2, "Weld current high"),
    (AIR, "l", 2, "Header pressure low"),
    (PUMP, "off", 3, "Pump stopped"),
)
TURNS: tuple[tuple[What, Letter, str], ...] = (
    ("active", "B", ""),
    ("acknowledged", "C", "Maria"),
    ("returned", "A", ""),
)


def change(seq: int, ago_s: float = 0.0, **more: Any) -> AlarmChange:
    """The change with that number, of the alarms in turn."""
    at = seq % len(ALARMS)
    path, kind, priority, message = ALARMS[at]
    what, letter, by = TURNS[seq // len(ALARMS) % 3]
    time_us = NOW_US - round(ago_s * SECOND_US)
    facts: dict[str, Any] = {
        "alarm": at + 1,
        "what": what,
        "letter": letter,
        "priority": priority,
        "time_us": time_us,
        "source_us": time_us - 1000,
        "path": path,
        "kind": kind,
        "message": message,
        "value": 241.6,
        "limit": 240.0,
        "by": by,
        "seq": seq,
    }
    return AlarmChange(**(facts | more))


def many(count: int, every_s: float = 10.0) -> list[AlarmChange]:
    """So many changes, oldest first, the newest just now."""
    return [change(seq, (count - seq) * every_s) for seq in range(1, count + 1)]


class JournalFeed(PlantFeed):
    """``refusal`` = what the engine says instead of an answer; ``holds`` = answers wait for `release`."""

    def __init__(self, changes: list[AlarmChange] | None = None) -> None:
        super().__init__()
        self.changes = changes if changes is not None else many(60)
        self.refusal, self.holds = "", False
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.job: Any = None
        self._held: list[Callable[[], None]] = []

    @property
    def pages(self) -> list[AlarmJournalBody]:
        """The questions for the journal so far."""
        return [convert(body, AlarmJournalBody) for name, body in self.sent if name == "alarm_journal"]

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        """Answer, or keep the answer back."""
        self.sent.append((name, body))
        if self.holds:
            self._held.append(lambda: self._answer(name, body, on_done, on_error))
        else:
            self._answer(name, body, on_done, on_error)

    def release(self) -> None:
        """Give the answers that were kept back, and from now on all at once."""
        self.holds = False
        held, self._held = self._held, []
        for each in held:
            each()

    def _answer(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        if self.refusal:
            on_error(self.refusal)
        elif name == "alarm_journal":
            answer = self.page(convert(body, AlarmJournalBody))
            on_done(msgspec.msgpack.decode(msgspec.msgpack.encode(answer)))
        elif self.job is not None:
            on_done(self.job)

    def page(self, wanted: AlarmJournalBody) -> AlarmJournalAnswer:
        """As the engine answers."""
        fitting = list(self._fitting(wanted))
        found = [each for each in fitting if not wanted.before or each.seq < wanted.before][: wanted.most]
        before = tuple(self._before(each) for each in found) if wanted.letters else ()
        return AlarmJournalAnswer(
            tuple(found), len(fitting) if len(fitting) <= 10_000 else None, before=before
        )

    def _fitting(self, wanted: AlarmJournalBody) -> Iterator[AlarmChange]:
        for each in reversed(self.changes):
            texts = "\n".join((each.path, each.message, each.by, each.text)).casefold()
            if (
                wanted.start_us <= each.time_us < wanted.end_us
                and (not wanted.under or f"{each.path}/".startswith(f"{wanted.under}/"))
                and (not wanted.priorities or each.priority in wanted.priorities)
                and (not wanted.kinds or each.kind in wanted.kinds)
                and (not wanted.whats or each.what in wanted.whats)
                and (not wanted.alarms or each.alarm in wanted.alarms)
                and wanted.text.casefold() in texts
            ):
                yield each

    def _before(self, change: AlarmChange) -> Any:
        step = change.seq - len(ALARMS)
        return next((each.letter for each in self.changes if each.seq == step), "") if step > 0 else ""
