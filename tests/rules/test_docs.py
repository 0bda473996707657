"""Every public thing of the engine and the HMI says what it is, in more than its own name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.rules.sources import modules, name_of

# Methods of Qt's models, delegates and widgets that we override and that are no camelCase.
QT_OVERRIDES = {"data", "event", "flags", "index", "paint", "parent", "shape", "sort"}

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public_things(tree: ast.Module) -> Iterator[tuple[str, Documented]]:
    """Public functions and classes of a module, and the public methods of those classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and needs_words(node, set()):
            yield node.name, node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            inherited = QT_OVERRIDES if node.bases else set[str]()
            methods = (part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef))
            yield from (
                (f"{node.name}.{part.name}", part) for part in methods if needs_words(part, inherited)
            )


def needs_words(function: ast.FunctionDef | ast.AsyncFunctionDef, inherited: set[str]) -> bool:
    """Not so: private names, Qt's overrides, overloads and setters, and the bare lines of a Protocol."""
    decorators = {ast.unparse(decorator).rsplit(".", 1)[-1] for decorator in function.decorator_list}
    bare = [ast.unparse(line) for line in function.body] == ["..."]
    own = not function.name.startswith("_") and function.name.islower() and function.name not in inherited
    return own and not bare and not decorators & {"override", "overload", "setter"}


def says_something(name: str, words: str | None) -> bool:
    """A docstring that only repeats the name says nothing."""
    own = set(re.split(r"[._]", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()))
    return bool(
        set(re.findall(r"[a-z0-9]+", (words or "").lower())) - own - {"a", "an", "the", "of", "return"}
    )


def test_every_public_thing_has_a_docstring_that_says_something() -> None:
    silent = [
        f"{name_of(path)}.{name}"
        for path in modules("engine", "hmi")
        if not any(part.startswith("_") and part != "__init__" for part in name_of(path).split("."))
        for name, node in public_things(ast.parse(path.read_text(encoding="utf-8")))
        if not says_something(name, ast.get_docstring(node))
    ]
    assert not silent, silent


def test_a_docstring_that_repeats_the_name_says_nothing() -> None:
    assert not says_something("LiveTable", "The live table.")
    assert not says_something("read_tag", None)
    assert says_something("read_tag", "The last value of a tag, from the live table.")
