"""Sizes: small modules, small functions."""

from __future__ import annotations

import ast
import re
import statistics
from pathlib import Path

import pytest

from tests.rules.sources import ROOT, functions, modules

FOLDERS = ("engine", "hmi", "installers", "plugins", "tests")
PRODUCT = ("engine", "hmi", "installers", "plugins")
MODULE_LINES = 400
FUNCTION_LINES_P90 = 30
REASON = re.compile(r"^# size: \S+", re.MULTILINE)


def line_count(path: Path) -> int:
    """Lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def function_sizes(folders: tuple[str, ...]) -> list[int]:
    """Lines of every function below ``folders``, docstring and decorators aside of the def line in."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in modules(*folders))
    return sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1 for tree in trees for node in functions(tree)
    )


def p90(values: list[int]) -> float:
    """The value that nine of ten do not exceed."""
    return statistics.quantiles(values, n=10, method="inclusive")[-1]


def test_no_module_is_longer_than_400_lines_without_a_reason() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}: {line_count(path)} lines"
        for path in modules(*FOLDERS)
        if line_count(path) > MODULE_LINES and not REASON.search(path.read_text(encoding="utf-8"))
    ]
    assert not too_long, f"split them, or add a line '# size: <reason>': {too_long}"


def test_nine_of_ten_functions_are_at_most_30_lines() -> None:
    assert p90(function_sizes(PRODUCT)) <= FUNCTION_LINES_P90


def test_size_report(capsys: pytest.CaptureFixture[str]) -> None:
    lengths = sorted(count for path in modules(*PRODUCT) if (count := line_count(path)))
    calls = function_sizes(PRODUCT)
    with capsys.disabled():
        for what, sizes in (("module", lengths), ("function", calls)):
            print(
                f"\nlines per {what}: median {statistics.median(sizes):.0f}, p90 {p90(sizes):.0f}, "
                f"max {sizes[-1]}, of {len(sizes)}",
                end="",
            )
    assert lengths[-1] >= calls[-1] > 0
