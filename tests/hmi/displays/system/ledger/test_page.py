"""The ledger as widgets: what is shown to whom, what a tap sends, and what is asked while nobody looks."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.types import EndedLedger, LedgerAnchor, LedgerVerdict
from hmi.displays.system.ledger.page import LedgerPage
from hmi.displays.system.ledger.state import MOST_ROWS, PAGE
from hmi.displays.system.state import PAGES
from hmi.shell.window import Window
from tests.hmi.displays.system.office import ADMIN, AUDITOR, ENTRIES, OPERATOR, PROOF, OfficeFeed, entry
from tests.hmi.displays.system.page import view_of
from tests.hmi.looking import see
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
LEDGER = PAGES.index("ledger")


@pytest.fixture
def page(window: Window, feed: OfficeFeed) -> LedgerPage:
    """The page with an auditor at it."""
    window.set_who(AUDITOR)
    view = view_of(window)
    view.show_page(LEDGER)
    return view.ledger


def shown(page: LedgerPage) -> list[int]:
    return [each.seq for each in page.table.rows.entries]


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768)])
def test_list_and_entry_have_room(window: Window, page: LedgerPage, size: tuple[int, int]) -> None:
    window.resize(*size)
    QTest.qWait(1)
    assert problems(window) == []
    page.bar.show_news("12 new")
    page.bar.show_books((EndedLedger("mill-1", "watchroom/mill", 4, ENTRIES[3].time_us),), "en", "UTC")
    QTest.qWait(1)
    assert problems(window) == []
    page.open_entry(5)
    page.detail.prove.click()
    QTest.qWait(1)
    assert problems(window) == []


def test_newest_entry_stands_first_in_words(page: LedgerPage) -> None:
    assert shown(page) == [7, 6, 5, 4, 3, 2, 1, 0]
    assert "acknowledged: Pressure high" in str(page.table.rows.index(0, 3).data())
    assert "8 entries" in page.count.text() and "watchroom/line-3" in page.head.second.text()


def test_page_is_closed_without_the_right_and_asks_nothing(window: Window, feed: OfficeFeed) -> None:
    window.set_who(OPERATOR)
    view = view_of(window)
    view.show_page(LEDGER)
    assert not feed.bodies("ledger") and not view.ledger.table.isVisible()
    assert "auditors" in view.ledger.closed.text()


def test_what_an_auditor_read_is_gone_when_an_operator_sits_down(window: Window, page: LedgerPage) -> None:
    page.open_entry(5)
    window.set_who(OPERATOR)
    assert not shown(page) and page.detail.entry is None and not page.detail.isVisible()


def test_filters_are_asked_of_the_engine(page: LedgerPage, feed: OfficeFeed) -> None:
    page.bar.groups["people"].click()
    assert shown(page) == [2]
    page.bar.clear.click()
    page.bar.field.setText("quality")
    QTest.keyClick(page.bar.field, Qt.Key.Key_Return)
    assert shown(page) == [4] and "1 of 8" in page.count.text()
    page.bar.narrow(text="#3")
    assert shown(page) == [3, 2, 1, 0]
    page.bar.narrow(text="nothing like this")
    assert not shown(page) and "No entry is like that" in page.note.text()
    page.bar.narrow(actor="engine")
    assert shown(page) == [6, 1] and feed.bodies("ledger")[-1]["actor"] == "engine"


def test_older_entries_are_asked_for_as_one_scrolls(page: LedgerPage, feed: OfficeFeed) -> None:
    feed.entries = [entry(seq, "engine_start", "engine", version="1") for seq in range(5 * PAGE)]
    page.bar.narrow(actor="engine")
    assert len(shown(page)) < 5 * PAGE, "a million of them are not read at once"
    while not page.reader.is_whole:
        page.table.scrollToBottom()
        QTest.qWait(1)
    assert shown(page) == list(range(5 * PAGE - 1, -1, -1))
    assert MOST_ROWS > 5 * PAGE


def test_what_comes_anew_waits_while_one_reads_further_down(page: LedgerPage, feed: OfficeFeed) -> None:
    feed.entries = [entry(seq, "engine_start", "engine") for seq in range(150)]
    page.bar.narrow()
    page._begin()  # noqa: SLF001  # the same filter once more
    page.table.scrollToBottom()
    feed.entries.append(entry(150, "login", "mara", station="desk 1"))
    page.reader.look()
    QTest.qWait(5)
    assert shown(page)[0] == 149 and page.bar.news.text() == "1 new"
    page.bar.news.click()
    assert shown(page)[0] == 150 and not page.bar.news.isVisible()


def test_entry_shows_its_fields_its_line_and_the_steps_of_its_write(page: LedgerPage) -> None:
    page.open_entry(5)
    detail = page.detail
    assert detail.said.text().startswith("Mara wrote 212") or detail.said.text().startswith(
        "Mara Lind wrote 212"
    )
    assert detail.grid.texts["Reason" if "Reason" in detail.grid.texts else "Station"] == "desk 1"
    assert '"seq": 5' in detail.raw.toPlainText()
    assert [row[0] for row in detail.steps.texts.rows] == ["3", "4", "5", "6"]
    detail.steps.activated.emit(detail.steps.texts.index(3, 0))
    assert page.detail.entry == ENTRIES[6] and page.table.currentIndex().row() == 1
    detail.only.click()
    assert shown(page) == [6, 5, 4, 3]


def test_steps_to_neighbours_and_escape_back_to_the_list(page: LedgerPage) -> None:
    page.open_entry(5)
    page.detail.older.click()
    assert page.detail.entry == ENTRIES[4]
    page.detail.newer.click()
    page.detail.newer.click()
    assert page.detail.entry == ENTRIES[6]
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert page.detail.entry is None and page.table.isVisible()


def test_proof_is_computed_shown_and_saved(page: LedgerPage, feed: OfficeFeed, tmp_path: Path) -> None:
    page.open_entry(5)
    page.detail.prove.click()
    assert feed.bodies("ledger_proof") == [{"seq": 5, "ended": ""}]
    assert page.detail.proof_said.text().startswith("Proven") and "2c2c" in page.detail.proof.toPlainText()
    page.save_proof(tmp_path / "proof.txt")
    assert ENTRIES[5].line in (tmp_path / "proof.txt").read_text("utf-8")
    feed.proof = {**PROOF, "is_proven": False, "why": "this entry is not the one that was signed"}
    page.open_entry(4)
    assert not page.detail.proof.isVisible(), "the proof of another entry does not stay"
    page.detail.prove.click()
    assert page.detail.proof_said.text().startswith("NOT PROVEN")


def test_check_of_all_tells_how_far_it_is_and_what_it_found(page: LedgerPage, feed: OfficeFeed) -> None:
    found = LedgerVerdict(False, 8, 3, ("entry 5 is not the one that was signed",))
    feed.result = msgspec.to_builtins(found)
    page.head.verify.click()
    assert page.head.progress.isVisible() and page.head.verify.text() == "Stop verifying"
    see(lambda: page.head.verdict.isVisible(), 5, "a verdict")
    assert "Entry 5 is not the one that was signed." in page.head.verdict.text()
    page.head.verify.click()
    page.head.verify.click()
    assert page.head.verdict.text() == "Not checked: Cancelled." and feed.bodies("job_cancel")


def test_bundle_is_written_where_it_was_asked_for(page: LedgerPage, feed: OfficeFeed, tmp_path: Path) -> None:
    feed.result = str(tmp_path / "b.zip")
    page.head.bundle.click()
    assert "verify_bundle.py" in page.work.bundle.what.text()
    page.work.write(tmp_path / "b.zip")
    see(lambda: page.work.bundle.said.text() == "The bundle is written:", 5, "the end of it")
    asked = {"file": str(tmp_path / "b.zip"), "ended": ""}
    assert feed.bodies("job")[-1] == {"kind": "ledger_bundle", "body": asked}


def test_time_of_ones_own_is_shown_and_exported(page: LedgerPage, feed: OfficeFeed, tmp_path: Path) -> None:
    page.bar.span.buttons["own"].click()
    assert page.bar.times.isVisible() and page.bar.span.picked == "all", "until a time is agreed"
    span = ENTRIES[2].time_us, ENTRIES[5].time_us
    page.bar.times.agreed.emit(*span)
    page.bar.times.leave()
    assert shown(page) == [5, 4, 3, 2] and page.bar.span.picked == "own"
    assert "4 of 8 entries" in page.count.text() and " to " in page.count.text()
    page.head.bundle.click()
    assert page.work.bundle.part.isChecked()
    page.work.write(tmp_path / "part.zip")
    asked = {"file": str(tmp_path / "part.zip"), "ended": "", "start_us": span[0], "end_us": span[1]}
    assert feed.bodies("job")[-1]["body"] == asked
    page.bar.clear.click()
    assert len(shown(page)) == 8


def test_new_ledger_is_begun_by_who_may_and_the_ended_one_is_read_only(
    window: Window, page: LedgerPage, feed: OfficeFeed
) -> None:
    feed.facts = {"trouble": "no key of it is here", "may_begin": True}
    page.reader.look()
    assert not page.head.begin.isVisible()
    window.set_who(ADMIN)
    page.head.begin.click()
    page.work.reason.field.setText("the disk with the key burnt")
    page.work.reason.button.click()
    assert feed.bodies("ledger_begin")[0]["reason"] == "the disk with the key burnt"
    feed.facts = {"ended": (EndedLedger("mill-1", "watchroom/mill", 4, ENTRIES[3].time_us),)}
    page.reader.look()
    assert page.bar.book.isVisible() and "4 entries" in page.bar.book.itemText(1)
    page.bar.book.setCurrentIndex(1)
    page.bar.book.activated.emit(1)
    assert shown(page) == [3, 2, 1, 0] and feed.bodies("ledger")[-1]["ended"] == "mill-1"
    assert "can be read and checked" in page.head.state.text()
    assert not page.head.rotate.isVisible() and not page.head.begin.isVisible()
    page.open_entry(2)
    page.detail.prove.click()
    assert feed.bodies("ledger_proof")[-1] == {"seq": 2, "ended": "mill-1"}
    page.bar.clear.click()
    assert shown(page) == [3, 2, 1, 0], "the same ledger"


def test_who_outside_vouches_for_it_stands_in_the_head(page: LedgerPage, feed: OfficeFeed) -> None:
    assert "nobody vouches for it" in page.head.outside.text()
    feed.facts = {"anchors": (LedgerAnchor("cosignature", "partner.example/audit", 7, ENTRIES[6].time_us),)}
    page.reader.look()
    assert "partner.example/audit cosigned 7 entries" in page.head.outside.text()


def test_ledger_that_went_back_is_accepted_with_a_reason_by_who_may(
    window: Window, page: LedgerPage, feed: OfficeFeed
) -> None:
    feed.facts = {"trouble": "it has fewer entries than this computer saw", "may_accept": True}
    page.reader.look()
    assert "nothing is written to the plant" in page.head.news.text() and not page.head.accept.isVisible()
    assert view_of(window).own.sources.rows[LEDGER - 1].state == "takes nothing now"
    window.set_who(ADMIN)
    page.head.accept.click()
    assert not page.work.reason.button.isEnabled()
    page.work.reason.field.setText("restored from the backup of Monday")
    page.work.reason.button.click()
    assert feed.bodies("ledger_accept")[0]["reason"] == "restored from the backup of Monday"
    assert not page.work.reason.isVisible()


def test_evidence_is_told_in_whole_sentences(page: LedgerPage, feed: OfficeFeed) -> None:
    feed.facts = {"evidence": ("entry 3 was changed after it was signed",)}
    page.reader.look()
    assert "Entry 3 was changed after it was signed." in page.head.news.text()


def test_hidden_page_asks_nothing(window: Window, page: LedgerPage, feed: OfficeFeed) -> None:
    window.show_display("overview")
    asked = len(feed.bodies("ledger"))
    page._look()  # noqa: SLF001  # what its clock does
    assert len(feed.bodies("ledger")) == asked


def test_silent_engine_makes_the_page_old(window: Window, page: LedgerPage) -> None:
    window.set_stalled("14:00:00")
    assert page.head.news.text().startswith("NOT CURRENT") and not page.head.verify.isEnabled()
    assert shown(page), "what was read stays"
    window.set_stalled(None)
    assert page.head.verify.isEnabled()
