"""models.toml: what it says, and every mistake on its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config.input_list import read_inputs
from engine.types import AssetType, InputMap, Problem, Tag

TYPES = (AssetType(id="pump"),)
TAGS = (Tag(1, "Line/P1/Shaking", "plc", "holding:0"),)
ROW = '[[inputs]]\nasset_class = "pump"\nrole = "vibration"\ntag = "Shaking"\n'


def read(folder: Path, text: str | None) -> tuple[list[InputMap], list[Problem]]:
    problems: list[Problem] = []
    if text is not None:
        (folder / "models.toml").write_text(text, encoding="utf-8")
    return read_inputs(folder, TYPES, TAGS, problems), problems


def test_inputs_are_read_and_may_be_absent(tmp_path: Path) -> None:
    assert read(tmp_path, None) == ([], [])
    found, problems = read(tmp_path, ROW + ROW + 'asset = "Line/P1"\n')
    assert problems == []
    assert [(each.role, each.tag, each.asset) for each in found] == [
        ("vibration", "Shaking", ""),
        ("vibration", "Shaking", "Line/P1"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (ROW.replace('"pump"', '"fan"'), 2, 'there is no type "fan"'),
        (ROW.replace('"Shaking"', '""'), 4, "tag is empty"),
        (ROW + 'asset = "Line/P2"\n', 4, 'there is no tag "Line/P2/Shaking"'),
        (ROW + ROW, 7, '"vibration" of "pump" is named twice'),
        (ROW.replace("[[inputs]]", "[inputs]"), 1, "double brackets"),
        (ROW + 'colour = "red"\n', 5, "colour"),
        ('[[inputs]]\nrole = "vibration"\n', 1, "asset_class"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    _, problems = read(tmp_path, text)
    assert [each.severity for each in problems if words in each.message] != []
    first = next(each for each in problems if words in each.message)
    assert (first.file, first.line) == ("models.toml", line)
