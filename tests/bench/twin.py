"""The 3D scene against one actor per asset; frame times, picks, load, GUI thread, memory.

``python -m tests.bench twin [--seconds N]``. Both sides are measured in the same run, in turn, in frames
of one size, from values to a picture in memory.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication

from engine.types import Motion, Part
from hmi import theme as themes
from hmi.cad.model import CadModel, CadNode
from hmi.theme import Theme
from hmi.widgets.scene import camera as cameras
from hmi.widgets.scene import looks
from hmi.widgets.scene.asset_look import AssetLook, Sight
from hmi.widgets.scene.camera import Camera, Frame
from hmi.widgets.scene.mesh import turned
from hmi.widgets.scene.model import Scene, scene_of
from hmi.widgets.scene.picking import Seen, picked
from hmi.widgets.scene.stage import Stage
from hmi.widgets.scene.stance import Stance
from hmi.widgets.scene_view import SceneView
from tests.bench.harness import Goal, in_turn, told
from tests.bench.one_actor_each import OneActorEach

FRAME = Frame(1280, 640)
Random = np.random.Generator
GOALS = {(500, 120): 3.0, (5000, 36): 5.0}
GOAL_MS = {"pick": 50.0, "value to pixel": 250.0}


def model(triangles: int) -> CadModel:
    """A round thing of about so many triangles, with a level of a quarter of them."""
    sides = max(3, round((triangles / 2) ** 0.5))
    rings = max(2, round(triangles / 2 / sides))
    profile = [(0.4 + 0.2 * np.sin(6 * k / rings), 1.6 * k / rings) for k in range(rings)]
    mesh = turned(profile, sides=sides)
    ways = mesh.points - mesh.points.mean(axis=0)
    ways /= np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-6)
    levels = (mesh.triangles, mesh.triangles[::4].copy()) if triangles > 200 else (mesh.triangles,)
    return CadModel("m.glb", (CadNode("M", "M", mesh.points, ways.astype(np.float32), levels),))


def hall(count: int, triangles: int) -> Scene:
    """So many equal assets on a grid."""
    wide = max(1, round(count**0.5 * 1.6))
    parts = [
        Part(
            shape="model", file="m.glb", up="z", asset=f"A{k}", at=(2.0 * (k % wide), 2.0 * (k // wide), 0.0)
        )
        for k in range(count)
    ]
    return scene_of(parts, {"m.glb": model(triangles)})


def home_of(scene: Scene) -> Camera:
    """All of a scene in the frame."""
    return cameras.fitted(cameras.HOME, np.concatenate([cameras.corners(box) for box in scene.boxes]), FRAME)


def states(scene: Scene, turn: int) -> dict[str, AssetLook]:
    """A third runs, a third stands, and one in fifty fails: other ones with every turn."""
    return {
        asset: AssetLook(running=(k + turn) % 3 == 0, priority=1 if (k + turn) % 50 == 0 else 0)
        for k, asset in enumerate(scene.assets)
    }


def spent_ms(work: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each call."""
    found: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1e3)
    return found


def line(what: str, found: Sequence[float], goal_ms: float | None = None) -> None:
    """p50 / p99 / max of milliseconds."""
    p50, p99 = np.percentile(found, [50, 99])
    said = f"  {what:58s} {p50:8.1f} / {p99:8.1f} / {max(found):8.1f} ms"
    if goal_ms is not None:
        said += f"   goal p99 ≤ {goal_ms:g}: {'reached' if p99 <= goal_ms else 'NOT REACHED'}"
    print(said, flush=True)


