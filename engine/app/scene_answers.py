"""Reading and changing the drawn scene, scene/*.toml, while the engine runs; who did it and why is kept."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine import paths
from engine.app.plant import Running
from engine.app.queries import Queries
from engine.clock import rfc3339
from engine.config.names import names_of
from engine.config.scene_file import LARGEST_KB, SceneText, read_scene_text
from engine.config.scene_plain import plain
from engine.config.scene_text import VIEWS, write_parts, write_views
from engine.server import Answer, RequestRefused
from engine.typed import unpack
from engine.types import Clock, Part, Plan, Problem, SavedView
from engine.wire import SceneAnswer, SceneChangeAnswer, SceneChangeBody, SceneFile

FOLDER, MODELS, KEPT = "scene", "models", "scenes"
SCENE_CHANGED = "scene_changed"
MODEL_KINDS = (".glb", ".gltf", ".stl", ".obj", ".step", ".stp")
PLAN_KINDS = (".png", ".jpg", ".jpeg")
MOST_LISTED, MOST_FOLDERS = 2000, 500
MOST_SECTIONS = 10_000
"""Parts, and views, of one file that are looked at: it may hold `LARGEST_KB`, and no more fit into that."""
LONGEST_WHY, LONGEST_NAME, LONGEST_FILE = 500, 100, 80
UNSAFE = '<>:"/\\|?*'
"""Letters that a file name cannot have on every system that a project may be copied to."""
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, eq=False)
class AskedScene:
    """What the answers are made from. ``read`` is called in a thread, the rest in the loop.

    ``read`` = what the text of a file says (its name, its bytes) · ``journal`` puts an event on record ·
    ``take_parts`` = the parts of this file from now on · ``take_views`` = these views and this plan.
    """

    folder: Path
    clock: Clock
    read: Callable[[str, bytes], SceneText]
    journal: Callable[[str, dict[str, Any]], None]
    take_parts: Callable[[str, Sequence[Part]], None]
    take_views: Callable[[Sequence[SavedView], Plan | None], None]


def scene_answers(asked: AskedScene, queries: Queries) -> dict[str, Answer]:
    """The coroutine that answers each op about the scene."""
    one_at_a_time = asyncio.Lock()

    async def scene(_: msgspec.Raw) -> SceneAnswer:
        async with one_at_a_time:
            return await _in_words(queries, lambda: scene_on_disk(asked))

    async def scene_change(body: msgspec.Raw) -> SceneChangeAnswer:
        wanted = unpack(body, SceneChangeBody)
        require_name(wanted.file)
        if max(len(wanted.parts), len(wanted.views)) > MOST_SECTIONS:
            raise RequestRefused(f"a file of scene/ holds {MOST_SECTIONS} parts at most: use several files")
        if not wanted.is_trial:
            _require_reason(wanted)
        async with one_at_a_time:
            return await _change(asked, queries, wanted)

    return {"scene": scene, "scene_change": scene_change}


def scene_of(running: Running, queries: Queries) -> Mapping[str, Answer]:
    """The answers about the scene of a running project."""
    project = running.project
    names = names_of(project.tags, (row.path for row in project.assets))
    folder = Path(project.folder)

    def take_parts(file: str, parts: Sequence[Part]) -> None:
        kept = [each for each in running.project.parts if each.came_from != file]
        made = sorted((*kept, *parts), key=lambda each: each.came_from)
        running.project = msgspec.structs.replace(running.project, parts=tuple(made))
        running.revision += 1

    def take_views(views: Sequence[SavedView], plan: Plan | None) -> None:
        running.project = msgspec.structs.replace(running.project, views=tuple(views), plan=plan)
        running.revision += 1

    return scene_answers(
        AskedScene(
            folder=folder,
            clock=running.clock,
            read=lambda name, content: read_scene_text(folder, name, content, names),
            journal=running.note,
            take_parts=take_parts,
            take_views=take_views,
        ),
        queries,
    )


def scene_on_disk(asked: AskedScene) -> SceneAnswer:
    """Every file of scene/ as it is on disk; one that cannot be used says why. Raises: OSError."""
    folder = asked.folder / FOLDER
    files = list[SceneFile]()
    found = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    for path in found:
        if path.name == VIEWS or path.name.startswith(".") or not path.is_file():
            continue
        content = path.read_bytes()
        read = asked.read(path.name, content)
        files.append(SceneFile(path.name, mark(content), tuple(read.parts), _first_error(read.problems)))
    content = _content(folder / VIEWS)
    read = asked.read(VIEWS, content or b"")
    models = _files_below(folder / MODELS, MODEL_KINDS, skip="")
    plans = _files_below(folder, PLAN_KINDS, skip=MODELS)
    return SceneAnswer(tuple(files), tuple(read.views), read.plan, mark(content), models, plans)


async def _change(asked: AskedScene, queries: Queries, wanted: SceneChangeBody) -> SceneChangeAnswer:
    now_us = asked.clock.now_us()

    def store() -> tuple[SceneText | None, SceneText, SceneChangeAnswer]:
        path = asked.folder / FOLDER / wanted.file
        _require_inside(path, asked.folder)
        content = _content(path)
        if mark(content) != wanted.mark:
            raise RequestRefused(f"somebody changed scene/{wanted.file} since it was read here")
        before = asked.read(wanted.file, content or b"")
        broken = _first_error(before.problems)
        if broken:
            raise RequestRefused(f"{broken}; correct scene/{wanted.file} by hand first: nothing was written")
        made = _text(wanted, (content or b"").decode("utf-8-sig")).encode()
        read = asked.read(wanted.file, made)
        new = mark(content)
        has_error = bool(_first_error(read.problems))
        if not has_error and not wanted.is_trial:
            new = _write(asked.folder, wanted.file, content, made, now_us)
        answer = SceneChangeAnswer(new, tuple(read.problems))
        return (None if has_error or wanted.is_trial else read), before, answer

    read, before, answer = await _in_words(queries, store)
    if read is not None:
        if wanted.file == VIEWS:
            asked.take_views(read.views, read.plan)
        else:
            asked.take_parts(wanted.file, read.parts)
        said = {"file": f"{FOLDER}/{wanted.file}", **_difference(before, read)}
        asked.journal(SCENE_CHANGED, {"by": wanted.by.strip(), "why": wanted.reason.strip(), **said})
    return answer


def mark(content: bytes | None) -> str:
    """Names this state of a file; "" = there is none."""
    return "" if content is None else hashlib.sha256(content).hexdigest()


def require_name(name: str) -> None:
    """Refuse what is no name of a file directly in scene/. Raises: RequestRefused."""
    stem = name.removesuffix(".toml")
    is_plain = (
        name.endswith(".toml") and stem.strip(". ") == stem and bool(stem) and len(name) <= LONGEST_FILE
    )
    if not is_plain or any(each in UNSAFE or not each.isprintable() for each in name):
        raise RequestRefused(
            f"{name[:LONGEST_FILE]!r} is no name of a file in scene/: "
            "write letters, figures and spaces, and .toml"
        )
    if name.lower() == VIEWS and name != VIEWS:
        raise RequestRefused(f"{name!r} is too much like {VIEWS}, which holds the saved views")


def _require_inside(path: Path, folder: Path) -> None:
    """A link may not make the engine write elsewhere."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise RequestRefused(f"scene/{path.name} is a link that leads out of the project: it is not written")
    same = [each.name for each in _names_beside(path) if each.name.lower() == path.name.lower()]
    if same and path.name not in same:
        raise RequestRefused(f"scene/{same[0]} is there already: use that name, to the letter")


