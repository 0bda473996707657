"""Which nodes stand for which assets."""

from __future__ import annotations

import numpy as np

from hmi.cad import binding
from hmi.cad.model import CadModel, CadNode


def model(*paths: str, groups: tuple[str, ...] = ()) -> CadModel:
    points, triangle = np.zeros((3, 3), np.float32), np.array([(0, 1, 2)], np.int32)
    nodes = tuple(CadNode(path.rpartition("/")[2], path, points, points, (triangle,)) for path in paths)
    places = sorted({*paths, *groups})
    return CadModel("m.glb", nodes, "", {path: (float(k), 0.0, 0.0) for k, path in enumerate(places)})


PRESS = model("Press/Ram", "Press/Pump", "Press/Pump/Motor", "Valve", "Valve#2", groups=("Press",))


def test_a_name_a_path_and_a_star_bind() -> None:
    binds = {"Ram": "L/Ram", "Press/Pump": "L/Pump", "Val*": "L/Valves"}
    assert binding.bound_nodes(PRESS, binds) == {
        "Press/Ram": "L/Ram",
        "Press/Pump": "L/Pump",
        "Press/Pump/Motor": "L/Pump",  # it hangs on the pump
        "Valve": "L/Valves",
        "Valve#2": "L/Valves",
    }


def test_the_nearer_and_the_more_exact_bind_goes_first() -> None:
    binds = {"*": "all", "Press": "P", "M*r": "M", "Valve": "V", "Valve#2": "V2"}
    found = binding.bound_nodes(PRESS, binds)
    assert found == {
        "Press/Ram": "all",
        "Press/Pump": "all",
        "Press/Pump/Motor": "M",
        "Valve": "V",
        "Valve#2": "V2",
    }


def test_brackets_in_names_are_plain_signs() -> None:
    assert binding.is_named("Pump [1]", "Pump [1]")
    assert not binding.is_named("Pump [1]", "Pump 1")
    assert not binding.is_named("Pump?", "Pumps")


def test_binds_that_mean_nothing_are_told() -> None:
    assert binding.unused_binds(PRESS, {"Ram": "a", "Rma": "b", "X*": "c"}) == ("Rma", "X*")


def test_a_node_of_a_part_brings_what_hangs_on_it() -> None:
    assert [each.path for each in binding.below(PRESS, "Pump")] == ["Press/Pump", "Press/Pump/Motor"]
    assert [each.path for each in binding.below(PRESS, "Press")] == [each.path for each in PRESS.nodes[:3]]
    assert binding.below(PRESS, "") == PRESS.nodes
    assert binding.below(PRESS, "Nothing") == ()


def test_the_origin_of_a_group_is_known_too() -> None:
    assert binding.origin_of(PRESS, "Press") == (0.0, 0.0, 0.0)
    assert binding.origin_of(PRESS, "Pump") == (1.0, 0.0, 0.0)
    assert binding.origin_of(PRESS, "Nothing") is None


ASSETS = (
    "Line/S50 Roof press",
    "Line/S50 Roof press/Hydraulics",
    "Line/S50 Roof press/Ram",
    "Line/S30 Weld/Robot 1",
    "Line/S30 Weld/Robot 2",
    "Line/Kühler",
)


def proposed(*paths: str, groups: tuple[str, ...] = ()) -> dict[str, str]:
    return binding.proposed_binds(model(*paths, groups=groups), ASSETS)


def test_alike_names_are_proposed_however_cad_writes_them() -> None:
    assert proposed("S50_RoofPress.001", "HYDRAULICS", "robot_01", "Kuehler", "Kuhler") == {
        "HYDRAULICS": "Line/S50 Roof press/Hydraulics",
        "Kuhler": "Line/Kühler",
        "S50_RoofPress.001": "Line/S50 Roof press",
        "robot_01": "Line/S30 Weld/Robot 1",
    }


def test_a_number_is_never_taken_for_another() -> None:
    assert proposed("Robot 3", "Robot", "S51 Roof press") == {}


def test_each_asset_is_proposed_once() -> None:
    assert proposed("Ram", "Ram#2", "Press/Ram") == {"Press/Ram": "Line/S50 Roof press/Ram"}


def test_of_two_that_fit_equally_none_is_proposed() -> None:
    assert binding.proposed_binds(model("Ram"), ("L/S50/Ram", "L/S60/Ram")) == {}
    # … unless what it hangs on tells.
    found = binding.proposed_binds(model("S60/Ram"), ("L/S50/Ram", "L/S60/Ram"))
    assert found == {"S60/Ram": "L/S60/Ram"}


def test_strange_names_propose_nothing() -> None:
    assert proposed("mesh_0", "球", "---", "Group 12") == {}


def test_the_tree_reads_as_a_tree() -> None:
    assert binding.tree_text(PRESS, {"Pump": "L/Pump"}).splitlines() == [
        "Press",
        "  Pump  1 triangle  = L/Pump",
        "    Motor  1 triangle  = L/Pump",
        "  Ram  1 triangle",
        "Valve  1 triangle",
        "Valve#2  1 triangle",
    ]
    assert binding.tree_text(CadModel("x", problem="it is broken")) == "it is broken"
