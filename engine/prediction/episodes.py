"""Warnings from their beginning to their outcome: one at a time for each asset and model.

A warning says that a failure comes within its horizon. It lasts so long, counted anew from the moment it
becomes ACT, whether its tier still stands or not; a failure by then makes it right, none makes it wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from engine.prediction.prediction_file import Failed, Watched
from engine.prediction.tiers import TIERS
from engine.prediction.track import HOUR_US, Missed, rates
from engine.store import StoreError
from engine.types import Episode, HitRate, Tier

Key = tuple[str, str, str]
"""Model, version, asset."""


class Says(msgspec.Struct, frozen=True):
    """What a model says of an asset in a step: tier, probability; None = no prediction."""

    asset: str
    tier: Tier
    p: float | None


class Keeps(Protocol):
    """Where warnings are kept (`engine.prediction.prediction_file.PredictionFile`)."""

    def episodes(self) -> list[Episode]: ...
    def missed(self) -> list[Missed]: ...
    def watched(self) -> dict[Key, float]: ...
    def keep(
        self,
        episodes: Iterable[Episode],
        missed: Iterable[Missed] = (),
        watched: Watched | None = None,
        failures: Iterable[Failed] = (),
    ) -> None: ...


class Refused(Exception):
    """A verdict that cannot be taken; the text says why and what to do."""


class Episodes:
    """All warnings, in memory and in ``file``. One thread at a time.

    ``trouble`` = why the last of them are not on disk, "" = they are. They wait, and go with the next.

    Raises:
        StoreError: the file cannot be read.
    """

    def __init__(self, file: Keeps) -> None:
        self._file = file
        self._all = {each.id: each for each in file.episodes()}
        self._next = max(self._all, default=0) + 1
        self._missed, self._watched = file.missed(), file.watched()
        self._horizon_us: dict[tuple[str, str], int] = {}
        # As long as the time of the newest of an asset and model runs no other begins.
        self._by: dict[Key, list[int]] = {}
        for each in self._all.values():
            self._by.setdefault(_key(each), []).append(each.id)
        self._seen_us: dict[Key, int] = {}
        self._unsaved: dict[int, Episode] = {}
        self._failures = set[Failed]()
        self.trouble = ""

    def watch(self, model: str, version: str, horizon_h: float) -> None:
        """Tell how far ahead a model looks; known before anything else of it after a restart."""
        self._horizon_us[model, version] = round(horizon_h * HOUR_US)

    def step(
        self, now_us: int, model: str, version: str, horizon_h: float, says: Sequence[Says], step_s: float, *,
        is_shadow: bool = False,
    ) -> list[Episode]:  # fmt: skip
        """Take what a model says of its assets now; gives the warnings that began, rose, fell or ended."""
        self.watch(model, version, horizon_h)
        changed: list[Episode] = []
        time: dict[Key, float] = {}
        for each in says:
            key = model, version, each.asset
            if each.p is not None:
                time[key] = self._watched[key] = self._watched.get(key, 0.0) + step_s
                self._seen_us[key] = now_us
            changed += self._moved(key, now_us, each, is_shadow)
        self._save(changed, (), time)
        return changed

    def _save(
        self, changed: Iterable[Episode], missed: Sequence[Missed] = (), time: Watched | None = None
    ) -> None:
        self._unsaved |= {each.id: each for each in changed}
        try:
            # Times and misses that the disk refused are whole in memory, and go with the next of their kind.
            more = self._missed if self.trouble else missed
            times = self._watched if self.trouble else time
            self._file.keep(self._unsaved.values(), more, times, self._failures)
        except StoreError as error:
            self.trouble = f"warnings are not on disk yet: {error}"
        else:
            self._unsaved, self._failures, self.trouble = {}, set[Failed](), ""

    def _last(self, key: Key) -> Episode | None:
        numbers = self._by.get(key)
        return self._all[numbers[-1]] if numbers else None

    def _moved(self, key: Key, now_us: int, says: Says, is_shadow: bool) -> list[Episode]:
        before = self._last(key)
        changed: list[Episode] = []
        if before is not None and now_us > self.deadline_us(before):
            if before.outcome == "open":
                ended_us = before.ended_us or self.deadline_us(before)
                changed.append(self._put(before, outcome="wrong", ended_us=ended_us))
            before = None
        if before is None or (before.outcome == "dismissed" and says.tier == "act" and not before.act_us):
            return [*changed, self._begun(key, now_us, says, is_shadow)] if says.tier else changed
        if before.outcome != "open":
            return changed
        after = _stepped(before, now_us, says)
        if after == before:
            return changed
        self._all[after.id] = after
        # A peak alone is kept, and told to nobody.
        return [*changed, after]

    def _begun(self, key: Key, now_us: int, says: Says, is_shadow: bool) -> Episode:
        model, version, asset = key
        act_us = now_us if says.tier == "act" else 0
        number, self._next = self._next, self._next + 1
        begun = Episode(
            *(number, asset, says.tier, model, version, now_us),
            peak=says.p or 0.0, is_shadow=is_shadow, act_us=act_us,
        )  # fmt: skip
        self._all[number] = begun
        self._by.setdefault(key, []).append(number)
        return begun

    def _put(self, episode: Episode, **changes: object) -> Episode:
        self._all[episode.id] = after = msgspec.structs.replace(episode, **changes)
        return after

    def deadline_us(self, episode: Episode) -> int:
        """Until when a failure makes it right."""
        horizon_us = self._horizon_us.get((episode.model, episode.version), 48 * HOUR_US)
        return (episode.act_us or episode.begun_us) + horizon_us

    def failed(self, asset: str, time_us: int, by: str = "", reason: str = "") -> list[Episode]:
        """A failure of an asset: warnings whose time it falls into were right, whatever was said of them.

        A model that watched the asset within its horizon and had no warning running has missed it. The same
        failure told twice counts once. It is kept also where no model watches: one may learn from it.
        """
        self._failures.add((asset, time_us))
        changed: list[Episode] = []
        missed: list[Missed] = []
        for key in [key for key in self._watched if key[2] == asset]:
            hit = next((e for e in self._of(key) if e.begun_us < time_us <= self.deadline_us(e)), None)
            if hit is not None and not hit.failed_us:
                lead_h = (time_us - hit.begun_us) / HOUR_US
                by_whom = {"by": by, "reason": reason} if by else {}
                right = {"outcome": "right", "failed_us": time_us, "lead_h": lead_h, **by_whom}
                changed.append(self._put(hit, **right, ended_us=hit.ended_us or time_us))
            tier: Tier = "" if hit is None else "act" if 0 < hit.act_us < time_us else "watch"
            told = Missed(*key, time_us, tier)
            if self._did_watch(key, time_us) and told not in self._missed:
                missed.append(told)
        self._missed += missed
        self._save(changed, missed)
        return changed

    def _did_watch(self, key: Key, time_us: int) -> bool:
        horizon_us = self._horizon_us.get(key[:2], 48 * HOUR_US)
        return time_us - self._seen_us.get(key, -(2**62)) <= horizon_us

    def _of(self, key: Key) -> list[Episode]:
        return [self._all[number] for number in self._by.get(key, ())]

    def verdict(self, number: int, is_right: bool, by: str, reason: str) -> Episode:
        """A person confirms or dismisses a warning; the reason makes it a label.

        Raises:
            Refused: there is no such warning, a failure has decided it, or the reason is missing.
        """
        episode = self._all.get(number)
        if episode is None:
            raise Refused(f"there is no warning {number}: look it up in the list of warnings")
        if not reason.strip():
            raise Refused(f"say why warning {number} of {episode.asset} was right or wrong: it is a label")
        if episode.failed_us:
            raise Refused(f"{episode.asset} failed after warning {number}: it was right, whatever is said")
        after = self._put(episode, outcome="right" if is_right else "dismissed", by=by, reason=reason.strip())
        self._save([after])
        return after

    def repaired(self, asset: str, time_us: int, by: str, reason: str) -> list[Episode]:
        """Work was done on an asset while warnings of it ran: nobody knows any more if they were right."""
        running = [e for e in self._all.values() if e.asset == asset and e.outcome == "open"]
        unclear = {"outcome": "unclear", "ended_us": time_us, "by": by, "reason": reason}
        changed = [self._put(each, **unclear) for each in running if time_us <= self.deadline_us(each)]
        self._save(changed)
        return changed

    def running(self, model: str, version: str, asset: str) -> Episode | None:
        """The open warning of an asset, None = there is none."""
        found = self._last((model, version, asset))
        return found if found is not None and found.outcome == "open" else None

    def newest(self, asset: str = "", limit: int = 200) -> tuple[Episode, ...]:
        """Warnings of one asset or of all, the newest first."""
        found = [each for each in self._all.values() if not asset or each.asset == asset]
        return tuple(sorted(found, key=lambda each: (each.begun_us, each.id), reverse=True)[:limit])

    def rates(self, model: str, version: str, asset: str = "") -> tuple[HitRate, HitRate]:
        """The record of WATCH and ACT of a model on one asset, or on all of them."""
        every = () if asset else self._watched.keys() | self._by.keys()
        meant = {key for key in every if key[:2] == (model, version)} or {(model, version, asset)}
        episodes = [each for key in sorted(meant) for each in self._of(key)]
        missed = [each for each in self._missed if (each.model, each.version, each.asset) in meant]
        return rates(episodes, missed, sum(self._watched.get(key, 0.0) for key in meant))


def _key(episode: Episode) -> Key:
    return episode.model, episode.version, episode.asset


def _stepped(before: Episode, now_us: int, says: Says) -> Episode:
    """The warning after a step: higher, over for now, or back."""
    rises = TIERS.index(says.tier) > TIERS.index(before.tier)
    return msgspec.structs.replace(
        before,
        tier=says.tier if rises else before.tier,
        act_us=now_us if says.tier == "act" and not before.act_us else before.act_us,
        peak=max(before.peak, says.p or 0.0),
        ended_us=0 if says.tier else before.ended_us or now_us,
    )
