"""Changing the drawn scene: checked as the whole project is, written whole, on record with who and why."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.app.plant import open_plant
from engine.app.queries import Queries
from engine.app.scene_answers import AskedScene, scene_answers, scene_of
from engine.clock import SystemClock
from engine.config.names import names_of
from engine.config.scene_file import read_scene_text
from engine.server import RequestRefused
from engine.types import Motion, Part, Plan, SavedView, Tag
from engine.wire import SceneAnswer, SceneChangeAnswer, SceneChangeBody, encode
from tests.engine.config.projects import check_line

NOW_US = 1_750_000_000_000_000
TAGS = [Tag(k, f"Line/S1/{name}", "plc", "a") for k, name in enumerate(("Pressure", "Level"))]
OLD = '# the hall\n[[parts]]\nshape = "press"  # old one\nasset = "Line/S1"\nat = [1.0, 2.0, 0.0]\n'
PRESS = Part("press", asset="Line/S1", at=(1.0, 2.0, 0.0))


class Clock(SystemClock):
    def now_us(self) -> int:
        return NOW_US


class Hall:
    """A project folder with a scene, and what became of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.queries = folder, Queries()
        self.file = folder / "scene" / "line.toml"
        self.file.parent.mkdir()
        self.file.write_text(OLD)
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.parts: dict[str, list[Part]] = {}
        self.views: tuple[list[SavedView], Plan | None] | None = None
        names = names_of(TAGS)
        asked = AskedScene(
            folder,
            Clock(),
            lambda name, content: read_scene_text(folder, name, content, names),
            lambda event, body: self.events.append((event, body)),
            lambda file, parts: self.parts.update({file: list(parts)}),
            lambda views, plan: setattr(self, "views", (list(views), plan)),
        )
        self.answers = scene_answers(asked, self.queries)

    def scene(self) -> SceneAnswer:
        answer = asyncio.run(self.answers["scene"](msgspec.Raw(encode({}))))
        assert isinstance(answer, SceneAnswer)
        return answer

    def change(self, *parts: Part, file: str = "line.toml", **more: Any) -> SceneChangeAnswer:
        path = self.folder / "scene" / file
        is_there = "/" not in file and path.is_file()
        known = hashlib.sha256(path.read_bytes()).hexdigest() if is_there else ""
        said = {"file": file, "mark": known, "parts": parts, "by": "Ann", "reason": "moved"} | more
        body = msgspec.Raw(encode(SceneChangeBody(**said)))
        answer = asyncio.run(self.answers["scene_change"](body))
        assert isinstance(answer, SceneChangeAnswer)
        return answer

    def kept(self) -> list[Path]:
        return sorted((self.folder / "data" / "scenes").glob("*")) if (self.folder / "data").is_dir() else []


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = Hall(tmp_path)
    yield made
    made.queries.close()


def moved(part: Part, x: float) -> Part:
    return msgspec.structs.replace(part, at=(x, *part.at[1:]))


def test_the_scene_is_told_by_file_with_what_could_be_placed(hall: Hall) -> None:
    models = hall.folder / "scene" / "models"
    (models / "cell").mkdir(parents=True)
    for name in ("cell/robot.glb", "hall.STEP", "readme.txt", ".hidden.glb"):
        (models / name).touch()
    (hall.folder / "scene" / "plan.png").touch()
    (hall.folder / "scene" / "views.toml").write_text('[plan]\nfile = "plan.png"\n')
    answer = hall.scene()
    (file,) = answer.files
    assert (file.name, file.problem) == ("line.toml", "")
    assert file.mark == hashlib.sha256(OLD.encode()).hexdigest()
    assert [moved(each, 1.0).asset for each in file.parts] == ["Line/S1"]
    assert file.parts[0].came_from == "line.toml"
    assert answer.models == ("cell/robot.glb", "hall.STEP")
    assert answer.plans == ("plan.png",)
    assert answer.plan == Plan("plan.png")


