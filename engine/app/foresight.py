"""Prediction in the running project: what it is given, when it works, and what it tells the others.

It lives in a thread of its own, once a second, and takes samples beside the history. Whatever goes wrong in
here, values, history and alarms go on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine import paths
from engine.app.foresight_bind import Binding, Chosen, bind
from engine.app.foresight_crossings import VALID_S, LookAhead
from engine.app.foresight_past import (
    Rolled,
    Stopping,
    begun_of,
    buckets_of,
    events_of,
    known_since,
    unhurried,
    warmed,
)
from engine.prediction.buckets import Intake
from engine.prediction.crossings import Crossings
from engine.prediction.episodes import Episodes
from engine.prediction.events import PENDING, Happened, happened
from engine.prediction.fleet import Bound
from engine.prediction.normals import Normals, read_kept
from engine.prediction.prediction import Calls, Prediction
from engine.prediction.prediction_file import PredictionFile
from engine.store import StoredEvent, StoreError
from engine.types import Batch, Clock, Episode, Gap, HitRate, Origin, Outlook, Project, Tag

log = logging.getLogger("watchroom.prediction")
STEP_S = 1.0
RECALLED_US = 72 * 3_600_000_000
GENERATION = 1 << 24
"""Versions of outlooks of a later binding are larger than all of an earlier one."""
STEPPED_US = 60_000_000
"""So far the clock may be from where the time since says: beyond, it was set, or the computer slept."""
RETRY_US = 30_000_000
TRIP = "alarm:trip"
"""The PLC itself stopped the machine: that is a failure, whatever came of it."""
EVENT, VERDICT = "prediction", "prediction_verdict"


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What prediction needs of the rest of the engine. Called in its thread, ``tags`` too.

    ``models`` = those that run now, opened anew · ``calls`` = what explains and blocks them ·
    ``closing`` gives models back that are not used any more.
    """

    folder: Path
    clock: Clock
    project: Callable[[], Project]
    tags: Callable[[], Sequence[Tag]]
    rolled: Rolled
    note: Callable[[str, dict[str, Any]], None]
    models: Callable[[], Sequence[Chosen]] = tuple
    calls: Callable[[Calls], Calls] = lambda calls: calls
    closing: Callable[[Sequence[Chosen]], None] = lambda models: None


