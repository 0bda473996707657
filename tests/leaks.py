"""What a test may leave behind: nothing. Each guard sees one kind of thing that goes on running.

A guard is two calls: a look before the test and, after it, what is there now and was not before.
Things that are just ending get a moment to do so; a guard waits for a condition, never for a time.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

GRACE_S = 2.0
RUN_MARK = "WATCHROOM_TEST_RUN"
"""Set in this process's environment, inherited by every process a test starts, even a detached one."""

# Qt's offscreen platform says these about itself; they do not concern our widgets.
QT_SMALL_TALK = ("This plugin does not support", "propagateSizeHints")

# Files that libraries open once and keep: fonts, drivers, locales, caches, the interpreter itself.
LIBRARY_FILES = (
    "/dev/",
    "/etc/",
    "/memfd:",
    "/proc/",
    "/sys/",
    "/usr/",
    "/var/cache/",
    sys.prefix,
    sys.base_prefix,
    str(Path.home() / ".cache"),
)


@dataclass(frozen=True)
class Footprint:
    """What was running and open at one moment."""

    threads: frozenset[threading.Thread]
    processes: frozenset[psutil.Process]
    handles: frozenset[tuple[str, str]]


def footprint(detached: bool) -> Footprint:
    """Look now. ``detached`` also finds processes of this run that are no longer our children."""
    return Footprint(frozenset(threading.enumerate()), processes(detached), handles())


def search() -> None:
    """Let go of everything that nobody holds, also of what was not to be searched any more."""
    gc.unfreeze()
    gc.collect()


def left_behind(before: Footprint, detached: bool) -> list[str]:
    """One line for each thing that is there now, was not ``before`` and does not end by itself."""
    found = _news(before, detached)
    if found:
        search()
    deadline = time.monotonic() + GRACE_S
    while (found := _news(before, detached)) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    return found


def _news(before: Footprint, detached: bool) -> list[str]:
    now = footprint(detached)
    return [
        *(f"thread {thread.name}" for thread in now.threads - before.threads if thread.is_alive()),
        *(f"process {_describe(process)}" for process in now.processes - before.processes),
        *(f"open {kind} {target}" for kind, target in sorted(now.handles - before.handles)),
    ]


def _describe(process: psutil.Process) -> str:
    try:
        return f"{process.pid}: {' '.join(process.cmdline())}"
    except psutil.Error:
        return str(process.pid)


def processes(detached: bool) -> frozenset[psutil.Process]:
    """Living processes that this run started; ended ones that nobody has waited for do not count."""
    found = set(psutil.Process().children(recursive=True)) if _has_children() else set[psutil.Process]()
    if detached:
        found |= {process for pid in psutil.pids() if _is_marked(pid) for process in _process(pid)}
    return frozenset(process for process in found if _lives(process))


def _has_children() -> bool:
    """Whether asking psutil, which reads about every process there is, is worth its while."""
    listed = list(Path("/proc/self/task").glob("*/children"))
    return not listed or any(_text(path) for path in listed)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # a thread that ended meanwhile


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.Error:
        return False


def _process(pid: int) -> list[psutil.Process]:
    try:
        return [psutil.Process(pid)]
    except psutil.Error:
        return []


def _is_marked(pid: int) -> bool:
    """Whether a process carries this run's mark, and neither is this process nor started it."""
    mark = os.environ.get(RUN_MARK)
    if not mark or pid in (os.getpid(), os.getppid()):
        return False
    try:
        if sys.platform == "linux":
            return f"{RUN_MARK}={mark}\0".encode() in Path(f"/proc/{pid}/environ").read_bytes()
        return psutil.Process(pid).environ().get(RUN_MARK) == mark
    except (psutil.Error, OSError):
        return False


def handles() -> frozenset[tuple[str, str]]:
    """Open sockets and files as (number and kind, target), but for those that libraries keep."""
    if sys.platform != "linux":
        process = psutil.Process()
        files = {("file", opened.path) for opened in process.open_files()}
        sockets = {("socket", f"{link.laddr} {link.raddr}") for link in process.net_connections("all")}
        return frozenset(item for item in files | sockets if not item[1].startswith(LIBRARY_FILES))
    found: set[tuple[str, str]] = set()
    for number in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if target.startswith("socket:") or (target.startswith("/") and not target.startswith(LIBRARY_FILES)):
            found.add((number, target))
    return frozenset(found)


async def tasks_left(turns: int = 20) -> list[str]:
    """Tasks of the running loop that are still pending after ``turns`` turns of the loop."""
    for _ in range(turns):
        pending = asyncio.all_tasks() - {asyncio.current_task()}
        if not pending:
            return []
        await asyncio.sleep(0)
    return [f"task {task.get_name()}: {task.get_coro()}" for task in pending]


def qt_left() -> list[str]:
    """Running timers and threads of Qt, and windows still shown."""
    from PySide6 import QtCore

    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete.value)
    found = _qt_news()
    if found:
        search()
    deadline = time.monotonic() + GRACE_S
    while (found := _qt_news() if found else []) and time.monotonic() < deadline:
        if not any(line.startswith("Qt thread") for line in found):
            break
        threading.Event().wait(0.02)
    return found


def _qt_news() -> list[str]:
    import shiboken6
    from PySide6 import QtCore, QtWidgets

    kinds = (QtCore.QTimer, QtCore.QThread)
    things = [thing for thing in gc.get_objects() if issubclass(type(thing), kinds)]
    alive: list[Any] = [thing for thing in things if shiboken6.isValid(thing)]
    timers = [timer for timer in alive if isinstance(timer, QtCore.QTimer) and timer.isActive()]
    main = QtWidgets.QApplication.instance().thread()
    threads = [t for t in alive if isinstance(t, QtCore.QThread) and t != main and t.isRunning()]
    windows = [window for window in QtWidgets.QApplication.topLevelWidgets() if window.isVisible()]
    return [
        *(f"timer of {timer.parent()}, every {timer.interval()} ms" for timer in timers),
        *(f"Qt thread {thread.objectName()}" for thread in threads),
        *(f"window {type(window).__name__} '{window.windowTitle()}'" for window in windows),
    ]


@contextmanager
def listening_to_qt() -> Iterator[list[str]]:
    """Collects, while it lasts, Qt's warnings and the errors of slots, which Qt would only print."""
    from PySide6 import QtCore

    heard: list[str] = []

    def message(kind: QtCore.QtMsgType, context: QtCore.QMessageLogContext, text: str) -> None:
        quiet = kind in (QtCore.QtMsgType.QtDebugMsg, QtCore.QtMsgType.QtInfoMsg)
        if not quiet and not any(talk in text for talk in QT_SMALL_TALK):
            heard.append(f"Qt says: {text}")

    def raised(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        heard.append(f"a slot or event raised {kind.__name__}: {error}")
        previous_hook(kind, error, trace)

    previous_message = QtCore.qInstallMessageHandler(message)
    previous_hook, sys.excepthook = sys.excepthook, raised
    try:
        yield heard
    finally:
        sys.excepthook = previous_hook
        QtCore.qInstallMessageHandler(previous_message)
