"""The conditions of all alarms of a project: which are true now, judged a batch at a time."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.alarms.bounds import judged
from engine.alarms.by_tag import ByTag
from engine.alarms.derived import Derived, Signal
from engine.alarms.limits import Limits
from engine.alarms.state import Changes, together
from engine.types import Batch, Limit, Status, Tag
from engine.types.expressions import ExpressionError, parse, with_states

log = logging.getLogger("watchroom.alarms")
NONE = np.uint8(255)


class Conditions:
    """The limits of a project and which of their conditions are true. One thread only.

    ``rows`` = the limits that can be judged; left out are those of unknown and of text tags (but for
    ``bad``), those never annunciated (priority 0) and what the engine raises by itself (``link``,
    ``device``, ``flood``). ``tag_ids`` int32 and ``priority`` uint8 go by their order, as do all arrays.

    Order and delays are those of source time. Good and uncertain values are judged; what is bad, stale,
    or no number does as `Limit.quality` says. A change's ``value`` is that of its tag; of a condition of
    more values what is compared (how far apart, how fast, 1 = true); NaN where a bad value made it.
    """

    def __init__(self, limits: Sequence[Limit], tags: Sequence[Tag]) -> None:
        build = _Build(tags)
        pairs = [(each, plain) for each in limits if (plain := build.plain(each)) is not None]
        self.rows = [each for each, _ in pairs]
        self.tag_ids = np.array([build.ids[each.path] for each in self.rows], np.int32)
        self.priority = np.array([each.priority for each in self.rows], np.uint8)
        self._tags = ByTag(self.tag_ids, build.first)
        self._texts = build.suppressions(self.rows)
        hidden = [build.hidden(text) for text in self._texts]
        self._suppresses = [np.array(rows, np.intp) for rows in self._texts.values()]
        self._derived = Derived(build.signals, build.first)
        self._limits = Limits([plain for _, plain in pairs] + hidden, build.tags, limits)
        self._suppressing = np.zeros(len(self.rows), np.bool_)
        self._turned: Changes | None = None

    @property
    def active(self) -> NDArray[np.bool_]:
        """Which conditions are true, bool[rows]; a copy."""
        return self._limits.active[: len(self.rows)]

    @property
    def suppressing(self) -> NDArray[np.bool_]:
        """Of which rows the ``suppress`` expression is true, bool[rows]; a copy. Not known = not true."""
        return self._suppressing.copy()

    def turned(self) -> Changes | None:
        """How `suppressing` changed since this was last asked: ``active`` = suppressed now. Ask after each
        `judge`, `proved` and `tick`.
        """
        turned, self._turned = self._turned, None
        return turned

    def worst(self, tags: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Priority of the worst active alarm of each of these tags, 0 = none."""
        places, rows = self._tags.of(tags)
        active = self.active[rows]
        found = np.full(len(tags), NONE)
        np.minimum.at(found, places[active], self.priority[rows[active]])
        return np.where(found == NONE, np.uint8(0), found)

    def of(self, tags: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The rows of these tags: the place in ``tags`` of each, and the row."""
        return self._tags.of(tags)

    def judge(self, batch: Batch, taken: NDArray[np.bool_] | None, mono_us: int) -> Changes | None:
        """Look at a batch, whose ``taken`` bool[rows×n] samples (None = all) are the newest of their tags."""
        found = self._limits.judge(batch, taken, mono_us)
        made, told = self._derived.feed(batch, taken, mono_us, self._limits.sees_all)
        if made is not None:
            found = together(found, self._limits.judge(*made, mono_us))
        if len(told):
            self._limits.heard(*self._derived.told(told), mono_us)
        return self._told(found)

    def proved(self, tags: NDArray[np.int32], mono_us: int) -> Changes | None:
        """The last values of these tags hold now: their delays go on, and those that run out end."""
        found = self._limits.proved(tags, mono_us)
        made, hold = self._derived.proved(tags, mono_us)
        if made is not None:
            found = together(found, self._limits.judge(*made, mono_us))
        if len(hold):
            found = together(found, self._limits.proved(hold, mono_us))
        return self._told(found)

    def silent(self, tags: NDArray[np.int32], *, lost: bool = False, status: int = Status.STALE) -> None:
        """These values are stale: their delays stand still until proved, or a new sample if ``lost``.

        What `Limit.quality` or ``bad`` makes of it comes with the next `tick`. ``status`` = what they were
        marked with. A link that was lost (no bad status) raises no ``bad``: that is one alarm of its source.
        """
        self._limits.silent(tags, lost=lost, status=status)
        self._limits.silent(self._derived.silent(tags, lost=lost), lost=lost, status=status)

    def tick(self, mono_us: int, now_us: int) -> Changes | None:
        """Time passed without samples. Call it a few times a second; it costs nothing while all is well."""
        return self._told(self._limits.tick(mono_us, now_us))

    def leave(self, tag_id: int) -> None:
        """Judge this tag no more: its values stand for texts."""
        for signal in self._derived.silent(np.array([tag_id], np.int32), lost=True).tolist():
            self._limits.leave(signal)
        self._derived.leave(tag_id)
        self._limits.leave(tag_id)

    def resume(self, active: NDArray[np.intp]) -> None:
        """These alarms were active before a restart; their first samples say whether they still are."""
        self._limits.resume(active)

    def take_over(self, before: Conditions) -> None:
        """After an edit of the limits: go on from what was ``before``, delays and counts included.

        What a limit that is now another says of the value of now is told by the next sample: judge a
        batch of the live values next.
        """
        names = {_name(each): row for row, each in enumerate(before.rows)}
        pairs = [(row, names[_name(each)]) for row, each in enumerate(self.rows) if _name(each) in names]
        hidden = {text: len(before.rows) + k for k, text in enumerate(before._texts)}
        pairs += [(len(self.rows) + k, hidden[text]) for k, text in enumerate(self._texts) if text in hidden]
        new, old = np.array(pairs, np.intp).reshape(-1, 2).T
        self._derived.take_over(before._derived)
        self._limits.take_over(before._limits, new, old)
        for rows, on in zip(self._suppresses, self._limits.active[len(self.rows) :], strict=True):
            self._suppressing[rows] = on

    def _told(self, found: Changes | None) -> Changes | None:
        """Without those of suppression, which `turned` tells."""
        if found is None or not len(self._texts):
            return found
        own = found.limits < len(self.rows)
        turned: list[int] = np.flatnonzero(~own).tolist()
        for each in turned:
            rows = self._suppresses[int(found.limits[each]) - len(self.rows)]
            self._suppressing[rows] = found.active[each]
            same = [np.full(len(rows), column[each]) for column in (found.active, found.time_us, found.value)]
            self._turned = together(self._turned, Changes(rows, *same))
        return found.where(own) if own.any() else None


def _name(limit: Limit) -> tuple[str, str, str]:
    return limit.path, limit.kind, limit.name


class _Build:
    """Rows of alarms.csv to plain limits on tags and pseudo tags."""

    def __init__(self, tags: Sequence[Tag]) -> None:
        self._by_path = {tag.path: tag for tag in tags}
        self.ids = {tag.path: tag.tag_id for tag in tags}
        self.first = max(self.ids.values(), default=-1) + 1
        self.tags, self.signals = list(tags), list[Signal]()
        self._known: dict[Signal, str] = {}

    def plain(self, limit: Limit) -> Limit | None:
        """The limit as one on a single value, None = it cannot be judged."""
        tag = self._by_path.get(limit.path)
        if tag is None or limit.priority == 0 or (tag.type == "string" and limit.kind not in ("bad", "expr")):
            return None
        try:
            return self._plain(limit, tag)
        except (ExpressionError, KeyError) as error:
            log.warning("%s of %s is not judged: %s", limit.kind, limit.path, error)
            return None

    def _plain(self, limit: Limit, tag: Tag) -> Limit | None:
        if limit.kind == "status":
            return msgspec.structs.replace(limit, kind="on", limit=None)
        if limit.kind == "expr":
            return msgspec.structs.replace(limit, kind="on", limit=None, path=self._says(limit.expression))
        if limit.kind in ("dev", "disc"):
            signal = Signal("apart", (tag.tag_id, self.ids[limit.other]))
            path = self._path(signal)
            return msgspec.structs.replace(limit, kind="h", limit=limit.limit or 0.0, path=path)
        if limit.kind == "rate":
            path = self._path(Signal("rate", (tag.tag_id,), round(limit.window_s * 1e6)))
            return msgspec.structs.replace(limit, kind="h", path=path)
        return limit if judged([limit]) else None

    def suppressions(self, rows: Sequence[Limit]) -> dict[str, list[int]]:
        """The expressions that suppress, and the rows of each."""
        found: dict[str, list[int]] = {}
        for row, each in enumerate(rows):
            if each.suppress:
                try:
                    self._says(each.suppress)
                except (ExpressionError, KeyError) as error:
                    log.warning("%s of %s is never suppressed: %s", each.kind, each.path, error)
                    continue
                found.setdefault(each.suppress, []).append(row)
        return found

    def hidden(self, text: str) -> Limit:
        """A limit on what an expression says; what is not known ends it."""
        return Limit(self._says(text), "on", quality="clear")

    def _says(self, text: str) -> str:
        expression = parse(text)
        states: Mapping[str, Mapping[int, str]] = {
            path: self._by_path[path].states for path in expression.tags
        }
        node = with_states(expression, states).root
        return self._path(Signal("says", tuple(self.ids[path] for path in expression.tags), node=node))

    def _path(self, signal: Signal) -> str:
        """The pseudo tag of a signal; rows that need the same share it."""
        if signal not in self._known:
            path = f"\0{len(self.signals)}"
            self._known[signal] = path
            self.tags.append(Tag(self.first + len(self.signals), path, "", "", "float64"))
            self.signals.append(signal)
        return self._known[signal]
