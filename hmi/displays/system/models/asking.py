"""What the Models page asks of the engine; answers of another plant or engine are dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from engine.types import Episode
from hmi.author import author
from hmi.displays.feed import Feed
from hmi.displays.system.models import state as models
from hmi.displays.system.models.state import Answer, Known, Warned
from hmi.formats import sentence, t

MOST_WARNINGS = 500
Failed = Callable[[str], None]


class Asking:
    """``known`` and ``warned`` are what is known, None = nothing yet. ``told`` is called after news."""

    def __init__(self, feed: Feed, told: Callable[[], None]) -> None:
        self._feed, self._told = feed, told
        self.known: Known | None = None
        self.warned: Warned | None = None
        self.trouble = ""
        self._of = 0
        self._waiting = 0

    def forget(self) -> None:
        """Another plant, or another engine."""
        self.known, self.warned, self.trouble = None, None, ""
        self._of += 1
        self._waiting = 0

    def ask(self) -> None:
        """Models and warnings anew; not while an answer is still awaited."""
        if self._waiting:
            return
        self._waiting = 2
        self._ask("models", {}, Known, self._take_models)
        self._ask("episodes", {"limit": MOST_WARNINGS}, Warned, self._take_warnings)

    def _ask(self, op: str, body: dict[str, Any], kind: type[Answer], take: Callable[[Answer], None]) -> None:
        def came(found: Answer) -> None:
            self._waiting -= 1
            take(found)
            self._told()

        def missed(why: str) -> None:
            self._waiting -= 1
            self.trouble = sentence(why)
            self._told()

        self._send(op, body, kind, came, missed)

    def _take_models(self, found: Known) -> None:
        self.known, self.trouble = found, ""

    def _take_warnings(self, found: Warned) -> None:
        self.warned = found

    def change(self, body: dict[str, Any], done: Callable[[Known], None], failed: Failed) -> None:
        """Change the registry, or with ``is_trial`` hear what a change would do."""

        def came(found: Known) -> None:
            if not body.get("is_trial"):
                # Its text is of this change alone.
                self.known = msgspec.structs.replace(found, text="")
                self._told()
            done(found)

        self._send("model_change", {**body, "by": author()}, Known, came, failed)

    def judged(self, found: Episode) -> None:
        """A person said whether a warning was right."""
        if self.warned is not None:
            same = tuple(found if each.id == found.id else each for each in self.warned.episodes)
            self.warned = Warned(same)
            self._told()

    def _send(
        self,
        op: str,
        body: dict[str, Any],
        kind: type[Answer],
        done: Callable[[Answer], None],
        failed: Failed,
    ) -> None:
        of = self._of

        def came(answer: Any) -> None:
            if of != self._of:
                return
            found = models.read(answer, kind)
            if found is None:
                failed(t("the engine told this in a way we do not know; is it of another version?"))
            else:
                done(found)

        def missed(why: str) -> None:
            if of == self._of:
                failed(why)

        self._feed.submit(op, body, came, missed)
