"""Tags that a row of alarms.csv names besides its own, and the expressions in it."""

from __future__ import annotations

from engine.config.findings import Findings, shown
from engine.config.names import Names
from engine.types import Tag
from engine.types.expressions import Expression, ExpressionError, parse, says_truth, with_states, written_with

NEAR = "./"


def path_from(written: str, tag: Tag) -> str:
    """A path, where ``./`` stands for the asset of the row's own tag."""
    if not written.startswith(NEAR):
        return written
    asset, slash, _ = tag.path.rpartition("/")
    return asset + slash + written.removeprefix(NEAR)


class Written:
    """One expression of a row, for all tags that the row means."""

    def __init__(self, column: str, text: str, line: int, findings: Findings) -> None:
        self._column, self._text, self._line, self._findings = column, text, line, findings
        self._told = False
        self._read: Expression | None = None
        if text:
            try:
                self._read = parse(text)
            except ExpressionError as error:
                self._tell(str(error))

    def of(self, tag: Tag, names: Names) -> str:
        """The expression with whole paths for this tag; empty where there is none, or it is wrong (told)."""
        if self._read is None:
            return ""
        paths = {each: path_from(each, tag) for each in self._read.tags}
        if names.tags:
            wrong = self._wrong(self._read, paths, names)
            if wrong:
                self._tell(wrong)
                return ""
        return written_with(self._text, paths)

    def _wrong(self, read: Expression, paths: dict[str, str], names: Names) -> str:
        """What is wrong with it for one tag."""
        if not read.tags:
            return "it names no tag: write one in braces, as in {./Pressure}"
        for path in paths.values():
            found = names.tags.get(path)
            if found is None:
                return f"{shown(path)} is no tag: {names.why_not(path)}"
            if found.type == "string":
                return f"{shown(path)} is text: expressions know only numbers, on and off, and states"
        try:
            with_states(read, {each: names.tags[path].states for each, path in paths.items()})
        except ExpressionError as error:
            return str(error)
        bools = frozenset(each for each, path in paths.items() if names.tags[path].type in ("bool", ""))
        if not says_truth(read, bools):
            return "it says a number, not yes or no: compare it, as in {./Pressure} > 180"
        return ""

    def _tell(self, sentence: str) -> None:
        """Once for all tags of the row."""
        if not self._told:
            self._told = True
            self._findings.error(
                self._line,
                f"{self._column}, {sentence}"
                if sentence.startswith("column")
                else f"{self._column}: {sentence}",
            )
