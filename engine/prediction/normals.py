"""Assets watched against their own normal, bucket after bucket: abnormal since when, and by which tags.

What is normal was learned from a stretch that a person marked (`learned`), and is kept as text in the
project, ``normals/``. Says "abnormal", never "will fail".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine import paths
from engine.clock import rfc3339
from engine.prediction import stillness
from engine.prediction.buckets import Filling
from engine.prediction.doubts import ENOUGH
from engine.prediction.normal import Normal, State, begin, contributions, degraded, learn, score
from engine.prediction.normal_file import packed, unpacked
from engine.prediction.onset import Onset, after, quiet
from engine.prediction.pieces import Slots
from engine.prediction.presets import SLOW
from engine.prediction.stillness import Rest, Still, rests_of, stuck
from engine.typed import from_json
from engine.types import Abnormal, Contribution, Outlook

FOLDER = "normals"
MOST_TAGS, MOST_BYTES = 500, 12_000_000
"""Of one asset: a normal is as large as the square of its tags, and takes their cube to be read."""
NO_MODEL = "no model foresees failures of this asset; it is watched against its own normal"
Means = tuple[NDArray[np.float64], NDArray[np.float32]]
"""Means and coverage of rows [n, tags]."""


class KeptNormal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of ``normals/``: ``tags`` = paths below the asset, the columns of a row; who
    marked it; ``units`` of the tags then; ``rests`` = how still each tag was, () = nobody looked.
    """

    asset: str
    tags: tuple[str, ...]
    start_us: int
    end_us: int
    by: str
    reason: str
    made_us: int
    normal: msgspec.Raw
    units: tuple[str, ...] = ()
    rests: tuple[Rest, ...] = ()


@dataclass(slots=True, eq=False)
class Watched:
    """An asset, its normal, and where it stands; ``columns`` intp[tags] of the intake, -1 = no such tag."""

    kept: KeptNormal
    normal: Normal
    columns: NDArray[np.intp]
    state: State = field(init=False)
    still: Still = field(init=False)
    onset: Onset = field(default_factory=lambda: quiet(1))
    ratio: float = float("nan")
    row: NDArray[np.float64] = field(init=False)
    coverage: float = 0.0

    def __post_init__(self) -> None:
        self.state, self.still = begin(self.normal), stillness.begin(len(self.columns))
        self.row = np.full(len(self.columns), np.nan)

    def take(self, means: NDArray[np.float64], coverage: NDArray[np.float32], start_us: int) -> None:
        """The next row float[tags], which began at ``start_us``; what was hardly good counts as missing."""
        self.row = np.where(coverage >= ENOUGH, means, np.nan)
        self.coverage = float(coverage[self.normal.columns].mean())
        found, self.state = score(self.normal, self.state, self.row[None])
        self.ratio = float(found[0]) / self.normal.limit
        self.onset = after(self.onset, np.array([self.ratio]), start_us, SLOW.rule)
        if self.kept.rests:
            self.still = stillness.after(self.still, self.kept.rests, self.row, start_us)

    def unmoved(self) -> tuple[str, ...]:
        """A sentence for each tag that does not move any more."""
        since_us: list[int] = self.still.since_us.tolist()
        return tuple(
            f"{self.kept.tags[at]} does not move any more, since {rfc3339(since_us[at])[:16]}Z"
            for at in stuck(self.still, self.kept.rests)
        )


