"""The assets that one model watches: their buckets as far back as its features look, and what to doubt."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.prediction.buckets import Buckets, Filling
from engine.prediction.events import Counting, Happened
from engine.prediction.features import FEATURES, FeatureSpec, spec_of, within
from engine.prediction.pieces import Slots
from engine.types import ModelCard, ModelRole


class Runner(Protocol):
    """A model that can be asked (`engine.prediction.package`)."""

    @property
    def card(self) -> ModelCard: ...
    def run(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Answers float64[n, outputs] to features float32[n, m], before calibration; NaN = no number."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A model and the assets it watches. ``columns`` intp[assets, roles] of the intake, -1 = has no such tag.

    ``limits`` float64[assets, roles, 2] = LL and HH of the tags for the baselines, infinite = none; without
    any the card's normal serves. ``why`` = why it is in shadow. ``inputs`` = paths of its tags, asset
    by asset.
    """

    model: Runner
    assets: tuple[str, ...]
    columns: NDArray[np.intp]
    role: ModelRole = "champion"
    limits: NDArray[np.float64] | None = None
    why: str = ""
    inputs: tuple[str, ...] = ()


class OpenBucket(msgspec.Struct, frozen=True):
    """The bucket that is not whole yet: slots up to ``until_us`` are in it. The arrays as bytes."""

    until_us: int
    area: bytes
    good_us: bytes


