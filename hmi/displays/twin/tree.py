"""The list of assets beside the scene: which rows can be seen, in which order. Plain Python, no Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from hmi.alarms import NO_ASIDES, Aside, Badge
from hmi.formats import t
from hmi.model import Model, ancestors

Tier = Literal["", "watch", "act"]
"""How sure and how near a prediction is: to be watched, or to be acted on."""
NO_TIERS: Mapping[str, Tier] = {}


@dataclass(frozen=True, slots=True)
class Row:
    """One asset: how deep it lies, whether it has any below it and whether they are shown.

    ``aside`` = its alarms that are set aside; while it is open only those that no row below tells of.
    ``predicted`` = the tier of the worst prediction about it or anything in it.
    """

    path: str
    name: str
    depth: int
    has_children: bool
    is_open: bool
    is_head: bool
    badge: Badge | None
    aside: Aside | None = None
    predicted: Tier = ""


def first_open(model: Model) -> frozenset[str]:
    """What is open at first: areas, so that every unit can be seen."""
    return frozenset(path for path, asset in model.assets.items() if asset.level == "area")


def rows(
    model: Model,
    opened: AbstractSet[str],
    badges: Mapping[str, Badge],
    wanted: str = "",
    asides: Mapping[str, Aside] = NO_ASIDES,
    predicted: Mapping[str, Tier] = NO_TIERS,
) -> tuple[Row, ...]:
    """The rows from top to bottom. With ``wanted``, those whose name holds it, and what is above them."""
    kept = _found(model, wanted)
    tiers = upwards(predicted)
    found: list[Row] = []

    def walk(path: str, depth: int) -> None:
        if kept is not None and path not in kept:
            return
        asset = model.assets[path]
        is_open = bool(asset.children) and (path in opened if kept is None else True)
        found.append(
            Row(
                path,
                asset.name or model.plant.name,
                depth,
                bool(asset.children),
                is_open,
                asset.level == "area",
                badges.get(path),
                _told(path, asset.children if is_open else (), asides),
                tiers.get(path, ""),
            )
        )
        for child in asset.children if is_open else ():
            walk(child, depth + 1)

    for root in model.roots:
        walk(root, 0)
    return tuple(found)


def predicted_words(tier: Tier) -> str:
    """What a prediction asks for; "" for none."""
    return {"": "", "watch": t("trouble predicted: watch"), "act": t("trouble predicted: act")}[tier]


def upwards(predicted: Mapping[str, Tier]) -> dict[str, Tier]:
    """The worst tier at or below each asset: "act" before "watch"."""
    found: dict[str, Tier] = {}
    for path, tier in predicted.items():
        for each in (path, *ancestors(path)):
            if found.get(each) != "act":
                found[each] = tier
    return found


def _told(path: str, below: Iterable[str], asides: Mapping[str, Aside]) -> Aside | None:
    """What is set aside at an asset, less what the rows ``below`` it tell."""
    whole = asides.get(path)
    if whole is None:
        return None
    told = [asides[each] for each in below if each in asides]
    left = Aside(
        whole.shelved - sum(each.shelved for each in told),
        whole.suppressed - sum(each.suppressed for each in told),
        whole.out_of_service - sum(each.out_of_service for each in told),
    )
    return left if left.count else None


def _found(model: Model, wanted: str) -> frozenset[str] | None:
    words = wanted.casefold().split()
    if not words:
        return None
    hits = {
        path for path, asset in model.assets.items() if all(word in asset.name.casefold() for word in words)
    }
    return frozenset(hits | {above for path in hits for above in ancestors(path)})


def opened_to(model: Model, opened: AbstractSet[str], path: str) -> frozenset[str]:
    """Open, so that an asset has a row."""
    above = {each for each in ancestors(path) if each != path and each in model.assets}
    return frozenset(opened | above)


def toggled(opened: AbstractSet[str], path: str) -> frozenset[str]:
    """Open what was closed and close what was open."""
    return frozenset(opened - {path} if path in opened else opened | {path})
