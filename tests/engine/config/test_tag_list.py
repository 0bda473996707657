from pathlib import Path

import pytest

from engine.types import Tag
from tests.engine.config.projects import PLANT, check, said


def findings(folder: Path, tags: str) -> list[str]:
    """What is said about a tags.csv beside a sound plant.toml."""
    _, problems = check(folder, PLANT, tags)
    return said(problems)


def one(folder: Path, columns: str, cells: str) -> list[str]:
    """What is said about one row with these cells beside path, source and address."""
    return findings(folder, f"path,source,address,{columns}\nA/B,plc1,i=1,{cells}\n")


def test_every_column_is_taken_over_in_any_order(tmp_path: Path):
    project, problems = check(
        tmp_path,
        PLANT,
        "writable,Unit,decimals,criticality,rate,deadband,high,low,type,Address,PATH,source,Offset,factor\n"
        "FALSE,°C,1,Critical,0.5,0.2,120,-40,Int16,ns=2;s=T,Line/Oven/Temperature,plc1,-40,0.1\n",
    )
    assert problems == []
    assert project is not None
    assert project.tags == (
        Tag(
            tag_id=-1,
            path="Line/Oven/Temperature",
            source="plc1",
            address="ns=2;s=T",
            type="int16",
            unit="°C",
            low=-40.0,
            high=120.0,
            deadband=0.2,
            rate=0.5,
            criticality="critical",
            decimals=1,
            writable=False,
            line=2,
            factor=0.1,
            offset=-40.0,
        ),
    )


def test_empty_and_missing_cells_mean_the_default(tmp_path: Path):
    project, problems = check(
        tmp_path,
        PLANT,
        "path,source,address,type,unit,low,high,deadband,rate,criticality,decimals,writable\n"
        "A,plc1,i=1,,, ,,,,,,\nB,plc1,i=2\n",
    )
    assert problems == []
    assert project is not None
    assert project.tags == (Tag(-1, "A", "plc1", "i=1", line=2), Tag(-1, "B", "plc1", "i=2", line=3))


def test_quoted_cells_may_hold_commas_and_quotes(tmp_path: Path):
    project, problems = check(
        tmp_path, PLANT, 'path,source,address\nA, plc1 ,"ns=2;s=""DB1"".Word,1"\n5" pipe/Flow,plc1,i=2\n'
    )
    assert problems == []
    assert project is not None
    assert [(tag.path, tag.address) for tag in project.tags] == [
        ("A", 'ns=2;s="DB1".Word,1'),
        ('5" pipe/Flow', "i=2"),
    ]


def test_blank_rows_are_skipped_and_lines_still_counted(tmp_path: Path):
    project, problems = check(tmp_path, PLANT, "\n,,\npath,source,address\n\n , ,\nA,plc1,i=1\n\n")
    assert problems == []
    assert project is not None
    assert [tag.line for tag in project.tags] == [6]


