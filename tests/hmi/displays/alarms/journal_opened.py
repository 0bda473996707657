"""The page of the journal as a test sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hmi.displays.display import Place
from hmi.model import build
from tests.hmi.conftest import collect
from tests.hmi.displays.alarms.journal_feed import JournalFeed, change
from tests.hmi.line import LINE

if TYPE_CHECKING:
    from hmi.displays.alarms.journal.page import JournalPage


@contextmanager
def opened(application: Any, feed: JournalFeed, went: list[Place]) -> Iterator[JournalPage]:
    """Made and told its plant, not shown yet; ``went`` takes where it leads."""
    from PySide6.QtWidgets import QWidget

    from hmi.displays.alarms.journal.page import JournalPage
    from hmi.theme import apply_theme, load_fonts, load_theme

    look = load_theme("light")
    load_fonts()
    apply_theme(application, look)
    holder = QWidget()
    holder.resize(1290, 600)
    made = JournalPage(look, feed, went.append, holder)
    made.setGeometry(holder.rect())
    made.set_plant(build(LINE))
    yield made
    made.export.press.cancel()
    holder.close()
    holder.deleteLater()
    collect()


def seqs(page: JournalPage) -> list[int]:
    return [each.change.seq for each in page.table.rows.noted]


def come(page: JournalPage, feed: JournalFeed, count: int) -> None:
    """So many changes happen, and the page looks."""
    last = feed.changes[-1].seq
    feed.changes += [change(last + k + 1) for k in range(count)]
    page._timer.timeout.emit()  # noqa: SLF001
