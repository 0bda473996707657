import numpy as np
import pytest

from engine.prediction.pca import begin, contributions, learn, score
from engine.prediction.sound import NotLearned

COUNT = 40
TAGS = tuple(f"T{at}" for at in range(COUNT))


def made(rows: int, seed: int = 1) -> np.ndarray:
    """Forty tags driven by three causes."""
    mix = np.random.default_rng(99).normal(size=(3, COUNT))
    random = np.random.default_rng(seed)
    return 10 + random.normal(size=(rows, 3)) @ mix + 0.3 * random.normal(size=(rows, COUNT))


NORMAL = learn(made(1200), TAGS)


def test_normal_stays_below_and_a_tag_that_leaves_the_others_goes_over():
    assert (score(NORMAL, begin(NORMAL), made(1500, 2))[0] > 1).mean() < 0.01
    rows = made(60, 3)
    rows[:, 17] += 2.5
    found, state = score(NORMAL, begin(NORMAL), rows)
    assert (found[30:] > 1).all()
    assert contributions(NORMAL, state, rows[-1])[0].group == "T17"


def test_a_cause_larger_than_ever_goes_over_though_the_tags_still_agree():
    mix = np.random.default_rng(99).normal(size=(3, COUNT))
    found, _ = score(NORMAL, begin(NORMAL), made(60, 4) + 4.0 * mix[0])
    assert (found[30:] > 1).all()


def test_missing_tags_are_filled_in_by_the_others():
    rows = made(80, 5)
    whole, _ = score(NORMAL, begin(NORMAL), rows)
    rows[:, :8] = np.nan
    partial, _ = score(NORMAL, begin(NORMAL), rows)
    assert np.isfinite(partial).all()
    assert (partial < 1).all()
    assert np.abs(partial - whole).max() < 0.5
    rows[:, :25] = np.nan
    assert np.isnan(score(NORMAL, begin(NORMAL), rows)[0]).all()


def test_row_after_row_gives_what_all_at_once_give():
    rows = made(40, 6)
    rows[11, 3] = np.nan
    whole, _ = score(NORMAL, begin(NORMAL), rows)
    state, found = begin(NORMAL), []
    for row in rows:
        each, state = score(NORMAL, state, row[None])
        found.append(each[0])
    np.testing.assert_allclose(found, whole, rtol=1e-9)


def test_too_short_a_period_is_refused_with_the_reason():
    with pytest.raises(NotLearned, match="mark a longer one"):
        learn(made(100), TAGS)
