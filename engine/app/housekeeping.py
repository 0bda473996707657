"""What keeps the history in health behind the plant's back: room, checks, backups, and the words for it.

Two rules hold here: only the seal thread takes files away (`sealed`), and everything else is done by one
slow thread that rests more than it works.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine import paths
from engine.app import memory
from engine.historian import Historian, Span, check, forecast, nightly, retention
from engine.historian.availability import DAY_US, availability, downtime
from engine.historian.history import StoredHistory
from engine.historian.rollups import Rollups
from engine.historian.stored import oldest_us, stored
from engine.store import Journal, StoreError
from engine.store.alarm_journal import AlarmJournal
from engine.store.damage import Stopped
from engine.types import AlarmSettings, Clock, HistorySettings, HistoryStatus, Origin, Plant

log = logging.getLogger("watchroom.history")
ROUND_S = 20.0
FORECAST_ROUNDS = 15
FIRST_ROUNDS = 3
MOST_OLD, OLD_EVERY_US = 2, 6 * 3_600_000_000
"""So many files go at once for their age, then none for so long: a clock that is set wrong for an hour
must not take the history with it. What is over the quota goes at once."""
FORGET_FROM_US, FORGET_EVERY_US = 3_600_000_000, DAY_US
MOST_FORGOTTEN_US = 7 * DAY_US
"""Old changes of alarms go from an hour after the start on, when the clock is set, once a day, and of the
oldest so much at once: for the same reason."""
COMING_BYTES = 64_000_000
"""Room kept for what the next seal brings."""
LOOKED_AT = 50_000
"""Events at the journal's end that tell when the engine ran."""
Note = Callable[[str, dict[str, Any]], None]


