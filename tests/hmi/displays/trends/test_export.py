"""What is drawn as CSV: every point, gaps as empty cells, words where it cannot be written."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from hmi.displays.trends.export import Export, cell, rows
from hmi.pens import Pen
from hmi.widgets.trend_lines import Span
from tests.hmi.plant import NOW_US, curve

SPAN = Span(NOW_US - 60_000_000, NOW_US, 600)
PRESSURE = Pen(0, "Pressure", "bar", "", path="S50/Pressure")
OIL = Pen(1, "Oil, warm", "°C", "", path="S50/Oil, warm")
HEAD = [
    "time_utc",
    "S50/Pressure [bar]",
    "S50/Pressure quality",
    "S50/Oil, warm [°C]",
    "S50/Oil, warm quality",
]


def test_every_point_is_a_row_and_a_gap_an_empty_cell() -> None:
    curves = {0: curve([-30, -20, -10], [1.5, np.nan, 3]), 1: curve([-20], [40])}
    table = list(csv.reader(rows([PRESSURE, OIL], curves, SPAN)))
    assert table == [
        HEAD,
        ["2026-11-22T13:13:16.000Z", "1.5", "good", "", ""],
        ["2026-11-22T13:13:26.000Z", "", "no data", "40.0", "good"],
        ["2026-11-22T13:13:36.000Z", "3.0", "good", "", ""],
    ]


def test_value_that_is_not_plainly_good_says_so() -> None:
    table = list(csv.reader(rows([PRESSURE], {0: curve([-30, -20], [1, 2], uncertain=(1,))}, SPAN)))
    assert [row[2] for row in table] == ["S50/Pressure quality", "good", "uncertain"]


def test_break_at_the_instant_of_a_value_does_not_hide_the_value() -> None:
    table = list(csv.reader(rows([PRESSURE], {0: curve([-30, -30, -20], [1, np.nan, 2])}, SPAN)))
    assert [row[1] for row in table[1:]] == ["1.0", "2.0"]


def test_instants_closer_than_a_millisecond_keep_rows_of_their_own() -> None:
    table = list(csv.reader(rows([PRESSURE], {0: curve([-30.0002, -30.0001, -30], [1, 2, 3])}, SPAN)))
    assert len({row[0] for row in table[1:]}) == 3
    assert table[1][0] == "2026-11-22T13:13:15.999800Z"


def test_point_of_several_samples_has_its_smallest_and_largest() -> None:
    curves = {0: curve([-30, -20], [1, 2], [1, 9]), 1: curve([-20], [40])}
    table = list(csv.reader(rows([PRESSURE, OIL], curves, SPAN)))
    assert table[0][1:4] == ["S50/Pressure [bar] min", "S50/Pressure [bar] max", "S50/Pressure quality"]
    assert table[2][1:] == ["2.0", "9.0", "good", "40.0", "good"]


def test_points_outside_the_window_are_left_out() -> None:
    table = list(rows([PRESSURE], {0: curve([-90, -30, 5], [1, 2, 3])}, SPAN))
    assert len(table) == 2


def test_cell_with_a_comma_or_a_quote_is_quoted() -> None:
    assert cell('a "b", c') == '"a ""b"", c"' and cell("plain") == "plain"


def test_file_is_written_beside_the_window(tmp_path: Path) -> None:
    made = Export(tmp_path / "trend.csv", [PRESSURE], {0: curve([-30], [2])}, SPAN)
    made.wait()
    assert made.is_done and "1 rows" in made.note
    assert (tmp_path / "trend.csv").read_text("utf-8-sig").splitlines()[1].endswith(",2.0,good")


def test_file_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    made = Export(tmp_path / "none" / "trend.csv", [PRESSURE], {0: curve([-30], [2])}, SPAN)
    made.wait()
    assert made.is_done and "Nothing was exported" in made.note
