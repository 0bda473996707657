from pathlib import Path

import pytest

from engine.types import AlarmClass, AlarmSettings
from tests.engine.config.projects import check_line, said


def problems_of(folder: Path, text: str) -> list[str]:
    _, problems = check_line(folder, {"alarms.toml": text})
    return said(problems)


def test_without_the_file_the_figures_of_the_standard_hold(tmp_path: Path):
    project, problems = check_line(tmp_path, {})
    assert (problems, project is not None) == ([], True)
    assert project is not None
    assert (project.alarm_settings, project.alarm_classes) == (AlarmSettings(), ())


def test_settings_and_classes_are_read(tmp_path: Path):
    text = """\
[alarms]
shifts = ["05:30", "13:30"]
sound = false
kept_days = 365
link_priority = 1

[[class]]
id = "safety"
title = "Safety"
shelve_max_s = 0
managed = true

[[class]]
id = "info"
reason = false
acknowledge = false
"""
    project, problems = check_line(tmp_path, {"alarms.toml": text})
    assert problems == []
    assert project is not None
    assert project.alarm_settings == AlarmSettings(
        shifts=("05:30", "13:30"), sound=False, kept_days=365.0, link_priority=1
    )
    assert project.alarm_classes == (
        AlarmClass("safety", "Safety", 0.0, managed=True),
        AlarmClass("info", "info", reason=False, acknowledge=False),
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[alarms]\nsuond = true\n",
            '2: warning: "suond" is not a key of [alarms] and is ignored; did you mean "sound"?',
        ),
        (
            "[alarms]\n\nlink_priority = 0\n",
            "3: error: link_priority 0 is out of range: use 1 to 4 (1 is the highest)",
        ),
        (
            "[alarms]\nflood_ends = 10\n",
            "2: error: flood_ends 10 is not below flood_starts 10: a flood would never end",
        ),
        ("[alarms]\nshifts = []\n", '2: error: shifts has 0 times: write 1 to 24, as in ["06:00"]'),
        (
            '[alarms]\nshifts = ["6"]\n',
            '2: error: shifts "6" is not a time of day: use 00:00 to 23:59, as in "06:00"',
        ),
        ('[alarms]\nshifts = ["06:00", "06:00"]\n', "2: error: shifts names a time twice: write each once"),
        ("alarms = 3\n", "1: error: alarms must be one section: write [alarms] and its keys below it"),
        ("[[class]]\ntitle = 'x'\n", "1: error: [[class]] has no id: add id = … to it"),
        ("[[class]]\nid = ' '\n", '2: error: id is empty: write a short name, as in "safety"'),
        (
            "[[class]]\nid = 'a'\n[[class]]\nid = 'a'\n",
            '4: error: id "a" is used twice: give each class its own',
        ),
        (
            "[[class]]\nid = 'a'\nshelve_max_s = -1\n",
            "3: error: shelve_max_s -1 is out of range: use 0 (never shelved) to 2592000 (seconds, 30 days)",
        ),
        (
            "[class]\nid = 'a'\n",
            "1: error: class needs double brackets: write [[class]], once for each class",
        ),
        ("[flood]\nx = 1\n", '1: warning: "flood" is not known and is ignored'),
    ],
)
def test_every_mistake_is_told_on_its_line(tmp_path: Path, text: str, sentence: str):
    assert problems_of(tmp_path, text) == [f"alarms.toml:{sentence}"]
