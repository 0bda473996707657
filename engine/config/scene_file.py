"""One file of scene/ judged from its text, by the same readers as the whole project folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.config.findings import Findings
from engine.config.folder import LARGEST_KB, TomlFile
from engine.config.locate import sections
from engine.config.names import Names
from engine.config.parts import parts_of
from engine.config.scene_text import VIEWS
from engine.config.text import decode
from engine.config.toml import parse
from engine.config.views import views_of
from engine.types import Part, Plan, Problem, SavedView

__all__ = ["LARGEST_KB", "SceneText", "read_scene_text"]


@dataclass(frozen=True, slots=True)
class SceneText:
    """What a file of scene/ says, and what is wrong with it; after an error only what can be used."""

    parts: Sequence[Part] = ()
    views: Sequence[SavedView] = ()
    plan: Plan | None = None
    problems: Sequence[Problem] = ()


def read_scene_text(folder: Path, name: str, content: bytes, names: Names) -> SceneText:
    """A file called ``name`` with this content, as if it lay in the scene/ of ``folder``."""
    findings = Findings(f"scene/{name}")
    text = decode(content, findings)
    data = None if text is None else parse(text, "parts", findings)
    if text is None or data is None:
        return SceneText(problems=findings.problems)
    file = TomlFile(name.removesuffix(".toml"), data, sections(text), findings)
    if name == VIEWS:
        views, plan = views_of(file, folder, names)
        return SceneText(views=views, plan=plan, problems=findings.problems)
    parts = parts_of(file, folder, names)
    return SceneText(parts, problems=findings.problems)
