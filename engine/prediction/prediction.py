"""Prediction: takes samples and events, and says what is foreseen of every asset.

`append` and `events` are quick and may be called from the ingest's thread. `step` does the work, in a thread
of its own, once a second; it never waits for the ingest and the ingest never for it.
"""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.prediction.baselines import LIMIT, RULE
from engine.prediction.buckets import Buckets, Intake, newest
from engine.prediction.episodes import Episodes, Says
from engine.prediction.events import PENDING, Happened
from engine.prediction.fleet import Bound, Fleet, OpenBucket, bad_now
from engine.prediction.normals import Normals
from engine.prediction.outlooks import GONE, Board, Evidence, is_current, lacking, merged, outlook
from engine.prediction.prediction_file import PredictionFile
from engine.prediction.scoring import Scored, Situation, Was, score
from engine.prediction.tiers import NONE, TIERS
from engine.prediction.track import budget_of, over_budget
from engine.store import StoreError
from engine.types import (
    Clock,
    Contribution,
    Episode,
    HitRate,
    ModelCard,
    Outlook,
    SimilarCase,
    Tier,
)

log = logging.getLogger("watchroom.prediction")
EXPLAINED_FROM = 0.1
"""A probability below this is not explained: nobody asks why nothing is foreseen."""


Explain = Callable[[Bound, int, NDArray[np.float32]], tuple[tuple[Contribution, ...], SimilarCase | None]]
"""What speaks for a prediction: the model, the asset's place in it, its features float32[m]."""


Past = Callable[[Bound, int, int], tuple[NDArray[np.float32], NDArray[np.float32]]]
Level = Callable[[Bound, int, NDArray[np.bool_]], NDArray[np.float32]]
Begun = Callable[[Bound, int, int], OpenBucket]
WAIT_S = 0.2
KEEP_US = 60_000_000
"""The open bucket goes to the disk so often: so much of it a crash can lose."""


