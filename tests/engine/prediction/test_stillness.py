"""A sensor that is stuck: seen by its own tag, never by one that may rest, and nothing where all is well."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.prediction.doubts import ENOUGH
from engine.prediction.normals import Watched, keep, learned, read_kept
from engine.prediction.outlooks import merged
from engine.prediction.stillness import LEAST, TIMES, Rest, after, begin, rests_of, stuck
from engine.types import Outlook

ROWS, TAGS = 600, 6
ROW_US = 600_000_000
NAMES = [f"tag {at}" for at in range(TAGS)]


def rows(seed: int, many: int = ROWS) -> np.ndarray:
    return np.random.default_rng(seed).normal(50.0, 2.0, (many, TAGS)).astype(np.float32).astype(np.float64)


def resting(seed: int, rest: int) -> np.ndarray:
    """Tag 1 stands still for ``rest`` rows of every hundred, as at night."""
    found = rows(seed)
    for start in range(50, ROWS, 100):
        found[start : start + rest, 1] = 3.0
    return found


def seen(normal: np.ndarray, now: np.ndarray) -> list[list[int]]:
    rests, still, found = rests_of(normal), begin(normal.shape[1]), []
    for at, row in enumerate(now):
        still = after(still, rests, row, at * ROW_US)
        found.append(stuck(still, rests))
    return found


@given(st.integers(0, 10_000), st.integers(0, TAGS - 1), st.integers(20, 400))
@settings(max_examples=30, deadline=None)
def test_a_frozen_tag_is_named_after_some_two_hours_and_no_other_is(seed: int, tag: int, at: int) -> None:
    now = rows(seed + 1)
    now[at:, tag] = now[at - 1, tag]
    found = seen(rows(seed), now)
    # By chance it hardly moved just before it froze, or for a few rows while all was well.
    assert not any(found[: at + LEAST // 2])
    assert found[at + LEAST + 2 * TIMES] == found[-1] == [tag]


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_nothing_is_said_where_all_is_well(seed: int) -> None:
    now = rows(seed + 1)
    now[np.random.default_rng(seed).random(now.shape) < 0.1] = np.nan
    assert not any(seen(rows(seed), now))


def test_a_tag_that_rests_at_night_is_not_stuck_until_far_longer() -> None:
    now = rows(3, 200)
    now[50:, 1] = 3.0
    found = seen(resting(2, 30), now)
    # 29 rows without a change from one to the next is what the nights had.
    assert not any(found[50 + 29 * TIMES - 1 :: -1])
    assert found[-1] == [1]


def test_a_tag_that_was_never_seen_to_move_is_never_called_stuck() -> None:
    normal, now = rows(4), rows(5)
    normal[:, 2] = now[:, 2] = 7.0
    assert not any(seen(normal, now))


def test_a_plant_that_stands_blames_no_sensor() -> None:
    now = rows(6)
    now[100:, :4] = now[99, :4]
    assert not any(seen(rows(7), now))
    now[:, :3] = rows(6)[:, :3]
    assert seen(rows(7), now)[-1] == [3]


def test_a_tag_that_moves_or_goes_bad_begins_anew() -> None:
    rests = rests_of(rows(8))
    still = begin(TAGS)
    for at in range(LEAST):
        still = after(still, rests, np.full(TAGS, 1.0), at * ROW_US)
    bad = np.full(TAGS, 1.0)
    bad[0] = np.nan
    still = after(after(still, rests, bad, 0), rests, np.full(TAGS, 1.0), 0)
    assert still.rows[0] == 0 and still.rows[1] > LEAST


def test_rests_tell_the_longest_run_and_the_smallest_change() -> None:
    assert rests_of(np.array([[1.0], [2.0], [2.0], [2.0], [4.0]]))[0] == Rest(pytest.approx(0.05), 2)
    assert rests_of(np.array([[1.0], [1.0], [1.0]]))[0] == Rest(pytest.approx(1e-6), 2)
    assert rests_of(np.full((3, 1), np.nan))[0] == Rest(0.0, 3)


def test_a_watched_asset_names_the_stuck_tag_and_since_when_also_after_its_file_was_read(tmp_path) -> None:
    whole = np.ones((ROWS, TAGS), np.float32)
    kept, _ = learned("Press", NAMES, (rows(9), whole), (0, ROWS * ROW_US), "Ada", "calm", 1)
    (tmp_path / "normals").mkdir()
    keep(tmp_path, kept)
    ((again, normal),), wrong = read_kept(tmp_path)
    assert again.rests == kept.rests and not wrong
    watched, now = Watched(again, normal, np.arange(TAGS)), rows(10)
    now[99:, 4] = now[98, 4] + 1.0
    good = np.full(TAGS, ENOUGH, np.float32)
    for at, row in enumerate(now[:130]):
        watched.take(row, good, at * ROW_US)
        assert len(watched.unmoved()) == (at >= 100 + LEAST - 1)
    assert watched.unmoved() == ("tag 4 does not move any more, since 1970-01-01T16:40Z",)


def test_it_is_said_beside_a_failure_model_too() -> None:
    normal = Outlook("Press", 1, 1, 60.0, ("limits", "normal"), degraded=("tag 4 does not move any more",))
    model = Outlook("Press", 1, 1, 60.0, ("limits", "failure"), p48=0.1, degraded=("the journal is short",))
    both = merged([model, normal])
    assert both.p48 == 0.1 and both.degraded == (*model.degraded, *normal.degraded)


def test_a_normal_that_tells_of_too_few_tags_is_refused(tmp_path) -> None:
    whole = np.ones((ROWS, TAGS), np.float32)
    kept, _ = learned("Press", NAMES, (rows(9), whole), (0, ROWS * ROW_US), "Ada", "calm", 1)
    keep(tmp_path, kept)
    (file,) = (tmp_path / "normals").glob("*.json")
    text = file.read_text()
    first = text.index('"rests"')
    file.write_text(text[:first] + '"rests": [{"step": 1.0, "rows": 2}]}')
    found, wrong = read_kept(tmp_path)
    assert not found and "how still" in next(iter(wrong.values()))
