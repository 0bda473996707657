"""Writing scene/*.toml: what is written reads back as it is, and what was not touched stays as typed."""

from __future__ import annotations

import random
import time
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config.scene_plain import tidy_part
from engine.config.scene_text import write_parts, write_views
from engine.paths import resources
from engine.typed import convert
from engine.types import Cut, Motion, Part, Plan, SavedView
from tests.engine.config.projects import check_line

METRES = st.integers(-50_000, 50_000).map(lambda cm: cm / 100)
SIZES = st.integers(1, 20_000).map(lambda mm: mm / 1000)
DEGREES = st.integers(0, 3599).map(lambda tenths: tenths / 10)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)
PLACES = st.tuples(METRES, METRES, METRES)
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
MOTIONS = st.builds(
    Motion,
    tag=WORDS,
    kind=st.sampled_from(["turn", "slide", "flow"]),
    joint=WORDS,
    axis=st.sampled_from(["x", "y", "z"]),
    values=st.tuples(NUMBERS, NUMBERS),
    moves=st.tuples(NUMBERS, NUMBERS),
    pivot=st.none() | st.tuples(SIZES, SIZES, SIZES),
)
PARTS = st.builds(
    Part,
    shape=st.sampled_from(["robot", "press", "pipe", "model", 'odd "shape"', "[[parts]]"]),
    asset=st.sampled_from(["", "Line 3/S10 Load", "Line 3/S50 Press", "# none"]) | WORDS,
    at=PLACES,
    turn=DEGREES,
    size=st.none() | st.tuples(SIZES, SIZES, SIZES),
    points=st.lists(PLACES, max_size=12).map(tuple),
    label=st.booleans(),
    file=WORDS,
    node=WORDS,
    scale=st.sampled_from([1.0, 0.001, 0.0254]),
    up=st.sampled_from(["y", "z"]),
    binds=st.dictionaries(WORDS, WORDS, max_size=4),
    motions=st.lists(MOTIONS, max_size=3).map(tuple),
    locked=st.booleans(),
)
LINE = (resources() / "demo" / "framing" / "scene" / "line.toml").read_text(encoding="utf-8")
TYPED = """\
# Our hall, measured by Ann in 2019.
# Nobody knows where the north wall is.

# The press
[[parts]]
shape = "press"   # the big one
asset = "Line 3/S50 Press"
at = [ 1, 2.125, 0 ]  # to the millimetre
turn = 0.0
colour = "blue"

  # hydraulics stand outside
  [[parts.motions]]
  tag = "Cycle time"
  kind = "slide"   # up and down

# The robots
[[parts]]
shape = "robot"
at = [5.0, 0.0, 0.0]
points = [
    [0, 0, 1],   # low
    [0, 0, 2],
]
# that was all
"""


def read(text: str) -> list[Part]:
    """The parts of a text, without the keys that no reader knows."""
    known = set(Part.__struct_fields__)
    tables: list[dict[str, Any]] = tomllib.loads(text).get("parts", [])
    return [convert({k: v for k, v in each.items() if k in known}, Part) for each in tables]


def changed(part: Part, **to: Any) -> Part:
    return msgspec.structs.replace(part, **to)


@settings(max_examples=40, deadline=None)
@given(st.lists(PARTS, max_size=6), st.lists(PARTS, max_size=6), st.randoms(use_true_random=False))
def test_any_edits_written_read_back_as_the_same_parts(
    first: list[Part], second: list[Part], chance: random.Random
) -> None:
    text = write_parts("", first)
    assert read(text) == first
    mixed = [*first, *second]
    chance.shuffle(mixed)
    mixed = [
        changed(each, turn=12.5) if chance.random() < 0.3 else each for each in mixed if chance.random() < 0.8
    ]
    again = write_parts(text, mixed)
    assert read(again) == mixed
    assert write_parts(again, mixed) == again


@settings(max_examples=40, deadline=None)
@given(st.lists(PARTS, max_size=5), st.randoms(use_true_random=False))
def test_comments_of_a_typed_file_survive_any_edits(parts: list[Part], chance: random.Random) -> None:
    kept = [*read(TYPED), *parts]
    chance.shuffle(kept)
    text = write_parts(TYPED, [changed(each, at=(7.0, 7.0, 0.0)) for each in kept])
    for comment in ("# Our hall", "# Nobody knows", "# The press", "# the big one", "# to the millimetre"):
        assert text.count(comment) == 1
    for comment in ("# hydraulics stand outside", "# up and down", "# The robots", "# low", "# that was all"):
        assert text.count(comment) == 1
    assert 'colour = "blue"' in text


def test_a_file_written_without_a_change_is_the_same_to_the_letter() -> None:
    for text in (TYPED, LINE, LINE.replace("\n", "\r\n"), ""):
        assert write_parts(text, read(text)) == text


