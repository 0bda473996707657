"""The journal file of the history: a group is in it as a whole or not at all, and nothing is lost of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.store import frames
from engine.store.database import StoreError, open_database, open_read_only
from engine.store.frame_rows import Frame, read_content, read_gaps, read_texts, salvage
from engine.store.frames import FrameFile, Group
from engine.types import Gap, Origin

T = 1_750_000_000_000_000


def dense(k: int, rows: int = 2, n: int = 70, own_times: bool = False, quality: int = 0) -> Frame:
    times = T + k + np.arange(rows, dtype=np.int64)
    source = np.arange(rows * n, dtype=np.int64).reshape(rows, n) + T if own_times else times
    value = np.full((rows, n), float(k))
    codes = np.full((rows, n), quality, np.uint32) if quality else None
    return Frame(Origin.LIVE, np.arange(n, dtype=np.int32), source, times + 3, value, codes)


def mixed(k: int) -> Frame:
    times = np.array([T + k, T + k + 5], np.int64)
    return Frame(Origin.LATE, np.array([3, 9], np.int32), times, times, np.array([k, np.nan]), None)


def same(one: Frame, other: Frame) -> bool:
    parts = ("tags", "source_us", "receive_us", "value", "quality")
    pairs = [(getattr(one, name), getattr(other, name)) for name in parts]
    return one.origin is other.origin and all(
        (a is None and b is None)
        or (a is not None and b is not None and np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))
        for a, b in pairs
    )


def test_frames_come_back_as_they_were_with_their_numbers(tmp_path: Path) -> None:
    sent = [
        dense(0),
        mixed(1),
        dense(2, own_times=True),
        dense(3, rows=1, quality=0x40000000),
        dense(4, n=100),
    ]
    file = FrameFile(tmp_path / "frames.db")
    file.commit(Group(10, sent[:2]))
    file.commit(Group(20, sent[2:], mark=True))
    file.close()
    file = FrameFile(tmp_path / "frames.db")
    content = file.content()
    assert [seq for seq, _ in content.frames] == [1, 2, 3, 4, 5]
    assert all(same(found, want) for (_, found), want in zip(content.frames, sent, strict=True))
    assert (content.marks, file.seq, file.alive_us, content.alive_us, content.spoilt) == ([5], 5, 20, 20, [])
    file.close()


def test_gaps_texts_and_the_time_are_part_of_the_group(tmp_path: Path) -> None:
    file = FrameFile(tmp_path / "frames.db")
    one, two = Gap(T, T + 5, "link", "plc"), Gap(T - 5, T + 1, "backlog", samples=3)
    file.commit(Group(10, gaps=[one], texts=[(0, "a"), (1, "b")]))
    file.commit(Group(20, [dense(1)], gaps=[two], stopped=True))
    connection = open_read_only(file.path)
    assert read_gaps(connection, file.path, T, T + 9) == [two, one]
    assert read_gaps(connection, file.path, T + 1, T + 2) == [one]
    assert read_texts(connection, file.path) == {0: "a", 1: "b"}
    assert file.texts(1) == [(1, "b")]
    connection.close()
    file.close()
    file = FrameFile(tmp_path / "frames.db")
    assert (file.alive_us, file.stopped) == (20, True)
    file.commit(Group(30))
    assert (file.alive_us, file.stopped) == (30, False)
    file.close()


def test_refused_group_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = FrameFile(tmp_path / "frames.db")
    file.commit(Group(10, [dense(1)]))
    monkeypatch.setattr(
        file, "_put_rest", lambda *_: (_ for _ in ()).throw(frames.sqlite3.OperationalError("no"))
    )
    with pytest.raises(StoreError, match=r"frames\.db cannot be used \(no\)"):
        file.commit(Group(20, [dense(2), dense(3, n=200)]))
    monkeypatch.undo()
    assert (file.seq, file.alive_us, len(file.content().frames)) == (1, 10, 1)
    file.commit(Group(30, [dense(4, n=200)]))
    assert [int(frame.value[0, 0]) for _, frame in file.content().frames] == [1, 4]
    file.close()


def test_packed_frames_are_taken_out_in_pieces_and_numbers_are_not_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "PIECE", 3)
    file = FrameFile(tmp_path / "frames.db")
    file.commit(Group(10, [mixed(k) for k in range(7)], mark=True))
    file.commit(Group(20, [mixed(7)]))
    assert [file.remove(7), file.remove(7), file.remove(7)] == [False, False, True]
    assert [seq for seq, _ in file.content().frames] == [8]
    assert file.content().marks == []
    assert file.remove(8)
    file.close()
    file = FrameFile(tmp_path / "frames.db")
    assert (file.seq, file.alive_us) == (8, 20)
    file.number_from(50)
    file.commit(Group(30, [mixed(9)]))
    assert [seq for seq, _ in file.content().frames] == [51]
    file.close()


def test_commit_that_nobody_was_told_of_is_taken_back(tmp_path: Path) -> None:
    told = FrameFile(tmp_path / "frames.db")
    told.commit(Group(10, [dense(1)]))
    # What a failed sync may leave: the rows are in the file, the one that wrote them does not know.
    raw = open_database(told.path)
    raw.execute(
        "INSERT INTO frames SELECT 2, origin, layout, n, now_us, crc, source, receive, value, quality, tags "
        "FROM frames"
    )
    raw.execute("INSERT INTO gaps VALUES (1, 1, 2, x'7b7d')")
    raw.close()
    again = FrameFile(told.path)
    again.forget_after(told)
    again.commit(Group(20, [dense(5)], gaps=[Gap(1, 2, "disk")]))
    assert [int(frame.value[0, 0]) for _, frame in again.content().frames] == [1, 5]
    again.close()
    told.close()


def test_readers_see_one_moment_while_the_engine_writes(tmp_path: Path) -> None:
    file = FrameFile(tmp_path / "frames.db")
    file.commit(Group(10, [dense(1)], mark=True))
    reader = open_read_only(file.path)
    file.commit(Group(20, [dense(2)]))
    content = read_content(reader, file.path)
    assert ([seq for seq, _ in content.frames], content.marks, content.alive_us) == ([1, 2], [1], 20)
    assert file.remove(1)
    assert [seq for seq, _ in read_content(reader, file.path).frames] == [2]
    reader.close()
    file.close()


def test_what_can_be_read_of_a_damaged_file_is_found_on_both_sides_of_the_damage(tmp_path: Path) -> None:
    file = FrameFile(tmp_path / "frames.db")
    for k in range(300):
        file.commit(Group(k + 1, [dense(k)], gaps=[Gap(k, k + 1, "link")] if k % 100 == 0 else []))
    file.close()
    content = bytearray(file.path.read_bytes())
    for page in (0.4, 0.5):
        at = int(len(content) * page) // 4096 * 4096
        content[at : at + 4096] = b"\xa5" * 4096
    file.path.write_bytes(content)
    connection = open_read_only(file.path)
    found = salvage(connection)
    connection.close()
    values = [int(frame.value[0, 0]) for _, frame in found.frames]
    assert values == sorted(set(values))
    assert len(values) + len(found.spoilt) > 200
    assert values[0] < 20
    assert values[-1] == 299
    assert all(same(frame, dense(k)) for k, (_, frame) in zip(values, found.frames, strict=True))
    other = FrameFile(tmp_path / "new.db")
    other.restore(found)
    assert [seq for seq, _ in other.content().frames] == [seq for seq, _ in found.frames]
    assert other.alive_us == 300
    other.commit(Group(400, [dense(7), mixed(1)]))
    assert other.content().frames[-1][0] == other.seq == found.frames[-1][0] + 2
    other.close()


def test_layout_that_was_changed_on_the_disk_is_read_from_its_copy(tmp_path: Path) -> None:
    file = FrameFile(tmp_path / "frames.db")
    file.commit(Group(1, [dense(1)]))
    file.close()
    raw = open_database(file.path)
    raw.execute("UPDATE layouts SET tags = zeroblob(length(tags)) WHERE copy = 0")
    raw.close()
    file = FrameFile(file.path)
    assert same(file.content().frames[0][1], dense(1))
    file.close()
