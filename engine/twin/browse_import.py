"""What a live OPC UA server offers, walked from a node down, as assets and tags."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import cast, get_args

from engine.twin.import_rows import Imported, ImportProblem, joined, segment, tidy, unused
from engine.types import AssetRow, BrowseItem, Tag, TypeName

MOST_NODES = 20_000
MOST_LOOKS = 5_000
"""Folders looked into: each is a question to the device."""
SERVER = ("i=2253", "i=86", "i=87", "i=23470", "i=31915", "ns=0;i=2253")
"""What every server has and no plant is made of: its own state, types, views, aliases, locations."""
TYPES: tuple[str, ...] = get_args(TypeName)
Look = Callable[[str], Sequence[BrowseItem]]
"""The nodes right below one, "" = the top."""
Progress = Callable[[int, int], None]
"""Told now and then: folders looked into, tags found."""


def import_browsed(
    look: Look,
    source: str,
    node: str = "",
    *,
    under: str = "",
    progress: Progress = lambda _looks, _tags: None,
) -> Imported:
    """The rows that a server's nodes make, breadth first. A node that is reached twice is taken once.

    Raises:
        ImportProblem: there are no variables, or more nodes than anybody wants in one plant.
        Whatever ``look`` raises: a link that is lost ends the import.
    """
    assets: list[AssetRow] = []
    tags: list[Tag] = []
    left: Counter[str] = Counter()
    seen, taken = {node, *SERVER}, set[str]()
    waiting, looks = deque([(node, under)]), 0
    while waiting:
        at, above = waiting.popleft()
        looks += 1
        if looks > MOST_LOOKS or len(seen) > MOST_NODES:
            raise ImportProblem(
                f"{source} offers more than {MOST_NODES} nodes: begin further down with --node ADDRESS "
                f"(see: watchroom browse DIR {source})"
            )
        for item in look(at):
            if item.address in seen:
                continue
            seen.add(item.address)
            if item.kind == "variable":
                _take(item, source, above, tags, taken, left)
                continue
            path = unused(joined(above, segment(item.name)), taken)
            taken.add(path)
            title = tidy(item.name)
            assets.append(AssetRow(path, title="" if title == path.rpartition("/")[2] else title))
            waiting.append((item.address, path))
        progress(looks, len(tags))
    if not tags:
        raise ImportProblem(f"{source} offers no variables below {node or 'its top'}: nothing to import")
    kept = _with_tags(assets, tags)
    left["folders without any variable"] += len(assets) - len(kept)
    notes = tuple(f"left out: {count} {what}" for what, count in left.items() if count)
    return Imported(assets=tuple(kept), tags=tuple(tags), notes=notes)


def _take(
    item: BrowseItem, source: str, above: str, tags: list[Tag], taken: set[str], left: Counter[str]
) -> None:
    if item.type not in TYPES:
        left[f"variables of type {tidy(item.type, 40)}"] += 1
        return
    path = unused(f"{above}/{segment(item.name, 'tag')}" if above else segment(item.name, "tag"), taken)
    taken.add(path)
    tags.append(Tag(-1, path, source, item.address, cast(TypeName, item.type), tidy(item.unit, 20)))


def _with_tags(assets: Sequence[AssetRow], tags: Sequence[Tag]) -> list[AssetRow]:
    above: set[str] = set()
    for tag in tags:
        parts = tag.path.split("/")
        above.update("/".join(parts[:length]) for length in range(1, len(parts)))
    return [each for each in assets if each.path in above]
