"""Asset lists of other systems."""

from pathlib import Path

import pytest

from engine.twin.import_csv import import_csv
from engine.twin.import_rows import ImportProblem
from engine.types import AssetRow, NameplateEntry


def wrote(folder: Path, content: str | bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_columns_are_known_by_their_usual_names(tmp_path: Path) -> None:
    text = (
        "Location Path;Asset_Type;Serial Number;Description;Level\nHall > Press 1;press;S-1;Big press;unit\n"
    )
    found = import_csv(wrote(tmp_path, text), under="Site")
    assert found.assets == (AssetRow("Site/Hall/Press 1", "press", "Unit", "Big press"),)
    assert found.nameplates == (NameplateEntry("Site/Hall/Press 1", "SerialNumber", "S-1"),)


def test_paths_are_made_of_parents_where_there_are_none(tmp_path: Path) -> None:
    text = "Functional Location,Superior Functional Location,Name\nP-1,H,Pump/1\nH,,Hall\nX,ZZ,Lone\n"
    found = import_csv(wrote(tmp_path, text))
    assert [each.path for each in found.assets] == ["Hall/Pump-1", "Hall", "Lone"]
    assert [each.number for each in found.assets] == ["P-1", "H", "X"]
    assert found.notes == ("1 parents are not in the list (ZZ): their assets stand at the top",)


def test_columns_can_be_named_and_unknown_ones_are_told(tmp_path: Path) -> None:
    text = "Where,Pmax [bar],Colour\nHall/P 1,16,red\n"
    mapping = {"where": "path", "Pmax [bar]": "technical.Pmax [bar]"}
    found = import_csv(wrote(tmp_path, text), mapping=mapping)
    assert found.nameplates == (NameplateEntry("Hall/P 1", "Pmax", "16", "bar", group="technical"),)
    assert found.notes == ("column 'Colour' is left out; to take it: --map \"Colour=technical.Colour\"",)


def test_a_list_in_windows_1252_is_read_and_told(tmp_path: Path) -> None:
    found = import_csv(wrote(tmp_path, "path\nHöhe\n".encode("cp1252")))
    assert found.assets == (AssetRow("Höhe"),)
    assert "Windows-1252" in found.notes[0]


@pytest.mark.parametrize(
    ("text", "mapping", "why"),
    [
        ("", {}, "names no assets"),
        ("Colour\nred\n", {}, "no column says what the assets are called"),
        ("path\nA\n", {"Where": "path"}, "has no column 'Where'; it has: path"),
        ("Where\nA\n", {"Where": "place"}, "'place' is no field"),
        ("number,parent\nA,B\nB,A\n", {}, "list.csv:3: this asset is its own parent"),
        ("path\nA\0\n", {}, "is no CSV file"),
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence(
    tmp_path: Path, text: str, mapping: dict[str, str], why: str
) -> None:
    with pytest.raises(ImportProblem, match=why):
        import_csv(wrote(tmp_path, text), mapping=mapping)
