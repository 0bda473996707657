"""What is shown of each asset, put together from what its models say, with a version for every change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from engine.clock import rfc3339
from engine.prediction.doubts import now_bad
from engine.prediction.fleet import Fleet
from engine.prediction.scoring import Scored
from engine.prediction.tiers import TIERS
from engine.types import Contribution, HitRate, Outlook, SimilarCase

GONE = ("shadow", "challenger", "retired", "refused")
"""Roles whose predictions are recorded and not shown."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a prediction is what it is, and its record: by asset of a fleet."""

    top: tuple[Contribution, ...] = ()
    similar: SimilarCase | None = None
    rates: tuple[HitRate, ...] = ()
    episode: int = 0


def valid_s(fleet: Fleet) -> float:
    """How long a prediction may be shown: until the next but one bucket should have come."""
    return 2.0 * fleet.bucket_us / 1e6


def outlook(
    fleet: Fleet,
    scored: Scored,
    asset: int,
    evidence: Evidence,
    bad_now: Sequence[int],
    now_us: int,
    shadow: str,
) -> Outlook:
    """What one model says of one asset as it may be shown at ``now_us``; ``shadow`` = why it is set aside.

    ``bad_now`` = required inputs (their places on the card) without a good value at this moment.
    """
    card = fleet.bound.model.card
    name = fleet.bound.assets[asset]
    base = Outlook(
        name, scored.issued_us, scored.data_until_us, valid_s(fleet), ("limits", card.kind),
        what=card.what, coverage=float(scored.coverage[asset]), degraded=scored.degraded[asset],
        baseline=bool(scored.rule[asset]), model=card.id, version=card.version, rates=evidence.rates,
    )  # fmt: skip
    reason = shadow or scored.reasons[asset] or (now_bad(card, bad_now) if bad_now else "")
    if not reason and not is_current(scored, fleet, now_us):
        reason = f"withdrawn: nothing new since {rfc3339(scored.data_until_us)[:16]}Z"
    if reason:
        return msgspec.structs.replace(base, reason=reason)
    p = {hours: float(each) for hours, each in zip(card.horizon_h, scored.p[asset], strict=False)}
    tier = TIERS[int(scored.tiers[asset])]
    since_us = int(scored.since_us[asset]) if tier else 0
    return msgspec.structs.replace(
        base, p24=p.get(24.0), p48=p.get(48.0), tier=tier, since_us=since_us,
        top=evidence.top, similar=evidence.similar, rul=scored.rul[asset], episode=evidence.episode,
    )  # fmt: skip


def is_current(scored: Scored, fleet: Fleet, now_us: int) -> bool:
    """Whether it may still be shown; also not what claims to be from the future after a step of the clock."""
    return -fleet.bucket_us <= now_us - scored.issued_us <= valid_s(fleet) * 1e6


def merged(parts: Sequence[Outlook]) -> Outlook:
    """One outlook from those of several models of an asset: the failure model leads, life and layers join."""
    first = min(parts, key=lambda each: "failure" not in each.layers)
    layers = (
        "limits",
        *(name for name in ("normal", "failure", "rul") if any(name in p.layers for p in parts)),
    )
    return msgspec.structs.replace(
        first,
        layers=layers,
        degraded=tuple(dict.fromkeys(why for each in parts for why in each.degraded)),
        rul=next((each.rul for each in parts if each.rul is not None), None),
        abnormal=next((each.abnormal for each in parts if each.abnormal is not None), None),
    )


def lacking(found: Outlook, why: str) -> Outlook:
    """The same where one more model should watch the asset; ``why`` it does not, "" = none is missing.

    Where nothing foretells failures it is the reason for that, beside odds of another model it lowers them.
    """
    if not why:
        return found
    if found.reason or (found.p24 is None and found.p48 is None):
        return msgspec.structs.replace(found, reason=why)
    return msgspec.structs.replace(found, degraded=(why, *found.degraded))


class Board:
    """The outlooks of all assets and the version at which each changed last."""

    def __init__(self) -> None:
        self.version = 0
        self._shown: dict[str, tuple[int, Outlook]] = {}
        self._whole_since = 0

    def put(self, outlooks: Mapping[str, Outlook]) -> bool:
        """These are all now; True when one of them is new or another."""
        changed = [each for name, each in outlooks.items() if self._shown.get(name, (0, None))[1] != each]
        gone = self._shown.keys() - outlooks.keys()
        if not changed and not gone:
            return False
        self.version += 1
        for name in gone:
            del self._shown[name]
        if gone:
            self._whole_since = self.version
        self._shown |= {each.asset: (self.version, each) for each in changed}
        return True

    def since(self, version: int) -> tuple[tuple[Outlook, ...], bool]:
        """Those that changed after ``version``, and whether these are all there are."""
        if version < self._whole_since or not 0 < version <= self.version:
            return tuple(each for _, each in self._shown.values()), True
        return tuple(each for at, each in self._shown.values() if at > version), False