class Fleet:
    """Buckets of the assets of ``bound`` from ``start_us`` on; ``end_us`` = end of the last closed one."""

    def __init__(self, bound: Bound, slot_us: int, start_us: int) -> None:
        card, assets = bound.model.card, bound.assets
        self.bound, self.slot_us, self.start_us = bound, slot_us, start_us
        self.spec: FeatureSpec = spec_of(card)
        self._function = FEATURES[card.features]
        self._depth, bucket_us = self._function.depth(self.spec), round(card.bucket_s * 1e6)
        self._filling = Filling(bound.columns, bucket_us, slot_us)
        self._counting = Counting(assets, self.spec.classes)
        self.end_us = start_us - start_us % bucket_us
        shape = 2 * self._depth, len(assets)
        self._means = np.full((*shape, len(self.spec.roles)), np.nan, np.float32)
        self._coverage = np.zeros((*shape, len(self.spec.roles)), np.float32)
        self._events = np.zeros((*shape, len(self.spec.classes)), np.int32)
        self._at = self._depth
        self.name = fleet_name(card, bound.inputs)
        """Under which its buckets are kept."""
        self.offset: NDArray[np.float32] | None = None
        """Taken off the means, float32[assets, roles], before features are made (`Levels.after`)."""

    @property
    def bucket_us(self) -> int:
        """Width of a bucket."""
        return self._filling.bucket_us

    @property
    def history(self) -> Buckets:
        """The last closed buckets, as many as a row of features looks back on: a view, not a copy."""
        here = slice(self._at - self._depth, self._at)
        return Buckets(
            self.end_us - self._depth * self.bucket_us, self.bucket_us,
            self._means[here], self._coverage[here], self._events[here], self.spec.roles, self.spec.classes,
        )  # fmt: skip

    @property
    def leveled(self) -> Buckets:
        """The same with what is followed taken off: what the model is given, and held against its card."""
        past = self.history
        means = past.means if self.offset is None else past.means - self.offset
        return Buckets(
            past.start_us, past.bucket_us, means, past.coverage, past.events, past.roles, past.classes
        )

    def remember(self, past: Buckets) -> None:
        """Begin with buckets of before ``end_us``; those of other times, and empty ones, are left out."""
        own = self.history
        first = (past.start_us - own.start_us) // self.bucket_us
        for at in range(len(past.means)):
            if 0 <= first + at < self._depth and past.coverage[at].any():
                own.means[first + at], own.coverage[first + at] = past.means[at], past.coverage[at]
                own.events[first + at] = past.events[at]

    def resume(self, bucket: OpenBucket) -> None:
        """Go on with the bucket that was open, where it still is."""
        shape = self.bound.columns.shape
        sizes = {len(bucket.area), len(bucket.good_us)}
        if self.end_us < bucket.until_us <= self.start_us and sizes == {8 * self.bound.columns.size}:
            area = np.frombuffer(bucket.area, np.float64).reshape(shape)
            self._filling.resume(area, np.frombuffer(bucket.good_us, np.int64).reshape(shape))

    def open(self, until_us: int) -> OpenBucket:
        """The open bucket, to be kept; ``until_us`` = end of the last slot it was given."""
        area, good_us = self._filling.open()
        return OpenBucket(until_us, area.tobytes(), good_us.tobytes())

    def recall(self, events: Iterable[Happened]) -> None:
        """Take what the journal holds of the past: of closed buckets, and of the one that is open."""
        found = list(events)
        own, past = self.history, Counting(self.bound.assets, self.spec.classes)
        past.add(found)
        counts = past.spread(own.start_us, self.bucket_us, self._depth)
        np.maximum(own.events, counts, out=own.events)
        self.count(each for each in found if each.time_us >= self.end_us)

    def count(self, events: Iterable[Happened]) -> None:
        """Take events of the journal; they wait for their bucket."""
        self._counting.add(events)

    def take(self, slots: Slots) -> int:
        """Take closed slots; gives how many buckets are whole by that."""
        closed = self._filling.add(slots)
        for start_us, means, coverage in closed:
            if self._at == len(self._means):
                for kept in (self._means, self._coverage, self._events):
                    kept[: self._depth] = kept[-self._depth :]
                self._at = self._depth
            self._means[self._at], self._coverage[self._at] = means, coverage
            self._events[self._at] = self._counting.close(start_us, start_us + self.bucket_us)
            self._at, self.end_us = self._at + 1, start_us + self.bucket_us
        return len(closed)

    def features(self, blank: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The features of every asset now, float32[assets, m]; ``blank`` bool[assets, roles] are not used."""
        past = within(self.bound.model.card.inputs, self.leveled)
        if blank.any():
            means = np.where(blank, np.float32(np.nan), past.means)
            coverage = np.where(blank, np.float32(0.0), past.coverage)
            past = Buckets(
                past.start_us, past.bucket_us, means, coverage, past.events, past.roles, past.classes
            )
        return self._function.compute(self.spec, past, np.array([self._depth - 1]))[0]


def bad_now(fleet: Fleet, holds: NDArray[np.bool_]) -> dict[int, list[int]]:
    """By asset, which required inputs have no good value at this moment; most have none such."""
    required = np.array([each.required for each in fleet.bound.model.card.inputs], np.bool_)
    columns = fleet.bound.columns
    bad = required & ~((columns >= 0) & holds[np.maximum(columns, 0)])
    found: dict[int, list[int]] = {}
    rows: list[list[int]] = np.argwhere(bad).tolist()
    for asset, role in rows:
        found.setdefault(asset, []).append(role)
    return found


def fleet_name(card: ModelCard, inputs: tuple[str, ...] = ()) -> str:
    """Under which buckets are kept: what they hold, and of which tags, not which version asked for it.

    As many other assets, or the same in another order, must not be given what these did.
    """
    roles = ",".join(each.role for each in card.inputs)
    of = f"/{hashlib.sha256(chr(10).join(inputs).encode()).hexdigest()[:16]}" if inputs else ""
    return f"{card.asset_class}/{card.bucket_s:g}/{roles}/{','.join(card.events)}{of}"


def empty_buckets(card: ModelCard) -> Buckets:
    """No buckets, of the width, roles and classes of a card."""
    spec = spec_of(card)
    shape = 0, 0
    means = np.empty((*shape, len(spec.roles)), np.float32)
    events = np.empty((*shape, len(spec.classes)), np.int32)
    return Buckets(0, round(card.bucket_s * 1e6), means, means, events, spec.roles, spec.classes)
