"""What the editor asks the engine: the scene as it is on disk, and to write one file of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from engine.typed import convert
from engine.types import Part, Plan, Problem, SavedView
from hmi.author import author
from hmi.displays.feed import Feed
from hmi.displays.twin.editor_words import VIEWS
from hmi.formats import sentence


class ToldFile(msgspec.Struct, frozen=True):
    """One file of scene/; ``problem`` = why it cannot be changed here."""

    name: str
    mark: str
    parts: tuple[Part, ...]
    problem: str = ""


class ToldScene(msgspec.Struct, frozen=True):
    """The answer to ``scene``."""

    files: tuple[ToldFile, ...] = ()
    views: tuple[SavedView, ...] = ()
    plan: Plan | None = None
    views_mark: str = ""
    models: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts, each with its file, those of one file behind each other."""
        return tuple(
            msgspec.structs.replace(part, came_from=file.name)
            for file in sorted(self.files, key=lambda each: each.name)
            for part in file.parts
        )

    @property
    def marks(self) -> dict[str, str]:
        """The mark of every file, that of the views too."""
        return {**{file.name: file.mark for file in self.files}, VIEWS: self.views_mark}

    @property
    def problem(self) -> str:
        """Why some file cannot be changed; "" = all can."""
        return next((file.problem for file in self.files if file.problem), "")


class ToldChange(msgspec.Struct, frozen=True):
    """The answer to ``scene_change``."""

    mark: str
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What kept it from being written."""
        return tuple(each for each in self.problems if each.severity == "error")


class Asking:
    """Each question has its own number: an answer to one that was asked again since is dropped."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._number = 0

    def scene(self, on_done: Callable[[ToldScene], None], on_error: Callable[[str], None]) -> None:
        """The scene as it is on disk."""
        self._number += 1
        mine = self._number

        def told(answer: Any) -> None:
            if mine == self._number:
                on_done(convert(answer, ToldScene))

        def failed(why: str) -> None:
            if mine == self._number:
                on_error(sentence(why))

        self._feed.submit("scene", {}, told, failed)

    def save(
        self,
        file: str,
        mark: str,
        said: dict[str, Any],
        reason: str,
        on_done: Callable[[ToldChange], None],
        on_error: Callable[[str], None],
    ) -> None:
        """Write one file. ``said`` = ``parts``, or ``views`` and ``plan``."""
        body = {"file": file, "mark": mark, "by": author(), "reason": reason, **msgspec.to_builtins(said)}
        self._feed.submit(
            "scene_change",
            body,
            lambda answer: on_done(convert(answer, ToldChange)),
            lambda why: on_error(sentence(why)),
        )
