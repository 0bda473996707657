"""What lies upstream and downstream in a plant: nearest first, by the shortest way, circles and all."""

from __future__ import annotations

from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from engine.types import CARRYING, Relation, RelationKind, downstream, graph_of, relations_of, upstream

KINDS: tuple[RelationKind, ...] = ("feeds", "drives", "cools", "part of", "measured by")
NAMES = "ABCDEFGH"
ends = st.sampled_from(NAMES)
relations = st.lists(
    st.builds(Relation, ends, st.sampled_from(KINDS), ends).filter(lambda each: each.subject != each.object),
    max_size=30,
)


def layers(given: list[Relation], start: str, *, upwards: bool) -> dict[str, int]:
    """How far each asset is, layer by layer: the plainest breadth-first search."""
    edges = {
        (each.object, each.subject) if upwards else (each.subject, each.object)
        for each in given
        if each.kind in CARRYING
    }
    far, layer = {start: 0}, {start}
    while layer:
        layer = {end for begin, end in edges if begin in layer} - set(far)
        far |= dict.fromkeys(layer, max(far.values()) + 1)
    del far[start]
    return far


@given(relations, ends)
def test_both_directions_reach_what_a_plain_search_reaches_and_as_far(
    given: list[Relation], start: str
) -> None:
    graph = graph_of(given)
    for found, upwards in ((downstream(graph, start), False), (upstream(graph, start), True)):
        assert {each.path: each.steps for each in found} == layers(given, start, upwards=upwards)
        assert [each.steps for each in found] == sorted(each.steps for each in found)
        assert len({each.path for each in found}) == len(found)


@given(relations, ends)
def test_every_way_is_made_of_relations_that_there_are_and_joins_the_two(
    given: list[Relation], start: str
) -> None:
    graph = graph_of(given)
    for each in downstream(graph, start):
        assert each.way[0].subject == start and each.way[-1].object == each.path
        assert all(one.object == next_.subject for one, next_ in zip(each.way, each.way[1:], strict=False))
        assert set(each.way) <= {one for one in given if one.kind in CARRYING}
    for each in upstream(graph, start):
        assert each.way[0].object == start and each.way[-1].subject == each.path
        assert all(one.subject == next_.object for one, next_ in zip(each.way, each.way[1:], strict=False))


@given(relations, ends, st.integers(0, 5))
def test_the_first_so_many_are_the_nearest(given: list[Relation], start: str, most: int) -> None:
    graph = graph_of(given)
    assert downstream(graph, start, most) == downstream(graph, start)[:most]


def test_a_cooling_loop_ends_where_it_began() -> None:
    loop = graph_of([Relation("Chiller", "cools", "Tank"), Relation("Tank", "feeds", "Chiller")])
    assert [each.path for each in downstream(loop, "Chiller")] == ["Tank"]
    assert [each.path for each in upstream(loop, "Chiller")] == ["Tank"]


def test_parts_and_measurements_carry_no_trouble_but_are_listed() -> None:
    part, measured = Relation("Pump", "part of", "Unit"), Relation("Pump", "measured by", "Unit/Pressure")
    graph = graph_of([part, measured])
    assert downstream(graph, "Pump") == upstream(graph, "Unit") == ()
    assert relations_of(graph, "Pump") == ((part, measured), ())
    assert relations_of(graph, "Unit") == ((), (part,))


def test_an_asset_that_nobody_knows_reaches_nothing() -> None:
    assert downstream(graph_of([]), "Gone") == upstream(graph_of([Relation("A", "feeds", "B")]), "Gone") == ()


def walked_s(assets: int, edges: int) -> float:
    """Seconds of processor time to make a graph and walk it both ways from its first asset."""
    steps = ((k % assets, (k % assets + 1 + 37 * (k // assets)) % assets) for k in range(edges))
    made = [Relation(f"A{begin}", "feeds", f"A{end}") for begin, end in steps]
    start_s = process_time()
    graph = graph_of(made)
    assert len(downstream(graph, "A0")) + len(upstream(graph, "A0")) == 2 * (assets - 1)
    return process_time() - start_s


def test_the_cost_grows_with_the_plant_and_not_with_its_square() -> None:
    small = min(walked_s(400, 1_000) for _ in range(5))
    large = min(walked_s(4_000, 10_000) for _ in range(3))
    assert large < 70 * max(small, 1e-4), "ten times the plant; its square would be a hundred times"
