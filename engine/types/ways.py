"""Following the relations of a plant: what lies upstream and downstream of an asset, and the way there."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from engine.types.graph import Relation, RelationKind

CARRYING: tuple[RelationKind, ...] = ("feeds", "drives", "cools")
"""What carries trouble from its subject to its object."""
MOST_REACHED = 10_000


class Reached(msgspec.Struct, frozen=True):
    """An asset and the shortest way to it: each relation as it stands, the one at the asset asked for first.

    Downstream the way reads forwards (A feeds B, B feeds C), upstream backwards (B feeds C, A feeds B).
    """

    path: str
    way: tuple[Relation, ...]

    @property
    def steps(self) -> int:
        """How far away it is: 1 = a neighbour."""
        return len(self.way)


class Spread(msgspec.Struct, frozen=True):
    """Trouble of ``origin`` reaches the asset asked about over so many relations; ``why`` in a sentence.

    ``is_of_parts`` = trouble of what is part of ``origin`` does so too.
    """

    origin: str
    steps: int
    why: str
    is_of_parts: bool


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The relations of a plant by both of their ends, in the order they were given.

    ``by_subject`` and ``by_object`` hold every kind: what a faceplate lists. The walks follow ``CARRYING``.
    """

    relations: tuple[Relation, ...] = ()
    by_subject: Mapping[str, tuple[Relation, ...]] = field(default_factory=dict[str, tuple[Relation, ...]])
    by_object: Mapping[str, tuple[Relation, ...]] = field(default_factory=dict[str, tuple[Relation, ...]])


def graph_of(relations: Iterable[Relation]) -> Graph:
    """The graph of these relations; linear in their number."""
    given = tuple(relations)
    by_subject: dict[str, list[Relation]] = {}
    by_object: dict[str, list[Relation]] = {}
    for each in given:
        by_subject.setdefault(each.subject, []).append(each)
        by_object.setdefault(each.object, []).append(each)
    return Graph(given, _frozen(by_subject), _frozen(by_object))


def downstream(graph: Graph, path: str, most: int = MOST_REACHED) -> tuple[Reached, ...]:
    """All that an asset feeds, drives or cools, directly or through others; nearest first, at most so many.

    Each asset once, by its shortest way (the first one given where two are equally short), never the asset
    itself: a cooling loop ends where it began. An asset nobody knows reaches nothing.
    """
    return reached(graph, (path,), most=most)


def upstream(graph: Graph, path: str, most: int = MOST_REACHED) -> tuple[Reached, ...]:
    """All that feeds, drives or cools an asset, directly or through others; as ``downstream`` tells it."""
    return reached(graph, (path,), upwards=True, most=most)


def reached(
    graph: Graph, starts: Sequence[str], *, upwards: bool = False, most: int = MOST_REACHED
) -> tuple[Reached, ...]:
    """What lies downstream (or upstream) of any of several assets, none of which is told itself."""
    edges = graph.by_object if upwards else graph.by_subject
    came: dict[str, Relation | None] = dict.fromkeys(starts)
    found: list[str] = []
    waiting = deque(came)
    while waiting and len(found) < most:
        for relation in edges.get(waiting.popleft(), ()):
            if relation.kind not in CARRYING:
                continue
            other = relation.subject if upwards else relation.object
            if other not in came:
                came[other] = relation
                found.append(other)
                waiting.append(other)
    return tuple(Reached(path, _way(path, came, upwards)) for path in found[:most])


def relations_of(graph: Graph, path: str) -> tuple[tuple[Relation, ...], tuple[Relation, ...]]:
    """Those in which the asset is the subject, and those in which it is the object: every kind, one step."""
    return graph.by_subject.get(path, ()), graph.by_object.get(path, ())


def _way(path: str, came: Mapping[str, Relation | None], upwards: bool) -> tuple[Relation, ...]:
    way: list[Relation] = []
    at = path
    while (relation := came[at]) is not None:
        way.append(relation)
        at = relation.object if upwards else relation.subject
    return tuple(reversed(way))


def _frozen(found: Mapping[str, list[Relation]]) -> dict[str, tuple[Relation, ...]]:
    return {path: tuple(each) for path, each in found.items()}
