"""``scene/views.toml``: saved views of the 3D scene, and the ground plan under it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from engine.config.document_list import wrong_file
from engine.config.findings import shown
from engine.config.folder import TomlFile, toml_file
from engine.config.locate import key_line, place, places
from engine.config.names import Names
from engine.config.record import read_record
from engine.types import Plan, Problem, SavedView

FILE = "views.toml"
PICTURES = (".png", ".jpg", ".jpeg")
LONGEST_NAME = 60


def read_views(folder: Path, names: Names, problems: list[Problem]) -> tuple[list[SavedView], Plan | None]:
    """The saved views and the plan of a project; none where there is no such file."""
    file = toml_file(folder / "scene" / FILE, f"scene/{FILE}", "views", problems)
    return ([], None) if file is None else views_of(file, folder, names)


def views_of(file: TomlFile, folder: Path, names: Names) -> tuple[list[SavedView], Plan | None]:
    """The same of a file that was parsed; its findings get what is wrong."""
    file.only(("views", "plan"))
    return _views(file, names), _plan(file, folder)


def _views(file: TomlFile, names: Names) -> list[SavedView]:
    entries: object = file.data.get("views", [])
    tables = cast(list[object], entries) if isinstance(entries, list) else [None]
    if not all(isinstance(each, dict) for each in tables):
        line = place(file.sections, "views").line
        file.findings.error(line, "views need double brackets: write [[views]], once for each view")
        return []
    views: dict[str, SavedView] = {}
    found = places(file.sections, "views", len(tables))
    for keys, section in zip(cast(list[dict[str, Any]], tables), found, strict=True):
        view = read_record(SavedView, keys, file.sections, section, file.findings)
        if view is None:
            continue
        for key, sentence in _mistakes(view):
            file.findings.error(key_line(section, key), sentence)
        if view.name in views:
            line = key_line(section, "name")
            file.findings.error(line, f"name {shown(view.name)} is used twice: give each view its own")
        if view.apart and names.tags and not names.is_asset(view.apart):
            why = names.why_not(view.apart)
            line = key_line(section, "apart")
            file.findings.warning(line, f"apart {shown(view.apart)} is no asset: {why}")
        views[view.name] = view
    return list(views.values())


def _mistakes(view: SavedView) -> Iterator[tuple[str, str]]:
    """Key and sentence of each mistake in a view by itself."""
    if not view.name.strip():
        yield "name", 'name is empty: write what the menu shows, as in "Press from behind"'
    if len(view.name) > LONGEST_NAME:
        yield "name", f"name has {len(view.name)} characters: use at most {LONGEST_NAME}"
    if view.distance <= 0:
        yield (
            "distance",
            f"distance {view.distance:g} is not above 0: write metres from the eye to the target",
        )
    if not -90 <= view.tilt <= 90:
        yield "tilt", f"tilt {view.tilt:g} is out of range: use -90 to 90 degrees above the ground"


def _plan(file: TomlFile, folder: Path) -> Plan | None:
    entry: object = file.data.get("plan")
    if entry is None:
        return None
    section = place(file.sections, "plan")
    if not isinstance(entry, dict):
        file.findings.error(section.line, "plan must be one section: write [plan] and its keys below it")
        return None
    keys = cast(dict[str, Any], entry)
    plan = read_record(Plan, keys, file.sections, section, file.findings, where="[plan]")
    if plan is None:
        return None
    line = key_line(section, "file")
    if not plan.file:
        file.findings.error(line, "file is empty: write the name of a picture in scene/")
    for severity, message in wrong_file(plan.file, folder, "scene", PICTURES):
        file.findings.error(line, message) if severity == "error" else file.findings.warning(line, message)
    if plan.width <= 0:
        file.findings.error(
            key_line(section, "width"), f"width {plan.width:g} is not above 0: write the picture's in metres"
        )
    if not 0 <= plan.strength <= 1:
        file.findings.error(
            key_line(section, "strength"), f"strength {plan.strength:g} is out of range: use 0 to 1"
        )
    return plan
