"""Expressions over tags, as alarms.csv writes them: text to a tree. Nothing is ever evaluated as Python.

``{Line 3/S50/Pressure} > 180 and not {./State} == "fault"``: tags in braces, numbers, words of an
enumeration in quotes, ``+ - * /``, comparisons, ``and or not``, ``abs min max`` and parentheses. Python's
own parser gives the structure of a text in which every name and number is masked; only the kinds of nodes
named here are then let through.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

LONGEST, DEEPEST = 1000, 40
TOKEN = re.compile(
    r'(?P<space>\s+)|(?P<tag>\{[^{}"]*\})|(?P<state>"[^"]*")'
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_.]))"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>==|!=|<=|>=|[-+*/()<>,])"
)
FUNCTIONS = {"abs": (1, 1), "min": (2, 20), "max": (2, 20)}
WORDS = ("and", "or", "not", *FUNCTIONS)
ADVICE = {
    "=": "write == to compare",
    "!": "write not, or != to compare",
    "&": "write and",
    "|": "write or",
    "'": 'write words in double quotes, as in "running"',
    "{": "a brace is opened and not closed: write tags as in {Line 3/S50/Pressure}",
    "}": "a brace is closed that was not opened: write tags as in {Line 3/S50/Pressure}",
    '"': "a quote is opened and not closed",
    ";": "write one expression",
}
OPERATORS: dict[type[ast.AST], str] = {
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.And: "and", ast.Or: "or"},
    **{ast.Not: "not", ast.USub: "neg", ast.UAdd: "pos"},
    **{ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="},
}
COMPARES = ("<", "<=", ">", ">=", "==", "!=")
TRUTHS = (*COMPARES, "and", "or", "not")


class ExpressionError(ValueError):
    """What is wrong with an expression, in words that name the column."""


@dataclass(frozen=True, slots=True)
class Node:
    """``what`` = an operator or function over ``parts``, ``"number"``, ``"state"`` (its word) or ``"tag"``
    (``number`` = which of ``Expression.tags``). ``column`` counts from 1.
    """

    what: str
    parts: tuple[Node, ...] = ()
    number: float = 0.0
    word: str = ""
    column: int = 0


@dataclass(frozen=True, slots=True)
class Expression:
    """A tree, and the tags it names, each once, in the order in which they come."""

    root: Node
    tags: tuple[str, ...]


def parse(text: str) -> Expression:
    """The tree of an expression.

    Raises:
        ExpressionError: it cannot be read; the sentence says where and what to write.
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"it has {len(text)} characters: use at most {LONGEST}")
    masked, given, tags = _masked(text)
    if not given:
        raise ExpressionError("it is empty: write one such as {Line 3/S50/Pressure} > 180")
    try:
        tree = ast.parse(f"({masked})", mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        column = min(max((getattr(error, "offset", None) or 2) - 1, 1), len(text))
        raise ExpressionError(
            f"column {column}: something is missing or out of place here: look for an operator, a number "
            "or a parenthesis"
        ) from None
    return Expression(_node(tree.body, given, 0), tuple(tags))


def says_truth(expression: Expression, bools: frozenset[str]) -> bool:
    """Whether it says yes or no and not a number; ``bools`` = those of its tags that are on or off."""
    root = expression.root
    if root.what == "tag":
        return expression.tags[int(root.number)] in bools
    return root.what in TRUTHS


def written_with(text: str, paths: Mapping[str, str]) -> str:
    """The same expression with other names in its braces; what ``paths`` does not name stays."""

    def named(match: re.Match[str]) -> str:
        tag = match["tag"]
        return "{" + paths.get(tag[1:-1].strip(), tag[1:-1]) + "}" if tag else match[0]

    return TOKEN.sub(named, text)


def with_states(expression: Expression, states: Mapping[str, Mapping[int, str]]) -> Expression:
    """The expression with the number of each state in place of its word; ``states`` by tag.

    Raises:
        ExpressionError: a word is not compared with a tag, or is none of that tag's states.
    """
    return Expression(_numbered(expression.root, expression.tags, states), expression.tags)


def _masked(text: str) -> tuple[str, dict[int, Node], list[str]]:
    """The text with a name as wide as each tag, number and word; what stands at which column; the tags."""
    tags: list[str] = []
    given: dict[int, Node] = {}
    found: list[str] = []
    at = deep = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"column {at + 1}: {_advice(text, at)}")
        part, column, at = match[0], at + 1, match.end()
        deep += (part == "(") - (part == ")")
        if deep < 0:
            raise ExpressionError(f"column {column}: a parenthesis is closed that was not opened")
        leaf = _leaf(match.lastgroup or "", part, column, tags)
        if leaf is not None:
            given[column] = leaf
        blank = match.lastgroup == "space"
        found.append(" " * len(part) if blank else part if leaf is None else "x".ljust(len(part)))
    return "".join(found), given, tags