def test_paths_that_differ_in_case_are_two_tags(tmp_path: Path):
    assert findings(tmp_path, "path,source,address\nA/p,plc1,i=1\nA/P,plc1,i=2\n") == []


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        ("", "1: error: tags.csv is empty: the first line must be path,source,address"),
        ("\n\n,,\n", "1: error: tags.csv is empty: the first line must be path,source,address"),
        (
            "path,source,address\n",
            "1: warning: tags.csv names no tags, so nothing is read from the sources",
        ),
        ("path,source\nA,plc1\n", "1: error: column address is missing: add it to the first line"),
        (
            "path,source,adress\nA,plc1,i=1\n",
            '1: error: column address is missing: add it to the first line ("adress" is not known)',
        ),
        (
            "path;source;address\nA;plc1;i=1\n",
            "1: error: the columns are separated by semicolons: save the file with commas between them",
        ),
        (
            "path\tsource\taddress\n",
            "1: error: the columns are separated by tabs: save the file with commas between them",
        ),
        (
            "path,source,address,unit,Unit\n",
            "1: error: column unit is there twice: keep one of the two",
        ),
        (
            "path,source,address,dedband\nA,plc1,i=1,3\n",
            '1: warning: column "dedband" is not known and is ignored; did you mean "deadband"?',
        ),
        (
            "path,source,address,remark\nA,plc1,i=1,x\n",
            '1: warning: column "remark" is not known and is ignored',
        ),
        (
            "path,source,address,\nA,plc1,i=1,x\n",
            "1: warning: a column has no name and is ignored: name it in the first line or delete it",
        ),
        (
            "path,source,address\nA,plc1,ns=2;s=a,b\n",
            "2: error: this row has 4 cells but the header names 3: "
            'put a value that holds a comma in double quotes ("…")',
        ),
        (
            'path,source,address\n"A,plc1,i=1\nB,plc1,i=2\n',
            '2: error: a quote (") opened in this row is never closed: close it or take it out',
        ),
        (
            'path,source,address\nA,plc1,i=0\n"B" x,plc1,i=1\nC,plc1,i=2\n',
            '3: error: there is text after a closing quote ("): '
            "quote the whole cell and double the quotes in it",
        ),
        (
            'path,source,address\n"A,plc1,i=1\nB",plc1,i=2\n',
            '2: error: path holds a line break: look for a quote (") that is not closed in this row',
        ),
        (
            "path,source,address\nA\x07B,plc1,i=1\n",
            '2: error: path "A\\x07B" holds a control character: type it again',
        ),
        (
            "path,source,address\nA/\u202eB,plc1,i=1\n",
            '2: error: path "A/\\u202eB" holds a control character: type it again',
        ),
        (
            "path,source,address\nA,plc1," + "=" * 200_000 + "\n",
            "2: error: a cell in this row is longer than 131072 characters: "
            "look for a missing quote or comma",
        ),
        (
            "path,source,address\n,plc1,i=1\n",
            "2: error: path is empty: write the tag's name, as in Area/Unit/Equipment/Tag",
        ),
        (
            "path,source,address\nA,,i=1\n",
            "2: error: source is empty: write the id of a [[sources]] entry in plant.toml",
        ),
        (
            "path,source,address\nA,plc1\n",
            "2: error: address is empty: write the tag's address in its source",
        ),
        (
            "path,source,address\n/A/B,plc1,i=1\n",
            '2: error: path "/A/B" has an empty part: no / at the start or end, one between names',
        ),
        (
            "path,source,address\n1/2/3/4/5/6/7/8/9,plc1,i=1\n",
            '2: error: path "1/2/3/4/5/6/7/8/9" has 9 parts: use at most 8 between /',
        ),
        (
            "path,source,address\nA / B,plc1,i=1\n",
            '2: warning: path "A / B" has spaces beside a /: they are part of the name',
        ),
        (
            "path,source,address\nA,plc1,i=1\nB,plc1,i=2\nA,plc1,i=3\n",
            '4: error: path "A" is on line 2 and again on line 4: give one of the two another path',
        ),
        (
            "path,source,address\nA,PLC1,i=1\n",
            '2: error: source "PLC1" is not in plant.toml: use "plc1" or "meters", or add it there; '
            'did you mean "plc1"?',
        ),
        ("path,source,address\nA,plc1,x\n", '2: error: address "x" needs a ='),
        ("path,source,address\nA,meters,i=1\n", '2: error: address "i=1" needs a :'),
    ],
)
def test_a_mistake_in_a_row_is_told_on_its_line(tmp_path: Path, tags: str, sentence: str):
    assert findings(tmp_path, tags) == [f"tags.csv:{sentence}"]


