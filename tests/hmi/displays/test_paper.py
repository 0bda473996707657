"""Words and tables on paper: whole, with numbers and heads on every page, in little memory."""

from __future__ import annotations

import re
import resource
from pathlib import Path
from typing import Any

import pytest

from hmi.displays.press import Progress, Refused, Stopped
from hmi.theme import load_fonts

pytestmark = pytest.mark.screen
HEADS = ("Time", "Alarm", "By")


@pytest.fixture(autouse=True)
def fonts(qapp: Any) -> None:
    load_fonts()


def row(number: int) -> tuple[str, ...]:
    return (f"2026-11-22 14:00:{number % 60:02}", f"Pressure {number} is high", "Maria Hernández")


def written(file: Path, rows: tuple[tuple[str, ...], ...], heads: tuple[str, ...] = HEADS) -> bytes:
    from hmi.displays.paper import Section, write_pdf

    section = Section("What happened", ("Priority 1 and 2.",), heads, rows)
    write_pdf(file, "Alarm journal", "Framing line 3", (section,), Progress())
    return file.read_bytes()


def pages(content: bytes) -> list[tuple[float, float]]:
    """Width and height of each page in points."""
    found = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    return [(float(wide), float(high)) for wide, high in found]


def test_long_table_goes_on_over_pages_with_its_heads_and_their_numbers(tmp_path: Path) -> None:
    from hmi.displays import paper

    content = written(tmp_path / "a.pdf", tuple(map(row, range(200))))
    assert content.startswith(b"%PDF-")
    sizes = pages(content)
    assert len(sizes) > 2
    assert sizes[0] == pytest.approx((595, 842), abs=1.5)
    section = paper.Section("", (), HEADS, tuple(map(row, range(200))))
    marks = list(paper.marks("Alarm journal", "", (section,)))
    assert marks[-1].page == len(sizes)
    for page in range(1, marks[-1].page + 1):
        on_page = [mark.text for mark in marks if mark.page == page]
        assert all(on_page.count(head) == 1 for head in HEADS), page
    said = [mark.text for mark in marks]
    assert all(said.count(text) >= 1 for number in range(200) for text in row(number)[1:2])


def test_wide_table_lies_across(tmp_path: Path) -> None:
    content = written(tmp_path / "a.pdf", (tuple("abcdefg"),), tuple("ABCDEFG"))
    assert pages(content)[0] == pytest.approx((842, 595), abs=1.5)


def test_nothing_but_words_is_one_page(tmp_path: Path) -> None:
    assert len(pages(written(tmp_path / "a.pdf", (), ()))) == 1


def test_long_words_are_broken_into_lines_and_none_leaves_its_column(qapp: Any) -> None:
    from hmi.displays import paper

    path = "Framing/" * 30
    reason = "The filter of the cooler is being changed and comes back after lunch. " * 3
    section = paper.Section("", (), HEADS, ((path, reason, "Zoë"),))
    marks = [each for each in paper.marks("", "", (section,)) if each.type is not None]
    joined = "".join(mark.text for mark in marks)
    assert path in joined
    assert reason.replace(" ", "") in joined.replace(" ", "")
    lines = sorted({mark.x for mark in marks})
    for mark in marks:
        assert mark.type is not None
        after = [x for x in lines if x > mark.x]
        assert mark.x + mark.type.width(mark.text) <= (after[0] if after else paper.SHORT_PX - paper.EDGE_PX)


def test_cell_without_end_is_cut_and_says_so(qapp: Any) -> None:
    from hmi.displays import paper

    section = paper.Section("", (), HEADS, (("", "word " * 5000, ""),))
    marks = list(paper.marks("", "", (section,)))
    assert marks[-1].page == 1
    assert any(mark.text.endswith("…") for mark in marks)


def test_progress_grows_to_the_end(tmp_path: Path) -> None:
    from hmi.displays.paper import Section, write_pdf

    parts: list[float] = []

    class Noting(Progress):
        def reach(self, part: float) -> None:
            parts.append(part)
            super().reach(part)

    rows = tuple(map(row, range(400)))
    write_pdf(tmp_path / "a.pdf", "Journal", "", (Section("", (), HEADS, rows),), Noting())
    assert parts == sorted(parts)
    assert len(parts) > 20
    assert parts[-1] == 1.0


def test_stopped_paper_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    from hmi.displays.paper import Section, write_pdf

    file = tmp_path / "a.pdf"
    file.write_text("of last week")

    class Stopping(Progress):
        def reach(self, part: float) -> None:
            if part > 0.5:
                self.stop()
            super().reach(part)

    rows = tuple(map(row, range(400)))
    with pytest.raises(Stopped):
        write_pdf(file, "Journal", "", (Section("", (), HEADS, rows),), Stopping())
    assert file.read_text() == "of last week"
    assert list(tmp_path.iterdir()) == [file]


def test_folder_that_is_gone_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not there any more"):
        written(tmp_path / "gone" / "a.pdf", (row(1),))


def test_disk_that_is_full_is_told_in_words_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno
    import os

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(Refused, match="disk is full"):
        written(tmp_path / "a.pdf", (row(1),))
    assert list(tmp_path.iterdir()) == []


def test_many_rows_need_little_memory(tmp_path: Path) -> None:
    rows = tuple(map(row, range(4000)))
    written(tmp_path / "small.pdf", rows[:100])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(pages(written(tmp_path / "large.pdf", rows))) > 50
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000
