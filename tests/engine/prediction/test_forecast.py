import numpy as np
import pytest

from engine.prediction.forecast import forecast

ROW_US = 60_000_000
HOURS_US = 48 * ROW_US


def ahead(rows, limit=None):
    return forecast("Plant/Pump/Temperature", 0, ROW_US, rows, HOURS_US, limit)


def ramp(seed: int, rows: int = 448, begins: int = 150) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=rows)
    return 50 + 0.2 * np.maximum(np.arange(rows) - begins, 0) + noise


def test_a_steady_rise_is_continued_and_its_crossing_foreseen():
    rows = ramp(1)
    found = ahead(rows[:400], limit=105.0)
    assert found is not None
    assert found.middle[-1] > found.middle[0] + 5
    # 50 + 0.2 (at − 150) = 105 at row 425: 26 rows after the last.
    assert found.crosses_us == pytest.approx(26 * ROW_US, rel=0.25)
    assert found.earliest_us <= found.crosses_us
    assert found.latest_us is None or found.crosses_us <= found.latest_us


def test_what_does_not_beat_staying_as_it_is_gives_no_forecast():
    random = np.random.default_rng(2)
    shown = 0
    for _ in range(8):
        shown += ahead(random.normal(size=400)) is not None
        shown += ahead(random.normal(size=400).cumsum()) is not None
    assert shown <= 1


def test_constant_short_and_absent_rows_give_no_forecast():
    assert ahead(np.full(400, 7.0)) is None
    assert ahead(np.arange(40.0)) is None
    assert ahead([]) is None
    rows = ramp(3)[:400]
    rows[-5:] = np.nan
    assert ahead(rows) is None
    assert ahead(np.full(400, np.nan)) is None


def test_four_of_five_futures_lie_in_the_interval():
    inside = total = shown = 0
    for seed in range(16):
        rows = ramp(seed, begins=100)
        found = ahead(rows[:400])
        if found is not None:
            shown += 1
            came = rows[399 + np.array(found.at_us) // ROW_US]
            inside += int(((came >= found.low) & (came <= found.high)).sum())
            total += len(came)
    assert shown >= 8
    assert 0.75 <= inside / total <= 0.98


def test_the_interval_holds_the_middle_and_never_narrows():
    found = ahead(ramp(4)[:400])
    width = np.array(found.high) - np.array(found.low)
    assert (np.diff(width) >= -1e-9).all()
    assert (np.array(found.low) <= found.middle).all()
    assert (np.array(found.middle) <= found.high).all()


def test_a_fall_is_the_mirror_of_a_rise():
    rows = ramp(5)[:400]
    up, down = ahead(rows, limit=110.0), ahead(-rows, limit=-110.0)
    np.testing.assert_allclose(np.array(down.middle), -np.array(up.middle))
    np.testing.assert_allclose(np.array(down.low), -np.array(up.high))
    assert down.crosses_us == up.crosses_us
    assert down.earliest_us == up.earliest_us


def test_spikes_and_holes_do_not_turn_the_line():
    rows = ramp(6)[:400]
    spoiled = rows.copy()
    spoiled[::17] = 1000.0
    spoiled[5::23] = np.nan
    plain, found = ahead(rows), ahead(spoiled)
    assert plain is not None
    assert found is None or abs(found.middle[-1] - plain.middle[-1]) < 5


def test_a_limit_out_of_reach_is_never_crossed():
    found = ahead(ramp(7)[:400], limit=10_000.0)
    assert (found.crosses_us, found.earliest_us, found.latest_us) == (None, None, None)
