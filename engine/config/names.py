"""What tags.csv and assets.csv call things: tags, the assets above them, and patterns of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from engine.config.findings import Findings, meant, shown
from engine.types import Tag
from engine.types.patterns import segment_pattern

MOST_EXPLAINED = 300
"""Findings after which no more is looked for what was meant: a file of other names would take minutes."""
MOST_COMPARED = 300
"""Names that a misspelt one is compared with: more would take seconds in a file of many mistakes."""


class Branch(dict[str, "Branch"]):
    """The names directly below an asset, each with what is below it, in the order of tags.csv."""


@dataclass(frozen=True, slots=True)
class Names:
    """The tags of a project by path. An asset is any path that a tag lies below, or that assets.csv names.

    ``stated`` = the assets of assets.csv, and all above them.
    """

    tags: Mapping[str, Tag]
    root: Branch
    stated: frozenset[str] = frozenset()

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
        """Whether any tag lies below this path, or assets.csv names it, taken as it is written."""
        return path in self.stated or bool(self._below(path))

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


def names_of(tags: Iterable[Tag], assets: Iterable[str] = ()) -> Names:
    """The names that these tags make up, and these assets with all above them."""
    by_path = {tag.path: tag for tag in tags if tag.path}
    root = Branch()
    stated: set[str] = set()
    for path in by_path:
        branch = root
        for part in path.split("/"):
            branch = branch.setdefault(part, Branch())
    for path in assets:
        branch, above = root, ""
        for part in path.split("/"):
            branch = branch.setdefault(part, Branch())
            above = f"{above}/{part}" if above else part
            stated.add(above)
    return Names(by_path, root, frozenset(stated))


def why_not(path: str, names: Names, findings: Findings) -> str:
    """Why a path is none of these names; after many findings only that it is none."""
    return names.why_not(path) if len(findings.problems) < MOST_EXPLAINED else "see how it is written"


def _fitting(branch: Branch, part: str) -> list[tuple[str, Branch]]:
    if "*" not in part and "?" not in part:
        below = branch.get(part)
        return [] if below is None else [(part, below)]
    fits = segment_pattern(part)
    return [(name, below) for name, below in branch.items() if fits.match(name)]
