"""Whatever comes in whatever order, with crashes in between: the history holds each sample once."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.historian import Historian, gaps, load_tail
from engine.store.segment import Segment
from engine.types import Origin
from tests.engine.historian.kept import NOW_US, Clock, batch, opened, samples_of, tags_of

WIDE = list(range(70))
DAY_US = 86_400_000_000
FEW = (Origin.LIVE, Origin.LATE, Origin.BACKFILL)


class History(RuleBasedStateMachine):
    """Appends, seals, crashes and late samples in any order against a dictionary of sets."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="wr-history-"))
        self.tags, self.clock = tags_of(len(WIDE)), Clock()
        self.want: dict[int, set[tuple[int, float, int]]] = {tag: set() for tag in WIDE}
        self.historian: Historian | None = None

    @initialize()
    def start(self) -> None:
        self.historian = opened(self.folder, self.tags, self.clock)

    @rule(
        rows=st.integers(1, 3), step=st.sampled_from([0, 1, 1000, DAY_US // 3]), origin=st.sampled_from(FEW)
    )
    def wide(self, rows: int, step: int, origin: Origin) -> None:
        """A scan group as it comes again and again."""
        self.clock.us += 10
        times = [self.clock.us - step + k for k in range(rows)]
        self.append(WIDE, times, [[float(tag % 5)] for tag in WIDE], rows, origin)

    @rule(tag=st.sampled_from([0, 1, 69]), back=st.integers(0, 5), value=st.integers(0, 2), bad=st.booleans())
    def single(self, tag: int, back: int, value: int, bad: bool) -> None:
        """One sample, maybe late, maybe one that came before."""
        time_us, quality = self.clock.us - back, 0x80000000 if bad else 0
        assert self.historian is not None
        self.historian.append(batch([tag], [time_us], [[value]], [quality]))
        self.want[tag].add((time_us, float(value), quality))

    def append(
        self, tags: list[int], times: list[int], value: list[list[float]], rows: int, origin: Origin
    ) -> None:
        assert self.historian is not None
        row = [each[0] for each in value]
        self.historian.append(batch(tags, times, [row] * rows, receive_us=[self.clock.us] * rows), origin)
        for time_us in times:
            for tag, each in zip(tags, row, strict=True):
                self.want[tag].add((time_us, each, 0))

    @rule()
    def pack(self) -> None:
        assert self.historian is not None
        assert self.historian.seal()

    @rule()
    def gather(self) -> None:
        assert self.historian is not None
        assert self.historian.flush()
        self.historian.tail.gather()

    @rule(stopped=st.booleans())
    def start_again(self, stopped: bool) -> None:
        """After a stop, or after a crash: a copy of the files as they are on disk at some moment."""
        assert self.historian is not None
        assert self.historian.flush()
        before = self.stored()
        if stopped:
            self.historian.close()
        else:
            copy = Path(tempfile.mkdtemp(prefix="wr-history-"))
            for path in self.folder.iterdir():
                if path.name not in ("reserve", "frames.db-shm"):
                    shutil.copy(path, copy / path.name)
            self.historian.close()
            shutil.rmtree(self.folder)
            self.folder = copy
        self.clock.us += 1000
        self.historian = opened(self.folder, self.tags, self.clock)
        assert self.stored() == before

    def stored(self) -> list[list[tuple[int, float, int]]]:
        """All samples of some tags as often as they are stored."""
        assert self.historian is not None
        return [samples_of(self.folder, self.historian.tail, self.tags[tag], FEW) for tag in (0, 1, 5, 69)]

    @invariant()
    def every_sample_is_there_once(self) -> None:
        if self.historian is None:
            return
        assert self.historian.flush()
        for tag in (0, 1, 5, 69):
            for tail in (self.historian.tail, load_tail(self.folder)):
                found = samples_of(self.folder, tail, self.tags[tag], FEW)
                assert set(found) == self.want[tag]
        assert self.historian.lost == 0

    def teardown(self) -> None:
        if self.historian is not None:
            assert self.historian.seal()
            for tag in (0, 1, 5, 69):
                found = samples_of(self.folder, self.historian.tail, self.tags[tag], FEW)
                assert set(found) == self.want[tag]
            assert not any(gap.cause != "engine" for gap in gaps(self.folder, 0, 2**62))
            self.historian.close()
        shutil.rmtree(self.folder, ignore_errors=True)


History.TestCase.settings = settings(max_examples=8, stateful_step_count=12, deadline=None)
TestHistory = History.TestCase


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_duplicates_late_and_shuffled_samples_give_the_same_history_as_a_clean_run(
    rnd: object, seals: int
) -> None:
    clean = [(NOW_US + 1000 * k, float(k % 7), k % 3) for k in range(60)]
    messy = [*clean, *(clean[k] for k in range(0, 60, 9))]
    rnd.shuffle(messy)  # type: ignore[attr-defined]
    tag = tags_of(3)
    found = []
    for samples in (clean, messy):
        folder = Path(tempfile.mkdtemp(prefix="wr-history-"))
        historian = opened(folder, tag)
        for k, (time_us, value, which) in enumerate(samples):
            late = samples is messy and k % 4 == 0
            historian.append(batch([which], [time_us], [[value]]), Origin.LATE if late else Origin.LIVE)
            if k % (len(samples) // seals) == 0:
                assert historian.seal()
        assert historian.seal()
        historian.close()
        found.append([sorted(set(samples_of(folder, load_tail(folder), each, FEW))) for each in tag])
        shutil.rmtree(folder)
    assert found[0] == found[1]


def test_seal_cut_off_between_two_files_is_finished_and_doubles_nothing(tmp_path: Path) -> None:
    """Killed after the first of two days was packed, and more samples came before the next start."""
    tags = tags_of(100)
    midnight = NOW_US // DAY_US * DAY_US
    clock = Clock(midnight + 10)
    wide = list(range(100))
    historian = opened(tmp_path, tags, clock)
    for k in range(-3, 3):
        historian.append(batch(wide, [midnight + k], [[k] * 100]))
    assert historian.seal()
    historian.append(batch(wide, [midnight + 5], [[5] * 100]))
    historian.close()
    later = tmp_path / "samples-2025-06-15.db"
    segment = Segment(later)
    mark = segment.upto
    segment.close()
    # The same day file, but as if its seal had not been committed; its frames are still in the journal.
    other = tmp_path / "other"
    historian = opened(other, tags, clock)
    for k in range(-3, 3):
        historian.append(batch(wide, [midnight + k], [[k] * 100]))
    assert historian.flush()
    shutil.copy(tmp_path / "samples-2025-06-14.db", other / "samples-2025-06-14.db")
    assert load_tail(other).samples == 600
    historian.append(batch(wide, [midnight + 5], [[5] * 100]))
    historian.close()
    assert mark == 6
    historian = opened(other, tags, clock)
    assert historian.seal()
    found = samples_of(other, historian.tail, tags[42], (Origin.LIVE,))
    assert found == [(midnight + k, float(k), 0) for k in (-3, -2, -1, 0, 1, 2, 5)]
    historian.close()
