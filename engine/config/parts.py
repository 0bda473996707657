"""``scene/*.toml``: the parts of the 3D scene, checked against assets, tags and the files of models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec

from engine.config.document_list import wrong_file
from engine.config.findings import Findings, shown
from engine.config.folder import TomlFile, toml_files
from engine.config.locate import Section, key_line, place, places
from engine.config.names import Names
from engine.config.record import inside, read_record
from engine.config.views import FILE as VIEWS
from engine.types import Motion, Part, Problem

MODELS = "scene/models"
MODEL_FILES = (".glb", ".gltf", ".stl", ".obj", ".step", ".stp")
LONGEST_JOINT = 80
WHOLE: Sequence[str] = ("",)
"""Where paths are written whole: in scene/, and not below the assets of a type."""


def read_scene(folder: Path, names: Names, problems: list[Problem]) -> list[Part]:
    """The parts of the 3D scene, in the order of files and of sections in them."""
    parts: list[Part] = []
    for file in toml_files(folder / "scene", "parts", problems):
        if f"{file.name}.toml" != VIEWS:
            parts += parts_of(file, folder, names)
    return parts


def parts_of(file: TomlFile, folder: Path, names: Names) -> list[Part]:
    """The parts of one file of scene/, each with the file's name; its findings get what is wrong."""
    file.only(("parts",))
    entries: object = file.data.get("parts", [])
    tables = cast(list[object], entries) if isinstance(entries, list) else [None]
    if not all(isinstance(each, dict) for each in tables):
        line = place(file.sections, "parts").line
        file.findings.error(line, "parts need double brackets: write [[parts]], once for each part")
        return []
    parts: list[Part] = []
    found = places(file.sections, "parts", len(tables))
    for keys, section in zip(cast(list[dict[str, Any]], tables), found, strict=True):
        part = read_record(Part, keys, file.sections, section, file.findings)
        if part is not None:
            check_part(part, file, section, folder, names)
            parts.append(msgspec.structs.replace(part, came_from=f"{file.name}.toml"))
    return parts


def check_part(
    part: Part,
    file: TomlFile,
    section: Section,
    folder: Path,
    names: Names,
    assets: Sequence[str] = WHOLE,
) -> None:
    """Report what is wrong with a part. ``assets`` = those that the paths in it are below of, in a type."""
    findings = file.findings
    for key, sentence in _mistakes(part):
        findings.error(key_line(section, key), sentence)
    _check_asset("asset", part.asset, key_line(section, "asset"), names, findings, assets)
    for asset in part.binds.values():
        _check_asset("binds", asset, key_line(section, "binds"), names, findings, assets)
    if part.file and part.shape == "model":
        line = key_line(section, "file")
        for severity, message in wrong_file(part.file, folder, MODELS, MODEL_FILES):
            findings.error(line, message) if severity == "error" else findings.warning(line, message)
    elif part.shape != "model" and (part.file or part.node or part.binds):
        findings.warning(section.line, 'file, node and binds are only used where shape = "model"')
    motions = _sections_of(part, file, section)
    for motion, at in zip(part.motions, motions, strict=True):
        _check_motion(motion, part, at, names, findings, assets)


def _mistakes(part: Part) -> Iterator[tuple[str, str]]:
    """Key and sentence of each mistake in a part by itself."""
    if not part.shape:
        yield "shape", 'shape is empty: write what it looks like, as in "robot"'
    if part.size is not None and min(part.size) <= 0:
        yield "size", "size holds 0 or less: write length, depth and height in metres"
    if part.shape == "pipe" and len(part.points) < 2:
        yield "points", "a pipe needs two points or more: add points = [[x, y, z], …]"
    if part.shape == "model" and not part.file:
        yield "file", f'a model needs its file: add file = "…", the name of a file in {MODELS}/'
    if part.scale <= 0:
        yield "scale", f"scale {part.scale:g} is not above 0: write how many metres one unit of the file is"


def _sections_of(part: Part, file: TomlFile, section: Section) -> list[Section]:
    """Where each motion stands: [[parts.motions]] below the part, or written inline in it."""
    found = [each for each in inside(file.sections, section) if each.name == f"{section.name}.motions"]
    count = len(part.motions)
    return found if len(found) == count else [Section("motions", key_line(section, "motions"))] * count


def _check_motion(
    motion: Motion, part: Part, section: Section, names: Names, findings: Findings, assets: Sequence[str]
) -> None:
    for key, sentence in _wrong_motion(motion):
        findings.error(key_line(section, key), sentence)
    if not names.tags or not motion.tag or not assets:
        return
    paths = [path for asset in assets for path in tags_meant(motion.tag, _joined(asset, part.asset))]
    found = next((names.tags[path] for path in paths if path in names.tags), None)
    line = key_line(section, "tag")
    if found is None:
        why = names.why_not(paths[-1])
        findings.warning(line, f"tag {shown(motion.tag)} is no tag, so nothing moves: {why}")
    elif found.type == "string":
        findings.error(line, f"tag {shown(found.path)} is text: only a number can move a part")


def tags_meant(tag: str, asset: str) -> tuple[str, ...]:
    """The paths that the tag of a motion may mean, the first that there is counts: below the asset, whole."""
    return (f"{asset}/{tag}", tag) if asset else (tag,)


def _wrong_motion(motion: Motion) -> Iterator[tuple[str, str]]:
    if not motion.tag:
        yield "tag", "tag is empty: write the path of the tag that moves it"
    if motion.values[0] == motion.values[1]:
        yield "values", f"values are {motion.values[0]:g} twice: write two different values of the tag"
    if motion.joint != motion.joint.strip() or len(motion.joint) > LONGEST_JOINT:
        yield (
            "joint",
            f"joint {shown(motion.joint)} cannot be used: write its name without spaces around it, as in "
            f'"axis 1", in at most {LONGEST_JOINT} characters',
        )


def _joined(asset: str, below: str) -> str:
    return f"{asset}/{below}" if asset and below else asset or below


def _check_asset(
    key: str, path: str, line: int, names: Names, findings: Findings, assets: Sequence[str]
) -> None:
    if not path or not names.tags or not assets:
        return
    paths = [_joined(asset, path) for asset in assets]
    if not any(names.is_asset(each) for each in paths):
        findings.warning(line, f"{key} {shown(path)} is no asset: {names.why_not(paths[0])}")
