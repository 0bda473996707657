"""What tags.csv calls things: its tags, the assets above them, and patterns of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from engine.config.findings import meant, shown
from engine.types import Tag
from engine.types.patterns import segment_pattern

MOST_COMPARED = 300
"""Names that a misspelt one is compared with: more would take seconds in a file of many mistakes."""


class Branch(dict[str, "Branch"]):
    """The names directly below an asset, each with what is below it, in the order of tags.csv."""


@dataclass(frozen=True, slots=True)
class Names:
    """The tags of a project by path. An asset is any path that a tag lies below."""

    tags: Mapping[str, Tag]
    root: Branch

    def matching(self, pattern: str) -> Iterator[str]:
        """Paths of tags and assets that fit; ``*`` and ``?`` stand for characters of one segment."""
        found = [("", self.root)]
        for part in pattern.split("/"):
            found = [
                (f"{path}/{name}" if path else name, below)
                for path, branch in found
                for name, below in _fitting(branch, part)
            ]
        return (path for path, _ in found)

    def tags_like(self, pattern: str) -> list[Tag]:
        """The tags whose path fits, in the order of tags.csv as far as their assets keep it."""
        return [self.tags[path] for path in self.matching(pattern) if path in self.tags]

    def assets_like(self, pattern: str) -> list[str]:
        """The paths of assets that fit."""
        return [path for path in self.matching(pattern) if self.is_asset(path)]

    def is_asset(self, path: str) -> bool:
        """Whether any tag lies below this path, taken as it is written."""
        return bool(self._below(path))

    def _below(self, path: str) -> Branch:
        branch: Branch | None = self.root
        for part in path.split("/"):
            branch = branch.get(part)
            if branch is None:
                return Branch()
        return branch

    def why_not(self, pattern: str) -> str:
        """Why a pattern fits nothing: the first part that is not there, and the nearest that is."""
        parts = pattern.split("/")
        for length in range(1, len(parts) + 1):
            if not any(self.matching("/".join(parts[:length]))):
                above = "/".join(parts[: length - 1])
                inside = f"in {shown(above)}" if above else "in tags.csv"
                siblings = [name for path in self.matching(above) for name in self._below(path)]
                near = meant(parts[length - 1], islice(siblings if above else self.root, MOST_COMPARED))
                return f"there is no {shown(parts[length - 1])} {inside}{near}"
        return "it is a tag" if self.tags_like(pattern) else "it is an asset"


def names_of(tags: Iterable[Tag]) -> Names:
    """The names that these tags make up."""
    by_path = {tag.path: tag for tag in tags if tag.path}
    root = Branch()
    for path in by_path:
        branch = root
        for part in path.split("/"):
            branch = branch.setdefault(part, Branch())
    return Names(by_path, root)


def _fitting(branch: Branch, part: str) -> list[tuple[str, Branch]]:
    if "*" not in part and "?" not in part:
        below = branch.get(part)
        return [] if below is None else [(part, below)]
    fits = segment_pattern(part)
    return [(name, below) for name, below in branch.items() if fits.match(name)]
