"""The guards of tests/conftest.py catch what they are there for, shown on tests that leak on purpose."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
ROOT = Path(__file__).resolve().parents[2]

LEAKS = {
    "left behind: thread forgotten": """
        import threading
        gate = threading.Event()
        def test_leaks():
            threading.Thread(target=gate.wait, name="forgotten", daemon=True).start()
        """,
    "left behind: process [0-9]+: .*input": """
        import subprocess, sys
        kept = []
        def test_leaks():
            kept.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
        def teardown_module():
            kept[0].communicate(b"x")
        """,
    "left behind: open [0-9]+ socket": """
        import socket
        kept = []
        def test_leaks():
            kept.append(socket.create_server(("127.0.0.1", 0)))
        def teardown_module():
            kept[0].close()
        """,
    "left behind: open [0-9]+ /.*forgotten.txt": """
        kept = []
        def test_leaks(tmp_path):
            kept.append(open(tmp_path / "forgotten.txt", "w"))
        def teardown_module():
            kept[0].close()
        """,
    "left behind: task forgotten": """
        import asyncio
        kept = []
        async def test_leaks():
            kept.append(asyncio.create_task(asyncio.sleep(60), name="forgotten"))
            await asyncio.sleep(0)
        """,
}
SCREEN_LEAKS = {
    "timer of .*, every 60000 ms": """
        from PySide6.QtCore import QTimer
        kept = []
        def test_leaks(qapp):
            kept.append(QTimer())
            kept[0].start(60_000)
        def teardown_module():
            kept[0].stop()
        """,
    "Qt thread forgotten": """
        from PySide6.QtCore import QThread
        kept = []
        def test_leaks(qapp):
            kept.append(QThread())
            kept[0].setObjectName("forgotten")
            kept[0].start()
        def teardown_module():
            kept[0].quit()
            kept[0].wait()
        """,
    "window QLabel 'forgotten'": """
        from PySide6.QtWidgets import QLabel
        kept = []
        def test_leaks(qapp):
            kept.append(QLabel("text", windowTitle="forgotten"))
            kept[0].show()
        def teardown_module():
            kept[0].close()
        """,
    "a slot or event raised ValueError: bad slot": """
        from PySide6.QtCore import QObject, Signal
        class Source(QObject):
            told = Signal()
        def slot():
            raise ValueError("bad slot")
        def test_leaks(qapp):
            source = Source()
            source.told.connect(slot)
            source.told.emit()
        """,
    "Qt says: QObject::startTimer": """
        import threading
        from PySide6.QtCore import QTimer
        def test_leaks(qapp):
            timer = QTimer()
            worker = threading.Thread(target=timer.start, args=(60_000,))
            worker.start()
            worker.join()
        """,
}


def run_leaking(pytester: pytest.Pytester, **modules: str) -> pytest.RunResult:
    """Run leaking tests under our own conftest, in a process of its own."""
    pytester.makeconftest(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom tests import leaks\n"
        "from tests.conftest import *\nleaks.GRACE_S = 0.1\n"
    )
    pytester.makeini(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
        "filterwarnings = error\nmarkers =\n  screen: Qt\n  system: processes\n"
    )
    pytester.makepyfile(**modules)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-q")


def assert_each_is_caught(result: pytest.RunResult, leaks: dict[str, str]) -> None:
    """Every module's test passed by itself, and was then failed by the guard that names the leak."""
    result.assert_outcomes(passed=len(leaks), errors=len(leaks))
    for kind in leaks:
        assert re.search(f"^(E  )?.*{kind}", result.stdout.str(), re.MULTILINE), kind


@pytest.mark.system
def test_a_test_that_leaks_fails_and_says_what(pytester: pytest.Pytester) -> None:
    leaking = {f"test_{number}": code for number, code in enumerate(LEAKS.values())}
    assert_each_is_caught(run_leaking(pytester, **leaking), LEAKS)


@pytest.mark.system
@pytest.mark.screen
def test_a_screen_test_that_leaks_fails_and_says_what(pytester: pytest.Pytester) -> None:
    leaking = {f"test_{number}": code for number, code in enumerate(SCREEN_LEAKS.values())}
    assert_each_is_caught(run_leaking(pytester, **leaking), SCREEN_LEAKS)


@pytest.mark.system
def test_a_detached_process_is_found_though_it_is_nobodys_child(pytester: pytest.Pytester) -> None:
    result = run_leaking(
        pytester,
        test_detached="""
        import os, signal, subprocess, sys
        import pytest
        kept = []
        START = '''
        import subprocess, sys
        code = "import time; print('up', flush=True); time.sleep(60)"
        child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE)
        child.stdout.readline()
        print(child.pid, flush=True)
        child.returncode = 0
        '''
        @pytest.mark.system
        def test_leaks():
            import textwrap
            said = subprocess.run([sys.executable, "-c", textwrap.dedent(START)], stdout=subprocess.PIPE)
            kept.append(int(said.stdout))
        def teardown_module():
            os.kill(kept[0], signal.SIGKILL)
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.re_match_lines([".*left behind: process [0-9]+: .*time.sleep"])


def test_a_clean_test_passes(pytester: pytest.Pytester) -> None:
    code = """
        import asyncio, threading
        async def test_clean(tmp_path):
            await asyncio.create_task(asyncio.sleep(0))
            (tmp_path / "a.txt").write_text("x")
            thread = threading.Thread(target=lambda: None)
            thread.start()
            thread.join()
        """
    run_leaking(pytester, test_clean=code).assert_outcomes(passed=1)
