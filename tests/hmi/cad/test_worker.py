"""The process alone: its limits, hostile files, a full disk, and what importing the package brings along."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import psutil
import pytest

from engine.paths import SAFE_PATH
from hmi.cad import limits
from hmi.cad.places import note_of, read_note
from hmi.cad.store import mapped
from hmi.cad.worker import NO_STEP, read_into
from tests.hmi.cad.files import cube_gltf, glb, models_of, press_scene, step_box, text_of, torus

DEADLINE_S = 50.0
NO_LIMITS = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no such limits; the window watches"
)


def python(text: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *SAFE_PATH, "-c", text, *words],
        capture_output=True, text=True, timeout=DEADLINE_S, check=False,
    )  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Path]:
    """The folder of models and the cache."""
    cache = tmp_path / "cache"
    cache.mkdir()
    return models_of(tmp_path), cache


@pytest.mark.system
def test_the_package_brings_neither_qt_nor_vtk_nor_readers_into_the_window() -> None:
    done = python(
        "import sys, hmi.cad, hmi.cad.binding\n"
        "heavy = {'PySide6', 'vtkmodules', 'trimesh', 'cascadio'}\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & heavy))"
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.system
@pytest.mark.parametrize(
    "act",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('localhost', 80)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')",
        "import os; os.system('true')",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.fork()",
    ],
)
def test_the_reader_reaches_neither_the_network_nor_other_programs(act: str) -> None:
    done = python(f"from hmi.cad import limits; limits.restrict()\n{act}")
    assert "not for the process that reads CAD files" in done.stderr


@NO_LIMITS
@pytest.mark.system
def test_the_reader_gets_no_more_memory_than_its_limit() -> None:
    done = python(f"from hmi.cad import limits; limits.restrict(); bytearray({limits.MEMORY_BYTES})")
    assert "MemoryError" in done.stderr


@NO_LIMITS
@pytest.mark.fault
def test_a_reader_that_hangs_is_ended_by_the_system() -> None:
    done = python("from hmi.cad import limits; limits.WALL_S = 1; limits.restrict()\nwhile True: pass")
    assert done.returncode == -14


@NO_LIMITS
@pytest.mark.fault
def test_a_reader_whose_window_was_killed_ends_by_itself() -> None:
    reader = "import sys; from hmi.cad import limits; limits.end_with(int(sys.argv[1]))\nwhile True: pass"
    window = (
        "import os, subprocess, sys\n"
        f"words = [sys.executable, '-P', '-c', {reader!r}, str(os.getpid())]\n"
        "made = subprocess.Popen(words, stdout=subprocess.DEVNULL)\n"
        "print(made.pid, flush=True)\nmade.wait()"
    )
    killed = subprocess.Popen([sys.executable, *SAFE_PATH, "-c", window], stdout=subprocess.PIPE)
    assert killed.stdout is not None
    reading = psutil.Process(int(killed.stdout.readline()))
    killed.kill()
    killed.wait(DEADLINE_S)
    killed.stdout.close()
    try:
        reading.wait(DEADLINE_S)
    finally:
        if reading.is_running():
            reading.kill()


def test_step_without_its_reader_names_what_to_install(
    place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    models, cache = place
    (models / "a.step").write_text(step_box("Box"))
    monkeypatch.setitem(sys.modules, "cascadio", None)
    assert read_into(models, "a.step", cache) == NO_STEP
    assert "pip install watchroom[step]" in NO_STEP


def test_what_the_reader_looked_at_is_noted(place: tuple[Path, Path]) -> None:
    models, cache = place
    (models / "sub").mkdir()
    document = cube_gltf(buffers=[{"uri": "../points.bin", "byteLength": 168}])
    (models / "sub" / "a.gltf").write_bytes(text_of(document))
    assert "points.bin" in read_into(models, "sub/a.gltf", cache)
    seen = read_note(note_of(cache, models, "sub/a.gltf"))
    assert seen is not None
    assert seen.files["points.bin"] == (0, 0)
    (models / "points.bin").write_bytes(bytes(200))
    assert "no triangles" in read_into(models, "sub/a.gltf", cache)


@pytest.mark.fault
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_and_leaves_nothing_half_written(
    place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    models, cache = place
    (models / "a.gltf").write_bytes(text_of(cube_gltf()))
    real = Path.open

    def full(path: Path, mode: str = "r", *rest: object, **more: object) -> object:
        into_cache = "w" in mode and path.parent == cache
        return real(Path("/dev/full") if into_cache else path, mode, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", full)
    problem = read_into(models, "a.gltf", cache)
    assert problem == f"No space left on device; make room on the disk of {cache}"
    assert list(cache.iterdir()) == []


def seeds() -> dict[str, bytes]:
    """A sound file of every kind that our own code reads."""
    ring = torus(300)
    ascii_stl = ring.export(file_type="stl_ascii")
    return {
        "a.glb": press_scene().export(file_type="glb"),
        "b.gltf": text_of(cube_gltf()),
        "c.glb": glb(cube_gltf()),
        "d.stl": ring.export(file_type="stl"),
        "e.stl": ascii_stl if isinstance(ascii_stl, bytes) else ascii_stl.encode(),
        "f.obj": str(ring.export(file_type="obj")).encode(),
    }


def damaged(content: bytes, dice: random.Random) -> bytes:
    way = dice.randrange(4)
    if way == 0:
        return content[: dice.randrange(len(content))]
    changed = bytearray(content)
    if way == 1:
        for _ in range(dice.randrange(1, 20)):
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    elif way == 2:
        at = dice.randrange(len(changed))
        changed[at : at + dice.randrange(40)] = dice.randbytes(dice.randrange(40))
    else:  # a digit becomes another: counts, offsets and indices that are plausible
        digits = [k for k, each in enumerate(changed[:3000]) if 48 <= each <= 57]
        for _ in range(3):
            changed[dice.choice(digits or [0])] = dice.randrange(48, 58)
    return bytes(changed)


@pytest.mark.fault
@pytest.mark.parametrize("name", sorted(seeds()))
def test_damaged_files_end_in_a_sound_model_or_a_sentence(name: str, place: tuple[Path, Path]) -> None:
    models, cache = place
    content = seeds()[name]
    dice = random.Random(zlib.crc32(name.encode()))
    for _ in range(25):
        (models / name).write_bytes(damaged(content, dice))
        problem = read_into(models, name, cache)
        seen = read_note(note_of(cache, models, name))
        assert seen is not None
        assert problem == seen.problem
        assert len(problem) < 400
        assert "\n" not in problem
        if not problem:
            assert mapped(cache / seen.entry, name).nodes
    assert not list(cache.glob(".*"))


@pytest.mark.fault
@pytest.mark.system
@pytest.mark.timeout(200)
def test_damaged_step_files_never_take_the_window_along(place: tuple[Path, Path]) -> None:
    pytest.importorskip("cascadio", reason="cascadio, the reader of STEP files, is not installed")
    models, cache = place
    dice, content = random.Random(8), step_box("Box").encode()
    for each in (content[:900], damaged(content, dice), b"ISO-10303-21;\n" * 50, b"\0" * 5000):
        (models / "a.step").write_bytes(each)
        words = [sys.executable, *SAFE_PATH, "-m", "hmi.cad.worker", str(models), "a.step", str(cache)]
        done = subprocess.run(words, capture_output=True, timeout=DEADLINE_S, check=False)
        last = done.stdout.decode().strip().rpartition("\n")[2]
        assert last == "ok" or last.startswith("no ") or done.returncode != 0


@pytest.mark.slow
def test_what_half_a_million_triangles_cost(
    place: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    import resource

    models, cache = place
    mesh = torus(500_000)
    mesh.export(models / "ring.stl")
    words = [sys.executable, *SAFE_PATH, "-m", "hmi.cad.worker", str(models), "ring.stl", str(cache)]
    subprocess.run(words, check=True, capture_output=True, timeout=DEADLINE_S)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    (entry,) = cache.glob("*.cad")
    node = mapped(entry, "ring.stl").nodes[0]
    counts = [len(each) for each in node.levels]
    with capsys.disabled():
        print(
            f"\n{counts[0]:,} triangles: {used.ru_utime:.1f} s of processor, {used.ru_maxrss / 1024:.0f} MB, "
            f"{entry.stat().st_size / 1e6:.0f} MB kept, levels {counts}"
        )
    assert counts[0] == len(mesh.faces)
    assert counts[2] < 0.08 * counts[0]
    shutil.rmtree(cache)
