"""What is exported as Asset Administration Shells comes back as the same rows."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.twin.aas_export import export, write
from engine.twin.aas_import import import_aas
from engine.twin.import_apply import apply, plan
from engine.twin.import_fit import fit
from engine.twin.import_rows import Imported, ImportProblem
from engine.types import AssetRow, NameplateEntry, Plant, Project, Relation, Tag
from tests.engine.twin.exchange_plant import PDF, check, full_plant, plant_at, read


def test_a_project_comes_back_the_same_in_an_empty_one(tmp_path: Path) -> None:
    first = read(full_plant(tmp_path / "first"))
    write(tmp_path / "out.aasx", export(first))
    other = plant_at(tmp_path / "other")
    imported = fit(import_aas(tmp_path / "out.aasx"), read(other))
    apply(other, plan(other, imported, replace=False), check)
    second = read(other)
    assert by_path(second.tags) == by_path(first.tags)
    assert [without_line(row) for row in second.assets] == [without_line(row) for row in first.assets]
    assert set(second.relations) == set(first.relations)
    assert set(second.documents) == set(first.documents)
    assert set(second.nameplates) == set(first.nameplates)
    assert (other / "documents" / "oil" / "m.pdf").read_bytes() == PDF


def test_importing_what_was_exported_into_the_same_project_changes_nothing(tmp_path: Path) -> None:
    folder = full_plant(tmp_path / "plant")
    write(tmp_path / "out.aasx", export(read(folder)))
    planned = plan(folder, fit(import_aas(tmp_path / "out.aasx"), read(folder)), replace=True)
    assert (planned.changes, planned.files) == ((), {})


def test_another_reader_finds_the_published_submodels(tmp_path: Path) -> None:
    from basyx.aas import model
    from basyx.aas.adapter.aasx import AASXReader, DictSupplementaryFileContainer

    write(tmp_path / "out.aasx", export(read(full_plant(tmp_path / "plant"))))
    objects: Any = model.DictIdentifiableStore()
    files = DictSupplementaryFileContainer()
    opened: Any = AASXReader(tmp_path / "out.aasx", failsafe=False)
    with opened as reader:
        reader.read_into(objects, files)
    shells = {
        str(each.id_short): each for each in objects if isinstance(each, model.AssetAdministrationShell)
    }
    assert set(shells) == {"Hall", "P_1", "P_2", "Oil"}
    assert shells["P_1"].asset_information.global_asset_id == "EQ-77"
    named: list[Any] = list(shells["P_1"].submodel)
    own: list[Any] = [each.resolve(objects) for each in named]
    assert {str(each.semantic_id.key[0].value) for each in own} >= {
        "https://admin-shell.io/zvei/nameplate/2/0/Nameplate",
        "https://admin-shell.io/ZVEI/TechnicalData/Submodel/1/2",
        "0173-1#01-AHF578#001",
        "https://admin-shell.io/idta/TimeSeries/1/1",
        "https://admin-shell.io/idta/HierarchicalStructures/1/1/Submodel",
    }
    content = io.BytesIO()
    files.write_file("/aasx/documents/m.pdf", content)
    assert content.getvalue() == PDF


def test_ids_stay_when_the_folder_moves_and_follow_a_given_base(tmp_path: Path) -> None:
    here, there = export(read(full_plant(tmp_path / "a"))), export(read(full_plant(tmp_path / "b")))
    assert here.environment == there.environment
    based = export(read(tmp_path / "a"), base="https://example.com/p")
    assert all(each["id"].startswith("https://example.com/p/aas/") for each in shells_of(based.environment))


def test_a_part_of_the_plant_is_exported_with_its_documents_alone(tmp_path: Path) -> None:
    project = read(full_plant(tmp_path / "plant"))
    exported = export(project, under="Hall/P 2")
    assert (exported.assets, [file.name for file in exported.files.values()]) == (1, ["s.png"])
    with pytest.raises(ImportProblem, match="there is no asset 'Hall/P 9'"):
        export(project, under="Hall/P 9")


def test_stored_samples_go_into_internal_segments(tmp_path: Path) -> None:
    project = read(full_plant(tmp_path / "plant"))
    exported = export(
        project, under="Hall/P 1/Oil", samples=lambda _tag: [(1_000_000, 2.5), (2_000_000, 3.0)]
    )
    write(tmp_path / "out.aasx", exported)
    with zipfile.ZipFile(tmp_path / "out.aasx") as package:
        text = package.read("aasx/data.json").decode()
    series = next(each for each in json.loads(text)["submodels"] if each["idShort"] == "TimeSeries")
    segment = series["submodelElements"][1]["value"][1]
    records = next(each for each in segment["value"] if each["idShort"] == "Records")["value"]
    values = [[field["value"] for field in record["value"]] for record in records]
    assert values == [["1970-01-01T00:00:01.000000Z", "2.5"], ["1970-01-01T00:00:02.000000Z", "3.0"]]


def test_a_document_that_is_not_there_is_named_but_not_packed(tmp_path: Path) -> None:
    folder = full_plant(tmp_path / "plant")
    (folder / "documents" / "s.png").unlink()
    exported = export(read(folder))
    assert len(exported.files) == 1
    assert exported.notes == ("documents/s.png is not there or too large; the export only names it",)
    write(tmp_path / "out.aasx", exported)
    assert "1 documents without a file" in " ".join(import_aas(tmp_path / "out.aasx").notes)


NAMES = (
    st.text(
        st.characters(
            exclude_categories=("Cc", "Cs", "Zl", "Zp"),
            exclude_characters="/\\\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff",
        ),
        min_size=1,
        max_size=60,
    )
    .map(lambda name: " ".join(name.split()))
    .filter(bool)
)
VALUES = st.one_of(NAMES, st.decimals(allow_nan=False, allow_infinity=False).map(str), st.integers().map(str))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(NAMES, min_size=1, max_size=4, unique=True),
    st.lists(VALUES, min_size=1, max_size=4),
    NAMES,
    NAMES,
)
def test_any_name_and_any_value_comes_back(
    tmp_path: Path, names: list[str], values: list[str], title: str, medium: str
) -> None:
    paths = [f"Top/{name}" for name in names]
    plates = tuple(
        NameplateEntry(path, name, value, "°C", "", group)
        for path in paths
        for name, value in zip(names, values, strict=False)
        for group in ("technical",)
    )
    first = Project(
        folder=str(tmp_path),
        plant=Plant(title),
        sources=(),
        tags=tuple(Tag(-1, f"{path}/{title.replace('/', '')}", "plc", "ns=2;s=" + title) for path in paths),
        assets=tuple(AssetRow(path, title=title, number=f"{number}") for number, path in enumerate(paths)),
        relations=tuple(Relation(path, "feeds", paths[0], medium) for path in paths[1:]),
        nameplates=plates,
    )
    write(tmp_path / "any.aasx", export(first))
    back: Imported = import_aas(tmp_path / "any.aasx")
    assert set(back.assets) == set(first.assets)
    assert set(back.nameplates) == set(first.nameplates)
    assert set(back.relations) == set(first.relations)
    assert {(each.path, each.address) for each in back.tags} == {
        (each.path, each.address) for each in first.tags
    }
    assert back.notes == ()


def by_path(tags: tuple[Tag, ...]) -> dict[str, Tag]:
    return {
        each.path: Tag(-1, *(getattr(each, name) for name in Tag.__struct_fields__[1:12])) for each in tags
    }


def without_line(row: AssetRow) -> tuple[str, ...]:
    return row.path, row.type, row.level, row.title, row.number


def shells_of(environment: dict[str, list[dict[str, str]]]) -> list[dict[str, str]]:
    return environment["assetAdministrationShells"]