def recolour(theme: Theme, count: int, triangles: int, times: int) -> tuple[dict[str, float], ...]:
    """How many times faster than one actor per asset, the ratios by the alternative's name: with new states
    from the same camera, and with another camera.

    With new states ours is a whole picture, with contours and shadows, as a person sees it; with another
    camera neither side has any: both draw every part anew, and read it back.
    """
    scene = hall(count, triangles)
    camera = home_of(scene)
    stage, other = Stage(), OneActorEach(scene, camera, FRAME)
    stage.show_scene(scene, theme)
    dresses = [looks.dressed(scene, states(scene, k), Sight(), theme) for k in range(7)]
    turn = iter(range(10**9))
    stage.dress(dresses[0])
    for is_final in (True, False):
        stage.picture(camera, FRAME, is_final)

    def ours(is_final: bool) -> float:
        dress = dresses[next(turn) % 7]

        def work() -> None:
            stage.dress(dress)
            stage.picture(camera, FRAME, is_final)

        return spent_ms(work, 1)[0]

    def theirs() -> float:
        dress = dresses[next(turn) % 7]
        return spent_ms(lambda: other.recoloured(dress.colours[looks.TONES.index("body")]), 1)[0]

    def ours_turned() -> float:
        seen = _turned(camera, turn)
        return spent_ms(lambda: stage.drawn(seen, FRAME, False), 1)[0]

    def theirs_turned() -> float:
        other.look(_turned(camera, turn))
        return theirs()

    name = "one actor per asset"
    what = f"{count} assets × {triangles} triangles, {FRAME.width}×{FRAME.height}"
    goals = [Goal(name, GOALS[count, triangles])] if (count, triangles) in GOALS else []
    sides = {"our stage": lambda: ours(False), name: theirs, "(our stage, fine)": lambda: ours(True)}
    found = in_turn(sides, times)
    recoloured = told(f"new states to a picture, {what}", "ms", found, goals, less_is_better=True)
    for side in (ours_turned, theirs_turned):
        side()
    found = in_turn({"our stage": ours_turned, name: theirs_turned}, times)
    turned = told(f"another camera, {what}", "ms", found, [], less_is_better=True)
    stage.close()
    other.close()
    return recoloured, turned


def frames(theme: Theme, times: int) -> None:
    """500 assets of 1,000 triangles: every kind of picture, picks, and what loading takes."""
    print("\n500 assets × 1,000 triangles: p50 / p99 / max")
    began = time.perf_counter()
    scene = hall(500, 1000)
    built = time.perf_counter()
    stage = Stage()
    stage.show_scene(scene, theme)
    stage.dress(looks.dressed(scene, {}, Sight(), theme))
    camera = home_of(scene)
    stage.picture(camera, FRAME, False)
    line("load: parts to scene (in a thread of its own)", [(built - began) * 1e3])
    line("load: scene to the first picture (render thread)", [(time.perf_counter() - built) * 1e3])
    stage.picture(camera, FRAME, True)
    turn = iter(range(10**9))
    near = cameras.zoomed(camera, 5.0)
    line("moving camera, quick", spent_ms(lambda: stage.picture(_turned(camera, turn), FRAME, False), times))
    line("at rest, fine", spent_ms(lambda: stage.picture(_turned(camera, turn), FRAME, True), times))
    line("near, fine", spent_ms(lambda: stage.picture(_turned(near, turn), FRAME, True), times))

    def coloured() -> None:
        stage.dress(looks.dressed(scene, states(scene, next(turn)), Sight(), theme))
        stage.picture(camera, FRAME, True)

    coloured()
    line("new states, fine", spent_ms(coloured, times))
    stage.close()
    rng = np.random.default_rng(3)
    seen = Seen(scene, scene.rest, camera, FRAME, np.ones(len(scene.assets), np.bool_))
    taps = iter(rng.uniform((0, 0), (FRAME.width, FRAME.height), (10_000, 2)))
    picked(seen, 640, 320)
    line("pick anywhere", spent_ms(lambda: picked(seen, *next(taps)), 20 * times), GOAL_MS["pick"])


def _turned(camera: Camera, turn: Iterator[int]) -> Camera:
    return cameras.orbited(camera, 0.7 * (next(turn) % 20), 0.0)


