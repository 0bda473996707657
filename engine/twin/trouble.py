"""From where trouble reaches an asset: along what feeds, drives and cools it, from wholes to parts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from engine.twin.graph import PlantGraph, ancestors, sentence, short
from engine.types import CARRYING, Relation, Spread

MOST_STEPS = 5
"""Over more relations nothing is taken for a cause: in the end all of a plant hangs together."""
MOST_ORIGINS, MOST_WHOLES, MOST_LOOKED_AT = 64, 32, 2000
"""Of the assets from which trouble can come the nearest so many, of the wholes of an asset too; and so many
relations are looked at for one asset. A plant drawn by hand has far fewer; one made by a program may tie
everything to everything, and the thread that takes in samples would stand still over it."""


class Troubles:
    """The spreading of trouble in one plant; what was worked out of an asset is kept. One thread only.

    What is said of a whole holds for its parts: a feeder that feeds a press feeds its ram. What befalls a
    part befalls its whole only where the way ends at the very asset asked for (``Spread.is_of_parts``);
    otherwise any two devices of neighbouring units would be cause and consequence. Overload: the nearest
    ``MOST_ORIGINS`` of an asset are known, what lies further is taken for no cause.
    """

    def __init__(self, plant: PlantGraph) -> None:
        self._plant = plant
        self._above: dict[str, tuple[str, ...]] = {}
        self._before: dict[tuple[str, ...], tuple[Spread, ...]] = {}

    def places(self, path: str) -> tuple[Sequence[str], Sequence[str]]:
        """The assets that trouble at a tag is trouble of, and all that those are parts of."""
        own = self._plant.of(path)
        return own, tuple(dict.fromkeys(each for asset in own for each in self._wholes(asset)))

    def before(self, path: str) -> Sequence[Spread]:
        """From where trouble can have come to a tag, nearest first; never from its own assets."""
        own = self._plant.of(path)
        if own not in self._before:
            self._before[own] = tuple(self._walk(own))
        return self._before[own]

    def _walk(self, own: tuple[str, ...]) -> list[Spread]:
        ways: dict[str, tuple[Relation, ...]] = dict.fromkeys(own, ())
        inside = {whole for asset in own for whole in self._wholes(asset)}
        found: list[Spread] = []
        waiting = deque(own)
        looked_at = 0
        while waiting:
            at = waiting.popleft()
            if len(ways[at]) >= MOST_STEPS:
                continue
            for relation in self._into(at):
                looked_at += 1
                if len(found) >= MOST_ORIGINS or looked_at > MOST_LOOKED_AT:
                    return found
                if relation.kind not in CARRYING or relation.subject in ways:
                    continue
                way = ways[relation.subject] = (relation, *ways[at])
                waiting.append(relation.subject)
                is_of_parts = way[-1].object in own and relation.subject not in inside
                found.append(Spread(relation.subject, len(way), _said(way), is_of_parts))
        return found

    def _into(self, asset: str) -> Iterator[Relation]:
        """What an asset is the object of, then what a whole is that it is part of."""
        by_object = self._plant.graph.by_object
        for target in (asset, *self._wholes(asset)):
            yield from by_object.get(target, ())

    def _wholes(self, asset: str) -> tuple[str, ...]:
        if asset not in self._above:
            self._above[asset] = ancestors(self._plant, asset, most=MOST_WHOLES)
        return self._above[asset]


def _said(way: Sequence[Relation]) -> str:
    """The way in a sentence: "S50 P-501 feeds S50 V-502, which feeds S50 Ram"."""
    text = sentence(way[0])
    for before, relation in zip(way, way[1:], strict=False):
        is_same = before.object == relation.subject
        text += f", which {relation.kind} {short(relation.object)}" if is_same else f", {sentence(relation)}"
    return f"{text}."
