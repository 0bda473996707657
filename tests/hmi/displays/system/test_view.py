"""The page of a source as widgets: what a person sees of a link, and what it costs."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QTextBrowser

from engine.types import Project
from hmi import theme
from hmi.picture import Picture
from hmi.shell.window import Window
from tests.hmi.conftest import collect
from tests.hmi.displays.system.page import button, seen, tell, view_of
from tests.hmi.plant import NOW_US, PLANT, PROJECT, snapshot, source
from tests.hmi.sources import (
    LINE,
    OWN,
    REFUSED,
    SourceFeed,
    certificate,
    detail,
    early,
    note,
    refused,
    secured,
    silent,
    troubled,
    unreachable,
)

pytestmark = pytest.mark.screen


def test_link_that_is_well_is_told_in_one_calm_sentence(window: Window) -> None:
    window.show_source("press")
    view = view_of(window)
    assert view.page.head.headline.text() == (
        "Connected and encrypted (Aes256_Sha256_RsaPss). 812 of 812 tags good."
    )
    assert not view.page.head.what.isVisible() and not view.page.head.do.isVisible()
    assert "All 812 tags have good values." in seen(view)
    assert view.page.facts.texts["Publishing interval"] == "1 s (asked 0.5 s)"


def test_link_in_trouble_says_what_is_wrong_and_what_to_do_in_two_blocks(
    window: Window, feed: SourceFeed
) -> None:
    tell(window, feed, detail(LINE), detail(unreachable("press")))
    view = view_of(window)
    window.show_source("press")
    assert view.page.head.what.words.text() == (
        "press does not answer at 192.168.10.71 port 502 (no route to host)."
    )
    assert view.page.head.do.words.text().startswith("Check that the device has power")
    assert view.page.head.what.isVisible() and view.page.head.do.isVisible()
    row = view.list.sources.rows[0]
    assert (row.id, row.mark) == ("press", "look")


def test_try_now_asks_for_that_source_and_is_there_only_while_it_waits(
    window: Window, feed: SourceFeed
) -> None:
    view = view_of(window)
    window.show_source("press")
    assert not view.page.head.retry_button.isVisible()
    tell(window, feed, detail(LINE), detail(unreachable("press")))
    QTest.mouseClick(button(view, "Try now"), Qt.MouseButton.LeftButton)
    assert feed.asked_of("retry") == ["press"]


def test_notes_stand_between_the_state_and_the_tags(window: Window, feed: SourceFeed) -> None:
    tell(window, feed, detail(LINE), detail(early(), notes=(note(),)))
    view = view_of(window)
    window.show_source("press")
    assert view.page.notes.isVisible()
    assert view.page.notes.texts[0].startswith("Its clock is 62 s ahead of ours")
    tell(window, feed, detail(LINE), detail(secured()))
    assert not view.page.notes.isVisible()


def test_detail_is_asked_once_for_each_news_and_never_while_nobody_can_see_it(
    window: Window, feed: SourceFeed
) -> None:
    window.show_source("press")
    feed.sent.clear()
    window.set_sources([LINE, secured()])
    assert feed.asked_of("source") == ["press"]
    window.show_display("overview")
    feed.sent.clear()
    for _ in range(3):
        window.set_sources([LINE, secured()])
    assert feed.sent == []
    window.show_display("system")
    assert feed.asked_of("source") == ["press"]
    window.hide()
    feed.sent.clear()
    window.set_sources([LINE, secured()])
    assert feed.sent == []


def test_slow_engine_is_not_asked_again_before_it_has_answered(window: Window, feed: SourceFeed) -> None:
    feed.is_slow = True
    window.show_source("press")
    feed.sent.clear()
    for _ in range(5):
        window.set_sources([LINE, secured()])
    assert feed.sent == []
    feed.waiting.pop()()
    window.set_sources([LINE, secured()])
    assert feed.asked_of("source") == ["press"]


def test_late_answer_for_another_source_is_not_shown(window: Window, feed: SourceFeed) -> None:
    view = view_of(window)
    window.show_source("press")
    tell(window, feed, detail(LINE), detail(silent("press"), troubled=troubled(3), troubled_count=3))
    feed.is_slow = True
    window.set_sources([LINE, silent("press")])
    late = feed.waiting.pop()
    window.show_source("line")
    late()
    assert view.page.head.headline.text().startswith("Connected over an open link")
    assert view.page.tags.table.texts.rows == ()


def test_engine_that_cannot_tell_the_details_leaves_the_state_on_show(
    window: Window, feed: SourceFeed
) -> None:
    feed.errors["source"] = "the engine went away before it answered"
    tell(window, feed, detail(LINE), REFUSED)
    window.show_source("press")
    view = view_of(window)
    assert view.page.head.what.words.text() == "The certificate of press's server is not trusted."
    assert view.page.head.said.text() == (
        "The details are not known: the engine went away before it answered."
    )


def test_nothing_looks_current_while_the_engine_is_silent(window: Window, feed: SourceFeed) -> None:
    tell(window, feed, detail(LINE), REFUSED)
    window.show_source("press")
    feed.sent.clear()
    window.set_stalled("since 14:13:46: the engine is gone")
    view = view_of(window)
    assert {row.mark for row in view.list.sources.rows} == {"unknown"}
    assert view.page.head.headline.text().startswith("Not known: the engine does not answer.")
    for text in ("Trust…", "Try now"):
        assert not button(view, text).isEnabled()
    assert button(view, "Save our certificate…").isEnabled(), "that needs no engine"
    window.set_sources([LINE, refused()])
    assert feed.sent == []
    window.set_stalled(None)
    window.set_sources([LINE, refused()])
    assert feed.asked_of("source") == ["press"]
    assert button(view, "Trust…").isEnabled()


def test_empty_project_teaches_what_a_source_is(window: Window) -> None:
    window.set_plant(Project("", PLANT, (), ()))
    window.set_sources(())
    view = view_of(window)
    pages = [each.toPlainText() for each in view.findChildren(QTextBrowser) if each.isVisible()]
    assert len(pages) == 1 and "[[sources]]" in pages[0] and "plant.toml" in pages[0]


def test_new_engine_is_asked_for_everything_anew(window: Window, feed: SourceFeed) -> None:
    window.show_source("press")
    feed.is_slow = True
    window.set_sources([LINE, secured()])
    feed.sent.clear()
    window.set_plant(PROJECT)
    window.set_sources([LINE, secured()])
    assert feed.asked_of("source") == ["press"], "an answer of the old engine is not waited for"


def test_forty_sources_cost_no_more_than_one_request_and_keep_the_scroll(
    window: Window, feed: SourceFeed, qapp: Any
) -> None:
    many = [source(f"plc {n:02d}") for n in range(40)]
    feed.details |= {each.id: detail(each) for each in many}
    window.set_sources(many)
    qapp.processEvents()
    view = view_of(window)
    view.list.verticalScrollBar().setValue(600)
    feed.sent.clear()
    window.set_sources([*many[:39], unreachable("plc 39")])
    assert view.list.sources.rows[0].id == "plc 39"
    assert len(feed.sent) == 1
    assert view.list.verticalScrollBar().value() == 600


@pytest.mark.parametrize("look", theme.NAMES)
@pytest.mark.parametrize("size", [(960, 540), (1366, 768), (1920, 1080), (3840, 2160)])
def test_every_control_can_be_hit_and_no_word_is_cut(
    window: Window, feed: SourceFeed, qapp: Any, size: tuple[int, int], look: str
) -> None:
    from hmi.widgets.labels import ShortWords, Words

    window.set_theme(look)
    window.resize(*size)
    known = detail(
        unreachable("press"),
        certificates=(certificate(), certificate("trusted", "ab" * 32), OWN),
        notes=(note(),),
        troubled=troubled(30),
        troubled_count=30,
    )
    tell(window, feed, detail(LINE), known)
    window.show_source("press")
    view = view_of(window)
    for _ in range(4):
        qapp.processEvents()
    buttons = [each for each in view.findChildren(QAbstractButton) if each.isVisible() and each.text()]
    assert len(buttons) >= 7
    target = window.theme.size.target
    assert [b.text() for b in buttons if b.height() < target or b.width() < target] == []
    assert [b.text() for b in buttons if b.width() < b.sizeHint().width()] == []
    words = [each for each in view.page.findChildren(Words) if each.isVisible() and each.text()]
    cut = [
        each.text()
        for each in words
        if not isinstance(each, ShortWords)
        and (
            each.height() < each.heightForWidth(each.width())
            if each.wordWrap()
            else each.width() < each.sizeHint().width()
        )
    ]
    assert cut == []
    assert view.page.widget().width() <= view.page.viewport().width(), "nothing runs out at the right"


def test_picture_of_system_waits_for_values_although_it_shows_none(window: Window) -> None:
    class Still:
        """A bridge whose time stands still."""

        live = True

        def now_us(self) -> int:
            """The time of the test."""
            return NOW_US

    assert window.wants() == set()
    picture = Picture(window, Still(), Path("unused.png"))  # pyright: ignore[reportArgumentType]
    assert picture.wants() == {"numbers"}
    picture.on_numbers(snapshot())
    assert window.snapshot is not None


def test_closed_system_leaves_nothing_behind(qapp: Any) -> None:
    look = theme.load_theme("light")

    def objects() -> int:
        collect()
        return sum(isinstance(each, QObject) for each in gc.get_objects())

    def once() -> None:
        feed = SourceFeed()
        window = Window(look, feed, PLANT)
        window.show()
        window.show_display("system")
        known = detail(
            unreachable("press"),
            certificates=(certificate(), certificate("trusted", "ab" * 32), OWN),
            notes=(note(),),
        )
        tell(window, feed, known, detail(LINE))
        view = view_of(window)
        view.page.certificates.trust.emit(view.page.certificates.cards.rejected[0])
        for each in (REFUSED, detail(secured())):
            tell(window, feed, each, detail(LINE))
            window.show_source("line")
            window.show_source("press")
        window.close()
        window.deleteLater()

    once()
    before = objects()
    for _ in range(10):
        once()
    assert objects() - before <= 2
