"""A model in its guarded process: what it does there does not reach the engine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.prediction import worker
from engine.prediction.package import PackageRefused, load_package, read_package
from engine.prediction.worker import GuardedModel, ModelFailed
from tests.engine.prediction.packages import pack

pytestmark = pytest.mark.system


@pytest.fixture
def model(tmp_path: Path) -> Iterator[GuardedModel]:
    pack(tmp_path)
    with contextlib.closing(GuardedModel(read_package(tmp_path))) as made:
        yield made


def rows(count: int) -> np.ndarray:
    return np.random.default_rng(4).normal(size=(count, 12)).astype(np.float32)


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10.0
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_answers_as_the_same_model_here(model: GuardedModel, tmp_path: Path) -> None:
    here = load_package(tmp_path)
    for count in (1, 250, 5000):
        np.testing.assert_array_equal(model.run(rows(count)), here.run(rows(count)))
    assert len(model.run(rows(0))) == 0


def test_other_features_than_the_cards_are_an_error_and_no_failure(model: GuardedModel) -> None:
    for _ in range(worker.RESTARTS + 2):
        with pytest.raises(ValueError, match="12"):
            model.run(np.zeros((1, 5), np.float32))
    assert len(model.run(rows(1))) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits in the process itself")
def test_the_process_has_no_files_no_network_little_memory_and_low_priority(model: GuardedModel) -> None:
    process = psutil.Process(model.pid)
    assert process.nice() >= 10
    assert process.net_connections() == []
    if sys.platform == "linux":
        assert process.rlimit(psutil.RLIMIT_NOFILE) == (0, 0)
        assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
        assert process.rlimit(psutil.RLIMIT_AS)[1] < 2 * 1024**3
        assert process.rlimit(psutil.RLIMIT_CPU)[0] < 60
    assert os.listdir(process.cwd()) == []
    assert not {"HOME", "XDG_RUNTIME_DIR", "DISPLAY"} & set(process.environ())


def test_a_crash_is_told_and_the_next_call_starts_it_again(model: GuardedModel) -> None:
    first = model.run(rows(3))
    before = model.pid
    os.kill(model.pid, signal.SIGKILL)
    with pytest.raises(ModelFailed, match=r"model\.onnx was stopped .*signal 9"):
        model.run(rows(3))
    np.testing.assert_array_equal(model.run(rows(3)), first)
    assert model.pid != before


def test_one_that_fails_too_often_is_refused(model: GuardedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "RESTARTS", 1)
    for _ in range(2):
        os.kill(model.pid, signal.SIGKILL)
        with pytest.raises(ModelFailed):
            model.run(rows(1))
        with contextlib.suppress(PackageRefused):
            model.run(rows(1))
    with pytest.raises(PackageRefused, match=r"failed 2 times .*signal 9"):
        model.run(rows(1))
    assert not psutil.pid_exists(model.pid)


@pytest.mark.skipif(sys.platform == "win32", reason="stops a process by a signal")
def test_one_that_hangs_is_ended(model: GuardedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "ANSWER_S", 0.3)
    pid = model.pid
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(ModelFailed, match="no answer within"):
        model.run(rows(20_000))  # more than a pipe holds: writing would wait for ever as well
    assert not psutil.pid_exists(pid)


def test_closing_leaves_nothing_and_answers_nothing(tmp_path: Path) -> None:
    pack(tmp_path)
    model = GuardedModel(read_package(tmp_path))
    model.close()
    model.close()
    assert not psutil.pid_exists(model.pid)
    with pytest.raises(PackageRefused, match="closed"):
        model.run(rows(1))


@pytest.mark.fault
def test_the_process_ends_with_an_engine_that_is_killed(tmp_path: Path) -> None:
    pack(tmp_path)
    code = (
        "import sys; from pathlib import Path; from engine.prediction.package import read_package; "
        "from engine.prediction.worker import GuardedModel; "
        "print(GuardedModel(read_package(Path(sys.argv[1]))).pid, flush=True); sys.stdin.read()"
    )
    engine = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert engine.stdout is not None and engine.stdin is not None
    pid = int(engine.stdout.readline())
    assert psutil.pid_exists(pid)
    engine.kill()
    engine.wait()
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    engine.stdout.close()
    engine.stdin.close()
