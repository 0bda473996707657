"""T35 in short: a minute of mixed faults on a real plant and engine, every sample held to the truth."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine.store.frames import FrameFile
from engine.testing.soak.judge import Verdict, judge
from engine.testing.soak.rig import Place
from tests.running import until, watchroom

pytestmark = [pytest.mark.fault, pytest.mark.system]
SEED = 20_261_124


def words(folder: Path, minutes: float) -> list[str]:
    given = {"--minutes": minutes, "--seed": SEED, "--plant": "press", "--every": 6, "--kill-every": 24}
    more = {"--dir": folder, "--json": folder / "figures.json"}
    return ["soak", *(str(word) for pair in (given | more).items() for word in pair)]


def kept(folder: Path) -> Place:
    (found,) = folder.glob("watchroom-soak-*")
    return Place(found)


@pytest.mark.timeout(180)
def test_half_a_minute_of_faults_breaks_no_rule_and_damage_done_afterwards_is_found(tmp_path: Path) -> None:
    done = watchroom(*words(tmp_path, 0.6), "--keep", timeout_s=150)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    figures = json.loads((tmp_path / "figures.json").read_bytes())
    verdict = figures["verdict"]
    assert figures["broken"] == [] and figures["seed"] == SEED
    assert verdict["offered"] > 500 and verdict["stored"] > 300 and verdict["seen"] > 100
    assert (verdict["lost"], verdict["doubled"], verdict["wrong"], verdict["silences"]) == (0, 0, 0, 0)
    assert figures["engine_recovery_s"]["count"] == 1 and figures["engine"]["lives"] == 2
    assert 0 < figures["availability"] < 1, "a killed engine is not there for a while"
    assert {each["kind"] for each in figures["strikes"]} > {"engine killed"}
    find_damage(kept(tmp_path), verdict["span"])


def find_damage(place: Place, span: tuple[int, int]) -> None:
    """What the judge says of the same run when every fifth of its frames is taken away."""
    assert judge(place, *span).broken == []
    drop_frames(place, span)
    damaged = judge(place, *span)
    assert damaged.lost > 0 and damaged.seen_lost > 0
    assert any("neither stored nor in a gap" in sentence for sentence in damaged.broken)


def drop_frames(place: Place, span: tuple[int, int]) -> None:
    """Take every fifth frame out of the journal, behind everybody's back."""
    file = FrameFile(place.project / "data" / "history" / "frames.db")
    try:
        numbers = [seq for seq, frame in file.content().frames if span[0] < frame.receive_us[0] < span[1]]
        assert len(numbers) > 50
        file.drop(numbers[::5])
    finally:
        file.close()


@pytest.mark.timeout(120)
def test_ctrl_c_ends_a_soak_with_its_figures_and_leaves_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "engine", *words(tmp_path, 30)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        until(lambda: list(tmp_path.glob("watchroom-soak-*/seen.bin")), 60, "live values are looked at")
        until(lambda: any(f.stat().st_size for f in tmp_path.glob("watchroom-soak-*/seen.bin")), 60)
        family = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGINT)
        said, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    _, living = psutil.wait_procs(family, timeout=10)
    assert [each.cmdline() for each in living] == []
    assert list(tmp_path.glob("watchroom-soak-*")) == []
    assert "availability of view and alarms" in said
    assert errors == "" and process.returncode == 0, errors


def test_a_soak_too_short_for_its_faults_says_so(tmp_path: Path) -> None:
    done = watchroom("soak", "--minutes", "1", "--every", "60", "--dir", tmp_path)
    assert done.returncode == 2 and "smaller --every" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_verdicts_add_up() -> None:
    from engine.testing.soak.report import merged

    whole = merged([Verdict(offered=3, broken=["a"]), Verdict(offered=4, window_ms=[1.0], broken=["b"])])
    assert (whole.offered, whole.window_ms, whole.broken) == (7, [1.0], ["a", "b"])
