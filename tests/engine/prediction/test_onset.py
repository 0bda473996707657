import numpy as np

from engine.prediction.onset import Rule, after, quiet, runs

RULE = Rule(sustained=3, down=0.7)


def run(ratios: list[float]) -> tuple[list[bool], list[int]]:
    alarm, since = runs(np.array(ratios), np.arange(1, len(ratios) + 1) * 10, RULE)
    return alarm.tolist(), since.tolist()


def test_it_is_found_after_three_rows_and_dated_back_to_where_the_score_left_the_usual():
    alarm, since = run([0.2, 0.3, 0.6, 0.9, 1.1, 1.2, 1.3, 1.4])
    assert alarm == [False] * 6 + [True] * 2
    assert since[-1] == 30


def test_two_rows_over_the_limit_are_not_enough():
    assert not any(run([0.2, 1.5, 1.5, 0.2, 1.5, 1.5, 0.2])[0])


def test_it_ends_only_well_below_the_limit_for_as_long():
    alarm, since = run([2.0, 2.0, 2.0, 0.9, 0.9, 0.9, 0.6, 0.6, 0.9, 0.6, 0.6, 0.6, 0.2])
    assert alarm == [False, False] + [True] * 9 + [False, False]
    assert since[10] == 10
    assert since[11] == 0


def test_the_next_run_has_its_own_beginning():
    _, since = run([2.0] * 3 + [0.6] * 3 + [0.2] + [2.0] * 3)
    assert since[-1] == 80


def test_a_time_without_score_neither_begins_nor_ends_it():
    nan = float("nan")
    assert not any(run([1.5, 1.5, nan, 1.5, 1.5])[0])
    alarm, since = run([1.5, 1.5, 1.5, nan, nan, nan, nan])
    assert alarm[-1]
    assert since[-1] == 10


def test_assets_are_judged_each_by_itself():
    state = quiet(3)
    for at in range(1, 6):
        state = after(state, np.array([2.0, 0.1, np.nan]), at, RULE)
    assert state.since_us.tolist() == [1, 0, 0]
