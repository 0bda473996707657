import numpy as np
import pytest

from engine.prediction.normal import (
    Settings,
    State,
    begin,
    contributions,
    degraded,
    distances,
    fleet,
    learn,
    score,
    score_fleet,
)
from engine.prediction.sound import NotLearned

TAGS = ("current", "flow", "temperature", "vibration")


def made(rows: int, seed: int = 1) -> np.ndarray:
    """Four tags of which current and flow move together."""
    random = np.random.default_rng(seed)
    load = random.normal(size=rows)
    noise = random.normal(size=(rows, 4))
    return np.column_stack(
        [
            5 + load + 0.1 * noise[:, 0],
            40 + 4 * load + 0.4 * noise[:, 1],
            60 + noise[:, 2],
            2 + 0.2 * noise[:, 3],
        ]
    )


NORMAL = learn(made(600), TAGS)


def test_normal_rows_stay_below_the_limit_and_a_shift_goes_over_it():
    ratios = score(NORMAL, begin(NORMAL), made(2000, 2))[0] / NORMAL.limit
    assert (ratios > 1).mean() < 0.001
    shifted = made(60, 3)
    shifted[:, 3] += 1.0
    assert (score(NORMAL, begin(NORMAL), shifted)[0][30:] > NORMAL.limit).all()


def test_tags_that_part_company_are_abnormal_though_each_is_in_its_range():
    rows = made(60, 4)
    rows[:, 0], rows[:, 1] = 6.0, 36.0  # one deviation each, but they never go apart
    found, _ = score(NORMAL, begin(NORMAL), rows)
    assert found[-1] > NORMAL.limit


def test_row_after_row_gives_the_bits_of_all_at_once():
    rows = made(50, 5)
    rows[7, 2] = rows[20, :] = rows[31, 0] = np.nan
    whole, _ = score(NORMAL, begin(NORMAL), rows)
    state, found = begin(NORMAL), []
    for row in rows:
        each, state = score(NORMAL, state, row[None])
        found.append(each[0])
    assert np.array(found).tobytes() == whole.tobytes()


def test_a_fleet_scores_as_each_asset_alone():
    normals = [learn(made(400, seed), TAGS) for seed in range(5)]
    rows = np.stack([made(30, seed + 50) for seed in range(5)], axis=1)
    rows[4, 2, 1] = np.nan
    state = State(
        np.stack([begin(n).smoothed for n in normals]), np.stack([begin(n).centre for n in normals])
    )
    together = []
    for row in rows:
        found, state = score_fleet(fleet(normals), state, row)
        together.append(found)
    alone = np.stack([score(n, begin(n), rows[:, at])[0] for at, n in enumerate(normals)], axis=1)
    np.testing.assert_allclose(np.array(together), alone, rtol=1e-12)


def test_missing_tags_leave_the_distance_of_the_others():
    deviations = np.array([[0.3, -0.2, 0.5, np.nan]])
    found = distances(fleet([NORMAL]), deviations)[0]
    inverse = np.linalg.inv(NORMAL.spread[:3, :3])
    plain = deviations[0, :3] @ inverse @ deviations[0, :3]
    # Raised by the quotient of the 99 % quantiles of chi-square with 4 and 3 degrees, from its tables.
    assert found == pytest.approx(plain * 13.277 / 11.345, rel=0.01)


def test_too_few_inputs_give_no_score_and_say_why():
    row = np.array([5.0, np.nan, np.nan, np.nan])
    found, _ = score(NORMAL, begin(NORMAL), row[None])
    assert np.isnan(found[0])
    assert degraded(NORMAL, row) == ("no score: 3 of 4 inputs are missing",)
    assert degraded(NORMAL, [5.0, 40.0, np.nan, 2.0]) == ("temperature is missing",)
    assert degraded(NORMAL, made(1)[0]) == ()


def test_a_few_spikes_in_the_marked_period_change_little():
    rows = made(600)
    rows[[100, 300]] = 1e6
    spiked = learn(rows, TAGS)
    np.testing.assert_allclose(spiked.centre, NORMAL.centre, rtol=0.02)
    assert spiked.limit == pytest.approx(NORMAL.limit, rel=0.25)
    assert spiked.rows == 598


def test_constant_and_absent_tags_are_left_out_by_name():
    rows = np.column_stack([made(600), np.full(600, 7.0), np.full(600, np.nan)])
    found = learn(rows, (*TAGS, "setpoint", "spare"))
    assert found.left_out == ("setpoint", "spare")
    wild = np.column_stack([made(20, 6), np.full(20, 9e9), np.full(20, 1.0)])
    assert (score(found, begin(found), wild)[0] < found.limit).all()


def test_tags_that_repeat_each_other_can_still_be_learned():
    rows = made(600)
    twice = np.column_stack([rows, rows[:, 0]])
    found = learn(twice, (*TAGS, "current again"))
    ratios = score(found, begin(found), np.column_stack([made(500, 8), made(500, 8)[:, 0]]))[0] / found.limit
    assert np.isfinite(ratios).all()
    assert (ratios > 1).mean() < 0.01


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (made(50), "holds 50 rows"),
        (np.ones((500, 4)), "No tag moved"),
        (np.full((500, 4), np.nan), "No tag moved"),
        (np.empty((0, 4)), "No tag moved"),
    ],
)
def test_a_period_that_teaches_nothing_is_refused_with_the_reason(rows, words):
    with pytest.raises(NotLearned, match=words):
        learn(rows, TAGS)


def test_the_tag_that_moved_is_named_first():
    rows = made(40, 9)
    rows[:, 2] += 6.0
    _, state = score(NORMAL, begin(NORMAL), rows)
    top = contributions(NORMAL, state, rows[-1], paths=[f"Plant/Pump/{tag}" for tag in TAGS])
    assert top[0].group == "temperature"
    assert top[0].tag == "Plant/Pump/temperature"
    assert top[0].value == rows[-1, 2]
    assert top[0].normal == pytest.approx(60.0, abs=0.2)
    assert top[0].weight > 3 * top[1].weight


def test_a_following_centre_takes_slow_wander_but_stands_still_while_abnormal():
    settings = Settings(follow=0.01, wander_rows=40)
    wandering = made(1200, 10) + np.linspace(0, 3, 1200)[:, None] * [0, 0, 1, 0]
    found = learn(wandering[:600], TAGS, settings)
    calm, state = score(found, begin(found), wandering[600:])
    assert (calm[100:] > found.limit).mean() < 0.05
    broken = made(600, 11) + [0, 0, wandering[-1, 2] - 60, 3.0]
    ratios, after = score(found, state, broken)
    assert (ratios[50:] > found.limit).all()
    assert abs(after.centre[3] - state.centre[3]) < 0.5


def test_a_following_centre_never_leaves_its_reach():
    settings = Settings(follow=0.05, reach=1.0, margin=50.0)
    found = learn(made(600), TAGS, settings)
    rows = made(3000, 12) + np.linspace(0, 8, 3000)[:, None] * [0, 0, 1, 0]
    _, state = score(found, begin(found), rows)
    assert state.centre.max() <= 1.0
    assert state.centre[2] == 1.0


def test_a_held_back_period_sets_the_limit():
    wide = 60 + (made(400, 13) - 60) * 1.5
    assert learn(made(600), TAGS, None, wide).limit > 1.5 * learn(made(600), TAGS, None, made(400, 14)).limit
    with pytest.raises(NotLearned, match="held-back"):
        learn(made(600), TAGS, None, made(20))
