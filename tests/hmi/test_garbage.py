"""Lost objects are let go of in the thread of the window, never in another."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from hmi.garbage import YOUNG, Garbage
from tests.hmi.looking import see

pytestmark = pytest.mark.screen


@pytest.fixture
def garbage(qapp: QApplication) -> Iterator[Garbage]:
    gc.enable()
    gc.collect()
    made = Garbage()
    yield made
    made.deleteLater()


def lost() -> weakref.ref[QObject]:
    """An object of Qt in a cycle that nobody holds."""
    one = QObject()
    one.self_again = one  # type: ignore[attr-defined]
    return weakref.ref(one)


def test_threads_make_much_and_let_go_of_nothing_of_qt(garbage: Garbage) -> None:
    seen, kept = lost(), list[list[int]]()
    let_go: list[str] = []
    weakref.finalize(seen(), lambda: let_go.append(threading.current_thread().name))  # type: ignore[arg-type]
    worker = threading.Thread(target=lambda: kept.extend([at] for at in range(2 * YOUNG)), name="worker")
    worker.start()
    worker.join()
    assert seen() is not None and let_go == [], "another thread would have searched by now"
    assert gc.get_count()[0] > YOUNG
    see(lambda: seen() is None, 5, "the window's own thread searched")
    assert let_go == ["MainThread"]


def test_what_a_window_is_made_of_is_not_searched_again(garbage: Garbage) -> None:
    before = gc.get_freeze_count()
    garbage.rest()
    assert gc.get_freeze_count() > before and not gc.isenabled()
    gc.unfreeze()