@dataclass(slots=True, eq=False)
class Foresight:
    """A ``Record`` beside the history's. ``begin`` and ``close`` once; all else from any thread.

    ``situation`` = why assets cannot be judged now, by path, ``alarmed`` = those in alarm; both replaced
    whole each second. ``unseeded`` = tags whose live values are to come through ``append`` once: what does
    not change sends nothing.
    """

    given: Given
    situation: Mapping[str, str] = field(default_factory=dict[str, str])
    alarmed: frozenset[str] = frozenset()
    unseeded: NDArray[np.int32] | None = None
    prediction: Prediction | None = None
    ahead: LookAhead | None = None
    trouble: str = "prediction has not begun yet"
    _file: PredictionFile | None = None
    _binding: Binding | None = None
    _models: Sequence[Chosen] = ()
    _intake: Intake | None = None
    _episodes: Episodes | None = None
    _generation: int = 0
    _seen: object = None
    _recalled: frozenset[Happened] = frozenset()
    _retry_us: int = 0
    _stopped: str = ""
    _clocks: tuple[int, int] | None = None
    _heard: deque[Happened] = field(default_factory=lambda: deque[Happened](maxlen=PENDING))
    _failures: deque[tuple[str, int]] = field(default_factory=deque[tuple[str, int]])
    _repairs: deque[tuple[str, int]] = field(default_factory=deque[tuple[str, int]])
    _changed: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start the thread; it first reads what it needs of the past."""
        self._thread = threading.Thread(target=self._run, name="prediction", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread, close the file, give the models back."""
        self._stop.set()
        self._changed.set()
        if self._thread is not None:
            self._thread.join()
        if self._file is not None:
            self._file.close()
        self.given.closing(self._models)

    # A record beside the history's

    def append(
        self, batch: Batch, origin: Origin = Origin.LIVE, taken: NDArray[np.bool_] | None = None
    ) -> None:
        """Take a batch, as a ``Record``."""
        intake = self._intake
        if intake is None:
            return
        try:
            intake.append(batch, origin, taken)
        except Exception:  # whatever is wrong here: the driver that sent it goes on
            log.exception("prediction could not take samples")
            self.trouble = "prediction misses samples; see data/log/engine.log"

    def gap(self, gap: Gap) -> None:
        """Gaps are seen in the quality of what is around them."""

    # What others tell

    def heard(self, events: Sequence[StoredEvent]) -> None:
        """Events that are on disk now; in the journal's thread."""
        self._heard.extend(each for each in map(happened, events) if each is not None)

    def rebind(self) -> None:
        """Models, normals or the facts about tags changed: bind anew at the next step."""
        self._changed.set()

    def failed(self, asset: str, time_us: int) -> None:
        """An asset has failed."""
        self._failures.append((asset, time_us))

    def repaired(self, asset: str, time_us: int) -> None:
        """Work on an asset is done."""
        self._repairs.append((asset, time_us))

    @property
    def assets(self) -> frozenset[str]:
        """The assets that are watched by more than limits."""
        return frozenset() if self._binding is None else self._binding.assets

    @property
    def history(self) -> PredictionFile | None:
        """Where warnings and failures are kept, None = it was not opened yet."""
        return self._file

    @property
    def bounds(self) -> Sequence[Bound]:
        """Every model as it is bound to its assets now."""
        return () if self._binding is None else self._binding.bounds

    def buckets(
        self, bound: Bound, start_us: int, end_us: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What the history holds of a bound's inputs: means and coverage float32[n, assets, roles]."""
        binding = self._binding
        if binding is None or bound not in binding.bounds:
            raise StoreError("the models changed meanwhile; begin again")
        return buckets_of(self.given.rolled, binding.tags, bound, start_us, end_us)

    def rates(self, model: str, version: str) -> tuple[HitRate, ...]:
        """The record here of WATCH and ACT of a model, on all of its assets."""
        prediction = self.prediction
        return () if prediction is None else prediction.rates(model, version)

    # What is asked

    def outlooks(self, version: int) -> tuple[int, tuple[Outlook, ...], bool]:
        """The version now, what changed since ``version``, and whether these are all there are."""
        prediction, own = self.prediction, self._generation * GENERATION
        if prediction is None:
            return 0, (), True
        asked = version - own if own < version < own + GENERATION else 0
        now, outlooks, is_whole = prediction.outlooks(asked)
        return own + now, outlooks, is_whole

    def told(self) -> str:
        """What a person must see to, "" = nothing."""
        prediction = self.prediction
        gone = "" if self._file is None else self._file.gone
        ahead = "" if self.ahead is None else self.ahead.crossings.trouble
        own = "" if prediction is None else prediction.trouble
        return self._stopped or gone or self.trouble or ahead or own

    # The thread

    def _run(self) -> None:
        while not self._stop.is_set():
            self.turn()
            self._stop.wait(STEP_S)

    def turn(self) -> None:
        """Bind anew where something changed, then work off what came. Never raises."""
        try:
            self._look_at_clock()
            if self._is_due():
                self._bind_anew()
            self._step()
            if self.ahead is not None:
                self.ahead.step()
            self._stopped = self._stopped if self._retry_us else ""
        except Stopping:
            log.info("prediction was not ready yet")
        except StoreError as error:
            self._stopped = str(error)
        except Exception:  # values, history and alarms go on without it
            if not self._stopped:  # said once, not each second
                log.exception("prediction stopped for a moment")
            self._stopped = "prediction does not work; see data/log/engine.log"

    def _is_due(self) -> bool:
        is_other = self._changed.is_set() or self.prediction is None or self._seen != self._facts()
        return is_other and self.given.clock.mono_us() >= self._retry_us

    def _bind_anew(self) -> None:
        """Bind, or show nothing: what stood before is of models or units that are no longer so."""
        self._changed.clear()
        try:
            self._bind()
            self._retry_us = 0
        except BaseException:
            self._retry_us = self.given.clock.mono_us() + RETRY_US
            before, self._models = self._models, ()
            self.prediction = self._intake = self._binding = None
            self.given.closing(before)
            raise

    def _look_at_clock(self) -> None:
        """A clock that is set forward, or a computer that slept: nobody knows what was in that time.

        Back: samples of now would be of a time that is closed already, so all begins anew.
        """
        now_us, mono_us = self.given.clock.now_us(), self.given.clock.mono_us()
        before, self._clocks = self._clocks, (now_us, mono_us)
        if before is None or self._intake is None or self._binding is None:
            return
        if now_us - before[0] - (mono_us - before[1]) > STEPPED_US:
            self._intake.silence(before[0])
            self.unseeded = self._binding.tags
        if now_us < self._intake.next_us:
            self._changed.set()

    def _facts(self) -> object:
        """The units of inputs: a device may tell them only after it was connected."""
        return None if self._binding is None else _units(self.given.tags(), self._binding)

    def _step(self) -> None:
        prediction = self.prediction
        if prediction is None:
            return
        while self._failures:
            self._tell(prediction.failed(*self._failures.popleft()))
        while self._repairs:
            asset, time_us = self._repairs.popleft()
            self._tell(prediction.repaired(asset, time_us, "", "work was done on it"))
        self._hear(prediction)
        prediction.step()

    def _hear(self, prediction: Prediction) -> None:
        """Events that came while all was bound anew waited; those that the journal told then are known."""
        found = [self._heard.popleft() for _ in range(len(self._heard))]
        prediction.events([each for each in found if each not in self._recalled])
        typed = frozenset[str]() if self._binding is None else self._binding.typed
        for each in (each for each in found if TRIP in each.classes):
            for asset in {innermost(each.path, group) for group in (self.assets, typed)} - {""}:
                self._tell(prediction.failed(asset, each.time_us))

    def _tell(self, episodes: Iterable[Episode]) -> None:
        for each in episodes:
            self.given.note(EVENT, {"what": "outcome", "episode": msgspec.to_builtins(each)})

    def _bind(self) -> None:
        """Put everything together for what the project, the devices and the registry say now."""
        given, began_s = self.given, time.monotonic()
        if self._file is None:
            self._file = PredictionFile(paths.data(given.folder) / "prediction.db")
        self._episodes = self._episodes or Episodes(self._file)
        if self.ahead is None:
            crossings = Crossings(self._file, lambda body: given.note(EVENT, body), VALID_S)
            self.ahead = LookAhead(given.clock, given.project, given.tags, given.rolled, crossings)
        models = given.models()
        try:
            self._bind_to(models, self._file, self._episodes, began_s)
        except BaseException:
            given.closing(models)
            raise

    def _bind_to(
        self, models: Sequence[Chosen], file: PredictionFile, warnings: Episodes, began_s: float
    ) -> None:
        given, before, tags = self.given, self._models, tuple(self.given.tags())
        kept, wrong = read_kept(given.folder)
        for text in wrong.values():
            log.error("%s", text)
        binding = bind(given.project(), tags, models, kept)
        wrong |= binding.wrong
        now_us, rolled = given.clock.now_us(), unhurried(given.rolled, self._stop.wait)
        intake = Intake(binding.tags, now_us)
        normals = Normals(binding.watched, intake.slot_us) if binding.watched else None
        journal = paths.data(given.folder) / "journal.db"
        if normals is not None:
            warmed(normals, binding, rolled, intake.next_us, now_us)
        calls = Calls(
            situation=lambda asset: self.situation.get(asset, ""),
            alarmed=lambda asset: asset in self.alarmed,
            alert=lambda outlook: self._noted("act", outlook),
            maintain=lambda outlook: self._noted("watch", outlook),
            past=lambda bound, start_us, end_us: buckets_of(rolled, binding.tags, bound, start_us, end_us),
            begun=lambda bound, start_us, until_us: begun_of(
                rolled, binding.tags, bound, start_us, until_us, intake.slot_us
            ),
        )
        events: list[Happened] = events_of(journal, now_us - RECALLED_US, now_us)
        # From here on samples reach the new one: what comes meanwhile waits in it.
        self._intake = intake
        self.unseeded = binding.tags
        self.prediction = Prediction(
            given.clock, intake, binding.bounds, file, given.calls(calls), normals,
            binding.others, known_since(journal), events, warnings,
        )  # fmt: skip
        self._binding, self._models, self._recalled = binding, models, frozenset(events)
        self._seen = _units(tags, binding)
        self.prediction.resume()
        self._generation = max(self._generation + 1, int(now_us // 1_000_000))
        self.trouble = "; ".join(wrong.values())
        given.closing(before)
        count = sum(len(each.assets) for each in binding.bounds)
        log.info(
            "prediction: %d models on %d assets, %d watched against their normal, ready in %.1f s",
            len(models), count, len(binding.watched), time.monotonic() - began_s,
        )  # fmt: skip

    def _noted(self, tier: str, outlook: Outlook) -> None:
        said = {
            "what": tier, "asset": outlook.asset, "about": outlook.what, "p48": outlook.p48,
            "p24": outlook.p24, "model": outlook.model, "version": outlook.version,
            "episode": outlook.episode, "data_until_us": outlook.data_until_us,
            "top": [each.group for each in outlook.top],
        }  # fmt: skip
        self.given.note(EVENT, said)


def _units(tags: Sequence[Tag], binding: Binding) -> list[str]:
    return [tag.unit for tag in tags if tag.path in binding.asked]


def innermost(path: str, assets: frozenset[str]) -> str:
    """The nearest of these assets that a path is, or lies below of; "" = none."""
    while path and path not in assets:
        path = path.rpartition("/")[0]
    return path
