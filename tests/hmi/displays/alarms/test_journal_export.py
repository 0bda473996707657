"""The journal into a file: tables by the engine, paper by the window; how far it is, stopped, refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hmi.displays.alarms.journal import export as journal_export
from hmi.displays.paper import Section
from hmi.displays.press import Progress
from tests.hmi.displays.alarms.journal_feed import JournalFeed, many
from tests.hmi.displays.alarms.journal_opened import opened
from tests.hmi.plant import NOW_US

if TYPE_CHECKING:
    from hmi.displays.alarms.journal.page import JournalPage

pytestmark = pytest.mark.screen
RUNNING = {"job": 7, "progress": 0.4, "done": False, "error": "", "result": None}
DONE = {"job": 7, "progress": 1.0, "done": True, "error": "", "result": 20}


@pytest.fixture
def feed() -> JournalFeed:
    return JournalFeed()


@pytest.fixture
def page(qapp: Any, feed: JournalFeed) -> Iterator[JournalPage]:
    """Narrowed to priority 2, with its sheet open."""
    with opened(qapp, feed, []) as made:
        made.window().show()
        qapp.processEvents()
        made.bar.narrow(priorities=(2,))
        made.bar.export.emit()
        yield made


def jobs(feed: JournalFeed) -> list[tuple[str, dict[str, Any]]]:
    return [(name, body) for name, body in feed.sent if name.startswith("job")]


def test_sheet_says_what_goes_out(page: JournalPage) -> None:
    sheet = page.export.sheet
    assert sheet.isVisible()
    assert sheet.what.text() == "30 changes: the last 24 hours · priority 2"
    assert "All changes" in sheet.said.text()
    sheet.format.buttons["pdf"].click()
    assert "newest 20\u202f000 changes go on paper" in sheet.said.text()


@pytest.mark.parametrize("format", ["csv", "parquet", "json"])
def test_table_is_written_by_the_engine(
    page: JournalPage, feed: JournalFeed, format: str, tmp_path: Path
) -> None:
    feed.job = RUNNING
    sheet = page.export.sheet
    sheet.format.buttons[format].click()
    page.export.write(tmp_path / f"a.{format}")
    name, body = jobs(feed)[-1]
    assert (name, body["kind"]) == ("job", "alarm_export")
    asked = body["body"]
    assert (asked["file"], asked["format"]) == (str(tmp_path / f"a.{format}"), format)
    assert asked["wanted"]["priorities"] == [2]
    assert asked["wanted"]["end_us"] == NOW_US
    assert sheet.progress.isVisible()
    assert not sheet.save.isEnabled()
    feed.job = DONE
    page.export.job._look()  # noqa: SLF001
    assert sheet.said.text() == "20 changes are written:"
    assert sheet.path.text() == str(tmp_path / f"a.{format}")
    assert not sheet.progress.isVisible()


def test_table_is_stopped_by_the_button(page: JournalPage, feed: JournalFeed, tmp_path: Path) -> None:
    feed.job = RUNNING
    page.export.write(tmp_path / "a.csv")
    assert page.export.sheet.cancel.text() == "Stop"
    page.export.sheet.cancel.click()
    assert jobs(feed)[-1] == ("job_cancel", {"job": 7})
    assert page.export.sheet.isVisible()
    assert page.export.sheet.said.text() == "Nothing was written: Cancelled."


def test_engine_that_cannot_write_says_why(page: JournalPage, feed: JournalFeed, tmp_path: Path) -> None:
    feed.refusal = "the disk is full; free some space"
    page.export.write(tmp_path / "a.csv")
    assert page.export.sheet.said.text() == "Nothing was written: The disk is full; free some space."


def test_paper_holds_what_the_filter_lets_through(
    page: JournalPage, feed: JournalFeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.hmi.looking import see

    papers: list[tuple[str, str, Section]] = []
    write = journal_export.write_pdf

    def noting(file: Path, title: str, under: str, sections: Any, progress: Progress) -> None:
        papers.append((title, under, sections[0]))
        write(file, title, under, sections, progress)

    monkeypatch.setattr(journal_export, "write_pdf", noting)
    page.export.sheet.format.pick("pdf")
    page.export.write(tmp_path / "a.pdf")
    see(lambda: not page.export.press.is_busy)
    assert page.export.sheet.said.text() == "30 changes are written:"
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    title, under, section = papers[0]
    assert title == "Alarm journal"
    assert under == "Framing line 3 · 21 Nov 2026 14:13:46 to 22 Nov 2026 14:13:46 CET"
    assert "priority 2" in section.words[0]
    assert len(section.rows) == 30
    assert {row[1] for row in section.rows} == {"2"}
    assert len(section.words) == 2


def test_paper_has_its_newest_rows_and_says_what_is_left_out(
    page: JournalPage, feed: JournalFeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.hmi.looking import see

    papers: list[Section] = []
    monkeypatch.setattr(journal_export, "MOST_ON_PAPER", 40)
    monkeypatch.setattr(journal_export, "AT_ONCE", 20)
    monkeypatch.setattr(journal_export, "write_pdf", lambda *all: papers.append(all[3][0]))
    feed.changes = many(200)
    page.export.sheet.format.pick("pdf")
    page.export.write(tmp_path / "a.pdf")
    see(lambda: not page.export.press.is_busy)
    assert len(papers[0].rows) == 40
    assert papers[0].rows[0][0] > papers[0].rows[-1][0]
    assert "These are the newest 40; older ones are left out here" in papers[0].words[-1]
    assert "older ones are left out" in page.export.sheet.said.text()


def test_paper_can_be_stopped_while_its_rows_are_read(
    page: JournalPage, feed: JournalFeed, tmp_path: Path
) -> None:
    feed.holds = True
    page.export.sheet.format.pick("pdf")
    page.export.write(tmp_path / "a.pdf")
    assert page.export.sheet.progress.isVisible()
    page.export.sheet.cancel.click()
    feed.release()
    assert page.export.sheet.said.text() == "Nothing was written: Cancelled."
    assert not page.export.press.is_busy
    assert list(tmp_path.iterdir()) == []


def test_paper_that_has_no_folder_says_so(page: JournalPage, tmp_path: Path) -> None:
    from tests.hmi.looking import see

    page.export.sheet.format.pick("pdf")
    page.export.write(tmp_path / "gone" / "a.pdf")
    see(lambda: not page.export.press.is_busy)
    assert "is not there any more" in page.export.sheet.said.text()
