"""Saved views: those of the project, and those that this station keeps for itself. No Qt.

A view goes into scene/views.toml where the person may configure; else, and where the engine refuses it, this
station keeps it and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from engine.typed import convert
from engine.types import SavedView
from hmi.author import author
from hmi.formats import sentence, t

FILE = "views.toml"
Views = tuple[SavedView, ...]
Change = Callable[[Views], Views]


class Sender(Protocol):
    """The part of a feed that sends."""

    def submit(
        self,
        name: str,
        body: dict[str, Any],
        on_done: Callable[[Any], None],
        on_error: Callable[[str], None],
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Listed:
    """A view in the list. ``is_own`` = kept for this station alone."""

    view: SavedView
    is_own: bool


def with_view(views: Iterable[SavedView], view: SavedView) -> Views:
    """These with one more; in place of the one of the same name."""
    found = {each.name: each for each in views}
    found[view.name] = view
    return tuple(found.values())


def without(views: Iterable[SavedView], name: str) -> Views:
    """These without that one."""
    return tuple(each for each in views if each.name != name)


def renamed(views: Iterable[SavedView], name: str, new: str) -> Views:
    """These with another name for one, at the same place; one that has the name already makes room."""
    return tuple(
        msgspec.structs.replace(each, name=new) if each.name == name else each
        for each in views
        if each.name != new or name == new
    )


def free_name(listed: Iterable[Listed]) -> str:
    """A name that no view has yet: ``View 1``, ``View 2``."""
    taken = {each.view.name for each in listed}
    number = 1
    while t("View {n}", n=number) in taken:
        number += 1
    return t("View {n}", n=number)


class SavedViews:
    """What the View menu lists, and what is done to it. ``why_not`` = why this person cannot change the
    project, "" = can; ``told`` = what came of the last change; ``listeners`` hear of all of it.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self.project: Views = ()
        self.own: Views = ()
        self.why_not = ""
        self.told = ""
        self.is_asking = False
        self._before: tuple[bool, Views, Views] | None = None
        self.listeners: list[Callable[[], None]] = []

    @property
    def listed(self) -> tuple[Listed, ...]:
        """All of them, those of the project first."""
        return (*(Listed(each, False) for each in self.project), *(Listed(each, True) for each in self.own))

    @property
    def can_undo(self) -> bool:
        """The last change can be taken back."""
        return self._before is not None and not self.is_asking

    def take_project(self, views: Views) -> None:
        """Those of the project as the engine read them."""
        self.project = views
        self._tell("")

    def keep(self, view: SavedView) -> None:
        """Save one, in place of the one of the same name."""
        is_own = bool(self.why_not) or any(each.name == view.name for each in self.own)
        kept = t("“{name}” is saved in the project.", name=view.name)
        self._change(is_own, lambda views: with_view(views, view), kept)
        if is_own and self.why_not:
            self._tell(t("“{name}” is kept on this station only: {why}", name=view.name, why=self.why_not))

    def rename(self, which: Listed, new: str) -> None:
        """Another name for one."""
        done = t("“{name}” is now “{new}”.", name=which.view.name, new=new)
        self._change(which.is_own, lambda views: renamed(views, which.view.name, new), done)

    def remove(self, which: Listed) -> None:
        """One less; Undo brings it back."""
        done = t("“{name}” is removed.", name=which.view.name)
        self._change(which.is_own, lambda views: without(views, which.view.name), done)

    def undo(self) -> None:
        """Take the last change back."""
        if self._before is None or self.is_asking:
            return
        is_own, project, own = self._before
        self._change(is_own, lambda _: own if is_own else project, t("Taken back."))
        self._before = None

    def may_change(self, which: Listed) -> str:
        """Why one cannot be renamed or removed here: "" = it can."""
        return "" if which.is_own else self.why_not

    def _change(self, is_own: bool, change: Change, done: str) -> None:
        if self.is_asking:
            return
        self._before = (is_own, self.project, self.own)
        if is_own:
            self.own = change(self.own)
            self._tell(done)
            return
        self.is_asking = True
        self._tell(t("Saving…"))
        self._sender.submit("scene", {}, lambda answer: self._send(answer, change, done), self._failed)

    def _send(self, answer: Any, change: Change, done: str) -> None:
        """The file as it is now, with the change: what others saved meanwhile stays."""
        try:
            views = change(convert(answer["views"], Views))
            body = {
                "file": FILE,
                "mark": answer["views_mark"],
                "views": msgspec.to_builtins(views),
                "plan": answer["plan"],
                "by": author(),
                # Where the eye stood needs no better reason than what was done.
                "reason": done,
            }
        except (KeyError, TypeError, msgspec.ValidationError):
            self._failed(t("the engine's answer about scene/{file} is not understood", file=FILE))
            return
        self._sender.submit("scene_change", body, lambda told: self._sent(told, views, done), self._failed)

    def _sent(self, answer: Any, views: Views, done: str) -> None:
        wrong = [each for each in answer.get("problems", ()) if each.get("severity") == "error"]
        if wrong:
            self._failed(str(wrong[0].get("message", "")))
            return
        self.is_asking = False
        self.project = views
        self._tell(done)

    def _failed(self, why: str) -> None:
        self.is_asking = False
        self._before = None
        self._tell(t("Not saved in the project: {why}", why=sentence(why)))

    def _tell(self, told: str) -> None:
        self.told = told
        for each in self.listeners:
            each()

    # What this station remembers

    def remembered(self) -> list[dict[str, Any]]:
        """Its own views as plain data."""
        return msgspec.to_builtins(self.own)

    def remember(self, kept: Any) -> None:
        """Its own views again. Raises: ValueError for what is none."""
        try:
            self.own = convert(kept, Views)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error
        self._tell("")
