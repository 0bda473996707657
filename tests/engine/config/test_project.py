import os
import time
from pathlib import Path

import pytest

from engine.config import read
from engine.types import Tag
from tests.engine.config.projects import PLANT, RULES, TAGS, check, said


def test_a_sound_project_is_read_whole_without_a_word(tmp_path: Path):
    project, problems = check(tmp_path)
    assert problems == []
    assert project is not None
    assert project.folder == str(tmp_path.resolve())
    assert project.plant.name == "Bottling line"
    assert [(s.id, s.driver, s.endpoint) for s in project.sources] == [
        ("plc1", "opcua", "opc.tcp://10.0.0.5:4840"),
        ("meters", "modbus", "tcp://10.0.0.6:502"),
    ]
    assert project.tags == (
        Tag(-1, "Line 1/Press/Pressure", "plc1", "ns=2;s=Pressure", line=2),
        Tag(-1, "Line 1/Meter/Power", "meters", "holding:100:float32", type="float32", line=3),
    )


def test_the_smallest_project_takes_its_name_from_the_folder(tmp_path: Path):
    folder = tmp_path / "Mill 3"
    folder.mkdir()
    plant = '[[sources]]\nid = "a"\ndriver = "opcua"\nendpoint = "opc.tcp://h"\n'
    project, problems = check(folder, plant, "path,source,address\nP,a,i=1\n")
    assert problems == []
    assert project is not None
    assert (project.plant.name, project.plant.timezone, project.plant.keep_running) == (
        "Mill 3",
        "UTC",
        False,
    )
    assert project.plant.ring_mb == 256


def test_mistakes_of_both_files_are_told_in_one_pass_by_file_and_line(tmp_path: Path):
    plant = PLANT.replace('"opcua"', '"opcaa"').replace('name = "Bottling line"', "name = 7")
    tags = TAGS + "A//B,plc1,i=1\nA/C,plc9,\n"
    project, problems = check(tmp_path, plant, tags)
    assert project is None
    assert said(problems) == [
        "plant.toml:2: error: name must be text in double quotes, not 7",
        'plant.toml:6: error: driver "opcaa" is not known: use "modbus" or "opcua"; did you mean "opcua"?',
        'tags.csv:4: error: path "A//B" has an empty part: no / at the start or end, one between names',
        "tags.csv:5: error: address is empty: write the tag's address in its source",
        'tags.csv:5: error: source "plc9" is not in plant.toml: use "plc1" or "meters", or add it there; '
        'did you mean "plc1"?',
    ]


def test_warnings_alone_leave_the_project_usable(tmp_path: Path):
    project, problems = check(tmp_path, PLANT + "\n[policy]\n")
    assert project is not None
    assert said(problems) == ["plant.toml:14: warning: [policy] is not used yet and is ignored"]


def test_tags_of_a_source_whose_driver_is_wrong_are_not_blamed_as_well(tmp_path: Path):
    _, problems = check(tmp_path, PLANT.replace('"opcua"', '"s7"'))
    assert said(problems) == ['plant.toml:6: error: driver "s7" is not known: use "modbus" or "opcua"']


def test_tags_are_checked_for_what_can_be_known_when_plant_toml_is_broken(tmp_path: Path):
    _, problems = check(tmp_path, "[plant\n", TAGS + "A/B,nowhere,i=1,\nA/B,nowhere,i=1\n")
    assert [(p.file, p.line) for p in problems] == [("plant.toml", 1), ("tags.csv", 5)]


def test_missing_files_are_both_named(tmp_path: Path):
    project, problems = check(tmp_path, None, None)
    assert project is None
    assert said(problems) == [
        f"plant.toml:1: error: plant.toml is missing from {tmp_path.resolve()}: create it there",
        f"tags.csv:1: error: tags.csv is missing from {tmp_path.resolve()}: create it there",
    ]


@pytest.mark.parametrize(
    ("name", "what"),
    [("gone", "does not exist"), ("plant.toml", "is not a folder")],
)
def test_what_is_no_project_folder_is_said_so(tmp_path: Path, name: str, what: str):
    (tmp_path / "plant.toml").write_text("")
    project, problems = read(tmp_path / name, RULES)
    folder = tmp_path / name
    assert project is None
    assert said(problems) == [
        f"{folder}:1: error: {folder} {what}: name a project folder, the one that holds plant.toml"
    ]


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_an_impossible_folder_name_is_a_problem_not_a_crash(tmp_path: Path, name: str):
    project, problems = read(tmp_path / name, RULES)
    assert project is None
    assert [problem.severity for problem in problems] == ["error"]


