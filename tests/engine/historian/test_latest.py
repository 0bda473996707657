"""The newest sample of every tag in a tail, whatever kind of frames it came in."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.historian.latest import latest
from engine.historian.tail import Tail
from engine.store.frames import Frame
from engine.types import Origin

Seen = dict[int, tuple[int, float, int]]


def dense(random: np.random.Generator, own_times: bool, seen: list[tuple[int, int, float, int]]) -> Frame:
    tags = np.sort(random.choice(20, random.integers(1, 8), replace=False)).astype(np.int32)
    rows = int(random.integers(1, 6))
    shape = (rows, len(tags)) if own_times else (rows,)
    source = random.integers(0, 50, shape)
    value = random.normal(size=(rows, len(tags)))
    quality = random.integers(0, 3, (rows, len(tags))).astype(np.uint32) if random.random() < 0.5 else None
    for row in range(rows):
        for k, tag in enumerate(tags.tolist()):
            time = int(source[row, k] if own_times else source[row])
            seen.append((time, tag, float(value[row, k]), 0 if quality is None else int(quality[row, k])))
    return Frame(Origin.LIVE, tags, source, source.max(axis=-1) if own_times else source, value, quality)


def mixed(random: np.random.Generator, seen: list[tuple[int, int, float, int]]) -> Frame:
    n = int(random.integers(1, 12))
    tags = random.integers(0, 20, n).astype(np.int32)
    source, value = random.integers(0, 50, n), random.normal(size=n)
    seen += zip(source.tolist(), tags.tolist(), value.tolist(), [0] * n, strict=True)
    return Frame(Origin.LATE, tags, source, source, value)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(-1, 51))
def test_newest_sample_by_an_instant_is_found_of_every_tag(seed: int, frames: int, time_us: int) -> None:
    random = np.random.default_rng(seed)
    seen: list[tuple[int, int, float, int]] = []
    tail = Tail()
    for k in range(frames):
        kind = int(random.integers(0, 3))
        tail.add([mixed(random, seen) if kind == 2 else dense(random, kind == 1, seen)], k + 1)
    found = latest(tail.runs(), time_us)
    newest: dict[int, set[tuple[int, float, int]]] = {}
    for time, tag, value, quality in seen:
        if time <= time_us:
            had = newest.setdefault(tag, set())
            if had and next(iter(had))[0] < time:
                had.clear()
            if not had or next(iter(had))[0] == time:
                had.add((time, value, quality))
    assert found.keys() == newest.keys()
    assert all(found[tag] in newest[tag] for tag in found)


def test_empty_tail_has_nothing() -> None:
    assert latest(Tail().runs(), 10) == {}


def test_of_equal_times_the_one_that_came_last_stands() -> None:
    tail = Tail()
    times = np.array([5, 5, 4])
    tail.add([Frame(Origin.LIVE, np.array([1], np.int32), times, times, np.array([[1.0], [2.0], [3.0]]))], 1)
    assert latest(tail.runs(), 9)[1] == (5, 2.0, 0)


def test_of_equal_times_in_frames_of_different_layouts_the_one_received_last_stands() -> None:
    tail = Tail()
    one, wide = np.array([1], np.int32), np.arange(3, dtype=np.int32)

    def frame(tags: np.ndarray, receive_us: int, value: float) -> Frame:
        given = np.full((1, len(tags)), value)
        return Frame(Origin.ENGINE, tags, np.array([5]), np.array([receive_us]), given)

    tail.add([frame(wide, 1, 1.0), frame(one, 2, 2.0), frame(wide, 3, 3.0), frame(one, 4, 4.0)], 4)
    tail.add([frame(wide, 5, 5.0)], 5)
    tail.gather()
    assert latest(tail.runs(), 9)[1] == (5, 5.0, 0)
    (found,) = tail.find(1, 0, 9)
    assert found.value.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
