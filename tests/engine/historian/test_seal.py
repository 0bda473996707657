"""What a seal makes of samples: lines keep their bound whatever came beside them, and end with a chunk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.historian.framing import TRUSTED_LAYOUTS, Framing
from engine.historian.line import rebuild
from engine.historian.places import DAY_US
from engine.historian.reading import merged
from engine.historian.runs import gather
from engine.historian.seal import MOST_IN_CHUNK, Sealing
from engine.store.frame_rows import Frame
from engine.store.segment import Chunk
from engine.types import Origin, Tag
from tests.engine.historian.kept import batch
from tests.engine.historian.stored import START_US

SECOND_US = 1_000_000
BAND = 0.5


def frame(time_us: NDArray[np.int64], value: NDArray[np.float64], origin: Origin = Origin.LIVE) -> Frame:
    return Frame(origin, np.zeros(len(time_us), np.int32), time_us, time_us, value)


def nothing(_tag: int, _first_us: int, _end_us: int) -> Sequence[Chunk]:
    """No segment holds anything yet."""
    return ()


def sealed(*frames: Frame) -> list[Chunk]:
    """What is stored of a tag with a deadband."""
    tag = Tag(0, "Area/Unit/Tag", "plc", "holding:0", deadband=BAND)
    found = Sealing({0: tag}, {}, nothing).chunks(gather(frames))
    return [chunk for chunks in found.values() for chunk in chunks]


@st.composite
def beside(draw: st.DrawFn) -> Frame:
    """Samples that did not come live, anywhere between the live ones and also at their times."""
    at = draw(st.lists(st.integers(-5, 405), min_size=1, max_size=6))
    values = draw(st.lists(st.floats(-50, 50), min_size=len(at), max_size=len(at)))
    origin = draw(st.sampled_from([Origin.LATE, Origin.BACKFILL, Origin.ENGINE]))
    return frame(START_US + np.array(sorted(at)) * SECOND_US // 4, np.array(values), origin)


@given(st.integers(0, 2**32 - 1), st.lists(beside(), max_size=3))
@settings(deadline=None, max_examples=80)
def test_every_sample_left_out_is_read_within_the_deadband_whatever_came_beside(
    seed: int, others: list[Frame]
) -> None:
    random = np.random.default_rng(seed)
    times = START_US + np.arange(100) * SECOND_US
    value = np.cumsum(random.normal(0, 0.2, 100))
    chunks = sealed(frame(times, value), *others)
    left_out = ~np.isin(times, np.concatenate([c.time_us for c in chunks if c.origin is Origin.LIVE]))
    read = rebuild(merged(sorted(chunks, key=lambda chunk: int(chunk.time_us[0]))), times)
    assert (np.abs(read - value)[left_out] <= BAND).all()
    if not others:
        assert left_out.sum() > 20


def test_no_line_leads_from_one_chunk_into_the_next_or_over_midnight() -> None:
    times = START_US + DAY_US - 5_000 * SECOND_US + np.arange(30_000) * SECOND_US
    chunks = sealed(frame(times, np.linspace(0, 100, 30_000)))
    assert sum(len(chunk.time_us) for chunk in chunks) < 1_000, "they were thinned"
    received = [len(c.time_us) + int(c.dropped.sum()) for c in chunks if c.dropped is not None]
    assert sum(received) == 30_000
    assert max(received) <= MOST_IN_CHUNK
    assert [int(chunk.dropped[-1]) for chunk in chunks if chunk.dropped is not None] == [0] * len(chunks)
    assert {int(chunk.time_us[-1]) // DAY_US - int(chunk.time_us[0]) // DAY_US for chunk in chunks} == {0}


def test_scan_group_is_one_run_from_its_first_frame_on() -> None:
    framing, wide = Framing(10**18), list(range(80))
    frames: list[Frame] = []
    for k in range(3):
        waiting = [(batch(wide, [START_US + k], [[float(k)] * 80]), Origin.LIVE, None)]
        frames += framing.frames(waiting, START_US)[0]
    assert len(gather(frames)) == 1


def test_groups_that_never_come_again_have_no_layouts() -> None:
    framing = Framing(10**18)
    dense = 0
    for k in range(3 * TRUSTED_LAYOUTS):
        waiting = [(batch(list(range(k, k + 80)), [START_US + k], [[1.0] * 80]), Origin.LIVE, None)]
        dense += sum(each.value.ndim == 2 for each in framing.frames(waiting, START_US)[0])
    assert dense == TRUSTED_LAYOUTS
    again = batch(list(range(100, 180)), [START_US + 500], [[1.0] * 80])
    assert framing.frames([(again, Origin.LIVE, None)], START_US)[0][0].value.ndim == 2