def test_a_change_is_written_in_force_and_on_record(hall: Hall) -> None:
    robot = Part("robot", at=(5.0, 0.0, 0.0))
    answer = hall.change(moved(PRESS, 1.5), robot)
    assert not answer.problems
    text = hall.file.read_text()
    assert answer.mark == hashlib.sha256(text.encode()).hexdigest()
    assert text.startswith('# the hall\n[[parts]]\nshape = "press"  # old one\n')
    assert "at = [1.5, 2.0, 0.0]" in text
    taken = [msgspec.structs.replace(each, came_from="") for each in hall.parts["line.toml"]]
    assert taken == [moved(PRESS, 1.5), robot]
    ((event, body),) = hall.events
    assert event == "scene_changed"
    assert (body["by"], body["why"], body["file"]) == ("Ann", "moved", "scene/line.toml")
    assert (body["was"], body["is"], body["differ"]) == (1, 2, 2)


def test_the_text_of_before_is_kept(hall: Hall) -> None:
    hall.change(moved(PRESS, 1.5))
    (copy,) = hall.kept()
    assert copy.read_text() == OLD
    assert copy.name == "line-2025-06-15T15-06-40.000000Z.toml"


def test_a_file_that_changed_meanwhile_is_not_written_over(hall: Hall) -> None:
    theirs = OLD.replace("2.0", "3.0")
    hall.file.write_text(theirs)
    with pytest.raises(RequestRefused, match="somebody changed scene/line.toml"):
        hall.change(PRESS, mark=hashlib.sha256(OLD.encode()).hexdigest())
    with pytest.raises(RequestRefused, match="somebody changed"):
        hall.change(PRESS, mark="")
    assert hall.file.read_text() == theirs
    assert not hall.events
    assert not hall.parts


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Part("press", size=(0.0, 1.0, 1.0)), "size"),
        (Part("pipe", points=((0.0, 0.0, 0.0),)), "two points"),
        (Part("model", file="../../etc/passwd"), "leads out"),
        (Part("press", asset="Line\nS1"), "line break"),
    ],
)
def test_what_check_would_refuse_is_not_written(hall: Hall, wrong: Part, said: str) -> None:
    answer = hall.change(PRESS, wrong)
    (error,) = [each for each in answer.problems if each.severity == "error"]
    assert said in error.message
    assert error.file == "scene/line.toml"
    assert error.line > 6
    assert hall.file.read_text() == OLD
    assert not hall.events
    assert not hall.kept()


def test_a_warning_is_told_and_does_not_hinder(hall: Hall) -> None:
    answer = hall.change(Part("press", asset="Line/S9"))
    assert [each.severity for each in answer.problems] == ["warning"]
    assert "S9" in hall.file.read_text()


def test_a_trial_writes_nothing(hall: Hall) -> None:
    answer = hall.change(moved(PRESS, 9.0), by="", reason="", is_trial=True)
    assert answer.mark == hashlib.sha256(OLD.encode()).hexdigest()
    assert hall.file.read_text() == OLD
    assert not hall.parts
    assert not hall.events


@pytest.mark.parametrize(
    "name",
    ["../plant.toml", "a/b.toml", "..\\x.toml", ".hidden.toml", "line.txt", ".toml", "",
     "x\0.toml", "a:b.toml", "/etc/x.toml", "Views.toml", f"{'x' * 90}.toml", " .toml", "line\n.toml"],
)  # fmt: skip
def test_only_plain_names_directly_in_scene_are_written(hall: Hall, name: str) -> None:
    with pytest.raises(RequestRefused):
        hall.change(PRESS, file=name, mark="")
    assert sorted(each.name for each in hall.folder.rglob("*.toml")) == ["line.toml"]


