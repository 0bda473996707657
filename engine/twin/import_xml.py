"""XML from strangers: read into plain elements, within bounds, without document types and entities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from engine.twin.import_rows import ImportProblem

DEEPEST = 200
MOST_ELEMENTS = 2_000_000


@dataclass(slots=True, eq=False)
class Element:
    """An element: its name without namespace, the namespace, attributes, text and what is inside."""

    name: str
    space: str
    attributes: dict[str, str]
    inside: list[Element] = field(default_factory=list["Element"])
    text: str = ""

    def all(self, name: str) -> Iterator[Element]:
        """The elements of this name directly inside."""
        return (each for each in self.inside if each.name == name)

    def first(self, *path: str) -> Element | None:
        """The first element along a path of names, None where there is none."""
        at: Element | None = self
        for name in path:
            at = next(at.all(name), None)
            if at is None:
                return None
        return at

    def said(self, *path: str) -> str:
        """The text of the first element along a path, "" where there is none."""
        found = self.first(*path)
        return found.text.strip() if found is not None else ""


def read_xml(raw: bytes, what: str) -> Element:
    """The root of an XML text. ``what`` names the file in messages.

    A document type is refused: it is what entity expansion and reading of other files are made of, and
    no format that we read has one.

    Raises:
        ImportProblem: it is no XML, or more of it than anybody means.
    """
    parser = expat.ParserCreate(namespace_separator="\n")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    top = Element("", "", {})
    stack, count = [top], 0
    texts: list[list[str]] = [[]]

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(stack) > DEEPEST or count > MOST_ELEMENTS:
            raise ImportProblem(f"{what} is nested or long beyond all measure: nothing was read from it")
        space, _, local = name.rpartition("\n")
        made = Element(local, space, attributes)
        stack[-1].inside.append(made)
        stack.append(made)
        texts.append([])

    def end(_name: str) -> None:
        stack.pop().text = "".join(texts.pop())

    def characters(text: str) -> None:
        texts[-1].append(text)

    def refused(*_declared: object) -> None:
        raise ImportProblem(
            f"{what} declares a document type (DOCTYPE), which can hide entities: it is not read; "
            "save it again without one"
        )

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refused
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as problem:
        raise ImportProblem(f"{what} is not XML as it should be: {problem}") from problem
    except (ValueError, LookupError) as problem:  # an encoding nobody knows
        raise ImportProblem(f"{what} cannot be read as XML: {problem}") from problem
    return top.inside[0]