def _never(_: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Calls:
    """What prediction needs of others, and tells them.

    ``situation`` = why an asset cannot be judged now · ``blocked`` = why a model may not say ACT (drift) ·
    ``level`` = what is taken off the means of a model's assets, asked once a bucket with its end and which
    assets had something wrong in it · ``alarmed`` = whether an asset is in alarm now ·
    ``explain`` · ``alert`` gets an outlook that became ACT, ``maintain`` one that became WATCH ·
    ``shadowed`` a model that fell below its budget, and why · ``past`` gives means and coverage float32[n,
    assets, roles] of the history for whole buckets of which nothing was kept, ``begun`` what it knows of the
    one that has begun, both at the start. ``situation`` is called in any thread, all others in `step`'s.
    """

    situation: Situation = _never
    blocked: Callable[[ModelCard], str] = lambda card: ""
    level: Level | None = None
    alarmed: Callable[[str], bool] = lambda asset: False
    explain: Explain | None = None
    alert: Callable[[Outlook], None] = lambda outlook: None
    maintain: Callable[[Outlook], None] = lambda outlook: None
    shadowed: Callable[[ModelCard, str], None] = lambda card, why: None
    past: Past | None = None
    begun: Begun | None = None


class Prediction:
    """All fleets of a project. ``trouble`` = what a person must see to, "" = nothing.

    ``bounds`` are asked bucket after bucket; ``normals`` watches assets against their own normal.
    ``others`` = assets without their model, with the reason. ``journal_us`` = since when events are known,
    None = not at all; ``events`` = those of the last 72 h, read back from the journal. ``episodes`` = the
    warnings of ``file``, handed on from the binding before: what the disk refused, or a person says
    meanwhile, is not lost by a new one.
    """

    def __init__(
        self,
        clock: Clock,
        intake: Intake,
        bounds: Sequence[Bound],
        file: PredictionFile,
        calls: Calls | None = None,
        normals: Normals | None = None,
        others: Mapping[str, str] | None = None,
        journal_us: int | None = None,
        events: Iterable[Happened] = (),
        episodes: Episodes | None = None,
    ) -> None:
        self.intake, self.journal_us, self._start_us = intake, journal_us, intake.next_us
        self._clock, self._file, self._calls = clock, file, calls or Calls()
        self._normals, self._others = normals, others or {}
        self._fleets = [Fleet(each, intake.slot_us, intake.next_us) for each in bounds]
        self._shadow = [_shadow(each) for each in bounds]
        self._scored: list[Scored | None] = [None] * len(bounds)
        self._evidence: list[list[Evidence]] = [[Evidence()] * len(each.assets) for each in bounds]
        self._board, self._episodes = Board(), episodes or Episodes(file)
        self._broken = [""] * len(bounds)
        self._rests_on: list[object] | None = None
        self._lock, self._disk = threading.RLock(), ""
        self._noted: deque[Happened] = deque(maxlen=PENDING)
        self._kept_us, found = [0] * len(bounds), list(events)
        for fleet in self._fleets:
            self._remember(fleet, found)

    @property
    def trouble(self) -> str:
        """Why something of it is not on disk, or samples were dropped."""
        lost = (
            f"{self.intake.lost} samples were dropped before prediction saw them" if self.intake.lost else ""
        )
        return self._episodes.trouble or self._disk or lost

    def _remember(self, fleet: Fleet, events: Sequence[Happened]) -> None:
        """Begin where the engine stopped: closed buckets and the open one, as they were kept."""
        own, card = fleet.history, fleet.bound.model.card
        kept = self._file.buckets(fleet.name, len(fleet.bound.assets), own, own.start_us, fleet.end_us)
        there = self._file.kept_at(fleet.name, own.start_us, fleet.end_us)
        if self._calls.past is not None and len(there) < len(kept.means):
            means, coverage = self._calls.past(fleet.bound, own.start_us, fleet.end_us)
            # What was looked at and was not good stays so, whatever the history lets hold across it.
            coverage[[(at_us - own.start_us) // own.bucket_us for at_us in there]] = 0.0
            arrays = means, coverage, kept.events
            fleet.remember(Buckets(own.start_us, own.bucket_us, *arrays, own.roles, own.classes))
        fleet.remember(kept)
        fleet.recall(events)
        self._episodes.watch(card.id, card.version, max(card.horizon_h, default=48.0))
        bucket = self._file.open_bucket(fleet.name)
        is_of_it = bucket is not None and fleet.end_us < bucket.until_us <= fleet.start_us
        if not is_of_it and self._calls.begun is not None and fleet.end_us < fleet.start_us:
            bucket = self._calls.begun(fleet.bound, fleet.end_us, fleet.start_us)
        if bucket is not None:
            fleet.resume(bucket)

    def events(self, events: Iterable[Happened]) -> None:
        """Take events of the journal as it notes them. Quick, never blocks. Overload: drop, the oldest."""
        self._noted.extend(events)

    def step(self) -> bool:
        """Close what is due, score the fleets that have a new bucket, withdraw what is too old.

        True when an outlook changed.
        """
        now_us = self._clock.now_us()
        with self._lock:
            slots = self.intake.close(self.intake.due_us(now_us))
            noted = [self._noted.popleft() for _ in range(len(self._noted))] if len(slots.area) else []
            for at, fleet in enumerate(self._fleets if len(slots.area) else ()):
                fleet.count(noted)
                closed = fleet.take(slots)
                if closed:
                    self._try(at, fleet, now_us)
                if closed or self.intake.next_us - self._kept_us[at] >= KEEP_US:
                    self._keep(at, fleet, closed)
            if self._normals is not None and len(slots.area):
                self._normals.take(slots, now_us)
            return self._show(now_us)

    def resume(self) -> None:
        """Say at once what the kept past allows, so that after a start nobody waits for a bucket to close."""
        now_us = self._clock.now_us()
        with self._lock:
            for at, fleet in enumerate(self._fleets):
                if fleet.history.coverage[-1].any():
                    self._try(at, fleet, now_us, is_new=False)

    def _try(self, at: int, fleet: Fleet, now_us: int, *, is_new: bool = True) -> None:
        """Whatever goes wrong with one model, the others go on, and what it said before is shown no more."""
        try:
            self._score(at, fleet, now_us, is_new=is_new)
            self._broken[at] = ""
        except Exception:
            card = fleet.bound.model.card
            log.exception("no prediction by %s %s", card.id, card.version)
            self._broken[at] = f"the prediction by {card.id} failed; see data/log/engine.log"

    def _score(self, at: int, fleet: Fleet, now_us: int, *, is_new: bool = True) -> None:
        """``is_new`` False = it was scored before the start, and its time has been counted then."""
        card = fleet.bound.model.card
        blocked = self._calls.blocked(card)
        was = self._was(at, fleet)
        if self._calls.level is not None:
            wrong = [
                tier != NONE or bool(self._calls.situation(asset)) or self._calls.alarmed(asset)
                for tier, asset in zip(was[0].tolist(), fleet.bound.assets, strict=True)
            ]
            fleet.offset = self._calls.level(fleet.bound, fleet.end_us, np.array(wrong, np.bool_))
        scored = score(fleet, was, now_us, self.journal_us, self._calls.situation, blocked)
        self._scored[at] = scored
        if card.kind == "failure":
            self._follow(at, fleet, scored, now_us, fleet.bucket_us / 1e6 if is_new else 0.0)

    def _was(self, at: int, fleet: Fleet) -> Was:
        """The tiers before: of the last bucket, after a restart those of the warnings that were open."""
        scored, card = self._scored[at], fleet.bound.model.card
        if scored is not None:
            return scored.tiers, scored.since_us, scored.known_us
        tiers = np.full(len(fleet.bound.assets), NONE)
        since_us = np.zeros(len(tiers), np.int64)
        for asset, name in enumerate(fleet.bound.assets):
            running = self._episodes.running(card.id, card.version, name)
            if running is not None and not running.ended_us:
                tiers[asset] = TIERS.index(running.tier)
                since_us[asset] = running.act_us or running.begun_us
        kept = self._file.open_bucket(fleet.name)
        return tiers, since_us, np.full(len(tiers), 0 if kept is None else kept.until_us)

    def _follow(self, at: int, fleet: Fleet, scored: Scored, now_us: int, step_s: float) -> None:
        """Warnings of the model, and of the two baselines beside it, after ``step_s`` more of watching."""
        card = fleet.bound.model.card
        assets, horizon_h = fleet.bound.assets, max(card.horizon_h)
        # None also for the baselines: they are compared on the same hours.
        p_of: list[float | None] = [None if math.isnan(each) else each for each in scored.longest.tolist()]
        tiers: list[Tier] = [
            "" if each is None else TIERS[tier]
            for tier, each in zip(scored.tiers.tolist(), p_of, strict=True)
        ]
        says = [Says(asset, tier, each) for asset, tier, each in zip(assets, tiers, p_of, strict=True)]
        changed = self._episodes.step(
            now_us, card.id, card.version, horizon_h, says, step_s, is_shadow=bool(self._shadow[at])
        )
        for name, hit in ((LIMIT, scored.limit), (RULE, scored.rule)):
            acts = [h and each is not None for h, each in zip(hit.tolist(), p_of, strict=True)]
            said = [
                Says(asset, "act" if act else "", None if each is None else 1.0)
                for asset, act, each in zip(assets, acts, p_of, strict=True)
            ]
            self._episodes.step(
                now_us, name, f"{card.id} {card.version}", horizon_h, said, step_s, is_shadow=True
            )
        self._judge(at, card)
        self._evidence[at] = [self._gather(fleet, scored, asset) for asset in range(len(assets))]
        self._tell(at, fleet, scored, changed, now_us)

    def _judge(self, at: int, card: ModelCard) -> None:
        """A model below its budget is set aside, and says so; a person puts it back."""
        if self._shadow[at]:
            return
        why = over_budget(self._episodes.rates(card.id, card.version), budget_of(card))
        if why:
            self._shadow[at] = f"{card.title} was set aside: {why}"
            log.warning("%s %s: %s", card.id, card.version, self._shadow[at])
            self._calls.shadowed(card, why)

    def _gather(self, fleet: Fleet, scored: Scored, asset: int) -> Evidence:
        card, name = fleet.bound.model.card, fleet.bound.assets[asset]
        rates = self._episodes.rates(card.id, card.version, name)
        running = self._episodes.running(card.id, card.version, name)
        number = running.id if running is not None else 0
        explain = self._calls.explain
        if explain is None or (scored.tiers[asset] == NONE and not scored.longest[asset] >= EXPLAINED_FROM):
            return Evidence(rates=rates, episode=number)
        return Evidence(*explain(fleet.bound, asset, scored.features[asset]), rates, number)

    def _tell(self, at: int, fleet: Fleet, scored: Scored, changed: Sequence[Episode], now_us: int) -> None:
        """ACT to the operator, WATCH to the maintenance list, each once when it begins or rises."""
        if self._shadow[at]:
            return
        place = {name: asset for asset, name in enumerate(fleet.bound.assets)}
        for episode in changed:
            asset = place[episode.asset]
            shown = outlook(fleet, scored, asset, self._evidence[at][asset], (), now_us, "")
            if episode.outcome == "open" and episode.act_us == now_us:
                self._calls.alert(shown)
            elif episode.outcome == "open" and episode.begun_us == now_us:
                self._calls.maintain(shown)

    def _keep(self, at: int, fleet: Fleet, closed: int) -> None:
        """The closed buckets and the open one; a disk that refuses is told, and asked again."""
        self._kept_us[at] = until_us = self.intake.next_us
        try:
            self._file.keep_buckets(fleet.name, newest(fleet.history, closed), fleet.open(until_us))
        except StoreError as error:
            self._disk = f"inputs of predictions are not on disk: {error}"
        else:
            self._disk = ""

    def _show(self, now_us: int) -> bool:
        """Put the outlooks together anew, if anything they rest on is another than the last time."""
        holds = self.intake.good_now()
        bad = [bad_now(fleet, holds) for fleet in self._fleets]
        stands = [
            (
                at,
                scored is not None and is_current(scored, fleet, now_us),
                scored and scored.issued_us,
                bad[at],
            )
            for at, (fleet, scored) in enumerate(zip(self._fleets, self._scored, strict=True))
        ]
        normal: Mapping[str, Outlook] = {} if self._normals is None else self._normals.outlooks(now_us)
        is_first = self.intake.next_us == self._start_us
        here = [self._calls.situation(name) for fleet in self._fleets for name in fleet.bound.assets]
        rests_on: list[object] = [is_first, *stands, *self._shadow, *self._broken, *here, *normal.values()]
        if rests_on == self._rests_on:
            return False
        self._rests_on = rests_on
        parts: dict[str, list[Outlook]] = {}
        for at, (fleet, scored) in enumerate(zip(self._fleets, self._scored, strict=True)):
            if fleet.bound.role not in GONE:
                for asset, name in enumerate(fleet.bound.assets):
                    part = self._part(at, fleet, scored, asset, bad[at].get(asset, ()), now_us)
                    parts.setdefault(name, []).append(part)
        for name, each in normal.items():
            parts.setdefault(name, []).append(each)
        shown = {name: Outlook(name, 0, 0, 0.0, reason=reason) for name, reason in self._others.items()}
        shown |= {name: lacking(merged(each), self._others.get(name, "")) for name, each in parts.items()}
        return self._board.put(shown)

    def _part(
        self, at: int, fleet: Fleet, scored: Scored | None, asset: int, bad: Sequence[int], now_us: int
    ) -> Outlook:
        name = fleet.bound.assets[asset]
        if self.intake.next_us == self._start_us:  # what holds now nobody knows yet
            return Outlook(name, 0, 0, 0.0, reason="waiting for the first minute of samples since the start")
        if self._broken[at]:
            return Outlook(name, 0, 0, 0.0, reason=self._broken[at])
        if scored is None:
            return Outlook(name, 0, 0, 0.0, reason="waiting for the first bucket of samples to close")
        why = self._shadow[at] or self._calls.situation(name)
        return outlook(fleet, scored, asset, self._evidence[at][asset], bad, now_us, why)

    def outlooks(self, version: int = 0) -> tuple[int, tuple[Outlook, ...], bool]:
        """The version now, the outlooks that changed after ``version``, and whether these are all.

        What is too old is withdrawn first, also when nobody has called `step`. While a model is asked that
        takes long nothing is new: whoever asks knows himself what of it has become too old.
        """
        if not self._lock.acquire(timeout=WAIT_S):
            return version, (), False
        try:
            self._show(self._clock.now_us())
            return self._board.version, *self._board.since(version)
        finally:
            self._lock.release()

    def failed(self, asset: str, time_us: int, by: str = "", reason: str = "") -> list[Episode]:
        """An asset failed: a trip, a state that its type names, or a person says so. A label."""
        with self._lock:
            return self._episodes.failed(asset, time_us, by, reason)

    def repaired(self, asset: str, time_us: int, by: str, reason: str) -> list[Episode]:
        """Work was done on an asset: its open warnings become unclear."""
        with self._lock:
            return self._episodes.repaired(asset, time_us, by, reason)

    def verdict(self, number: int, is_right: bool, by: str, reason: str) -> Episode:
        """A person confirms or dismisses a warning; `engine.prediction.episodes.Refused` says why not."""
        with self._lock:
            found = self._episodes.verdict(number, is_right, by, reason)
            # Nobody is asked for it again, in no window.
            self._evidence = [
                [replace(each, episode=0) if each.episode == number else each for each in own]
                for own in self._evidence
            ]
            self._rests_on = None
            return found

    def episodes(self, asset: str = "", limit: int = 200) -> tuple[Episode, ...]:
        """Warnings, the newest first, those of shadows and baselines too (``is_shadow``)."""
        with self._lock:
            return self._episodes.newest(asset, limit)

    def rates(self, model: str, version: str, asset: str = "") -> tuple[HitRate, HitRate]:
        """The record of WATCH and ACT. Baselines: ``model`` = LIMIT or RULE, ``version`` = "id version"."""
        with self._lock:
            return self._episodes.rates(model, version, asset)


def _shadow(bound: Bound) -> str:
    if bound.role not in GONE:
        return ""
    return bound.why or f"{bound.model.card.title} runs as {bound.role}: it is recorded and not shown"
