from __future__ import annotations

import math

import numpy as np
import pytest

from engine.drivers.opcua.audit import Suspects
from engine.drivers.opcua.feed import Feed
from engine.drivers.opcua.samples import Samples
from tests.engine.drivers.opcua.test_feed import feed, publish

S = 1_000_000


def read(*values: float) -> Samples:
    count = len(values)
    zeros = np.zeros(count, np.int64)
    return Samples(
        np.arange(count, dtype=np.int32), np.array(values), np.zeros(count, np.uint32), zeros, zeros
    )


def delivered(*values: float) -> Feed:
    made, group, _ = feed(len(values))
    made.on_publish(group, publish(1, *((k, value, 0) for k, value in enumerate(values))))
    return made


def test_a_value_that_stays_unreported_gives_its_item_away() -> None:
    suspects, made = Suspects(), delivered(1.0, 2.0)
    assert suspects.dead(made, read(1.0, 7.0), 0, 0.1).tolist() == []
    assert suspects.handles == [1]
    assert suspects.dead(made, read(1.0, 8.0), 5 * S, 0.1).tolist() == [1]
    assert suspects.handles == []


def test_a_value_that_is_reported_a_moment_later_is_no_longer_suspect() -> None:
    suspects, made = Suspects(), delivered(1.0)
    suspects.dead(made, read(7.0), 0, 0.1)
    made.on_publish(made.groups[0], publish(2, (0, 7.0, 0)))
    assert suspects.dead(made, read(7.0), 5 * S, 0.1).tolist() == []
    assert suspects.handles == []


def test_a_value_that_changes_all_the_time_is_never_dead_while_it_is_reported() -> None:
    suspects, made = Suspects(), delivered(0.0)
    for turn in range(1, 10):
        assert suspects.dead(made, read(turn + 0.5), turn * 5 * S, 0.1).tolist() == []
        made.on_publish(made.groups[0], publish(turn + 1, (0, float(turn), 0)))


def test_a_tag_that_is_sampled_slowly_is_given_its_time() -> None:
    suspects, made = Suspects(), delivered(1.0)
    suspects.dead(made, read(7.0), 0, 60.0)
    assert suspects.dead(made, read(7.0), 149 * S, 60.0).tolist() == []
    assert suspects.dead(made, read(7.0), 151 * S, 60.0).tolist() == [0]


@pytest.mark.parametrize("nothing", [math.nan, math.inf])
def test_no_value_on_both_sides_is_no_difference(nothing: float) -> None:
    suspects, made = Suspects(), delivered(nothing)
    assert suspects.dead(made, read(nothing), 0, 0.1).tolist() == []
    assert suspects.handles == []