def bound(theme: Theme, times: int) -> dict[int, float]:
    """What an update costs the GUI and the render thread by the number of tags bound; medians in ms."""
    print("\ncost of an update by tags bound (positions to poses + looks to colours): p50 / p99 / max")
    found: dict[int, float] = {}
    motion = (Motion(tag="T", kind="turn"),)
    for count in (10, 100, 1000, 4000):
        parts = [
            Part(shape="box", asset=f"A{k}", at=(2.0 * (k % 60), 2.0 * (k // 60), 0.0), motions=motion)
            for k in range(count)
        ]
        scene = scene_of(parts)
        stance, camera = Stance(scene), home_of(scene)
        rng = np.random.default_rng(1)

        def update(
            scene: Scene = scene, stance: Stance = stance, camera: Camera = camera, rng: Random = rng
        ) -> None:
            stance.take(rng.uniform(0, 90, scene.motions), 0.0)
            stance.is_worth_drawing(camera, FRAME.height)
            looks.dressed(scene, states(scene, 1), Sight(), theme)

        spent = spent_ms(update, times)
        line(f"{count} tags", spent)
        found[count] = median(spent)
    return found


def gui_thread(theme: Theme, seconds: float) -> None:
    """Longest tick of the GUI while the scene draws all the time, and from a value to its pixel."""
    application = QApplication.instance() or QApplication([])
    themes.load_fonts()
    view = SceneView(theme)
    view.resize(FRAME.width, FRAME.height)
    parts = list(hall(500, 1000).parts)
    view.show_parts(parts, {"m.glb": model(1000)})
    view.show()
    _until(application, lambda: view.is_settled)
    idle = _ticks(application, seconds / 4, lambda: None)
    turn = iter(range(10**9))
    busy = _ticks(application, seconds / 2, lambda: view.show_looks(states(view.scene, next(turn))))
    print("\nGUI thread, a tick wanted every 5 ms: p50 / p99 / max")
    line("between ticks, nothing to draw", idle)
    line("between ticks, every state changes ten times a second", busy)
    _until(application, lambda: view.is_settled)
    waits: list[float] = []
    for _ in range(12):
        before = view.picture
        view.show_looks(states(view.scene, next(turn)))
        waits += spent_ms(lambda before=before: _until(application, lambda: view.picture is not before), 1)
        _until(application, lambda: view.is_settled)
    line("value to pixel", waits, GOAL_MS["value to pixel"])
    size = resident_mb()
    for k in range(50):
        view.show_parts(parts[: 200 + k % 7], {"m.glb": model(1000)})
        _until(application, lambda: view.is_settled)
    gc.collect()
    print(f"  memory: {size:.0f} MB before, {resident_mb():.0f} MB after 50 scene changes")
    view.close()
    view.deleteLater()
    application.processEvents()


def _until(application: QCoreApplication, condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.perf_counter() + seconds
    while not condition():
        application.processEvents()
        time.sleep(0.001)
        if time.perf_counter() > deadline:
            raise TimeoutError("the scene did not come to rest")


def _ticks(application: QCoreApplication, seconds: float, work: Callable[[], None]) -> list[float]:
    """Milliseconds between ticks of a timer while ``work`` is done ten times a second."""
    found: list[float] = []
    last = [time.perf_counter()]

    def tick() -> None:
        now = time.perf_counter()
        found.append((now - last[0]) * 1e3)
        last[0] = now

    timer, worker = QTimer(), QTimer()
    timer.timeout.connect(tick)
    worker.timeout.connect(work)
    timer.start(5)
    worker.start(100)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        application.processEvents()
        time.sleep(0.0005)
    timer.stop()
    worker.stop()
    return found or [0.0]


def resident_mb() -> float:
    """Memory of this process; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return 0.0


def run(seconds: float) -> None:
    """All of it."""
    theme = themes.load_theme("light")
    times = max(5, round(seconds))
    stage = Stage()
    stage.picture(Camera(), Frame(64, 64), False)
    drawn_by = "the processor" if stage.is_software else "a graphics card"
    print(f"drawn by {drawn_by}: {stage.driver}; {times} turns of each")
    stage.close()
    for count, triangles in GOALS:
        recolour(theme, count, triangles, times)
    frames(theme, times)
    bound(theme, times)
    gui_thread(theme, seconds)
