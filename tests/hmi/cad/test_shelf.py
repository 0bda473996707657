"""The shelf with real processes: reading, the cache, files that change, what must not be read."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from hmi.cad import CadModel, CadShelf, limits
from hmi.cad.keep import clear_torn, made_room
from tests.hmi.cad.files import cube_gltf, models_of, press_scene, step_box, text_of, torus

pytestmark = pytest.mark.system
DEADLINE_S = 50.0
Shelves = Callable[[], CadShelf]


@pytest.fixture
def shelves(tmp_path: Path) -> Iterator[Shelves]:
    """Makes shelves of one project and one cache, and closes them."""
    made: list[CadShelf] = []

    def make() -> CadShelf:
        made.append(CadShelf(tmp_path / "plant", tmp_path / "cache"))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """The folder scene/models of the project."""
    return models_of(tmp_path / "plant")


def until(shelf: CadShelf, done: Callable[[], bool]) -> dict[str, CadModel]:
    found: dict[str, CadModel] = {}
    end = time.monotonic() + DEADLINE_S
    while not done():
        found |= shelf.take()
        assert time.monotonic() < end, "the shelf did not come to an end"
        time.sleep(0.01)
    return found | shelf.take()


def all_of(shelf: CadShelf, *files: str) -> dict[str, CadModel]:
    shelf.want(files)
    return until(shelf, lambda: not shelf.is_busy)


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_files_of_every_kind_arrive_and_the_next_start_only_maps_them(models: Path, shelves: Shelves) -> None:
    scene = press_scene()
    put(models / "press.glb", scene.export(file_type="glb"))
    for name, content in scene.export(file_type="gltf").items():
        put(models / "hall 1" / name, content)
    put(models / "ring.stl", torus(1_000).export(file_type="stl"))
    put(models / "Halle Süd.obj", b"mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl m\nf 1 2 3\n")
    put(models / "a.mtl", b"newmtl m\nKd 1 0 0\n")
    files = ("press.glb", "hall 1/model.gltf", "ring.stl", "Halle Süd.obj")
    first = all_of(shelves(), *files)
    assert [first[file].problem for file in files] == [""] * 4
    assert [node.path for node in first["hall 1/model.gltf"].nodes] == ["Frame", "Frame/Ram", "Öl 球"]
    assert first["Halle Süd.obj"].nodes[0].colour == (255, 0, 0)
    again = shelves()
    again.want(files)
    second = again.take()
    assert again.worker == 0
    assert not again.is_busy
    for file in files:
        for new, old in zip(second[file].nodes, first[file].nodes, strict=True):
            np.testing.assert_array_equal(new.points, old.points)


def test_a_step_file_comes_in_metres_by_its_name(models: Path, shelves: Shelves) -> None:
    pytest.importorskip("cascadio", reason="cascadio, the reader of STEP files, is not installed")
    put(models / "box.stp", step_box("Roof press", (100, 200, 300)).encode())
    model = all_of(shelves(), "box.stp")["box.stp"]
    assert (model.problem, [node.name for node in model.nodes]) == ("", ["Roof press"])
    np.testing.assert_allclose(model.nodes[0].points.max(axis=0), (0.1, 0.2, 0.3), atol=1e-6)


def test_what_is_asked_for_twice_is_handed_out_once(models: Path, shelves: Shelves) -> None:
    put(models / "a.gltf", text_of(cube_gltf()))
    shelf = shelves()
    shelf.want(["a.gltf", "a.gltf"])
    shelf.want(["a.gltf"])
    assert list(until(shelf, lambda: not shelf.is_busy)) == ["a.gltf"]
    shelf.want(["a.gltf"])
    assert not shelf.is_busy


def test_a_changed_file_is_read_again_and_so_is_one_that_another_names(
    models: Path, shelves: Shelves
) -> None:
    document = cube_gltf(nodes=[{"name": "Old", "mesh": 0}])
    put(models / "a.gltf", text_of(document))
    obj = b"mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl m\nf 1 2 3\n"
    put(models / "b.obj", obj)
    shelf = shelves()
    assert all_of(shelf, "a.gltf", "b.obj")["b.obj"].nodes[0].colour is None
    put(models / "a.gltf", text_of(cube_gltf(nodes=[{"name": "New one", "mesh": 0}])))
    put(models / "a.mtl", b"newmtl m\nKd 0 1 0\n")
    found = all_of(shelf, "a.gltf", "b.obj")
    assert found["a.gltf"].nodes[0].name == "New one"
    assert found["b.obj"].nodes[0].colour == (0, 255, 0)


def test_a_copy_of_a_file_shares_its_arrays(models: Path, shelves: Shelves, tmp_path: Path) -> None:
    put(models / "one" / "a.gltf", text_of(cube_gltf()))
    put(models / "two" / "a.gltf", text_of(cube_gltf()))
    assert len(all_of(shelves(), "one/a.gltf", "two/a.gltf")) == 2
    assert len(list((tmp_path / "cache").glob("*.cad"))) == 1


@pytest.mark.parametrize(
    "file",
    ["../a.glb", "/etc/passwd", "x/../../a.glb", "C:\\a.glb", "\\\\host\\a.glb", "", "a\0.glb", "out.glb"],
)
def test_nothing_outside_the_models_is_read(
    file: str, models: Path, shelves: Shelves, tmp_path: Path
) -> None:
    put(tmp_path / "secret.glb", text_of(cube_gltf()))
    put(models.parent / "a.glb", text_of(cube_gltf()))
    if sys.platform != "win32":
        (models / "out.glb").symlink_to(tmp_path / "secret.glb")
    shelf = shelves()
    shelf.want([file])
    model = shelf.take()[file]
    assert shelf.worker == 0
    assert "scene/models" in model.problem
    assert "cannot be drawn" in model.problem
    assert model.nodes == ()


@pytest.mark.parametrize(
    "uri", ["../../plant.toml", "http://127.0.0.1:9/a.bin", "file:///etc/passwd", "//host/a"]
)
def test_a_model_names_no_file_elsewhere(uri: str, models: Path, shelves: Shelves) -> None:
    put(models / "a.gltf", text_of(cube_gltf(buffers=[{"uri": uri, "byteLength": 168}])))
    model = all_of(shelves(), "a.gltf")["a.gltf"]
    assert "not a file below scene/models" in model.problem
    assert "a.gltf" in model.problem


def test_a_missing_file_is_said_and_drawn_once_it_is_there(models: Path, shelves: Shelves) -> None:
    shelf = shelves()
    problem = all_of(shelf, "a.gltf")["a.gltf"].problem
    assert problem.startswith("scene/models/a.gltf cannot be drawn: it is not there; put it into ")
    shelf.want(["a.gltf"])
    assert not shelf.is_busy
    put(models / "a.gltf", text_of(cube_gltf()))
    assert all_of(shelf, "a.gltf")["a.gltf"].problem == ""


def test_a_kind_that_is_not_read_is_said_at_once(models: Path, shelves: Shelves) -> None:
    put(models / "a.dwg", b"AC1032")
    (models / "b.glb").mkdir()
    shelf = shelves()
    shelf.want(["a.dwg", "b.glb"])
    found = shelf.take()
    assert "none of GLB, glTF, STL, OBJ, STEP" in found["a.dwg"].problem
    assert "not a file" in found["b.glb"].problem


@pytest.mark.fault
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_killed_reader_leaves_a_sentence_and_a_clean_cache(
    models: Path, shelves: Shelves, tmp_path: Path
) -> None:
    put(models / "ring.stl", torus(60_000).export(file_type="stl"))
    put(models / "a.gltf", text_of(cube_gltf()))
    shelf = shelves()
    shelf.want(["ring.stl", "a.gltf"])
    until(shelf, lambda: shelf.worker != 0)
    torn = tmp_path / "cache" / f".x.cad.{shelf.worker}"
    torn.write_bytes(b"half")
    os.kill(shelf.worker, signal.SIGKILL)
    found = until(shelf, lambda: not shelf.is_busy)
    assert "signal 9" in found["ring.stl"].problem
    assert found["a.gltf"].problem == ""
    assert not torn.exists()
    assert all_of(shelves(), "ring.stl")["ring.stl"].problem == ""


@pytest.mark.fault
@pytest.mark.parametrize(
    ("limit", "most", "words"), [("WALL_S", 0, "more than 0 s"), ("MEMORY_BYTES", 1, "GB of memory")]
)
def test_a_reader_that_takes_too_much_is_ended(
    limit: str, most: int, words: str, models: Path, shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(models / "ring.stl", torus(60_000).export(file_type="stl"))
    monkeypatch.setattr(limits, limit, most)  # the window's own watch: the process keeps its limits
    assert words in all_of(shelves(), "ring.stl")["ring.stl"].problem


def test_closing_ends_the_reader(models: Path, shelves: Shelves) -> None:
    put(models / "ring.stl", torus(60_000).export(file_type="stl"))
    shelf = shelves()
    shelf.want(["ring.stl"])
    until(shelf, lambda: shelf.worker != 0)
    process = psutil.Process(shelf.worker)
    shelf.close()
    assert not process.is_running()
    assert not shelf.is_busy


def test_two_shelves_on_one_cache_at_once_both_get_all(models: Path, shelves: Shelves) -> None:
    files = [f"{k}.gltf" for k in range(3)]
    for k, file in enumerate(files):
        put(models / file, text_of(cube_gltf(nodes=[{"name": f"Node {k}", "mesh": 0}])))
    one, two = shelves(), shelves()
    one.want(files)
    two.want(reversed(files))
    found, other = {}, {}
    end = time.monotonic() + DEADLINE_S
    while one.is_busy or two.is_busy:
        found |= one.take()
        other |= two.take()
        assert time.monotonic() < end
        time.sleep(0.01)
    for k, file in enumerate(files):
        assert found[file].nodes[0].name == other[file].nodes[0].name == f"Node {k}"


@pytest.mark.fault
def test_a_torn_entry_of_the_cache_is_read_again(models: Path, shelves: Shelves, tmp_path: Path) -> None:
    put(models / "a.gltf", text_of(cube_gltf()))
    all_of(shelves(), "a.gltf")
    (entry,) = (tmp_path / "cache").glob("*.cad")
    for content in (entry.read_bytes()[:-10], b"", b"\0" * 500):
        entry.unlink()  # what a shelf has mapped stays as it is
        entry.write_bytes(content)
        assert all_of(shelves(), "a.gltf")["a.gltf"].problem == ""
    entry.unlink()
    assert all_of(shelves(), "a.gltf")["a.gltf"].problem == ""


@pytest.mark.fault
def test_a_cache_that_cannot_be_made_is_said(models: Path, tmp_path: Path) -> None:
    put(models / "a.gltf", text_of(cube_gltf()))
    (tmp_path / "taken").write_text("a file stands where the cache should be")
    shelf = CadShelf(tmp_path / "plant", tmp_path / "taken" / "cache")
    problem = all_of(shelf, "a.gltf")["a.gltf"].problem
    assert "see who may write there" in problem


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    for k in range(4):
        (tmp_path / f"{k}.cad").write_bytes(bytes(100))
        os.utime(tmp_path / f"{k}.cad", (1000 + k, 1000 + k))
    made_room(tmp_path, "0.cad", most=200)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["0.cad", "3.cad"]


def test_only_what_nobody_writes_any_more_is_cleared(tmp_path: Path) -> None:
    gone = next(pid for pid in range(4_000_000, 4_200_000) if not psutil.pid_exists(pid))
    for name in (f".a.cad.{os.getpid()}", f".b.cad.{gone}", f".{gone}.glb", ".99999999999999999999", "c.cad"):
        (tmp_path / name).write_bytes(b"x")
    clear_torn(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        ".99999999999999999999", f".a.cad.{os.getpid()}", "c.cad",
    ]  # fmt: skip
