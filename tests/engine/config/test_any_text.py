"""Whatever stands in the files, ``read`` answers: no exception, and lines that exist."""

import re
import tempfile
from math import isfinite
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.types import Problem, Project
from tests.engine.config.projects import LINE, PLANT, TAGS, check
from tests.engine.config.test_asset_types import PRESS
from tests.engine.config.test_drawings import MIMIC, SCENE
from tests.engine.config.test_kpi_list import ENERGY, OEE

words = st.sampled_from(
    [*"\n\r,;=[]{}\"'#./\\\ufeff\x00\x85\u2028 ", "\r\n", '"""', "[[sources]]\n", "[plant]\n", "[history]\n"]
    + ["id", "driver", "endpoint", "path,source,address", "rate", "type", "ring_mb", "policy", "timezone"]
    + ["timeout_s = ", "block = ", "gap = "]
    + [
        "plc1",
        "opcua",
        "modbus",
        "opc.tcp://h",
        "float32",
        "true",
        "1e309",
        "-0",
        "i=1",
        "9" * 30,
        "2026-01-01",
    ]
)
texts = st.one_of(st.text(), st.lists(words).map("".join))
edits = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 5), texts), max_size=3)


def edited(text: str, changes: list[tuple[int, int, str]]) -> str:
    """A sound file with a few stretches replaced: closer to what people break than random text."""
    for start, length, new in changes:
        start %= len(text) + 1
        text = text[:start] + new + text[start + length :]
    return text


def judged(plant: str | bytes, tags: str | bytes) -> None:
    plant, tags = (c if isinstance(c, bytes) else c.encode(errors="replace") for c in (plant, tags))
    with tempfile.TemporaryDirectory() as folder:
        project, problems = check(Path(folder), plant, tags)
    has_error = any(problem.severity == "error" for problem in problems)
    assert (project is None) == has_error
    assert problems == sorted(problems, key=lambda problem: (problem.file, problem.line))
    for problem in problems:
        assert_points_into(problem, plant if problem.file == "plant.toml" else tags)
    if project:
        assert_sound(project)


def assert_points_into(problem: Problem, content: bytes) -> None:
    lines = re.split(rb"\r\n?|\n", content)
    assert 1 <= problem.line <= len(lines)
    assert problem.message.isprintable()
    assert len(problem.message) <= 800


def assert_sound(project: Project) -> None:
    ids = [source.id for source in project.sources]
    assert all(source.timeout_s == 0 or 0.05 <= source.timeout_s <= 60 for source in project.sources)
    assert len(set(ids)) == len(ids) > 0
    assert len({tag.path for tag in project.tags}) == len(project.tags)
    for tag in project.tags:
        assert tag.source in ids
        assert 1 <= len(tag.path.split("/")) <= 8
        assert all(tag.path.split("/"))
        assert 0.01 <= tag.rate <= 1000
        assert 0 <= tag.deadband < float("inf")
        assert tag.factor != 0
        assert isfinite(tag.factor)
        assert isfinite(tag.offset)
        assert tag.type not in ("bool", "string") or (tag.factor, tag.offset) == (1, 0)
        assert tag.low is None or tag.high is None or tag.low < tag.high
        assert not tag.writable


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_as_tags_csv(content: bytes):
    judged(PLANT, content)


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_as_plant_toml(content: bytes):
    judged(content, TAGS)


@settings(deadline=None)
@given(texts)
def test_any_text_as_tags_csv(content: str):
    judged(PLANT, "path,source,address,type,low,high,rate,decimals,factor,offset\n" + content)


@settings(deadline=None)
@given(texts)
def test_any_text_as_plant_toml(content: str):
    judged(content, TAGS)


@settings(deadline=None)
@given(edits)
def test_any_damage_to_a_sound_tags_csv(changes: list[tuple[int, int, str]]):
    judged(PLANT, edited(TAGS, changes))


@settings(deadline=None)
@given(edits)
def test_any_damage_to_a_sound_plant_toml(changes: list[tuple[int, int, str]]):
    judged(edited(PLANT, changes), TAGS)


ALARMS = """\
path,kind,limit,priority,deadband,on_delay,off_delay,message,cause,response
Line 3/S50 Press/Hydraulics/Pressure,hh,240,1,2,1,5,Pressure high-high,seal leak,lower setpoint
Line 3/*/Cycle time,h,65,3,,,,,,
Line 3/*/Guard closed,off,,2,,,,,,
Line 3/*/State,on,4,3,,,,,,
"""
OPTIONAL = {
    "alarms.csv": ALARMS,
    "kpi.toml": OEE + ENERGY,
    "types/press.toml": PRESS,
    "scene/line.toml": SCENE,
    "displays/press.toml": MIMIC,
}
pieces = st.one_of(
    texts,
    st.lists(words, max_size=8).map("".join),
    st.sampled_from(
        ["*", "?", "[", "Line 3", "S50 Press", "[[kpi]]\n", "[[parts]]\n", "[[symbols]]\n", "meters"]
    ),
    st.sampled_from(
        ["nan", "[1, 2]", "{a = 1}", "1e400", "-", "hh", "trip", "off", "[[1]]", "99999999999999999999"]
    ),
)
breaks = st.lists(st.tuples(st.integers(0, 800), st.integers(0, 30), pieces), min_size=1, max_size=4)


@settings(deadline=None)
@given(st.sampled_from(sorted(OPTIONAL)), breaks)
def test_any_damage_to_a_sound_optional_file(name: str, changes: list[tuple[int, int, str]]):
    content = edited(OPTIONAL[name], changes).encode(errors="replace")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        project, problems = check(folder, PLANT, LINE)
    has_error = any(problem.severity == "error" for problem in problems)
    assert (project is None) == has_error
    for problem in problems:
        assert problem.file == name
        assert_points_into(problem, content)
    if project:
        msgspec.msgpack.encode(project)
        assert_optional_sound(project)


def assert_optional_sound(project: Project) -> None:
    paths = {tag.path for tag in project.tags}
    assert {limit.path for limit in project.limits} <= paths
    assert all(limit.limit is None or isfinite(limit.limit) for limit in project.limits)
    assert len({(limit.path, limit.kind) for limit in project.limits}) == len(project.limits)
    for rule in project.kpis:
        assert {*rule.states, *rule.cycles, rule.good, *rule.meters.values()} <= paths
        assert 60 <= rule.window_s <= 86_400
    assert all(part.shape and all(map(isfinite, part.at)) for part in project.parts)
    assert len({mimic.asset for mimic in project.mimics}) == len(project.mimics)


def test_the_optional_files_above_are_sound():
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name, content in OPTIONAL.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content)
        project, problems = check(folder, PLANT, LINE)
    assert problems == []
    assert project is not None
    counts = [
        len(each) for each in (project.limits, project.kpis, project.types, project.parts, project.mimics)
    ]
    assert counts == [7, 2, 1, 2, 1]
