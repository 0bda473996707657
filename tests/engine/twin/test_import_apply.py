"""Rows go into the files of a project whole or not at all, and leave what stands there as it stands."""

from pathlib import Path

import pytest

from engine.twin import import_apply
from engine.twin.import_apply import apply, plan
from engine.twin.import_fit import fit
from engine.twin.import_rows import Imported, ImportProblem, file_name, joined, segment
from engine.twin.import_tables import ASSETS, merge
from engine.types import AssetRow, Document, NameplateEntry, Relation, Tag
from tests.engine.twin.exchange_plant import check, full_plant, plant_at, read

ROW = {"path": "A/New", "title": "T, x", "number": "7"}


def test_rows_are_added_in_the_columns_of_the_file() -> None:
    text, changes = merge(ASSETS, "Number,mine,PATH\r\n1,keep me,A/Old\r\n", [ROW], replace=False)
    assert text == 'Number,mine,PATH,title\r\n1,keep me,A/Old\r\n7,,A/New,"T, x"\r\n'
    assert [str(each) for each in changes] == ["assets.csv: + A/New, T, x, 7"]


def test_a_row_that_is_there_wins_and_the_difference_is_told_with_its_line() -> None:
    before = '\ufeffpath,title,number\n\nA/Old,x,\n"A/New","old\ttitle",7\n'
    text, changes = merge(ASSETS, before, [ROW], replace=False)
    assert text is None
    assert str(changes[0]).startswith('assets.csv:4: ~ A/New: title "old\ttitle" -> "T, x" (kept')


def test_replacing_changes_the_cells_that_are_stated_and_no_other_line() -> None:
    before = '\ufeffpath,mine,title,level\n"A/Old", " spaced ",x,\nA/New,m,old,Unit'
    text, changes = merge(ASSETS, before, [ROW], replace=True)
    assert text == '\ufeffpath,mine,title,level,number\n"A/Old", " spaced ",x,\nA/New,m,"T, x",Unit,7\n'
    assert [each.do for each in changes] == ["change"]


def test_what_is_there_already_changes_nothing() -> None:
    assert merge(ASSETS, 'path,title,number\nA/New,"T, x",7\n', [ROW], replace=True) == (None, [])


def test_a_file_without_its_key_column_is_refused_with_its_line() -> None:
    with pytest.raises(ImportProblem, match="assets.csv:2: column path is missing"):
        merge(ASSETS, "\ntitle\nx\n", [ROW], replace=False)


def test_a_plan_that_would_have_errors_is_not_applied(tmp_path: Path) -> None:
    folder = full_plant(tmp_path / "plant")
    before = contents(folder)
    bad = plan(folder, Imported(assets=(AssetRow("Hall/P 1/State"), AssetRow("Hall/P 3"))), replace=False)
    with pytest.raises(
        ImportProblem, match=r"nothing was written; right these first:\nassets.csv:3: error: .*tag"
    ):
        apply(folder, bad, check)
    assert contents(folder) == before


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_a_disk_that_fails_half_way_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    folder = full_plant(tmp_path / "plant")
    before = contents(folder)
    planned = plan(folder, news(), replace=False)
    assert len(planned.files) == 5
    written: list[Path] = []
    real = import_apply.replace_file

    def failing(path: Path, content: bytes) -> None:
        written.append(path)
        if len(written) == at + 1:
            raise OSError(28, "no space left on device")
        real(path, content)

    monkeypatch.setattr(import_apply, "replace_file", failing)
    with pytest.raises(OSError, match="no space"):
        apply(folder, planned, check)
    assert contents(folder) == before


def test_all_files_are_written_together(tmp_path: Path) -> None:
    folder = full_plant(tmp_path / "plant")
    apply(folder, plan(folder, news(), replace=False), check)
    project = read(folder)
    assert {"Hall/P 3/Valve"} == {each.path for each in project.assets} - {"Hall/P 1"}
    assert (folder / "documents" / "v.pdf").read_bytes() == b"%PDF v"
    assert not list(folder.glob(".*"))


def test_a_file_that_somebody_changes_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    folder = full_plant(tmp_path / "plant")
    planned = plan(folder, news(), replace=False)
    (folder / "nameplate.csv").write_text("asset,name,value\nHall/P 1,Mine,1\n")
    before = contents(folder)
    with pytest.raises(ImportProblem, match=r"nameplate.csv was changed by somebody else meanwhile"):
        apply(folder, planned, check)
    assert contents(folder) == before


def test_a_document_that_is_there_is_kept_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    folder = full_plant(tmp_path / "plant")
    other = Imported(files={"s.png": b"other"})
    kept = plan(folder, other, replace=False)
    assert (kept.files, len(kept.notes)) == ({}, 1)
    apply(folder, plan(folder, other, replace=True), check)
    assert (folder / "documents" / "s.png").read_bytes() == b"other"


def test_documents_never_go_through_a_link_out_of_the_project(tmp_path: Path) -> None:
    folder = plant_at(tmp_path / "plant")
    (tmp_path / "outside").mkdir()
    (folder / "documents").mkdir()
    (folder / "documents" / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(ImportProblem, match="would lie outside the project"):
        plan(folder, Imported(files={"link/a.pdf": b"x"}), replace=True)


def test_what_a_project_cannot_take_is_left_out_and_told(tmp_path: Path) -> None:
    project = read(full_plant(tmp_path / "plant"))
    long = "x" * 500
    fitted = fit(
        Imported(
            assets=(
                AssetRow("N", type="pump", number="EQ-77", title=long),
                AssetRow("Hall/P 1/State"),
            ),
            tags=(Tag(-1, "N/T", "elsewhere", "a"), Tag(-1, "Hall/P 1", "plc", "ns=2;s=x")),
            relations=(Relation("N", "feeds", "N"), Relation("Hall/P 1", "part of", "Hall/P 2")),
            nameplates=(NameplateEntry("Far/Away", "Value", long, "u" * 30, "s" * 400),),
        ),
        project,
    )
    row, missing = fitted.assets[0], fitted.assets[1]
    assert (row.type, row.number, len(row.title)) == ("", "", 80)
    assert missing.path == "Far/Away"
    assert fitted.tags == ()
    plate = fitted.nameplates[0]
    assert (len(plate.value), plate.unit, plate.semantic) == (300, "", "")
    assert len(fitted.notes) == 10
    assert any('"elsewhere" is not in plant.toml' in note for note in fitted.notes)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("manual.pdf", "manual.pdf"),
        ("a/b c/manual.pdf", "a/b c/manual.pdf"),
        ("../x.pdf", "x.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("a\x00b<c>.pdf", "a b-c-.pdf"),
        ("..", ""),
        (".hidden", "hidden"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_file_names_are_harmless_on_every_system(text: str, name: str) -> None:
    assert file_name(text) == name


def test_paths_have_no_more_parts_than_a_project_takes() -> None:
    path = ""
    for number in range(12):
        path = joined(path, segment(f"a/{number}"))
    assert path == "a-0/a-1/a-2/a-3/a-4/a-5/a-11"


def news() -> Imported:
    """Something new for every file but tags.csv."""
    asset = "Hall/P 3/Valve"
    return Imported(
        assets=(AssetRow(asset, title="Valve"),),
        relations=(Relation("Hall/P 1", "feeds", asset, "oil"),),
        documents=(Document(asset, "Valve", "v.pdf"),),
        nameplates=(NameplateEntry(asset, "SerialNumber", "1"),),
        files={"v.pdf": b"%PDF v"},
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {str(each): each.read_bytes() for each in folder.rglob("*") if each.is_file()}