def _leaf(what: str, part: str, column: int, tags: list[str]) -> Node | None:
    """The tag, number or state that a part of the text is; None = none of them. New tags join ``tags``."""
    if what == "tag":
        name = part[1:-1].strip()
        if not name:
            raise ExpressionError(f"column {column}: the braces are empty: write a tag between them")
        if name not in tags:
            tags.append(name)
        return Node("tag", number=float(tags.index(name)), column=column)
    if what == "number":
        return Node("number", number=float(part), column=column)
    if what == "state":
        return Node("state", word=part[1:-1].strip(), column=column)
    if what == "word" and part not in WORDS:
        raise ExpressionError(
            f'column {column}: "{part}" is not known: write tags in braces, and of words only '
            f"{', '.join(WORDS)}"
        )
    return None


def _advice(text: str, at: int) -> str:
    if text[at] in ADVICE:
        return ADVICE[text[at]]
    if text[at].isdigit() or text[at] == ".":
        return "this is not a number: write one such as 12.5, and a space after it"
    return f'"{text[at]}" cannot be used here'


def _node(tree: ast.expr, given: Mapping[int, Node], deep: int) -> Node:
    """``tree`` in our own kinds of nodes, which are the only ones that there are."""
    column = max(tree.col_offset, 1)  # the parenthesis before the text counts as column 0
    if deep > DEEPEST:
        raise ExpressionError(f"column {column}: it is nested too deeply: write it in a simpler way")

    def inner(*trees: ast.expr) -> tuple[Node, ...]:
        return tuple(_node(each, given, deep + 1) for each in trees)

    match tree:
        case ast.Name() if column in given:
            return given[column]
        case ast.BoolOp():
            return Node(OPERATORS[type(tree.op)], inner(*tree.values), column=column)
        case ast.UnaryOp() if type(tree.op) in OPERATORS:
            return Node(OPERATORS[type(tree.op)], inner(tree.operand), column=column)
        case ast.BinOp() if type(tree.op) in OPERATORS:
            return Node(OPERATORS[type(tree.op)], inner(tree.left, tree.right), column=column)
        case ast.Compare():
            return _compared(tree, inner(tree.left, *tree.comparators), column)
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS and tree.func.col_offset not in given:
            fewest, most = FUNCTIONS[name]
            if not fewest <= len(tree.args) <= most:
                wanted = "one value" if most == 1 else f"{fewest} values or more"
                raise ExpressionError(f"column {column}: {name} takes {wanted} in its parentheses")
            return Node(name, inner(*tree.args), column=column)
        case _:
            raise ExpressionError(
                f"column {column}: this cannot be used: write + - * /, comparisons, and, or, not, abs(), "
                "min() and max()"
            )


def _compared(tree: ast.Compare, parts: tuple[Node, ...], column: int) -> Node:
    """``1 < {a} < 5`` is two comparisons."""
    each = [
        Node(OPERATORS[type(op)], parts[k : k + 2], column=parts[k].column) for k, op in enumerate(tree.ops)
    ]
    return each[0] if len(each) == 1 else Node("and", tuple(each), column=column)


def _numbered(node: Node, tags: tuple[str, ...], states: Mapping[str, Mapping[int, str]]) -> Node:
    if node.what == "state":
        raise ExpressionError(
            f'column {node.column}: "{node.word}" is compared with no tag: write it as in {{Line 3/State}} '
            f'== "{node.word}"'
        )
    parts = node.parts
    if node.what in ("==", "!="):
        parts = tuple(
            _number(part, other, tags, states) if part.what == "state" and other.what == "tag" else part
            for part, other in zip(parts, reversed(parts), strict=True)
        )
    return replace(node, parts=tuple(_numbered(part, tags, states) for part in parts))


def _number(word: Node, tag: Node, tags: tuple[str, ...], states: Mapping[str, Mapping[int, str]]) -> Node:
    path = tags[int(tag.number)]
    words = states.get(path) or {}
    for number, name in words.items():
        if name == word.word:
            return Node("number", number=float(number), column=word.column)
    names = ", ".join(f'"{name}"' for name in list(words.values())[:10])
    use = (
        f"use {names}" if names else "it has no states in tags.csv: write them there, or use the number here"
    )
    raise ExpressionError(f'column {word.column}: "{word.word}" is no state of "{path}": {use}')
