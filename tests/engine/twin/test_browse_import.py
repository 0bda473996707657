"""A live server's nodes as assets and tags, walked from above."""

from collections.abc import Sequence

import pytest

from engine.twin import browse_import
from engine.twin.browse_import import import_browsed
from engine.twin.import_rows import ImportProblem
from engine.types import BrowseItem


def folder(name: str, address: str) -> BrowseItem:
    return BrowseItem(name, address, "folder")


def variable(name: str, address: str, type: str = "float64", unit: str = "") -> BrowseItem:
    return BrowseItem(name, address, "variable", type, unit)


NODES = {
    "": [folder("Server", "i=2253"), folder("Press/1", "s=P"), folder("Empty", "s=E")],
    "s=P": [folder("Oil", "s=O"), variable("State", "s=P.S", "int16"), variable("State", "s=P.S2")],
    "s=O": [
        variable("Pressure", "s=O.P", unit="bar"),
        folder("Back", "s=P"),
        variable("Odd", "s=X", "Struct"),
    ],
    "s=E": [],
}


def test_folders_are_assets_and_variables_tags_each_once() -> None:
    looked: list[str] = []

    def look(node: str) -> Sequence[BrowseItem]:
        looked.append(node)
        return NODES[node]

    found = import_browsed(look, "plc", under="Hall")
    assert looked == ["", "s=P", "s=E", "s=O"]
    assert [each.path for each in found.assets] == ["Hall/Press-1", "Hall/Press-1/Oil"]
    assert [(each.path, each.address, each.unit) for each in found.tags] == [
        ("Hall/Press-1/State", "s=P.S", ""),
        ("Hall/Press-1/State (2)", "s=P.S2", ""),
        ("Hall/Press-1/Oil/Pressure", "s=O.P", "bar"),
    ]
    assert found.notes == (
        "left out: 1 variables of type Struct",
        "left out: 1 folders without any variable",
    )


def test_a_server_without_end_is_given_up_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browse_import, "MOST_LOOKS", 50)
    with pytest.raises(ImportProblem, match="begin further down with --node"):
        import_browsed(lambda node: [folder("x", f"{node}x")], "plc")


def test_a_server_without_variables_makes_nothing() -> None:
    with pytest.raises(ImportProblem, match="offers no variables below its top"):
        import_browsed(lambda _node: [], "plc")
