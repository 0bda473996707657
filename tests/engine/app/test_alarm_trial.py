"""A proposed limit is tried on what is stored, beside the one in force."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from engine.app.alarm_trial import trial
from engine.historian.reading import Cancelled
from engine.server import RequestRefused
from engine.types import Gap, Limit, Samples, Tag
from engine.wire import BacktestBody

START_US, SECOND_US = 1_750_000_000_000_000, 1_000_000
END_US = START_US + 600 * SECOND_US
TAG = Tag(7, "Line/S1/Pressure", "plc", "a", type="float64")
HIGH = Limit("Line/S1/Pressure", "h", 180.0)


class Stored:
    """Ten minutes that reach 185 once and 195 once; asked for one tag alone."""

    def raw(self, tag_id: int, start_us: int, end_us: int) -> Samples:
        assert tag_id == 7
        time_us = START_US + SECOND_US * np.arange(600, dtype=np.int64)
        value = np.full(600, 100.0)
        value[100:110], value[300:310] = 185.0, 195.0
        inside = (time_us >= start_us) & (time_us < end_us)
        count = int(inside.sum())
        return Samples(
            *(time_us[inside], time_us[inside], value[inside], np.zeros(count, np.uint32)),
            *(np.zeros(count, np.uint8), np.zeros(count, np.uint32)),
        )

    def gaps(self, start_us: int, end_us: int) -> Sequence[Gap]:
        return ()

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a trial needs no {name}")


def body(**more: Any) -> BacktestBody:
    return BacktestBody(Limit(**({"path": HIGH.path, "kind": "h", "limit": 190.0} | more)), START_US, END_US)


def test_higher_limit_leaves_out_the_alarm_that_it_does_not_reach() -> None:
    found = trial(Stored(), [TAG], lambda: [HIGH])(body(), lambda part: True)
    assert (found.came, found.would_come) == (2, 1)
    assert found.removed == (START_US + 100 * SECOND_US,)


def test_limit_that_is_not_in_force_has_nothing_to_be_compared_with() -> None:
    with pytest.raises(RequestRefused, match=r"no alarm Line/S1/Pressure h second to compare with"):
        trial(Stored(), [TAG], lambda: [HIGH])(body(name="second"), lambda part: True)


def test_kind_that_cannot_be_tried_is_refused_in_words() -> None:
    link = Limit("plc", "link")
    with pytest.raises(RequestRefused):
        trial(Stored(), [TAG], lambda: [link])(body(path="plc", kind="link"), lambda part: True)


def test_trial_that_is_stopped_ends_as_cancelled() -> None:
    with pytest.raises(Cancelled):
        trial(Stored(), [TAG], lambda: [HIGH])(body(), lambda part: False)
