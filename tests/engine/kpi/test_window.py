import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kpi.pieces import whole_pieces
from engine.kpi.window import MOST_ROWS, Window
from engine.kpi.words import duration, input_name, signed, unit_names

SECOND = 1_000_000


@pytest.mark.parametrize("window_s", [60, 90.5, 3600, 86_400])
def test_a_window_holds_no_more_and_no_less_than_its_length(window_s: float):
    window = Window(window_s, 1)
    for second in range(int(window_s * 1.5)):
        window.add(second * SECOND, np.array([1.0]))
    began, rows = window.read(int(window_s * 1.5 - 1) * SECOND)
    width_s = max(window_s / MOST_ROWS, 1)
    assert rows.sum() == pytest.approx(window_s, abs=width_s + 1)
    assert len(rows) <= MOST_ROWS
    assert began == pytest.approx((int(window_s * 1.5) - window_s) * SECOND, abs=(width_s + 1) * SECOND)


def test_a_window_without_rows_begins_now():
    began, rows = Window(60, 3).read(5 * SECOND)
    assert (began, rows.shape) == (5 * SECOND, (0, 3))


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=60))
def test_however_time_goes_by_no_row_is_older_than_the_window(steps: list[int]):
    window, mono, last = Window(60, 1), 0, 0
    for step in steps:
        mono += step * 50_000
        window.add(mono, np.array([mono - last]))
        last = mono
    began, rows = window.read(mono)
    assert len(rows) <= 60
    assert rows.sum() <= mono
    assert began > mono - 61 * SECOND


@given(
    st.lists(st.booleans(), min_size=1, max_size=200),
    st.floats(0.5, 80),
)
def test_without_first_cycle_and_piece_in_work_the_rest_is_counted(made: list[bool], cycle_s: float):
    pieces, seconds = np.array(made, float), np.ones(len(made))
    counts = whole_pieces(seconds, pieces, cycle_s)
    assert pieces[counts].sum() == max(pieces.sum() - 1, 0)
    assert (~counts).sum() <= 2 * np.ceil(2 * cycle_s)


def test_units_are_called_by_the_part_of_the_path_in_which_they_differ():
    assert unit_names(["L3/S50 Roof press/State", "L3/S60 Respot/State"]) == ["S50", "S60"]
    assert unit_names(["L3/Pump 1/Drive/State", "L3/Pump 2/Drive/State"]) == ["Pump 1", "Pump 2"]
    assert unit_names(["L3/S50 Roof press/State"]) == ["S50"]
    assert unit_names(["State"]) == ["State"]
    assert unit_names(["L3/State", "L3/Mode"]) == ["L3", "L3"]


def test_inputs_are_called_by_unit_and_tag():
    assert input_name("L3/S50 Roof press/State") == "S50 State"
    assert input_name("Utilities/Compressed air/Energy") == "Compressed air Energy"
    assert input_name("State") == "State"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (840, "14 min"), (3599, "1 h 0 min"), (7800, "2 h 10 min")],
)
def test_durations_are_told_as_people_say_them(seconds: float, words: str):
    assert duration(seconds) == words


def test_deviations_carry_their_sign():
    assert (signed(0.219, 2), signed(-3.64, 1)) == ("+0.22", "−3.6")