def test_moving_one_part_changes_one_line() -> None:
    parts = read(LINE)
    parts[7] = changed(parts[7], at=(1.23456, -0.001, 0.0), turn=91.04)
    before, after = LINE.splitlines(), write_parts(LINE, parts).splitlines()
    assert [line for line in after if line not in before] == ["at = [1.23, 0.0, 0.0]", "turn = 91.0"]
    assert len(after) == len(before) + 1


def test_what_was_typed_to_the_millimetre_stays_when_something_else_changes() -> None:
    press, robot = read(TYPED)
    text = write_parts(TYPED, [changed(press, turn=90.0), robot])
    assert "at = [ 1, 2.125, 0 ]  # to the millimetre" in text
    assert "turn = 90.0" in text


def test_a_comment_above_a_part_that_is_gone_stays() -> None:
    text = write_parts(TYPED, read(TYPED)[1:])
    assert "# The press" in text
    assert "the big one" not in text
    assert write_parts(TYPED, []).count("#") == 4


def test_a_file_of_lists_within_lists_keeps_its_comments_and_what_else_it_says() -> None:
    text = '# by hand\nother = 1\nparts = [{ shape = "robot" }, { shape = "press" }]\n'
    robot, press = read(text)
    written = write_parts(text, [press, robot, Part("box")])
    assert read(written) == [press, robot, Part("box")]
    assert written.startswith("# by hand\n")
    assert tomllib.loads(written)["other"] == 1


def test_sections_that_are_not_ours_stay() -> None:
    text = (
        '[[parts]]\nshape = "box"\n\n# of somebody else\n[notes]\nby = "Ann"\n\n[[parts]]\nshape = "robot"\n'
    )
    written = write_parts(text, [changed(each, turn=5.0) for each in read(text)])
    assert tomllib.loads(written)["notes"] == {"by": "Ann"}
    assert "# of somebody else" in written
    assert [each.turn for each in read(written)] == [5.0, 5.0]


def test_line_ends_of_windows_stay() -> None:
    text = TYPED.replace("\n", "\r\n")
    written = write_parts(text, [*read(text), Part("box")])
    assert written.count("\n") == written.count("\r\n")


def test_a_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(ValueError):
        write_parts("[[parts]\n", [])


def test_views_and_plan_are_written_beside_each_other_with_their_comments() -> None:
    views = [
        SavedView("Press", (1.0, 2.0, 0.5), 12.0, 30.0, 25.0, cut=Cut("z", 2.5, True)),
        SavedView("All", (0.0, 0.0, 0.0), 60.0, 0.0, 40.0, labels=False),
    ]
    plan = Plan("hall.png", (-20.0, -10.0), 40.0)
    text = "# what people look at\n" + write_views("", views, plan)
    data = tomllib.loads(text)
    assert convert(data["views"], list[SavedView]) == views
    assert convert(data["plan"], Plan) == plan
    moved = write_views(text, views[::-1], msgspec.structs.replace(plan, width=41.5))
    data = tomllib.loads(moved)
    assert convert(data["views"], list[SavedView]) == views[::-1]
    assert data["plan"]["width"] == 41.5
    assert moved.startswith("# what people look at\n")
    gone = tomllib.loads(write_views(moved, [], None))
    assert gone == {}


def test_what_is_written_is_what_the_reader_of_projects_finds(tmp_path: Path) -> None:
    parts = [
        Part("robot", asset="Line 3/S10 Load", at=(1.5, 0.0, 0.0), turn=90.0),
        Part(
            "press",
            asset="Line 3/S50 Press",
            motions=(Motion("Cycle time", "slide", "ram", "z", (0, 9), (0, 1)),),
        ),
        Part("pipe", points=((0.0, 0.0, 1.0), (2.0, 0.0, 1.0)), size=(0.05, 0.05, 0.05)),
    ]
    project, problems = check_line(tmp_path, {"scene/line.toml": write_parts("", parts)})
    assert not problems
    assert project is not None
    assert [changed(each, came_from="") for each in project.parts] == parts


def test_a_part_with_untidy_numbers_becomes_what_is_read_back() -> None:
    part = Part("robot", at=(1.23456, -0.0001, 2.0), turn=33.3333, size=(0.0451, 1.0, 2.0))
    assert tidy_part(part) == Part("robot", at=(1.23, 0.0, 2.0), turn=33.3, size=(0.045, 1.0, 2.0))
    assert read(write_parts("", [part])) == [tidy_part(part)]


def test_a_thousand_parts_cost_in_step_with_their_number() -> None:
    """Whatever the computer: ten times the parts take far less than a hundred times the time."""

    def spent(count: int) -> float:
        parts = [Part("robot", asset=f"Line/{k}", at=(float(k), 0.0, 0.0)) for k in range(count)]
        text = write_parts("", parts)
        start = time.process_time()
        write_parts(text, [changed(each, turn=5.0) for each in parts[::-1]])
        return time.process_time() - start

    spent(10)
    assert spent(1000) < 40 * min(spent(100), spent(100), spent(100))
