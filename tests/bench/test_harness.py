"""The measuring itself: sides in turn, ratios the right way round, the same samples every time."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.harness import Goal, in_turn, told
from tests.bench.signals import MIX, plant


def test_sides_run_in_turn() -> None:
    order: list[str] = []

    def side(name: str) -> float:
        order.append(name)
        return float(len(order))

    found = in_turn({"a": lambda: side("a"), "b": lambda: side("b")}, 2)
    assert order == ["a", "b", "a", "b"]
    assert found == {"a": [1.0, 3.0], "b": [2.0, 4.0]}


@pytest.mark.parametrize(
    ("less", "ratio", "word"), [(False, 4.0, "goal 3: reached"), (True, 0.25, "NOT REACHED")]
)
def test_ratio_says_how_many_times_better_ours_is(
    less: bool, ratio: float, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {"ours": [7.0, 8.0, 90.0], "other": [1.0, 2.0, 3.0]}
    assert told("speed", "x", found, [Goal("other", 3)], less_is_better=less) == {"other": ratio}
    assert word in capsys.readouterr().out


def test_every_machine_measures_with_the_same_plant() -> None:
    """More tags do not change those before."""
    small, large = plant(3, 50), plant(25, 50)
    assert np.array_equal(small.value, large.value[:, :3])
    assert len({int(tag * 7 % len(MIX)) for tag in range(len(MIX))}) == len(MIX), "20 tags are one mix"
    assert set(np.unique(large.value[:, 11])) <= {0.0, 1.0}, "the twelfth is digital"
