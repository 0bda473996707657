"""Segments that rot: found, and everything that is still good saved, never a wrong sample."""

from pathlib import Path

import numpy as np
import pytest

from engine.store.damage import Stopped, look
from engine.store.database import open_database
from engine.store.salvage import Salvaged, salvage
from engine.store.segment import PAGE_BYTES, Segment
from tests.engine.store.segments import DAY, DAY_US, NAME, Content, chunks, content, make, spoil

SPAN = DAY, DAY + DAY_US


def on(_: float) -> bool:
    return True


def rescue(path: Path) -> tuple[Salvaged, Content]:
    aside = path.with_name(f"{path.name}.damaged-1")
    path.rename(aside)
    found = salvage(aside, path, on, SPAN)
    return found, content(path)


def missing(before: Content, after: Content) -> set[tuple[int, int]]:
    """Tag and time of every sample that is not there any more."""
    return {(tag, row[0]) for tag, rows in before.items() for row in rows} - {
        (tag, row[0]) for tag, rows in after.items() for row in rows
    }


def is_told(found: Salvaged, tag: int, time_us: int) -> bool:
    return any(each.tag in (None, tag) and each.first_us <= time_us <= each.last_us for each in found.lost)


def test_sound_segment_is_sound(tmp_path: Path) -> None:
    path = tmp_path / NAME
    make(path)
    shares: list[float] = []
    assert look(path, lambda share: not shares.append(share)) == ""
    assert shares and all(0 <= share <= 1 for share in shares)


def test_looking_through_a_file_ends_when_it_is_told_to(tmp_path: Path) -> None:
    make(tmp_path / NAME)
    with pytest.raises(Stopped):
        look(tmp_path / NAME, lambda share: False)


@pytest.mark.parametrize("column", ["value", "quality", "dropped", "crc", "n", "last_us", "low", "received"])
def test_changed_number_or_blob_of_a_chunk_is_found_and_only_that_chunk_is_lost(
    tmp_path: Path, column: str
) -> None:
    path = tmp_path / NAME
    before = make(path)
    changes = {"value": "zeroblob(length(value))", "low": "low - 1"}
    change = changes.get(
        column, f"x'00' || substr({column}, 2)" if column in ("quality", "dropped") else f"{column} + 1"
    )
    connection = open_database(path)
    connection.execute(
        f"UPDATE chunks SET {column} = {change} WHERE tag = 3 AND first_us = ?", (DAY + 600_000_000,)
    )
    assert connection.execute("SELECT changes()").fetchone()[0] == 1
    connection.close()
    assert "changed on the disk" in look(path, on)
    found, after = rescue(path)
    gone = missing(before, after)
    assert gone == {(3, DAY + k * 1_000_000) for k in range(600, 1200)}
    assert all(is_told(found, *each) for each in gone)
    assert found.chunks == 19
    assert look(path, on) == ""


def test_whole_segment_goes_through_salvage_unchanged(tmp_path: Path) -> None:
    path = tmp_path / NAME
    before = make(path)
    found, after = rescue(path)
    assert after == before
    assert (found.chunks, found.lost) == (20, [])
    segment = Segment(path)
    assert (segment.upto, segment.texts()) == (50, {k: f"text {k}" for k in range(5)})
    segment.close()


def test_salvage_done_again_changes_nothing(tmp_path: Path) -> None:
    path, aside = tmp_path / NAME, tmp_path / "aside.db"
    before = make(aside)
    for _ in range(2):
        assert salvage(aside, path, on, SPAN).chunks == 20
    assert content(path) == before


def test_what_came_in_since_is_kept_beside_what_was_saved(tmp_path: Path) -> None:
    path, aside = tmp_path / NAME, tmp_path / "aside.db"
    before = make(aside)
    segment = Segment(path)
    segment.put(chunks(np.random.default_rng(9), 2, 50, DAY + 40_000_000_000), 60)
    segment.close()
    newer = content(path)
    salvage(aside, path, on, SPAN)
    assert content(path) == {tag: before[tag] + newer.get(tag, []) for tag in before}
    segment = Segment(path)
    segment.put(chunks(np.random.default_rng(9), 2, 50, DAY + 50_000_000_000), 60)
    assert segment.upto == 60, "what was packed since must not be packed twice"
    segment.close()
    assert sum(map(len, content(path).values())) == sum(map(len, before.values())) + 100


def test_segment_with_a_spoilt_first_page_gives_all_its_samples_back(tmp_path: Path) -> None:
    path = tmp_path / NAME
    before = make(path)
    spoil(path, 0, PAGE_BYTES)
    assert "cannot be used" in look(path, on)
    found, after = rescue(path)
    assert after == before
    assert found.lost == []


def test_file_that_is_no_database_at_all_is_a_day_lost_and_said_so(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"not a database" * 5000)
    found, after = rescue(path)
    assert after == {}
    assert [(each.tag, each.first_us, each.last_us) for each in found.lost] == [(None, *SPAN)]


@pytest.mark.parametrize("seed", range(12))
def test_rotten_page_anywhere_is_found_and_no_loss_is_silent(tmp_path: Path, seed: int) -> None:
    path = tmp_path / NAME
    before = make(path, tags=12, seals=6, n=300)
    pages = path.stat().st_size // PAGE_BYTES
    page = int(np.random.default_rng(seed).integers(0, pages))
    spoil(path, page * PAGE_BYTES, PAGE_BYTES)
    assert look(path, on), f"page {page} of {pages}"
    found, after = rescue(path)
    for tag, rows in after.items():
        assert set(rows) <= set(before[tag]), "a wrong sample was saved"
    gone = missing(before, after)
    assert all(is_told(found, *each) for each in gone)
    assert look(path, on) == ""


@pytest.mark.parametrize("seed", range(30))
def test_one_flipped_bit_never_gives_a_wrong_sample(tmp_path: Path, seed: int) -> None:
    path = tmp_path / NAME
    before = make(path, tags=3, seals=2, n=200)
    random = np.random.default_rng(1000 + seed)
    at = int(random.integers(0, path.stat().st_size))
    with path.open("rb+") as file:
        file.seek(at)
        byte = file.read(1)[0] ^ (1 << int(random.integers(0, 8)))
        file.seek(at)
        file.write(bytes([byte]))
    found_bad = look(path, on)
    found, after = rescue(path)
    for tag, rows in after.items():
        assert set(rows) <= set(before[tag])
    gone = missing(before, after)
    assert all(is_told(found, *each) for each in gone)
    assert found_bad or not gone, "samples are lost that the look did not miss"


def test_spoilt_wal_leaves_a_sound_file(tmp_path: Path) -> None:
    path = tmp_path / NAME
    make(path)
    before = content(path)
    segment = Segment(path)
    segment.put(chunks(np.random.default_rng(5), 2, 300, DAY + 60_000_000_000), 99)
    copy = tmp_path / "copy" / NAME
    copy.parent.mkdir()
    for suffix in ("", "-wal"):  # as a crash leaves them
        copy.with_name(NAME + suffix).write_bytes(path.with_name(NAME + suffix).read_bytes())
    segment.close()
    spoil(copy.with_name(f"{NAME}-wal"), 40, 20)
    assert look(copy, on) == ""
    assert content(copy) == before, "what the disk spoilt before it was in the file is not there, the rest is"