def _names_beside(path: Path) -> Iterable[Path]:
    return path.parent.iterdir() if path.parent.is_dir() else ()


def _require_reason(wanted: SceneChangeBody) -> None:
    if not wanted.by.strip() or not wanted.reason.strip():
        raise RequestRefused("say who changes the scene, and why: it goes on record")
    if len(wanted.by) > LONGEST_NAME or len(wanted.reason) > LONGEST_WHY:
        raise RequestRefused(
            f"use at most {LONGEST_NAME} letters for the name and {LONGEST_WHY} for the reason"
        )


def _text(wanted: SceneChangeBody, old: str) -> str:
    if wanted.file == VIEWS:
        return write_views(old, wanted.views, wanted.plan)
    return write_parts(old, wanted.parts)


def _write(folder: Path, name: str, old: bytes | None, made: bytes, now_us: int) -> str:
    """Put the new text in place of the old one, of which a dated copy stays; returns the new mark."""
    if len(made) > LARGEST_KB * 1024:
        raise RequestRefused(
            f"scene/{name} would be larger than {LARGEST_KB} kB: put parts into another file"
        )
    content = b"\xef\xbb\xbf" + made if old is not None and old.startswith(b"\xef\xbb\xbf") else made
    if content == old:
        return mark(content)
    if old is not None:
        kept = paths.data(folder) / KEPT
        kept.mkdir(mode=0o700, exist_ok=True)
        stamp = rfc3339(now_us).replace(":", "-")
        paths.replace_file(kept / f"{name.removesuffix('.toml')}-{stamp}.toml", old)
    (folder / FOLDER).mkdir(exist_ok=True)
    target = (folder / FOLDER / name).resolve()
    mode = target.stat().st_mode & 0o777 if old is not None else None
    paths.replace_file(target, content)
    if mode is not None:
        os.chmod(target, mode)
    return mark(content)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _first_error(problems: Sequence[Problem]) -> str:
    wrong = next((each for each in problems if each.severity == "error"), None)
    return "" if wrong is None else f"{wrong.file}:{wrong.line}: {wrong.message}"


def _difference(before: SceneText, after: SceneText) -> dict[str, int]:
    """How many parts, views and plans are new, and how many of before are not there as they were."""
    old, new = _said(before), _said(after)
    return {"was": len(old), "is": len(new), "differ": sum(each not in old for each in new)}


def _said(read: SceneText) -> list[bytes]:
    every = (*read.parts, *read.views, *(() if read.plan is None else (read.plan,)))
    return [msgspec.json.encode(plain(each), order="sorted") for each in every]


def _files_below(folder: Path, kinds: tuple[str, ...], skip: str) -> tuple[str, ...]:
    """Names of the files of these kinds, / between folders; hidden ones and links to folders are left out."""
    found = list[str]()
    for count, (place, folders, names) in enumerate(os.walk(folder)):
        is_top = Path(place) == folder
        folders[:] = sorted(each for each in folders if each[0] != "." and not (is_top and each == skip))
        inside = (Path(place) / each for each in sorted(names) if each[0] != ".")
        found += [each.relative_to(folder).as_posix() for each in inside if each.suffix.lower() in kinds]
        if count >= MOST_FOLDERS or len(found) >= MOST_LISTED:
            break
    return tuple(sorted(found)[:MOST_LISTED])


async def _in_words(queries: Queries, work: Callable[[], Found]) -> Found:
    try:
        return await queries.answer(work)
    except OSError as error:
        raise RequestRefused(str(error)) from error
    except UnicodeDecodeError as error:
        raise RequestRefused("the file is not UTF-8: save it as UTF-8, then open it again") from error
