"""The README names every verb, and every file and verb it names exists."""

import re
from pathlib import Path

from engine.cli.main import command_parser

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
VERBS = command_parser()[1]


def test_every_verb_is_in_the_readme() -> None:
    commands = README.split("## Commands")[1].split("\n## ")[0]
    assert {verb for verb in VERBS if not re.search(rf"\b{verb}\b", commands)} == set()


def test_every_command_in_the_readme_is_a_verb_or_opens_a_project() -> None:
    said = re.findall(r"^\s*watchroom (\S+)", README, re.MULTILINE)
    assert said
    assert set(said) - VERBS <= {"myplant"}


def test_every_file_the_readme_names_is_there() -> None:
    named = re.findall(r"`((?:engine|hmi|tests|resources|installers)/[^`\s]*)`|\]\(([^)]+)\)", README)
    paths = {first or second for first, second in named}
    assert len(paths) > 8
    missing = {path for path in paths if not list(ROOT.glob(path.rstrip("/")))}
    assert missing == set()
