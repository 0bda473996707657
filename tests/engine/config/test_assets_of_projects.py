"""assets.csv, relations.csv, documents.csv, nameplate.csv: what is read, every mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.types import AssetRow, Document, NameplateEntry, Project, Relation
from tests.engine.config.projects import check_line, said

PRESS, HYDRAULICS, AIR = "Line 3/S50 Press", "Line 3/S50 Press/Hydraulics", "Utilities/Air"


def findings(folder: Path, **files: str) -> list[str]:
    """What is said of a small line with these files; double underscores in names are dots."""
    _, problems = check_line(folder, {name.replace("__", "."): text for name, text in files.items()})
    return said(problems)


def sound(folder: Path, **files: str) -> Project:
    """The same, where nothing may be wrong."""
    project, problems = check_line(folder, {name.replace("__", "."): text for name, text in files.items()})
    assert said(problems) == []
    assert project is not None
    return project


def test_a_row_of_assets_csv_makes_an_asset_that_relations_may_name(tmp_path: Path) -> None:
    project = sound(
        tmp_path,
        assets__csv=f"path,level,title,number\n{HYDRAULICS}/P-501,ControlModule,Main pump,P-501\n",
        relations__csv=f"subject,relation,object,medium\n{HYDRAULICS}/P-501,FEEDS,{HYDRAULICS},oil\n",
    )
    pump = f"{HYDRAULICS}/P-501"
    assert project.assets == (AssetRow(pump, "", "ControlModule", "Main pump", "P-501", 2),)
    assert project.relations == (Relation(pump, "feeds", HYDRAULICS, "oil"),)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("A/,,,", 'error: path "A/" has an empty part: no / at the start or end, one between names'),
        (",x,,", "error: path is empty: write the asset's name, as in Area/Unit/Equipment"),
        (
            "Line 3/S50 Press/Good,,,",
            'error: path "Line 3/S50 Press/Good" is a tag: an asset is what a tag lies',
        ),
        ("A,,Unti,", 'error: level "Unti" is not known: use "Enterprise", "Site"'),
        (
            "A,pump,,",
            'error: type "pump" is no file of types/: write types/pump.toml, or leave the cell empty',
        ),
        ("A,,,7\nB,,,7", 'error: number "7" is on line 2 already: keep one of the two rows'),
        ("A,,,\nA,,,", 'error: path "A" is on line 2 already: keep one of the two rows'),
    ],
)
def test_mistakes_in_assets_csv(tmp_path: Path, rows: str, sentence: str) -> None:
    told = findings(tmp_path, assets__csv=f"path,type,level,number\n{rows}\n")
    assert len(told) == 1
    assert told[0].startswith(f"assets.csv:{2 + rows.count(chr(10))}: {sentence}")


def test_an_unknown_column_is_a_warning_with_the_nearest_that_is_known(tmp_path: Path) -> None:
    told = findings(tmp_path, assets__csv="path,titel\nA,B\n")
    assert told == [
        'assets.csv:1: warning: column "titel" is not known and is ignored; did you mean "title"?'
    ]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            f"{HYDRAULICS},feeds,{PRESS}s",
            'warning: object "Line 3/S50 Presss" is no asset, so this row is ignored: '
            'there is no "S50 Presss" '
            'in "Line 3"; did you mean "S50 Press"?',
        ),
        (
            f"{HYDRAULICS}/Pressure,feeds,{PRESS}",
            f'warning: subject "{HYDRAULICS}/Pressure" is no asset, so this row is '
            "ignored: it is a tag; name its "
            f'asset "{HYDRAULICS}"',
        ),
        (
            f"{AIR},feeds,Line 3/*",
            'warning: object "Line 3/*" is no asset, so this row is ignored: each row '
            "names two assets, no pattern",
        ),
        (f"{AIR},feeds,{AIR}", f'error: "{AIR}" feeds itself: name two different assets'),
        (
            f"{AIR},feds,{PRESS}",
            'error: relation "feds" is not known: use "feeds", "drives", "cools", "part of" or',
        ),
        (
            f"{AIR},,{PRESS}",
            'error: relation is empty: use "feeds", "drives", "cools", "part of" or "measured by"',
        ),
        (f",feeds,{PRESS}", "error: subject is empty: write the path of the asset that feeds, drives"),
    ],
)
def test_mistakes_in_relations_csv(tmp_path: Path, row: str, sentence: str) -> None:
    told = findings(tmp_path, relations__csv=f"subject,relation,object\n{row}\n")
    assert len(told) == 1
    assert told[0].startswith(f"relations.csv:2: {sentence}")


def test_the_same_relation_twice_is_a_mistake(tmp_path: Path) -> None:
    row = f"{AIR},feeds,{PRESS}\n"
    assert findings(tmp_path, relations__csv=f"subject,relation,object\n{row}{row}") == [
        f'relations.csv:3: error: "{AIR}" feeds "{PRESS}" is on line 2 already: keep one of the two rows'
    ]


def test_a_tag_may_measure_an_asset(tmp_path: Path) -> None:
    row = f"{PRESS},measured by,{HYDRAULICS}/Pressure\n"
    project = sound(tmp_path, relations__csv=f"subject,relation,object\n{row}")
    assert project.relations == (Relation(PRESS, "measured by", f"{HYDRAULICS}/Pressure"),)


def test_what_is_fed_may_feed_in_a_circle(tmp_path: Path) -> None:
    rows = f"{AIR},feeds,{PRESS}\n{PRESS},cools,{AIR}\n"
    assert len(sound(tmp_path, relations__csv=f"subject,relation,object\n{rows}").relations) == 2


def test_nothing_is_a_part_of_itself_by_any_way_round(tmp_path: Path) -> None:
    rows = f"Line 3/S10 Load,part of,{AIR}\n{AIR},part of,{PRESS}\n{PRESS},part of,Line 3/S10 Load\n"
    told = findings(tmp_path, relations__csv=f"subject,relation,object\n{rows}")
    assert told == [
        f'relations.csv:4: error: "{PRESS}" part of "Line 3/S10 Load" goes in a circle: "{PRESS}" is part of '
        f'"Line 3/S10 Load" is part of "{AIR}" is part of "{PRESS}"; take one of them out'
    ]


def test_an_asset_is_a_part_of_what_it_lies_below_so_that_is_no_part_of_it(tmp_path: Path) -> None:
    told = findings(tmp_path, relations__csv=f"subject,relation,object\n{PRESS},part of,{HYDRAULICS}\n")
    assert told[0].startswith(f'relations.csv:2: error: "{PRESS}" part of "{HYDRAULICS}" goes in a circle')


DOCUMENTS = "asset,title,file,page,kind\n"


def test_documents_are_read_with_the_page_that_opens(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "Manual.PDF").write_bytes(b"%PDF")
    project = sound(tmp_path, documents__csv=f"{DOCUMENTS}{PRESS},Seal change,Manual.PDF,44,Procedure\n")
    assert project.documents == (Document(PRESS, "Seal change", "Manual.PDF", 44, "procedure"),)


@pytest.mark.parametrize(
    "file", ["../secret.pdf", "/etc/passwd.pdf", "a/../../b.pdf", "C:\\x.pdf", "\\\\h\\x.pdf"]
)
def test_a_file_outside_of_documents_is_an_error(tmp_path: Path, file: str) -> None:
    told = findings(tmp_path, documents__csv=f"{DOCUMENTS}{PRESS},T,{file},,\n")
    assert len(told) == 1
    assert told[0].startswith("documents.csv:2: error: file ")
    assert "leads out of documents/" in told[0]


def test_a_link_that_leads_out_of_documents_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "secret.pdf").write_bytes(b"")
    (tmp_path / "documents" / "m.pdf").symlink_to(tmp_path / "secret.pdf")
    told = findings(tmp_path, documents__csv=f"{DOCUMENTS}{PRESS},T,m.pdf,,\n")
    assert told == [
        'documents.csv:2: error: file "m.pdf" is a link that leads out of documents/: '
        "put the file itself there"
    ]


@pytest.mark.parametrize(
    ("row", "severity", "sentence"),
    [
        (f"{PRESS},T,m.pdf,,", "warning", 'file "m.pdf" is not in documents/: put it there'),
        (f"{PRESS},T,m.pdf,0,", "error", 'page "0" cannot be used: write the number of the page that opens'),
        (f"{PRESS},T,m.pdf,x,", "error", 'page "x" cannot be used'),
        (f"{PRESS},,m.pdf,,", "error", "title is empty: write what people read"),
        (
            f"{PRESS},T,m.docx,,",
            "warning",
            'file "m.docx" cannot be shown: use ".pdf", ".png", ".jpg" or ".jpeg"',
        ),
        ("Line 4,T,m.pdf,,", "warning", 'asset "Line 4" is no asset, so this row is ignored'),
    ],
)
def test_mistakes_in_documents_csv(tmp_path: Path, row: str, severity: str, sentence: str) -> None:
    told = findings(tmp_path, documents__csv=f"{DOCUMENTS}{row}\n")
    assert any(each.startswith(f"documents.csv:2: {severity}: {sentence}") for each in told)


def test_a_plate_says_what_a_name_means_and_where_it_belongs(tmp_path: Path) -> None:
    text = f"asset,name,value,unit,semantic,group\n{PRESS},Force,2500,kN,0173-1#02-X,Technical\n"
    assert sound(tmp_path, nameplate__csv=text).nameplates == (
        NameplateEntry(PRESS, "Force", "2500", "kN", "0173-1#02-X", "technical"),
    )


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (f"{PRESS},Maker,", "error: value is empty: write what the plate says, or delete the row"),
        (f"{PRESS},,X", "error: name is empty: write what the plate says first, as in Manufacturer"),
        (f"{PRESS},A,1\n{PRESS},A,2", f'error: name "A" of "{PRESS}" is on line 2 already'),
        (
            "Line 4,A,1",
            'warning: asset "Line 4" is no asset, so this row is ignored: there is no "Line 4" in',
        ),
    ],
)
def test_mistakes_in_nameplate_csv(tmp_path: Path, rows: str, sentence: str) -> None:
    told = findings(tmp_path, nameplate__csv=f"asset,name,value\n{rows}\n")
    assert len(told) == 1
    assert told[0].startswith(f"nameplate.csv:{2 + rows.count(chr(10))}: {sentence}")


def test_all_mistakes_of_all_files_are_told_in_one_pass(tmp_path: Path) -> None:
    told = findings(
        tmp_path,
        assets__csv="path,level\nA,Nope\n",
        relations__csv=f"subject,relation,object\n{AIR},feeds,{AIR}\n",
        documents__csv=f"{DOCUMENTS}{PRESS},T,../x.pdf,,\n",
        nameplate__csv=f"asset,name,value\n{PRESS},A,\n",
    )
    assert [each.partition(":")[0] for each in told] == [
        "assets.csv",
        "documents.csv",
        "nameplate.csv",
        "relations.csv",
    ]
