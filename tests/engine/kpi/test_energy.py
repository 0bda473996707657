import msgspec
import pytest

from tests.engine.kpi.line import AIR, ENERGY, GOOD, Line


def test_energy_per_piece_names_the_meter_that_exceeds_its_share_most():
    """3.7 + 1.1 kWh a piece; expected are 0.8 x 4.6 = 3.68 and 0.2 x 4.6 = 0.92."""
    line = Line((ENERGY,))
    line.pieces(10, main=3.7 / 60, air=1.1 / 60)
    figure = line.figure()
    assert figure.value == pytest.approx(4.8)
    assert figure.reason == "compressed air +0.18"


def test_less_energy_than_planned_needs_no_reason():
    line = Line((ENERGY,))
    line.pieces(10, main=3.0 / 60, air=1.1 / 60)
    assert (line.figure().value, line.figure().reason) == (pytest.approx(4.1), "")


def test_without_shares_the_largest_meter_is_named():
    line = Line((msgspec.structs.replace(ENERGY, shares={}),))
    line.pieces(10, main=3.7 / 60, air=1.1 / 60)
    assert line.figure().reason == "most: machines 3.70"


def test_energy_goes_on_while_the_line_stands_still():
    line = Line((msgspec.structs.replace(ENERGY, ideal_cycle_s=60.0),))
    line.pieces(11, main=0.05)
    line.play(60 + 600, main=0.05)
    assert line.figure().value == pytest.approx(0.05 * 1200 / 10)


def test_without_pieces_there_is_no_energy_per_piece():
    line = Line((ENERGY,))
    line.play(200, main=0.1)
    figure = line.figure()
    assert (figure.value, figure.reason) == (None, "no good piece yet")
    assert figure.status == 0x80320000, "a figure without a value is not good"


@pytest.mark.parametrize("restart", [0.0, 99_999.0])
def test_a_meter_that_restarts_or_is_set_adds_nothing(restart: float):
    line = Line((ENERGY,))
    line.values[AIR] = 5000.0
    line.pieces(5, main=3.7 / 60, air=1.1 / 60)
    line.values[AIR] = restart
    line.pieces(5, main=3.7 / 60, air=1.1 / 60)
    assert line.figure().value == pytest.approx(4.8, rel=0.003)
    assert line.values[GOOD] == 10