class Normals:
    """All watched assets of a project. One thread."""

    bucket_us = round(SLOW.row_s * 1e6)

    def __init__(self, watched: Sequence[Watched], slot_us: int) -> None:
        self._watched = tuple(watched)
        sizes = [len(each.columns) for each in watched]
        columns = np.concatenate([each.columns for each in watched]) if watched else np.empty(0, np.intp)
        self._filling, self.slot_us = Filling(columns, self.bucket_us, slot_us), slot_us
        self._cuts = np.cumsum(sizes)[:-1]
        self._shown: dict[str, Outlook] = {}
        self.end_us = 0

    def take(self, slots: Slots, now_us: int) -> bool:
        """Take closed slots; True when a row was whole by that."""
        closed = self._filling.add(slots)
        for start_us, means, coverage in closed:
            self.row(start_us, means.astype(np.float64), coverage)
        if closed:
            self.show(now_us)
        return bool(closed)

    def resume(self, area: NDArray[np.float64], good_us: NDArray[np.int64]) -> None:
        """Begin with what is known of the row that is not whole yet; as `Filling.resume`."""
        self._filling.resume(area, good_us)

    def row(self, start_us: int, means: NDArray[np.float64], coverage: NDArray[np.float32]) -> None:
        """One row of all assets, their tags one after another."""
        parts = zip(np.split(means, self._cuts), np.split(coverage, self._cuts), strict=True)
        for each, (own, good) in zip(self._watched, parts, strict=True) if self._watched else ():
            each.take(own, good, start_us)
        self.end_us = start_us + self.bucket_us

    def show(self, now_us: int) -> None:
        """Put together what is said of the assets after the last row."""
        self._shown = {each.kept.asset: self._outlook(each, now_us) for each in self._watched}

    def _outlook(self, each: Watched, now_us: int) -> Outlook:
        kept, since_us = each.kept, int(each.onset.since_us[0])
        paths_of = [f"{kept.asset}/{tag}" for tag in kept.tags]
        top: tuple[Contribution, ...] = ()
        if since_us:
            top = contributions(each.normal, each.state, each.row, paths=paths_of)
        method = (
            f"distance of {len(each.normal.tags)} tags from their normal of "
            f"{rfc3339(kept.start_us)[:10]} to {rfc3339(kept.end_us)[:10]}"
        )
        is_known = bool(np.isfinite(each.ratio))
        abnormal = Abnormal(each.ratio * each.normal.limit, each.normal.limit, since_us, method, top)
        return Outlook(
            kept.asset, now_us, self.end_us, 2.0 * SLOW.row_s, ("limits", "normal"),
            coverage=each.coverage, reason=NO_MODEL,
            degraded=(*degraded(each.normal, each.row), *each.unmoved()),
            abnormal=abnormal if is_known else None,
        )  # fmt: skip

    def outlooks(self, now_us: int) -> Mapping[str, Outlook]:
        """What is said of each asset at ``now_us``; what is too old is withdrawn with its reason."""
        waits = {
            each.kept.asset: Outlook(
                each.kept.asset, 0, 0, 0.0, ("limits", "normal"),
                reason=f"{NO_MODEL}, once ten minutes of samples are there",
            )
            for each in self._watched
        }  # fmt: skip
        found = waits | self._shown
        return {name: each if _is_current(each, now_us) else _withdrawn(each) for name, each in found.items()}


def _is_current(outlook: Outlook, now_us: int) -> bool:
    return not outlook.issued_us or abs(now_us - outlook.issued_us) <= outlook.valid_s * 1e6


def _withdrawn(outlook: Outlook) -> Outlook:
    why = f"withdrawn: nothing new since {rfc3339(outlook.data_until_us)[:16]}Z"
    return msgspec.structs.replace(outlook, reason=why, abnormal=None)


def learned(
    asset: str, tags: Sequence[str], rows: Means, span: tuple[int, int], by: str, reason: str, now_us: int
) -> tuple[KeptNormal, Normal]:
    """What is normal for an asset, from rows [n, tags] of ``SLOW.row_s`` of a marked stretch.

    Raises:
        NotLearned: the rows do not do; the text says why.
    """
    means, coverage = rows
    good = np.where(coverage >= ENOUGH, means, np.nan)
    normal = learn(good, tags, SLOW.settings)
    kept = KeptNormal(
        asset, tuple(tags), *span, by, reason, now_us, msgspec.Raw(packed(normal)), rests=rests_of(good)
    )
    return kept, normal


def keep(folder: Path, kept: KeptNormal) -> None:
    """Write it to its file in the project; whole or not at all. Raises: OSError."""
    (folder / FOLDER).mkdir(exist_ok=True)
    paths.replace_file(_file(folder, kept.asset), msgspec.json.format(msgspec.json.encode(kept), indent=1))


def forget(folder: Path, asset: str) -> bool:
    """Take the normal of an asset away; False = there was none. Raises: OSError."""
    file = _file(folder, asset)
    was = file.exists()
    file.unlink(missing_ok=True)
    return was


def read_kept(folder: Path) -> tuple[list[tuple[KeptNormal, Normal]], dict[str, str]]:
    """All normals of a project, and why some files cannot be used, by name."""
    found: list[tuple[KeptNormal, Normal]] = []
    wrong: dict[str, str] = {}
    for file in sorted((folder / FOLDER).glob("*.json")):
        try:
            if file.stat().st_size > MOST_BYTES:
                raise ValueError(f"it has more than {MOST_BYTES // 1_000_000} MB; learn it again")
            kept = from_json(file.read_bytes(), KeptNormal)
            normal = unpacked(bytes(kept.normal))
            if len(kept.tags) <= int(normal.columns.max()):
                raise ValueError("it names fewer tags than were learned; learn it again")
            if kept.rests and len(kept.rests) != len(kept.tags):
                raise ValueError("it does not tell of each tag how still it was; learn it again")
        except (OSError, ValueError, msgspec.MsgspecError, RecursionError) as error:
            wrong[file.name] = f"{FOLDER}/{file.name} cannot be used: {error}"
        else:
            found.append((kept, normal))
    return found, wrong


def _file(folder: Path, asset: str) -> Path:
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in asset.lower())[-60:].strip("-")
    return folder / FOLDER / f"{name}-{hashlib.sha256(asset.encode()).hexdigest()[:8]}.json"
