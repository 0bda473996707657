"""Which assets a model watches, and through which tags: by the type of the asset and the card's inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.prediction.fleet import Bound, Runner
from engine.prediction.normal import Normal
from engine.prediction.normals import KeptNormal, Watched
from engine.twin.graph import plant_graph
from engine.types import InputMap, Limit, ModelCard, ModelInput, ModelRole, Project, Tag


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """A model in the role it has; ``why`` = why it is in shadow, ``broken`` = why it cannot run."""

    model: Runner
    role: ModelRole
    why: str = ""
    broken: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """All that is watched. ``tags`` int32[c] = ids of the columns; ``others`` = assets without, and why;
    among them those whose own model does not run, also where a challenger or a learned normal stays.

    ``asked`` = paths of all that is looked at: another unit of one of them is another binding. ``wrong`` =
    normals that cannot be used, by asset, with the reason. ``typed`` = assets of a class that could be
    learned, watched or not.
    """

    tags: NDArray[np.int32]
    bounds: tuple[Bound, ...]
    watched: tuple[Watched, ...]
    others: Mapping[str, str]
    asked: frozenset[str]
    wrong: Mapping[str, str] = field(default_factory=dict[str, str])
    typed: frozenset[str] = frozenset()

    @property
    def assets(self) -> frozenset[str]:
        """The assets that are watched by more than limits."""
        bound = {asset for each in self.bounds for asset in each.assets}
        return frozenset(bound | {each.kept.asset for each in self.watched})


@dataclass(slots=True, eq=False)
class _Columns:
    """Tags by path, and the columns they were given."""

    tags: Mapping[str, Tag]
    at: dict[int, int] = field(default_factory=dict[int, int])

    def of(self, path: str) -> int:
        tag = self.tags.get(path)
        return -1 if tag is None else self.at.setdefault(tag.tag_id, len(self.at))


def bind(
    project: Project,
    tags: Sequence[Tag],
    models: Iterable[Chosen],
    normals: Iterable[tuple[KeptNormal, Normal]],
) -> Binding:
    """Bind every model to the assets of its class. ``tags`` as people see them, completed by the devices."""
    columns, others = _Columns({tag.path: tag for tag in tags}), dict[str, str]()
    by_type: dict[str, list[str]] = {}
    assets = plant_graph(project).assets
    for path, asset in assets.items():
        by_type.setdefault(asset.type, []).append(path)
    bounds: list[Bound] = []
    lost = dict[str, str]()
    asked, maps = set[str](), _maps_of(project.inputs)
    for each in models:
        card, fitting = each.model.card, list[str]()
        for asset in by_type.get(card.asset_class, ()) if card.asset_class else ():
            asked |= {input_path(asset, card.asset_class, given, maps(asset)) for given in card.inputs}
            why = each.broken or _doubt(card, asset, maps(asset), columns.tags)
            if why:
                (lost if each.broken else others)[asset] = why
            else:
                fitting.append(asset)
        if fitting:
            bounds.append(_bound(each, fitting, project, maps, columns))
    own, wrong = dict[str, tuple[KeptNormal, Normal]](), dict[str, str]()
    for kept, normal in normals:
        if kept.asset not in assets:
            wrong[kept.asset] = f"normals/ knows {kept.asset!r}, which is no asset here; take its file away"
        elif why := _other_unit(kept, columns.tags):
            others.setdefault(kept.asset, why)
            asked |= {f"{kept.asset}/{tag}" for tag in kept.tags}
        elif kept.asset in own:
            wrong[kept.asset] = f"normals/ knows {kept.asset!r} twice; take one of the files away"
        else:
            own[kept.asset] = kept, normal
            asked |= {f"{kept.asset}/{tag}" for tag in kept.tags}
    watched = tuple(
        Watched(kept, normal, np.array([columns.of(f"{kept.asset}/{tag}") for tag in kept.tags], np.intp))
        for kept, normal in own.values()
    )
    bound = {asset for each in bounds for asset in each.assets} | own.keys()
    # A model that should watch an asset and does not run is named whatever else watches it.
    left = {asset: why for asset, why in others.items() if asset not in bound} | lost
    tags_of = np.array(list(columns.at), np.int32)
    typed = frozenset(path for path, asset in assets.items() if asset.type)
    return Binding(tags_of, tuple(bounds), watched, left, frozenset(asked), wrong, typed)


def _maps_of(inputs: Iterable[InputMap]) -> Callable[[str], Sequence[InputMap]]:
    """Those of an asset and those of all: of thousands of assets each may have its own."""
    by_asset: dict[str, list[InputMap]] = {}
    for each in inputs:
        by_asset.setdefault(each.asset, []).append(each)
    return lambda asset: (*by_asset.get(asset, ()), *by_asset.get("", ()))


def input_path(asset: str, asset_class: str, given: ModelInput, maps: Sequence[InputMap]) -> str:
    """The tag that is an input of an asset: what models.toml says, else what the card does; "" = none."""
    fitting = [m for m in maps if (m.asset_class, m.role) == (asset_class, given.role)]
    own = next((m.tag for m in fitting if m.asset == asset), None)
    every = next((m.tag for m in fitting if not m.asset), None)
    tag = own or every or given.tag
    return f"{asset}/{tag}" if tag else ""


def _bound(
    each: Chosen,
    assets: Sequence[str],
    project: Project,
    maps: Callable[[str], Sequence[InputMap]],
    columns: _Columns,
) -> Bound:
    card = each.model.card
    paths = [[input_path(a, card.asset_class, given, maps(a)) for given in card.inputs] for a in assets]
    places = np.array([[columns.of(path) for path in row] for row in paths], np.intp)
    limits = _limits(project.limits)
    found = np.array([[limits.get(path, (-np.inf, np.inf)) for path in row] for row in paths], np.float64)
    has_any = bool(np.isfinite(found).any())
    inputs = tuple(path for row in paths for path in row)
    return Bound(each.model, tuple(assets), places, each.role, found if has_any else None, each.why, inputs)


def _limits(limits: Iterable[Limit]) -> dict[str, tuple[float, float]]:
    """LL and HH of each tag, L and H where it has no second stage; infinite = none."""
    ends: dict[str, dict[str, float]] = {}
    for each in limits:
        if each.kind in ("l", "ll", "h", "hh") and each.limit is not None:
            ends.setdefault(each.path, {})[each.kind] = each.limit
    return {
        path: (of.get("ll", of.get("l", -np.inf)), of.get("hh", of.get("h", np.inf)))
        for path, of in ends.items()
    }


def _other_unit(kept: KeptNormal, tags: Mapping[str, Tag]) -> str:
    """Why what was learned as normal says nothing now: a number in another unit is another number."""
    for name, unit in zip(kept.tags, kept.units, strict=False):
        tag = tags.get(f"{kept.asset}/{name}")
        if tag is not None and tag.unit != unit:
            now, then = tag.unit or "no unit", unit or "none"
            return f"{tag.path} has {now}, and its normal was learned in {then}; mark what is normal again"
    return ""


def _doubt(card: ModelCard, asset: str, maps: Sequence[InputMap], tags: Mapping[str, Tag]) -> str:
    """Why this model cannot watch an asset at all: a number in another unit is another number."""
    found = {each.role: tags.get(input_path(asset, card.asset_class, each, maps)) for each in card.inputs}
    for given in card.inputs:
        tag = found[given.role]
        if tag is not None and tag.unit != given.unit:
            has, wants = tag.unit or "no unit", given.unit or "none"
            return f"{tag.path} has {has} and the model {card.id} knows {wants}; give the unit in tags.csv"
    if not any(found.values()):
        return f"the asset has none of the inputs of {card.id}; name its tags in models.toml"
    return ""
