"""The desired state: every tag of a source, where it is on the server, and why not if it is not."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from asyncua import ua
from numpy.typing import NDArray

from engine.drivers.opcua.address import NodeAddress, parse
from engine.drivers.opcua.describe import Found
from engine.drivers.opcua.groups import Group
from engine.drivers.opcua.memory import Known, SourceMemory
from engine.drivers.opcua.samples import EXACT
from engine.types import Sink, Status, Tag, TagInfo

log = logging.getLogger(__name__)
NO_NAMESPACE = "its namespace is not on the server, or has another number than before"


@dataclass(slots=True, eq=False)
class Row:
    """One wanted tag. ``handle`` = its position among the tags. ``group`` = the subscription that
    monitors it, None = it is missing; ``trouble`` says why in words, "" before it was looked for.
    """

    handle: int
    tag: Tag
    address: NodeAddress
    node: ua.NodeId | None = None
    group: Group | None = None
    trouble: str = ""


class Wanted:
    """All wanted tags of a source. A tag that cannot be had is shown bad with the reason, never dropped."""

    def __init__(self, tags: Sequence[Tag], memory: SourceMemory, sink: Sink, where: str) -> None:
        self.rows = [Row(k, tag, parse(tag.address)) for k, tag in enumerate(tags)]
        self.by_id = {row.tag.tag_id: row for row in self.rows}
        self._memory = memory
        self._sink = sink
        self._where = where
        self._changed: dict[int, str] = {}

    @property
    def missing(self) -> list[Row]:
        """Tags that nothing monitors."""
        return [row for row in self.rows if row.group is None]

    def refuse(self, row: Row, why: str) -> None:
        """Mark a tag that cannot be read and log the reason, once for each reason."""
        if row.trouble == why:
            return
        row.trouble = why
        log.warning("tags.csv:%d: tag '%s' (%s): %s", row.tag.line, row.tag.path, row.tag.address, why)
        self._sink.mark(np.array([row.tag.tag_id], np.int32), Status.CONFIGURATION_ERROR, why)

    def accepts(self, row: Row, found: Found) -> bool:
        """Tell the sink what the server says of a tag; whether that can be read and is what it was."""
        if not found.exists or not found.readable:
            if found.exists:
                self._sink.describe(row.tag.tag_id, found.info)
            self.refuse(row, found.problem)
            return False
        known = self._memory.known.get(row.tag.tag_id)
        if problem := misfit(row.tag, None if known is None else known.info, found.info):
            self.refuse(row, problem)
            return False
        if known is not None and (news := difference(known.info, found.info)):
            self._changed[row.handle] = news
        self._memory.known[row.tag.tag_id] = Known(found.data_type, found.info)
        self._sink.describe(row.tag.tag_id, found.info)
        return True

    def adopt(self, row: Row, group: Group, item: int) -> None:
        """The server monitors it now."""
        row.group, row.trouble = group, ""
        group.items[row.handle] = item
        group.monitored[row.handle] = True

    def lose(self, row: Row, why: str) -> None:
        """It is no longer monitored; the sink knows."""
        row.group, row.trouble = None, why

    def _rounded(self, last_value: NDArray[np.float64]) -> tuple[str, str]:
        """What to say of tags whose last numbers are larger than a float64 holds exactly."""
        large = np.flatnonzero(np.abs(last_value) >= EXACT).tolist()
        rows = [self.rows[handle] for handle in large]
        known = self._memory.known
        tags = [
            row.tag.path
            for row in rows
            if (told := known.get(row.tag.tag_id)) is not None and told.info.type in ("int64", "uint64")
        ]
        if not tags:
            return "", ""
        more = f" and {len(tags) - 3} more" if len(tags) > 3 else ""
        return (
            f"{', '.join(tags[:3])}{more}: tags of 64-bit type, larger numbers than {EXACT} are rounded",
            "if every digit counts, let the program in the device give the number in two parts or as text",
        )

    def tell(self, last_value: NDArray[np.float64]) -> None:
        """Report how many tags are there, those that are no longer what they were, and rounded ones.

        ``last_value`` float64[handles] = the value delivered last.
        """
        missing = len(self.missing)
        self._sink.fact("tags", f"{len(self.rows) - missing} of {len(self.rows)} monitored")
        said = [f"'{self.rows[handle].tag.path}' {news}" for handle, news in sorted(self._changed.items())]
        more = f" and {len(said) - 3} more" if len(said) > 3 else ""
        self._sink.note("64-bit", *self._rounded(last_value))
        self._sink.note(
            "changed tags",
            f"{self._where} describes tags otherwise than before: {'; '.join(said[:3])}{more}"
            if said
            else "",
            "check that the right program runs in the device; the history before and after is not the same "
            "quantity",
        )


def difference(before: TagInfo, now: TagInfo) -> str:
    """In words, what the server says otherwise of a tag than before; "" = the same."""
    parts: list[str] = []
    if before.type != now.type:
        parts.append(f"was {before.type or 'of any type'} and is {now.type or 'of any type'}")
    if before.unit != now.unit:
        parts.append(f"was in {before.unit or 'no unit'} and is in {now.unit or 'no unit'}")
    if before.states != now.states:
        parts.append("has other words for its states")
    return ", ".join(parts)


def misfit(tag: Tag, before: TagInfo | None, now: TagInfo) -> str:
    """Why a tag must not be read as the server describes it now; "" = it may be.

    Text never turns into numbers nor numbers into text, and a unit written down in tags.csv holds only
    while the server's own stays what it was.
    """
    if tag.type and now.type and _is_text(tag.type) != _is_text(now.type):
        return f"tags.csv says it is {tag.type}, the server says {now.type}: correct the type in tags.csv"
    if before is None:
        return ""
    if before.type and now.type and _is_text(before.type) != _is_text(now.type):
        return (
            f"on the server it was {before.type} and is now {now.type}: if that is meant, restart the engine"
        )
    if tag.unit and before.unit != now.unit:
        return (
            f"its unit on the server was {before.unit or 'none'} and is now {now.unit or 'none'}, but "
            f"tags.csv says {tag.unit}: correct the unit in tags.csv or at the server"
        )
    return ""


def _is_text(type_name: str) -> bool:
    return type_name == "string"