@pytest.mark.skipif(sys.platform == "win32", reason="making links needs rights of its own there")
def test_a_link_out_of_the_project_is_not_followed(
    hall: Hall, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "other.toml"
    outside.write_text(OLD)
    (hall.folder / "scene" / "linked.toml").symlink_to(outside)
    with pytest.raises(RequestRefused, match="leads out of the project"):
        hall.change(moved(PRESS, 7.0), file="linked.toml")
    assert outside.read_text() == OLD


@pytest.mark.parametrize(
    ("by", "reason"), [("", "why"), ("Ann", " "), ("A" * 101, "why"), ("Ann", "w" * 501)]
)
def test_who_and_why_must_be_said(hall: Hall, by: str, reason: str) -> None:
    with pytest.raises(RequestRefused):
        hall.change(PRESS, by=by, reason=reason)
    assert hall.file.read_text() == OLD


def test_a_file_broken_by_hand_is_neither_lost_nor_changed(hall: Hall) -> None:
    broken = OLD + '[[parts]]\nshape = "pipe"\n'
    hall.file.write_text(broken)
    (file,) = hall.scene().files
    assert "scene/line.toml:6" in file.problem
    with pytest.raises(RequestRefused, match="correct scene/line.toml by hand first"):
        hall.change(PRESS)
    assert hall.file.read_text() == broken


def test_a_project_without_a_scene_gets_its_first_file(hall: Hall) -> None:
    hall.file.unlink()
    hall.file.parent.rmdir()
    assert hall.scene() == SceneAnswer((), (), None, "")
    hall.change(PRESS)
    assert [each.asset for each in hall.scene().files[0].parts] == ["Line/S1"]
    assert not hall.kept()


def test_views_and_plan_are_changed_in_their_own_file(hall: Hall) -> None:
    view, plan = SavedView("Press", (0.0, 0.0, 1.0), 12.0, 30.0, 20.0), Plan("hall.png", width=40.0)
    (hall.folder / "scene" / "hall.png").touch()
    hall.change(file="views.toml", views=(view,), plan=plan)
    assert hall.views == ([view], plan)
    answer = hall.scene()
    assert (answer.views, answer.plan) == ((view,), plan)
    assert answer.views_mark
    assert not hall.parts
    answer = hall.change(file="views.toml", views=(view, view))
    assert any("used twice" in each.message for each in answer.problems)


def test_a_disk_that_refuses_is_told_in_words(hall: Hall) -> None:
    (hall.folder / "data").write_text("not a folder")
    with pytest.raises(RequestRefused):
        hall.change(moved(PRESS, 3.0))
    assert hall.file.read_text() == OLD


def test_every_window_of_a_running_plant_hears_of_it_and_no_driver_is_touched(tmp_path: Path) -> None:
    folder = tmp_path / "plant"
    folder.mkdir()
    files = {
        "scene/a.toml": '[[parts]]\nshape = "tank"\n',
        "scene/b.toml": '[[parts]]\nshape = "robot"\nasset = "Line 3/S10 Load"\n',
        "scene/c.toml": '[[parts]]\nshape = "box"\n',
    }
    project, problems = check_line(folder, files)
    assert project is not None, problems
    running = open_plant(folder, project, 3, tmp_path, SystemClock())
    queries = Queries()
    try:
        before, tags = running.revision, running.project.tags
        answers = scene_of(running, queries)
        told = asyncio.run(answers["scene"](msgspec.Raw(encode({}))))
        assert isinstance(told, SceneAnswer)
        ((mark, robot),) = [(each.mark, each.parts[0]) for each in told.files if each.name == "b.toml"]
        motion = Motion("Cycle time", "turn", "axis 1", values=(0.0, 100.0), moves=(-90.0, 90.0))
        changed = msgspec.structs.replace(robot, turn=45.0, motions=(motion,))
        body = SceneChangeBody("b.toml", mark, (changed, Part("press")), by="Ann", reason="new cell")
        asyncio.run(answers["scene_change"](msgspec.Raw(encode(body))))
        assert [each.shape for each in running.project.parts] == ["tank", "robot", "press", "box"]
        assert running.project.parts[1] == changed
        assert running.revision == before + 1
        assert running.project.tags is tags
        assert [each.is_set() for each in running.restart.values()] == [False, False]
    finally:
        queries.close()
        running.close()