def test_a_circle_of_links_is_a_problem_not_a_crash(tmp_path: Path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    project, problems = read(tmp_path / "a", RULES)
    assert (project, [problem.severity for problem in problems]) == (None, ["error"])


@pytest.mark.parametrize("name", ["plant.toml", "tags.csv"])
def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path, name: str):
    (tmp_path / name).mkdir()
    _, problems = check(tmp_path, *((None, TAGS) if name == "plant.toml" else (PLANT, None)))
    assert said(problems) == [f"{name}:1: error: {name} is not a plain file: put a text file in its place"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes exist on Unix only")
def test_a_pipe_in_place_of_a_file_does_not_hang(tmp_path: Path):
    os.mkfifo(tmp_path / "tags.csv")
    _, problems = check(tmp_path, PLANT, None)
    assert said(problems) == ["tags.csv:1: error: tags.csv is not a plain file: put a text file in its place"]


def test_a_file_we_may_not_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)  # root, as which CI may run, can read any file
    _, problems = check(tmp_path, PLANT, None)
    assert said(problems)[0] == (
        "plant.toml:1: error: plant.toml cannot be read (Permission denied): check who may read it"
    )


def test_a_file_no_person_wrote_is_refused_unread(tmp_path: Path):
    with (tmp_path / "plant.toml").open("wb") as file:
        file.truncate(2 * 2**20)
    _, problems = check(tmp_path, None, TAGS)
    assert said(problems) == [
        "plant.toml:1: error: plant.toml is larger than 512 kB: this is not a file a person wrote"
    ]


@pytest.mark.parametrize(
    ("raw", "line", "sentence"),
    [
        (
            b'[plant]\nname = "K\xfchlung"\n',
            2,
            'the byte 0xFC is not UTF-8: save it as UTF-8 (in Excel: "CSV UTF-8")',
        ),
        (
            b"\xef\xbb\xbf[plant]\r\n\r\n\r\n# \xb0C",
            4,
            'the byte 0xB0 is not UTF-8: save it as UTF-8 (in Excel: "CSV UTF-8")',
        ),
        (
            "[plant]\n".encode("utf-16"),
            1,
            'the file is UTF-16, not UTF-8: save it as UTF-8 (in Excel: "CSV UTF-8")',
        ),
        (
            b"[plant]\nname = \0\n",
            2,
            'the file holds a NUL byte, so it is not a text file: save it as UTF-8 (in Excel: "CSV UTF-8")',
        ),
    ],
)
@pytest.mark.parametrize("name", ["plant.toml", "tags.csv"])
def test_what_is_not_utf_8_is_told_with_its_line(
    tmp_path: Path, name: str, raw: bytes, line: int, sentence: str
):
    _, problems = check(tmp_path, *((raw, TAGS) if name == "plant.toml" else (PLANT, raw)))
    assert said(problems) == [f"{name}:{line}: error: {sentence}"]


def test_byte_order_marks_and_windows_line_ends_change_nothing(tmp_path: Path):
    plain, _ = check(tmp_path)
    windows = [b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() for text in (PLANT, TAGS)]
    project, problems = check(tmp_path, *windows)
    assert problems == []
    assert project == plain


def test_four_thousand_tags_are_read_at_a_cost_a_person_does_not_feel(tmp_path: Path):
    rows = (
        f"Area/Unit {i % 9}/Drive {i}/Current,plc1,ns=2;s=D{i},float32,A,0,100,0.5,10,critical,2,false\n"
        for i in range(4000)
    )
    header = "path,source,address,type,unit,low,high,deadband,rate,criticality,decimals,writable\n"
    (tmp_path / "plant.toml").write_text(PLANT)
    (tmp_path / "tags.csv").write_text(header + "".join(rows))
    start = time.process_time()
    project, problems = read(tmp_path, RULES)
    assert time.process_time() - start < 5, "of the processor: other work on the computer does not count"
    assert problems == []
    assert project is not None
    assert len(project.tags) == 4000


def test_one_mistake_in_thousands_of_rows_is_told_in_reasonable_time(tmp_path: Path):
    sources = "".join(
        f'[[sources]]\nid = "line-{i}"\ndriver = "modbus"\nendpoint = "tcp://h"\n' for i in range(200)
    )
    rows = "".join(f"Area/Tag {i},lane-7,holding:1\n" for i in range(4000))
    (tmp_path / "plant.toml").write_text(sources)
    (tmp_path / "tags.csv").write_text("path,source,address\n" + rows)
    start = time.perf_counter()
    _, problems = read(tmp_path, RULES)
    assert time.perf_counter() - start < 2
    assert len(problems) == 4000
    assert str(problems[0]) == (
        'tags.csv:2: error: source "lane-7" is not in plant.toml: use "line-0", "line-1", "line-2", '
        '"line-3", "line-4", "line-5", "line-6", "line-7", "line-8", "line-9" … (200 in all), '
        'or add it there; did you mean "line-7"?'
    )
