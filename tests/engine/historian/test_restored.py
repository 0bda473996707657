"""A backup made while the historian writes and packs, brought back: nothing that was on disk is missing."""

import threading
from pathlib import Path

import numpy as np
import pytest

from engine.historian import load_tail
from engine.store.backup import back_up
from engine.store.restore import restore
from tests.engine.historian.kept import NOW_US, Clock, batch, opened, samples_of, tags_of

STEP_US, ROWS = 10_000, 20


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "mill"
    (folder / "data").mkdir(parents=True)
    (folder / "plant.toml").write_text("")
    return folder


def values(folder: Path, tag: int) -> list[float]:
    """Every stored sample of a tag that holds a number, by time."""
    return [
        value for _, value, quality in samples_of(folder, load_tail(folder), tags_of(3)[tag]) if quality == 0
    ]


@pytest.mark.parametrize("to", ["mill.zip", "share"])
def test_every_acknowledged_sample_is_in_a_backup_made_while_they_are_written_and_packed(
    project: Path, tmp_path: Path, to: str
) -> None:
    folder, clock, tags = project / "data" / "history", Clock(), tags_of(3)
    historian = opened(folder, tags, clock)
    stop, written = threading.Event(), 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            k = np.arange(written, written + ROWS)
            clock.us = int(NOW_US + k[-1] * STEP_US)
            rows = np.stack([k, k / 2, -k], axis=1).tolist()
            historian.append(batch([0, 1, 2], (NOW_US + k * STEP_US).tolist(), rows))
            written += ROWS
            stop.wait(0.0005)

    def pack() -> None:
        while not stop.is_set():
            historian.seal()

    threads = [threading.Thread(target=work) for work in (write, pack)]
    for thread in threads:
        thread.start()
    if to == "share":
        (tmp_path / to).mkdir()
    try:
        acknowledged = list[int]()
        for night in range(3):  # the later ones reuse what the earlier ones copied
            known = written
            assert historian.flush()
            back_up(project, tmp_path / to, clock.us + night)
            acknowledged.append(known)
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)
        historian.close()
    assert acknowledged[-1] > 100
    restore(tmp_path / to, tmp_path / "new")
    here = tmp_path / "new" / "data" / "history"
    for tag, factor in enumerate((1, 0.5, -1)):
        found = values(here, tag)
        assert found == [k * factor for k in range(len(found))], "a sample is missing or there twice"
        assert len(found) >= acknowledged[-1]


def test_restored_history_goes_on_and_loses_nothing_that_comes_after(project: Path, tmp_path: Path) -> None:
    """The copy of the journal of samples is older than those of the segments: numbers must not come again."""
    folder, tags = project / "data" / "history", tags_of(1)
    historian = opened(folder, tags)
    calls = 0

    def while_the_journal_is_copied(_: float) -> bool:
        nonlocal calls
        calls += 1
        if calls == 2:  # the first is before any file, and the journal comes first
            for k in range(10, 60):
                historian.append(batch([0], [NOW_US + k * STEP_US], [[float(k)]]))
                assert historian.flush()
            assert historian.seal()
        return True

    for k in range(10):
        historian.append(batch([0], [NOW_US + k * STEP_US], [[float(k)]]))
    assert historian.seal()
    historian.append(batch([0], [NOW_US + 9 * STEP_US + 1], [[9.5]]))
    assert historian.flush()
    (tmp_path / "share").mkdir()
    back_up(project, tmp_path / "share", NOW_US, watch=while_the_journal_is_copied)
    historian.close()
    restore(tmp_path / "share", tmp_path / "new")
    here = tmp_path / "new" / "data" / "history"
    before = values(here, 0)
    assert before == [*map(float, range(10)), 9.5, *map(float, range(10, 60))], "the segment was copied later"
    historian = opened(here, tags, Clock(NOW_US + 1000 * STEP_US))
    for k in range(100, 130):
        historian.append(batch([0], [NOW_US + k * STEP_US], [[float(k)]]))
    assert historian.seal()
    historian.close()
    assert values(here, 0) == [*before, *map(float, range(100, 130))]