@pytest.mark.parametrize(
    ("columns", "cells", "sentence"),
    [
        ("low", "cold", 'error: low "cold" is not a number: write a plain number such as 12.5'),
        ("high", "nan", 'error: high "nan" is not a number: write a plain number such as 12.5'),
        ("high", "1e999", 'error: high "1e999" is not a number: write a plain number such as 12.5'),
        ("high", "1_000", 'error: high "1_000" is not a number: write a plain number such as 12.5'),
        ("high", "٣", 'error: high "٣" is not a number: write a plain number such as 12.5'),
        ("deadband", '"0,5"', 'error: deadband "0,5" is not a number: use a decimal point, 0.5'),
        ("high", '"1,234.5"', 'error: high "1,234.5" is not a number: write a plain number such as 12.5'),
        ("rate", "10 Hz", 'error: rate "10 Hz" is not a number: write a plain number such as 12.5'),
        ("factor", "x10", 'error: factor "x10" is not a number: write a plain number such as 12.5'),
        ("offset", "inf", 'error: offset "inf" is not a number: write a plain number such as 12.5'),
        (
            "factor",
            "0",
            "error: factor 0 would make every value the same: write what one raw unit is worth",
        ),
        (
            "type,factor",
            "bool,2",
            "error: factor cannot be applied, since this tag is on or off: leave factor empty",
        ),
        (
            "type,factor,offset",
            "string,1,0",
            "error: factor and offset cannot be applied, since this tag is text: "
            "leave factor and offset empty",
        ),
        ("low,high", "5,5", "error: low 5 is not below high 5: low is the bottom of the range"),
        ("low,high", "100,0", "error: low 100 is not below high 0: low is the bottom of the range"),
        ("deadband", "-0.1", "error: deadband -0.1 is negative: use 0 or more, in the unit of the tag"),
        ("rate", "0", "error: rate 0 is out of range: use 0.01 to 1000 samples per second"),
        ("rate", "0.0099", "error: rate 0.0099 is out of range: use 0.01 to 1000 samples per second"),
        ("rate", "1000.1", "error: rate 1000.1 is out of range: use 0.01 to 1000 samples per second"),
        (
            "criticality",
            "high",
            'error: criticality "high" is not known: use "low", "normal" or "critical"',
        ),
        (
            "type",
            "float",
            'error: type "float" is not known: use "bool", "int16", "uint16", "int32", "uint32", "int64", '
            '"uint64", "float32", "float64" or "string"; did you mean "float64"?',
        ),
        (
            "type",
            "int64",
            "warning: type int64 is exact only up to 9007199254740992 (2^53): larger values are rounded",
        ),
        ("decimals", "2.5", 'error: decimals "2.5" cannot be used: write a whole number from 0 to 10'),
        ("decimals", "-1", 'error: decimals "-1" cannot be used: write a whole number from 0 to 10'),
        ("decimals", "11", 'error: decimals "11" cannot be used: write a whole number from 0 to 10'),
        ("decimals", "²", 'error: decimals "²" cannot be used: write a whole number from 0 to 10'),
        (
            "writable",
            "true",
            'warning: "A/B" cannot be written: add a row to writes.csv, or take writable out',
        ),
        ("writable", "maybe", 'error: writable "maybe" is neither true nor false: write one of the two'),
    ],
)
def test_a_mistake_in_a_cell_is_told_with_what_to_write(
    tmp_path: Path, columns: str, cells: str, sentence: str
):
    assert one(tmp_path, columns, cells) == [f"tags.csv:2: {sentence}"]


@pytest.mark.parametrize("rate", ["0.01", "1000", "1e2"])
def test_the_bounds_of_the_rate_are_allowed(tmp_path: Path, rate: str):
    assert one(tmp_path, "rate", rate) == []


def test_one_limit_alone_is_allowed(tmp_path: Path):
    assert one(tmp_path, "low,high", ",100") == []
    assert one(tmp_path, "low,high", "-5,") == []


def test_eight_parts_are_allowed(tmp_path: Path):
    assert findings(tmp_path, "path,source,address\n1/2/3/4/5/6/7/8,plc1,i=1\n") == []


def test_a_type_that_contradicts_the_address_would_show_a_wrong_number(tmp_path: Path):
    assert findings(tmp_path, "path,source,address,type\nA,meters,holding:1:float32,int16\n") == [
        'tags.csv:2: error: type is int16 but address "holding:1:float32" reads float32: '
        "state the type in the address and leave the type cell empty"
    ]
    assert findings(tmp_path, "path,source,address,type\nA,meters,holding:1:float32,float32\n") == []


def test_a_type_that_comes_from_the_address_is_judged_too(tmp_path: Path):
    assert findings(tmp_path, "path,source,address\nA,meters,holding:1:uint64\n") == [
        "tags.csv:2: warning: type uint64 is exact only up to 9007199254740992 (2^53): "
        "larger values are rounded"
    ]


def test_all_mistakes_of_a_row_and_all_rows_are_told_at_once(tmp_path: Path):
    told = findings(
        tmp_path,
        'path,source,address,low,rate,decimals\nA,plc9,,x,0,y\n"B"x,,,,,\nC,plc1,i=1,,,\nC,plc1,i=1,1,1,1,1\n',
    )
    assert [line.split(":")[1] for line in told] == ["2", "2", "2", "2", "2", "3", "5"]


def test_writable_false_needs_no_word(tmp_path: Path):
    assert one(tmp_path, "writable", "no") == []


def test_scale_of_a_tag_whose_address_says_that_it_is_no_number_is_told(tmp_path: Path):
    assert findings(tmp_path, "path,source,address,offset\nA,meters,coil:1:bool,5\n") == [
        "tags.csv:2: error: offset cannot be applied, since this tag is on or off: leave offset empty"
    ]


@pytest.mark.parametrize("cells", ["-1,", ",-273.15", "1e-6,0"])
def test_any_number_but_0_is_a_factor_and_any_number_an_offset(tmp_path: Path, cells: str):
    assert one(tmp_path, "factor,offset", cells) == []
