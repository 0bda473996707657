"""Looking after a ledger: its newest checkpoint kept elsewhere, its checks and evidence, room on the disk."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from engine import paths
from engine.app.ledger_anchor import Anchor, anchors, forget_anchors, write_anchor
from engine.app.ledger_open import CHECKPOINTS, ledger_file
from engine.clock import rfc3339
from engine.historian.nightly import last_slot_us
from engine.ledger import Ledger, LedgerError, NoLedger, Reading, Verdict, verify_added, verify_file
from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.stamped import NOTE, PRINTED, QUERY, REPLY, check_stamps
from engine.ledger.trust import Trust
from engine.ledger.verify import Watch
from engine.typed import from_json
from engine.types import Clock, Project

log = logging.getLogger("watchroom.ledger")
RECORD = "ledger-checks.json"
ANCHOR_US = 2_000_000
"""The checkpoint kept elsewhere is at most so much older than the ledger."""
DAY_US = 86_400_000_000
FULL_US = 7 * DAY_US
ROOM_US = 30_000_000
FULL_AT = ((0.9, "90 %"), (0.8, "80 %"))
"""Shares of the disk at which people are told (IEC 62443-3-3 SR 2.9)."""
SCARCE_BYTES, PLENTY_BYTES = 1_000_000_000, 20_000_000_000
"""Above the first there is room for years of entries: it is told, not alarmed. Above the second nothing is
said, however full a large disk is."""
MOST_SEEN, MOST_EVIDENCE = 40, 50


class Checks(msgspec.Struct, frozen=True):
    """``PROJECT/data/ledger-checks.json``: what was checked last, and what was found to be wrong."""

    full_us: int = 0
    last_us: int = 0
    size: int = 0
    evidence: tuple[str, ...] = ()


class Keeping:
    """``anchor``, ``look`` and ``accepted`` in the ledger's thread, ``check`` in one that may take long."""

    def __init__(self, folder: Path, project: Project, clock: Clock) -> None:
        self._folder, self._clock = folder, clock
        self._timezone, self._settings = project.plant.timezone, project.plant.ledger
        self._daily_at = self._settings.daily_at or min(project.alarm_settings.shifts, default="00:00")
        self._anchored, self._anchor_us, self._room_us = 0, 0, 0
        self._checks = _read(folder)
        self.warning, self.is_scarce = "", False

    @property
    def checks(self) -> Checks:
        """What the checks found so far."""
        return self._checks

    def anchor(self, ledger: Ledger | None, *, at_once: bool = False) -> None:
        """Keep the newest checkpoint in the user's settings folder, every two seconds at most."""
        now = self._clock.mono_us()
        if ledger is None or ledger.size == self._anchored or (now < self._anchor_us and not at_once):
            return
        size, note = ledger.size, ledger.checkpoint
        try:
            write_anchor(Anchor(ledger.origin, str(self._folder), note, self._clock.now_us()))
        except OSError as error:
            log.warning("the newest checkpoint of the ledger is kept nowhere else: %s", error)
        self._anchored, self._anchor_us = size, now + ANCHOR_US

    def other_anchors(self) -> list[Anchor]:
        """The checkpoints that this computer has of the project's ledger and that it may contradict."""
        found = anchors()
        origins = {each.origin for each in found if each.project == str(self._folder)} | {self._origin()}
        return [each for each in found if each.origin in origins]

    def _origin(self) -> str:
        """Name of the ledger that is there now, "" = none can be read."""
        try:
            reading = Reading(ledger_file(self._folder))
        except LedgerError:
            return ""
        reading.close()
        return reading.origin

    def accepted(self, ledger: Ledger) -> None:
        """A person accepted the ledger as it is now: what it contradicts does not count any more."""
        forget_anchors(ledger.origin)
        folder = self._folder / "data" / CHECKPOINTS
        for file in (each for end in (NOTE, QUERY, REPLY) for each in folder.glob(f"checkpoint-*{end}")):
            try:
                file.replace(file.with_name(f"before-{ledger.size}-{file.name}"))
            except OSError as error:
                log.warning("%s: %s", file, error)
        self._anchored = 0
        self.anchor(ledger, at_once=True)

    def renewed(self, ledger: Ledger) -> None:
        """Another ledger is written from now on: what is known of the old one lies beside that."""
        self._checks, self._anchored = _read(self._folder), 0
        self.anchor(ledger, at_once=True)
        self._print(ledger)

    def look(self, ledger: Ledger | None) -> None:
        """Now and then: the anchor, the checkpoint of the day, and the room that is left."""
        self.anchor(ledger)
        if self._clock.mono_us() < self._room_us:
            return
        self._room_us = self._clock.mono_us() + ROOM_US
        self.warning, self.is_scarce = _room(self._folder)
        if ledger is not None:
            self._print(ledger)

    def check(self, watch: Watch) -> Verdict | None:
        """The check that is due, None = there is none: what was added every day, all of it every week."""
        now, before = self._clock.now_us(), self._checks
        full = not before.full_us <= now < before.full_us + FULL_US
        if not full and before.last_us <= now < before.last_us + DAY_US:
            return None
        stopped = False

        def go_on(share: float) -> bool:
            nonlocal stopped
            stopped = not watch(share)
            return not stopped

        try:
            if full:
                verdict = self.verified(go_on)
            else:
                verdict = verify_added(ledger_file(self._folder), before.size, go_on)
        except NoLedger:
            return None
        except LedgerError as error:
            verdict = Verdict(findings=[str(error)])
        if stopped:
            return None
        self.found(verdict, full=full)
        return verdict

    def verified(self, watch: Watch) -> Verdict:
        """A check of all entries, against all that was kept of it before and the time stamps over it.

        Raises:
            NoLedger: there is no ledger. LedgerError: it cannot be read.
        """
        verdict = verify_file(ledger_file(self._folder), self.trust(), watch)
        if self._settings.stamp_ca and not verdict.findings:
            folder, file = self._folder / "data" / CHECKPOINTS, ledger_file(self._folder)
            verdict.findings += check_stamps(folder, file, Path(self._settings.stamp_ca))[1]
        return verdict

    def found(self, verdict: Verdict, *, full: bool) -> None:
        """Keep what a check found. Only a check of everything that finds nothing takes evidence away."""
        now, before = self._clock.now_us(), self._checks
        what = "check of all entries" if full else "check of what was added"
        new = [f"{rfc3339(now)} {what}: {each}" for each in verdict.findings]
        kept = () if full and not new else before.evidence
        self._checks = Checks(
            full_us=now if full else before.full_us,
            last_us=now,
            size=before.size if new else verdict.size,
            evidence=(*new, *kept)[:MOST_EVIDENCE],
        )
        for each in new:
            log.critical("the ledger does not fit what was signed: %s", each)
        try:
            paths.replace_file(self._folder / "data" / RECORD, msgspec.json.encode(self._checks))
        except OSError as error:
            log.warning("%s", error)

    def trust(self) -> Trust:
        """Checkpoints kept before, which the ledger must still fit.

        Raises:
            NoLedger: there is no ledger. LedgerError: it cannot be read.
        """
        reading = Reading(ledger_file(self._folder))
        origin = reading.origin
        reading.close()
        notes = [each.note for each in self.other_anchors()]
        for file in sorted((self._folder / "data" / CHECKPOINTS).glob(PRINTED))[-MOST_SEEN:]:
            try:
                notes.append(file.read_text("utf-8"))
            except (OSError, UnicodeDecodeError) as error:
                log.warning("%s is not used: %s", file, error)
        return Trust(origin, seen=tuple(note for note in notes if _origin(note) == origin))

    def _print(self, ledger: Ledger) -> None:
        """One file a day at the end of a shift, to be printed or sent away."""
        zone, now = ZoneInfo(self._timezone), self._clock.now_us()
        slot = last_slot_us(self._daily_at, self._timezone, now)
        day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=slot)).astimezone(zone).date()
        folder = self._folder / "data" / CHECKPOINTS
        file = folder / f"checkpoint-{day.isoformat()}.txt"
        if file.exists():
            return
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            paths.replace_file(file, ledger.checkpoint.encode())
        except OSError as error:
            log.warning("the checkpoint of the day: %s", error)


def _origin(note: str) -> str:
    try:
        return read_checkpoint(note)[1].origin
    except LedgerError:
        return ""


def _read(folder: Path) -> Checks:
    try:
        return from_json((folder / "data" / RECORD).read_bytes(), Checks)
    except (OSError, msgspec.MsgspecError):
        return Checks()


def _room(folder: Path, levels: Sequence[tuple[float, str]] = FULL_AT) -> tuple[str, bool]:
    """What is to be said of the disk, "" = nothing, and whether it is scarce."""
    try:
        total, _used, free = shutil.disk_usage(folder)
    except OSError:
        return "", False
    share = 1 - free / total if total and free < PLENTY_BYTES else 0.0
    for level, words in levels:
        if share >= level:
            said = f"the disk of {folder} is over {words} full, {free / 1e9:.1f} GB are free: free some space"
            return f"{said}; a full disk takes no entries, and then nothing is written to the plant", (
                level == levels[0][0] and free < SCARCE_BYTES
            )
    return "", False
