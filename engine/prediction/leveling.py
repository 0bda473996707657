"""The followed normals of all assets (`engine.prediction.rebaseline`), kept over restarts.

Only for models that foresee failures: of a remaining life the slow change is what it is read from.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine import paths
from engine.prediction.doubts import ENOUGH
from engine.prediction.fleet import Bound, empty_buckets, fleet_name
from engine.prediction.prediction_file import PredictionFile
from engine.prediction.rebaseline import DAY_H, WINDOW_H, Baseline, follow, switch_on, take_back
from engine.typed import from_json
from engine.types import ModelCard

log = logging.getLogger("watchroom.prediction")
HOUR_US = 3_600_000_000
Journal = Callable[[dict[str, Any]], None]
Span = tuple[int, int]


class NotFollowed(Exception):
    """There is no followed normal of that asset; the text says what to do."""


class _Kept(msgspec.Struct):
    """``levels`` by "id version" and asset; ``wrong`` = when something was wrong with an asset."""

    levels: dict[str, dict[str, Baseline]] = {}
    wrong: dict[str, list[Span]] = {}


class Levels:
    """What is taken off the means of each asset, by model; in ``path``. ``journal`` is told of every step.

    `after` is called in the thread of `Prediction.step`; `set`, `require` and `offsets` from any.
    """

    def __init__(self, file: PredictionFile, path: Path, journal: Journal) -> None:
        self._file, self._path, self._journal = file, path, journal
        self._lock = threading.Lock()
        self._kept = _read(path)

    def after(self, bound: Bound, end_us: int, is_wrong: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Offsets float32[assets, roles] to take off the means of ``bound`` from now on.

        Once for each bucket that closed, which ends at ``end_us`` and is kept already. ``is_wrong``
        bool[assets] = in WATCH or ACT, in alarm or worked on in it: nothing is learned from that time.
        """
        card = bound.model.card
        with self._lock:
            changed = self._mark(bound, end_us, is_wrong)
            levels = self._levels_of(card)
            due = [
                at
                for at, asset in enumerate(bound.assets)
                if not is_wrong[at] and _is_due(levels.setdefault(asset, self._first(card, asset)), end_us)
            ]
            if card.kind == "failure" and due:
                self._follow(bound, end_us, due)
                changed = True
            if changed:
                self._save()
        return self.offsets(bound)

    def offsets(self, bound: Bound) -> NDArray[np.float32]:
        """Offsets float32[assets, roles] as they are."""
        levels = self._kept.levels.get(_key(bound.model.card), {})
        off = [levels.get(asset, Baseline()).offset for asset in bound.assets]
        roles = [each.role for each in bound.model.card.inputs]
        return np.array([[each.get(role, 0.0) for role in roles] for each in off], np.float32).reshape(
            len(off), len(roles)
        )

    def require(self, model: str, asset: str) -> None:
        """See that the normal of an asset is followed for a model.

        Raises:
            NotFollowed: it is not.
        """
        if not self._versions(model, asset):
            raise NotFollowed(
                f"no normal of {asset[:200]!r} is followed for a model {model[:80]!r}; see the list of models"
            )

    def set(self, model: str, asset: str, window: str, by: str, reason: str) -> None:
        """Follow over ``window``, "14d" or "72h"; "" = the model's own normal again, and no following.

        Raises:
            NotFollowed: there is nothing to change, or the disk does not take it.
        """
        self.require(model, asset)
        with self._lock:
            for name in self._versions(model, asset):
                before = self._kept.levels[name][asset]
                note = self._noting(name, asset)
                if window:
                    wide = msgspec.structs.replace(before, window=cast(Literal["14d", "72h"], window))
                    after = switch_on(wide, before.updated_us, by, reason, note)
                else:
                    after = take_back(before, before.updated_us, by, reason, note)
                self._kept.levels[name][asset] = after
            if why := self._save():
                raise NotFollowed(why)

    def _versions(self, model: str, asset: str) -> list[str]:
        return [
            name for name, each in self._kept.levels.items() if name.split(" ")[0] == model and asset in each
        ]

    def _levels_of(self, card: ModelCard) -> dict[str, Baseline]:
        return self._kept.levels.setdefault(_key(card), {}) if card.kind == "failure" else {}

    def _first(self, card: ModelCard, asset: str) -> Baseline:
        """A new version begins at its own normal; whether it is followed people have decided before."""
        for name in self._versions(card.id, asset):
            before = self._kept.levels[name][asset]
            return Baseline(window=before.window, is_on=before.is_on)
        return Baseline()

    def _mark(self, bound: Bound, end_us: int, is_wrong: NDArray[np.bool_]) -> bool:
        """Note what was wrong when, and forget what no window reaches any more."""
        start_us = end_us - round(bound.model.card.bucket_s * 1e6)
        oldest_us = end_us - round(max(WINDOW_H.values()) * HOUR_US)
        places: list[int] = np.flatnonzero(is_wrong).tolist()
        for at in places:
            spans = self._kept.wrong.setdefault(bound.assets[at], [])
            if spans and spans[-1][1] >= start_us:
                spans[-1] = spans[-1][0], max(end_us, spans[-1][1])
            else:
                spans.append((start_us, end_us))
            spans[:] = [each for each in spans if each[1] > oldest_us]
        return bool(places)

    def _follow(self, bound: Bound, end_us: int, due: list[int]) -> None:
        card = bound.model.card
        roles = tuple(each.role for each in card.inputs)
        bucket_us = round(card.bucket_s * 1e6)
        start_us = end_us - round(max(WINDOW_H.values()) * HOUR_US) // bucket_us * bucket_us
        like = empty_buckets(card)
        kept = self._file.buckets(fleet_name(card, bound.inputs), len(bound.assets), like, start_us, end_us)
        means = np.where(kept.coverage >= ENOUGH, kept.means, np.float32(np.nan))
        begins = start_us + bucket_us * np.arange(len(means), dtype=np.int64)
        normal = {role: each for role, each in card.normal.items() if role not in card.ambient}
        levels = self._kept.levels[_key(card)]
        for at in due:
            asset = bound.assets[at]
            wrong = np.zeros(len(means), np.bool_)
            for first_us, last_us in self._kept.wrong.get(asset, ()):
                wrong |= (begins < last_us) & (begins + bucket_us > first_us)
            note = self._noting(_key(card), asset)
            levels[asset] = follow(
                levels[asset], end_us, normal, roles, means[:, at], wrong, card.bucket_s, note
            )

    def _noting(self, name: str, asset: str) -> Callable[[str, dict[str, Any]], None]:
        model, _, version = name.partition(" ")
        return lambda what, body: self._journal(
            {"what": what, "id": model, "version": version, "asset": asset, **body}
        )

    def _save(self) -> str:
        try:
            paths.replace_file(self._path, msgspec.json.encode(self._kept))
        except OSError as error:
            log.error("the followed normals are not on disk: %s", error)
            return str(error)
        return ""


def _key(card: ModelCard) -> str:
    return f"{card.id} {card.version}"


def _is_due(level: Baseline, end_us: int) -> bool:
    return level.is_on and end_us - level.updated_us >= DAY_H * HOUR_US


def _read(path: Path) -> _Kept:
    """What was kept; a file that cannot be read is put aside, and every model has its own normal again."""
    try:
        return from_json(path.read_bytes(), _Kept)
    except FileNotFoundError:
        return _Kept()
    except (OSError, msgspec.MsgspecError, RecursionError) as error:
        log.error("%s cannot be used (%s): every model has its own normal again", path, error)
        path.replace(path.with_name(path.name + ".damaged"))
        return _Kept()
