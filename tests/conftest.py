"""Ground rules of every test: own folders, no real screen, and nothing left running."""

from __future__ import annotations

import gc
import inspect
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests import leaks

LAST_WAIT = 0.85
"""Where in a run the last file begins that waits: a short file ends it, not a long one."""
MANY_LOST = 50_000
"""Objects made since the last search for lost ones: so many are worth another."""
DETACHED_MARKERS = ("system", "fault", "peer", "slow", "bench")


def pytest_configure(config: pytest.Config) -> None:
    """Draw off screen unless told otherwise, and mark every process this run starts."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_ACCESSIBILITY", "0")
    os.environ[leaks.RUN_MARK] = str(os.getpid())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What uses the Qt application is a screen test, whether or not it says so."""
    for item in items:
        if "qapp" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.screen)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items[:] = mixed(items)


def mixed(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Files that mostly wait for processes evenly among those that compute, so that neither waits for the
    other at the end of the run.
    """
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.partition("::")[0], []).append(item)
    waits = [name for name, own in files.items() if any(map(is_waiting, own))]
    computes = [name for name in files if name not in set(waits)]
    place = {name: at / max(len(computes), 1) for at, name in enumerate(computes)}
    place |= {name: LAST_WAIT * at / max(len(waits), 1) for at, name in enumerate(waits)}
    return [item for name in sorted(place, key=lambda name: place[name]) for item in files[name]]


def is_waiting(item: pytest.Item) -> bool:
    """Whether a test spends its time on waiting for other processes."""
    return any(item.get_closest_marker(name) for name in ("system", "fault", "peer"))


def is_marked(request: pytest.FixtureRequest, *names: str) -> bool:
    """Whether the test carries one of these markers."""
    return any(request.node.get_closest_marker(name) for name in names)


@pytest.fixture(scope="session", autouse=True)
def short_folder() -> Iterator[Path]:
    """A folder for this run with a short name: the path of a Unix socket holds 107 bytes at most."""
    parent = "/tmp" if os.path.isdir("/tmp") else None
    folder = Path(tempfile.mkdtemp(prefix="wr-", dir=parent))
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def own_folders(
    short_folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings, data, state and caches of each test go to folders of its own, never to the user's."""
    home = Path(tempfile.mkdtemp(dir=short_folder))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    if sys.platform == "win32":
        monkeypatch.setenv("LOCALAPPDATA", str(home))
        monkeypatch.setenv("APPDATA", str(home))


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest, short_folder: Path) -> Iterator[None]:
    """Fail a test that leaves a thread, process, open file, socket, asyncio task or Qt timer behind."""
    detached = is_marked(request, *DETACHED_MARKERS)
    if is_marked(request, "screen"):
        request.getfixturevalue("qapp")
    before = leaks.footprint(detached)
    yield
    left = leaks.left_behind(before, detached)
    if left:
        pytest.fail("left behind: " + "; ".join(left), pytrace=False)


@pytest.fixture(autouse=True)
def no_task_left_behind(request: pytest.FixtureRequest, nothing_left_running: None) -> None:
    """Watch the loop of an async test; the loop itself is closed before its sockets are looked for."""
    if inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("no_task_left")


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Fail a test that leaves an asyncio task pending."""
    yield
    left = await leaks.tasks_left()
    if left:
        pytest.fail("left behind: " + "; ".join(left), pytrace=False)


@pytest.fixture(autouse=True)
def sound_qt(request: pytest.FixtureRequest, own_folders: None, nothing_left_running: None) -> Iterator[None]:
    """Fail a screen test that leaves Qt things behind, that Qt warns about, or whose slot raised."""
    if not is_marked(request, "screen"):
        yield
        return
    # As in the window (hmi/garbage.py): a search for lost objects in another thread may stand still for ever.
    gc.disable()
    try:
        with leaks.listening_to_qt() as heard:
            yield
            left = leaks.qt_left()
    finally:
        if gc.get_count()[0] > MANY_LOST:
            gc.collect()
        gc.enable()
    if left or heard:
        pytest.fail("; ".join([*heard, *(f"left behind: {line}" for line in left)]), pytrace=False)


@pytest.fixture(scope="session")
def qapp() -> Iterator[Any]:
    """The one QApplication of the run."""
    from PySide6 import QtWidgets

    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["watchroom-tests"])
    yield application
    application.processEvents()
