"""A restarted engine's figures are those it would have had without the restart."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import numpy as np
import pytest

from engine.kpi import Kpis, past_figures
from engine.types import Kpi, Origin, Samples, Status
from tests.engine.kpi.line import CYCLE_50, OEE, PATHS, S50, STOPPED, TAGS, THROUGHPUT, Line


@dataclass
class RecordedLine(Line):
    """A line whose every second is kept, as the historian keeps it."""

    seconds: list[tuple[int, dict[str, float], dict[str, int]]] = field(default_factory=list)

    def look(self) -> None:
        super().look()
        self.seconds.append((self.now_us, dict(self.values), dict(self.status)))

    def raw(self, tag_id: int, start_us: int, end_us: int) -> Samples:
        kept = [each for each in self.seconds if each[0] < end_us]
        path, count = PATHS[tag_id], len(kept)
        time_us = np.array([each[0] for each in kept], np.int64)
        value = np.array([each[1][path] for each in kept])
        quality = np.array([each[2][path] for each in kept], np.uint32)
        origin = np.full(count, Origin.LIVE, np.uint8)
        return Samples(time_us, time_us, value, quality, origin, np.zeros(count, np.uint32))


def told(figure: Kpi) -> tuple[float | None, int, str]:
    return figure.value, figure.status, figure.reason


def restarted(line: RecordedLine, mono_us: int) -> Kpis:
    line.play(2)  # the last second is the live table's to tell
    return past_figures(line.rules, TAGS, line, line.now_us + 1, mono_us)


@pytest.mark.parametrize("rule", [OEE, THROUGHPUT], ids=lambda rule: rule.id)
def test_figures_go_on_where_they_were(rule):
    line = RecordedLine((msgspec.structs.replace(rule, window_s=900.0),))
    line.values[CYCLE_50] = 61.0
    line.pieces(6, cycle=62)
    line.values[S50] = STOPPED
    line.play(100)
    line.values[S50] = 1.0
    line.pieces(3, cycle=61)
    (figure,) = restarted(line, line.mono_us).figures()
    value, status, reason = told(line.figure())
    assert figure.value == pytest.approx(value, rel=0.01)
    assert (figure.status, figure.reason) == (status, reason)


def test_a_computer_that_was_just_switched_on_knows_the_time_before():
    line = RecordedLine((msgspec.structs.replace(THROUGHPUT, window_s=600.0),))
    line.pieces(6, cycle=60)
    (figure,) = restarted(line, mono_us=5_000_000).figures()
    assert figure.value == pytest.approx(60.0, rel=0.02)


def test_seconds_of_a_lost_link_do_not_count():
    line = RecordedLine((msgspec.structs.replace(THROUGHPUT, window_s=900.0),))
    line.pieces(4, cycle=60)
    line.status = dict.fromkeys(PATHS, int(Status.STALE))
    line.play(120)
    line.status = dict.fromkeys(PATHS, int(Status.GOOD))
    line.pieces(4, cycle=60)
    (figure,) = restarted(line, line.mono_us).figures()
    assert figure.value == pytest.approx(line.figure().value, rel=0.02)


def test_without_history_there_is_nothing_to_tell():
    line = RecordedLine((THROUGHPUT,))
    line.seconds.clear()
    (figure,) = restarted(line, line.mono_us).figures()
    assert figure.value is None
