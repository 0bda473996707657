"""A learned normal as text, to be kept and read again; nothing in it can run."""

from __future__ import annotations

import msgspec
import numpy as np

from engine.prediction.normal import Normal, Settings
from engine.typed import from_json

VERSION = 1


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    tags: tuple[str, ...]
    columns: tuple[int, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    spread: tuple[tuple[float, ...], ...]
    start: tuple[float, ...]
    limit: float
    rows: int
    settings: dict[str, float]
    left_out: tuple[str, ...] = ()


def packed(normal: Normal) -> bytes:
    """JSON; `unpacked` gives a normal that scores to the same bits."""
    settings = {name: float(getattr(normal.settings, name)) for name in Settings.__dataclass_fields__}
    kept = _Kept(
        VERSION,
        normal.tags,
        tuple(normal.columns.tolist()),
        tuple(normal.centre.tolist()),
        tuple(normal.scale.tolist()),
        tuple(tuple(row) for row in normal.spread.tolist()),
        tuple(normal.start.tolist()),
        normal.limit,
        normal.rows,
        settings,
        normal.left_out,
    )
    return msgspec.json.encode(kept)


def unpacked(data: bytes) -> Normal:
    """Raises ValueError with a sentence when it is damaged, of another version, or says impossible things."""
    try:
        kept = from_json(data, _Kept)
    except msgspec.MsgspecError as error:
        raise ValueError(f"This is no learned normal ({error}); learn it again.") from error
    if kept.version != VERSION:
        raise ValueError(f"This normal is of version {kept.version}, {VERSION} is read; learn it again.")
    count = len(kept.tags)
    sizes = {len(kept.columns), len(kept.centre), len(kept.scale), len(kept.start), len(kept.spread)}
    if not count or sizes | {len(row) for row in kept.spread} != {count}:
        raise ValueError(f"This normal has parts that are not of its {count} tags; learn it again.")
    spread = np.array(kept.spread)
    if min(kept.columns) < 0 or min(kept.scale) <= 0 or not kept.limit > 0 or not _is_covariance(spread):
        raise ValueError("This normal holds numbers that were never learned; learn it again.")
    return Normal(
        kept.tags,
        np.array(kept.columns, np.int64),
        np.array(kept.centre),
        np.array(kept.scale),
        spread,
        np.array(kept.start),
        kept.limit,
        kept.rows,
        _settings(kept.settings),
        kept.left_out,
    )


def _is_covariance(spread: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    return bool(np.allclose(spread, spread.T) and np.linalg.eigvalsh(spread)[0] > 0)


def _settings(kept: dict[str, float]) -> Settings:
    try:
        whole = {name: int(kept[name]) for name in ("wander_rows", "block_rows")}
        parts = {name: value for name, value in kept.items() if name not in whole}
        settings = Settings(**parts, **whole)
    except (KeyError, TypeError) as error:
        raise ValueError(
            "This normal was learned with other settings than are known; learn it again."
        ) from error
    rates = 0 < settings.smooth <= 1 and 0 <= settings.follow <= 1 and 0 < settings.quantile < 1
    if not rates or settings.reach < 0 or settings.margin <= 0 or min(whole.values()) < 0:
        raise ValueError("This normal has settings that none was learned with; learn it again.")
    return settings
