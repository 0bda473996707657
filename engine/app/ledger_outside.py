"""Those outside who vouch for the ledger: a time-stamping authority, and witnesses that cosign.

One thread asks them, when plant.toml names any. Without a network what is wanted waits and is asked for
again; nothing else waits for it. A witness that saw another past is evidence, and an alarm.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from engine import paths
from engine.app.ledger_http import HttpAnswer, NoAnswer, post
from engine.app.ledger_open import CHECKPOINTS, ledger_file
from engine.clock import rfc3339
from engine.historian.nightly import PAUSE_US, last_slot_us
from engine.ledger import LedgerError, ProofRefused, Reading, stamp, stamped, submission
from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.note import Note, parse_key, parse_note
from engine.ledger.submission import CALL, SIZE_TYPE, Submission
from engine.typed import from_json
from engine.types import Clock, LedgerAnchor, LedgerWitness, Project

log = logging.getLogger("watchroom.ledger")
RECORD = "ledger-outside.json"
STAMP = "time stamp"
LOOK_S, CLOSE_S = 5.0, 2.0
HOUR_US = 3_600_000_000
LATE_US = 36 * HOUR_US
"""Where nobody answered for so long, a person must see to it."""
STATUSES = {
    400: "it does not understand the request",
    403: "it does not know the key that signs now: give its people a new trust file (watchroom ledger keys)",
    404: "it does not know this ledger: give its people a trust file (watchroom ledger keys)",
}


class Known(msgspec.Struct, frozen=True):
    """What is known of one outside: that it vouched for ``size`` entries of ``origin`` at ``time_us``.

    ``since_us`` = since when it does not answer, 0 = it does; ``fork`` = that it saw another past.
    """

    origin: str = ""
    by: str = ""
    size: int = 0
    time_us: int = 0
    tried_us: int = 0
    since_us: int = 0
    failures: int = 0
    trouble: str = ""
    fork: str = ""
    waiting: int = 0


class Forked(Exception):
    """A witness saw another past of this ledger."""


class Anchors:
    """``look`` in its own thread; the rest from any. ``cosign`` keeps a note cosigned by a vkey."""

    def __init__(self, project: Project, clock: Clock, cosign: Callable[[str, str], None]) -> None:
        self._folder, self._clock, self._cosign = Path(project.folder), clock, cosign
        self.settings, self._timezone = project.plant.ledger, project.plant.timezone
        self._shifts = project.alarm_settings.shifts or ("00:00",)
        self._known: Mapping[str, Known] = _read(self._folder)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger outside", daemon=True)

    def begin(self) -> None:
        """Ask from now on; without anybody to ask there is no thread."""
        if self.settings.stamp_url or self.settings.witnesses:
            self._thread.start()

    def close(self) -> None:
        """End the thread; a request on its way is given up."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)

    def forget(self) -> None:
        """Another ledger is written from now on."""
        self._keep({})

    @property
    def anchors(self) -> tuple[LedgerAnchor, ...]:
        """What each of them vouches for."""
        found = list[LedgerAnchor]()
        for name, each in self._known.items():
            kind = "time stamp" if name == STAMP else "cosignature"
            by = each.by or (urlsplit(self.settings.stamp_url).hostname or "" if name == STAMP else name)
            found.append(LedgerAnchor(kind, by, each.size, each.time_us, each.waiting, each.trouble))
        return tuple(found)

    @property
    def evidence(self) -> tuple[str, ...]:
        """What witnesses say against this ledger; each until that witness cosigns again."""
        return tuple(each.fork for each in self._known.values() if each.fork)

    @property
    def warning(self) -> str:
        """That somebody did not answer for long, "" = all is well."""
        now_us = self._clock.now_us()
        late = [each for each in self._known.values() if each.since_us and now_us - each.since_us > LATE_US]
        return "; ".join(
            f"nobody outside vouched for the ledger for {(now_us - each.since_us) // HOUR_US} hours: "
            f"{each.trouble}"
            for each in late
        )

    def look(self) -> None:
        """Ask whoever is due."""
        try:
            reading = Reading(ledger_file(self._folder))
        except LedgerError:
            return  # the scribe tells it
        try:
            if self.settings.stamp_url:
                self._try(STAMP, reading, lambda known: self._stamped(known, reading))
            for each in self.settings.witnesses:
                self._try(each.key, reading, lambda known, each=each: self._cosigned(known, each, reading))
        finally:
            reading.close()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_S):
            try:
                self.look()
            except Exception:  # a fault of ours must not end the asking
                log.exception("asking for outside anchors")

    def _try(self, name: str, reading: Reading, ask: Callable[[Known], Known]) -> None:
        """Ask one of them if it is due, and keep what came of it."""
        known, now_us = self._known.get(name, Known()), self._clock.now_us()
        if known.origin != reading.origin:
            known = Known(reading.origin)
        pause_us = min(PAUSE_US[0] * 2 ** min(known.failures - 1, 20), PAUSE_US[1]) if known.failures else 0
        if 0 <= now_us - known.tried_us < pause_us:
            return
        failed = msgspec.structs.replace(
            known,
            tried_us=now_us,
            since_us=known.since_us or now_us,
            failures=known.failures + 1,
            waiting=len(self._waiting(reading)) if name == STAMP else 1,
        )
        try:
            asked = ask(known)
        except Forked as error:
            asked = msgspec.structs.replace(
                failed, trouble=str(error), fork=known.fork or f"{rfc3339(now_us)} {error}"
            )
        except (NoAnswer, LedgerError, OSError) as error:
            asked = msgspec.structs.replace(failed, trouble=str(error))
        if asked != self._known.get(name):
            if asked.trouble and asked.trouble != known.trouble:
                log.warning("%s", asked.trouble)
            self._keep({**self._known, name: asked})

    def _keep(self, known: Mapping[str, Known]) -> None:
        self._known = known
        try:
            paths.replace_file(self._folder / "data" / RECORD, msgspec.json.encode(known))
        except OSError as error:
            log.warning("%s", error)

    # ------------------------------------------------------------------ time stamps

    def _stamped(self, known: Known, reading: Reading) -> Known:
        files = self._waiting(reading)
        if not files:
            return msgspec.structs.replace(known, waiting=0, failures=0, since_us=0, trouble="")
        authorities, refused = stamp.read_authorities(Path(self.settings.stamp_ca).read_bytes()), ""
        for file in files:
            answer = post(self.settings.stamp_url, stamped.asked(file), stamp.QUERY_TYPE, stamped.LARGEST)
            if answer.status != 200:
                raise NoAnswer(f"{self.settings.stamp_url} answered with status {answer.status}")
            size = read_checkpoint(file.read_text("utf-8"))[1].size
            try:
                found = stamped.take(file, answer.content, authorities, reading)
            except ProofRefused as error:
                if refused:
                    break
                refused = str(error)  # a single one that cannot be stamped keeps the others from nothing
                continue
            if size >= known.size:
                known = msgspec.structs.replace(known, size=size, time_us=found.time_us, by=found.by)
            if self._stop.is_set():
                break
        known = msgspec.structs.replace(known, waiting=len(self._waiting(reading)))
        if not refused:
            return msgspec.structs.replace(known, failures=0, since_us=0, trouble="", tried_us=0)
        now_us = self._clock.now_us()
        since_us, failures = known.since_us or now_us, known.failures + 1
        return msgspec.structs.replace(
            known, tried_us=now_us, since_us=since_us, failures=failures, trouble=refused
        )

    def _waiting(self, reading: Reading) -> list[Path]:
        return stamped.waiting(self._folder / "data" / CHECKPOINTS, reading.origin)

    # ------------------------------------------------------------------ cosignatures

    def _cosigned(self, known: Known, witness: LedgerWitness, reading: Reading) -> Known:
        now_us = self._clock.now_us()
        first = self.settings.daily_at or min(self._shifts)
        times = self._shifts if witness.at == "shift" else (first,)
        if known.time_us >= max(last_slot_us(each, self._timezone, now_us) for each in times):
            return known
        key = parse_key(witness.key)
        note = _signed_by_us(reading)
        size, old = read_checkpoint(note)[1].size, min(known.size, read_checkpoint(note)[1].size)
        answer = post_checkpoint(witness.url, reading, note, old)
        if answer.status == 409 and answer.kind == SIZE_TYPE:
            theirs = submission.read_size(answer.content.decode("ascii", "replace"))
            if theirs > size:
                raise Forked(
                    f"the witness {key.name} saw {theirs} entries of {reading.origin}, but there are only "
                    f"{size}: it was cut, or an older one was put in its place; ask its people what they saw"
                )
            if theirs != old:
                answer = post_checkpoint(witness.url, reading, note, theirs)
            old = theirs
        same = answer.status == 409 and answer.content == b"%d\n" % old  # and another root
        if same or answer.status == 422:
            raise Forked(
                f"the witness {key.name} saw another past of the first {old} entries of {reading.origin} "
                "than is here; keep data/ledger.db as it is, and ask its people for what they saw"
            )
        if answer.status != 200:
            told = STATUSES.get(answer.status, f"it answered with status {answer.status}")
            raise NoAnswer(f"the witness {key.name} did not cosign: {told}")
        self._cosign(submission.cosigned(note, answer.content.decode("utf-8", "replace"), key), witness.key)
        return Known(reading.origin, key.name, size, now_us)


def post_checkpoint(url: str, reading: Reading, note: str, old: int) -> HttpAnswer:
    """Offer a checkpoint to a witness that saw ``old`` entries."""
    proof = reading.consistency(old, read_checkpoint(note)[1].size)
    body = Submission(old, tuple(proof), note).text.encode()
    return post(url.rstrip("/") + CALL, body, "text/plain; charset=utf-8", submission.LONGEST)


def _signed_by_us(reading: Reading) -> str:
    """The newest checkpoint without what others signed below it."""
    note = parse_note(reading.checkpoint())
    return str(Note(note.text, note.signatures[:1]))


def _read(folder: Path) -> Mapping[str, Known]:
    try:
        return from_json((folder / "data" / RECORD).read_bytes(), dict[str, Known])
    except (OSError, msgspec.MsgspecError):
        return {}