class Housekeeping:
    """One thread; ``status`` from any. ``note`` puts an event on record."""

    def __init__(
        self,
        project: Path,
        plant: Plant,
        historian: Historian,
        stored: StoredHistory,
        rollups: Rollups,
        clock: Clock,
        after_crash: bool,
        alarms: AlarmSettings,
    ) -> None:
        self._project, self._folder, self._plant = project, paths.history(project), plant
        self._settings: HistorySettings = plant.history
        self._historian, self._stored, self._rollups, self._clock = historian, stored, rollups, clock
        self._after_crash = after_crash
        self._journal: Journal | None = None
        self._bad: list[tuple[Path, str]] = []
        self._known = HistoryStatus(quota_bytes=round(plant.history.max_gb * retention.GB))
        self._troubles: dict[str, str] = {}
        self._facts: dict[str, str] = {}
        self._stop = threading.Event()
        self._old_from_us = 0
        self._kept_us = round(alarms.kept_days * DAY_US)
        self._forget_from_us = clock.mono_us() + FORGET_FROM_US
        self.duties: list[Callable[[Callable[[float], bool]], object]] = []
        """What others have looked after: called each round with a watch, do what is due and return."""
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def begin(self, journal: Journal) -> None:
        """Start; what happens goes into the event journal."""
        self._journal = journal
        self._thread.start()

    def close(self) -> None:
        """End; a backup that is being made is given up, the one before stays."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def sealed(self, spans: Sequence[Span]) -> None:
        """In the seal thread: take away what is too old, has no room or is damaged."""
        while self._bad:  # another thread may add to them meanwhile
            self._set_aside(*self._bad.pop(0))
        disk, now_us = retention.disk_of(self._folder), self._clock.now_us()
        mono_us = self._clock.mono_us()
        most_old = MOST_OLD if mono_us >= self._old_from_us else 0
        kept = retention.room(self._folder, self._settings, now_us, disk, COMING_BYTES, most_old=most_old)
        if any(each.why == "age" for each in kept.removed):
            self._old_from_us = mono_us + OLD_EVERY_US
        for each in kept.removed:
            self._note("history_removed", msgspec.to_builtins(each))
            if each.kind == "rollups":
                self._rollups.forget(self._folder / each.name)
        oldest = oldest_us(self._folder)
        if kept.removed and oldest is not None:
            self._rollups.keep_before(oldest)
        self._troubles["room"] = kept.trouble
        self._known = msgspec.structs.replace(self._known, bytes=kept.bytes, oldest_us=oldest)

    def forget(self, journal: Journal) -> None:
        """Once a day let changes of alarms that are older than they are kept go from the journal."""
        now_us, mono_us = self._clock.now_us(), self._clock.mono_us()
        if mono_us < self._forget_from_us:
            return
        self._forget_from_us = mono_us + FORGET_EVERY_US
        oldest = AlarmJournal(paths.data(self._project) / "journal.db").oldest_us()
        if oldest is None or oldest >= now_us - self._kept_us:
            return
        before_us = min(now_us - self._kept_us, oldest + MOST_FORGOTTEN_US)
        journal.append(now_us, "alarms_forgotten", {"before_us": before_us})
        journal.forget(before_us)

    def _set_aside(self, path: Path, why: str) -> None:
        if path.name.startswith("rollups"):
            self._rollups.forget(path)
        try:
            name = check.set_aside(path)
        except StoreError as error:
            log.error("%s", error)
        else:
            log.error("%s is damaged and set aside as %s: %s", path, name, why)
            self._note("history_damaged", {"file": path.name, "moved_to": name, "why": why})

    @property
    def status(self) -> HistoryStatus:
        """The history as people see it."""
        now = self._historian.status
        troubles = (now.trouble, *self._troubles.values())
        oldest = self._known.oldest_us if self._known.oldest_us is not None else self._first_us()
        return msgspec.structs.replace(
            now,
            bytes=self._known.bytes,
            quota_bytes=self._known.quota_bytes,
            disk_free_bytes=self._known.disk_free_bytes,
            bytes_per_sample=self._known.bytes_per_sample,
            days_left=self._known.days_left,
            oldest_us=oldest,
            damaged=tuple(dict.fromkeys((*self._known.damaged, *now.damaged))),
            trouble="; ".join(each for each in troubles if each),
            facts=tuple(self._facts.items()),
        )

    def _first_us(self) -> int | None:
        runs = (run for run in self._historian.tail.runs() if run.origin != Origin.ENGINE and run.size)
        return min((int(run.source_us.min()) for run in runs), default=None)

    def _run(self) -> None:
        rounds = 0
        while not self._stop.wait(0.0 if rounds == 0 else ROUND_S):
            for work in (
                self._look,
                self._salvage,
                self._check,
                self._back_up,
                self._forget,
                self._others,
                self._tidy,
            ):
                try:
                    work(rounds)
                except Stopped:
                    return
                except Exception:  # one duty that fails must not keep the others from being done
                    log.exception("housekeeping of the history failed")
            rounds += 1

    def _look(self, rounds: int) -> None:
        """Sizes, room and availability."""
        disk, now_us = retention.disk_of(self._folder), self._clock.now_us()
        files = sum(each.bytes for each in stored(self._folder))
        known = msgspec.structs.replace(
            self._known,
            bytes=files,
            disk_free_bytes=disk.free,
            oldest_us=oldest_us(self._folder),
            damaged=check.damaged(self._folder),
        )
        if rounds % FORECAST_ROUNDS == 0:
            found = forecast.forecast(self._folder, self._settings, self._historian.status.rate, now_us, disk)
            known = msgspec.structs.replace(
                known, days_left=found.days_left, bytes_per_sample=found.bytes_per_sample
            )
            self._facts["Room"], self._troubles["forecast"] = found.words, found.trouble
            self._facts["Availability"] = self._availability(now_us)
        self._known = known
        record = nightly.read_backups(self._project)
        self._facts["Backup"], self._troubles["backup"] = nightly.words(record, self._settings, now_us)

    def _availability(self, now_us: int) -> str:
        journal = self._journal
        last = journal.last() if journal is not None else 0
        events = journal.after(max(last - LOOKED_AT, 0), LOOKED_AT) if journal is not None else []
        gaps = self._stored.gaps(now_us - 30 * DAY_US, now_us)
        down, since_us = downtime(((each.time_us, each.event) for each in events), gaps)
        return availability(down, since_us, now_us - 30 * DAY_US, now_us).words

    def _salvage(self, rounds: int) -> None:
        for rescue in check.salvage_all(self._folder, self._clock.now_us(), self._rest):
            for gap in rescue.gaps:
                self._historian.gap(gap)
            log.warning("%s", rescue.text)
            self._note("history_salvaged", {"file": rescue.name, "text": rescue.text})

    def _check(self, rounds: int) -> None:
        now_us = self._clock.now_us()
        for path in check.due(self._folder, now_us, after_crash=self._after_crash and rounds == 0):
            why = check.check(path, now_us, self._rest)
            if why:
                self._bad.append((path, why))

    def _back_up(self, rounds: int) -> None:
        now_us, record = self._clock.now_us(), nightly.read_backups(self._project)
        if not nightly.due(record, self._settings, self._plant.timezone, now_us):
            return
        made = nightly.run(self._project, self._settings, now_us, self._rest)
        self._note("backup", msgspec.to_builtins(made))

    def _forget(self, rounds: int) -> None:
        if self._journal is not None:
            self.forget(self._journal)

    def _tidy(self, rounds: int) -> None:
        if rounds % FORECAST_ROUNDS == FORECAST_ROUNDS - 1:
            memory.give_back()

    def _others(self, rounds: int) -> None:
        """Not in the first minute: then others have much to do."""
        for duty in tuple(self.duties) if rounds >= FIRST_ROUNDS else ():
            duty(self._rest)

    @property
    def _rest(self) -> Callable[[float], bool]:
        return check.resting(self._stop.wait)

    def _note(self, event: str, body: dict[str, Any]) -> None:
        if self._journal is not None:
            self._journal.append(self._clock.now_us(), event, body)
