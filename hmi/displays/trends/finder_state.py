"""The list from which pens are taken: saved groups and units, or the tags found by some letters. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hmi.displays.trends.groups import Group
from hmi.formats import t
from hmi.model import Model, asset_of, trail, trend_of
from hmi.shell import fuzzy
from hmi.values import has_curve

MOST_FOUND, MOST_SCORED = 40, 600
Kind = Literal["head", "group", "unit", "tag", "words"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a heading, a saved group, the suggestion of a unit, a tag, or words when there is none.

    ``key`` is the group's name or the path; ``paths`` are the tags a tap adds.
    """

    kind: Kind
    text: str
    key: str = ""
    detail: str = ""
    paths: tuple[str, ...] = ()


def offered(model: Model, groups: Sequence[Group]) -> tuple[Row, ...]:
    """What is offered before a letter is typed: saved groups, then a suggestion for every unit."""
    rows: list[Row] = []
    if groups:
        rows.append(Row("head", t("Saved groups")))
        rows += [Row("group", each.name, each.name, _count(each.paths), each.paths) for each in groups]
    for heading, assets in ((t("Units"), model.units), (t("Utilities"), model.utilities)):
        offers = [
            (asset, tuple(model.tags[at].path for at in trend_of(model, asset) if has_curve(model.tags[at])))
            for asset in (model.assets[path] for path in assets)
        ]
        known = [(asset, paths) for asset, paths in offers if paths]
        if known:
            rows.append(Row("head", heading))
        rows += [Row("unit", asset.name, asset.path, _names(paths), paths) for asset, paths in known]
    return tuple(rows) or (Row("words", t("No tag has a curve yet.")),)


def found(model: Model, wanted: str) -> tuple[Row, ...]:
    """The tags that fit some letters, under their assets; the asset of the best one first."""
    likely = _likely(model, wanted)
    by_asset: dict[str, list[Row]] = {}
    for place in fuzzy.best(wanted, [model.tags[at].path for at in likely], MOST_FOUND):
        tag = model.tags[likely[place]]
        if not has_curve(tag):
            continue
        asset = asset_of(model, tag.path)
        head = " › ".join(trail(model, asset.path)[1:][-3:]) if asset is not None and asset.path else ""
        row = Row("tag", tag.path.rpartition("/")[2], tag.path, tag.unit, (tag.path,))
        by_asset.setdefault(head, []).append(row)
    rows = [row for head, each in by_asset.items() for row in (Row("head", head), *each)]
    return tuple(rows) or (Row("words", t("No tag has these letters in this order.")),)


def _likely(model: Model, wanted: str) -> Sequence[int]:
    # Scoring letter by letter costs 20 us a tag. Where whole words fit, other tags would come last anyway.
    words = wanted.casefold().split()
    whole = [at for at, tag in enumerate(model.tags) if all(word in tag.path.casefold() for word in words)]
    if len(whole) <= MOST_SCORED:
        return whole if len(whole) >= MOST_FOUND else range(len(model.tags))
    named = [at for at in whole if words[-1] in model.tags[at].path.rpartition("/")[2].casefold()]
    return (named or whole)[:MOST_SCORED]


def _count(paths: Sequence[str]) -> str:
    return t("1 tag") if len(paths) == 1 else t("{n} tags", n=len(paths))


def _names(paths: Sequence[str]) -> str:
    # Four robots with a weld current each have one kind of pen.
    return ", ".join(dict.fromkeys(path.rpartition("/")[2] for path in paths))
