"""Runs IEC 61131-3 structured text: as much of it as our samples for PLCs use, typed and wrapped as they say.

So that what is tested is the sample that is shipped, and no other program that should be like it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(r"16#[0-9A-Fa-f]+|\d+\.\d+|\d+|[A-Za-z_]\w*|:=|<>|<=|>=|[-+(),;:=<>]")
UNIT = re.compile(r"\b(FUNCTION|FUNCTION_BLOCK)\s+(\w+)(?:\s*:\s*(\w+))?\s(.*?)\bEND_\1\b", re.S)
SECTION = re.compile(r"\bVAR(?:_INPUT|_OUTPUT|_IN_OUT)?(?:\s+CONSTANT)?\s(.*?)\bEND_VAR\b", re.S)
DECLARED = re.compile(r"(\w+)\s*:\s*(\w+)\s*(?::=\s*([^;]+?)\s*)?;")
BITS = {"WORD": 16, "UINT": 16, "DWORD": 32, "UDINT": 32}
LEVELS = (("OR",), ("XOR",), ("AND",), ("=", "<>"), ("<", ">", "<=", ">="), ("+", "-"))
"""Operators from the weakest to the strongest (IEC 61131-3, table 71)."""
PYTHON = {"OR": "|", "XOR": "^", "AND": "&", "=": "==", "<>": "!="}


def fit(kind: str, value: Any) -> Any:
    """A value as a variable of this type holds it."""
    if kind in BITS:
        return int(value) % 2 ** BITS[kind]
    if kind == "INT":
        return (int(value) + 2**15) % 2**16 - 2**15
    if kind == "REAL":
        return struct.unpack(">f", struct.pack(">f", value))[0]
    assert kind == "BOOL", kind
    return bool(value)


STANDARD: dict[str, Callable[..., Any]] = {
    "SHL": lambda value, by: value << by,
    "SHR": lambda value, by: value >> by,
    "UDINT_TO_DWORD": lambda value: value,
    "REAL_TO_DWORD": lambda value: int.from_bytes(struct.pack(">f", value), "big"),
}


@dataclass
class Block:
    """A function or an instance of a function block: its variables by name, kept from call to call."""

    kinds: dict[str, str]
    variables: dict[str, Any]
    body: Any
    functions: dict[str, Callable[..., Any]]
    order: list[str] = field(default_factory=list[str])

    def __call__(self, **given: Any) -> None:
        """One call, with these variables set before it."""
        self.variables |= {name: fit(self.kinds[name], value) for name, value in given.items()}
        exec(self.body, {"v": self.variables, "k": self.kinds, "f": self.functions, "fit": fit})

    def __getitem__(self, name: str) -> Any:
        return self.variables[name]


class Program:
    """The functions and function blocks of a file."""

    def __init__(self, text: str) -> None:
        plain = re.sub(r"\(\*.*?\*\)", " ", text, flags=re.S)
        self._units = {name: (returns, inside) for _, name, returns, inside in UNIT.findall(plain)}
        assert re.sub(r"\s", "", UNIT.sub("", plain)) == "", "something is neither function nor block"
        self._functions = dict(STANDARD)
        for name, (returns, _) in self._units.items():
            if returns:
                self._functions[name] = self._function(name)

    def block(self, name: str) -> Block:
        """A new instance of a function block, its variables as declared."""
        returns, inside = self._units[name]
        kinds = {name: returns} if returns else dict[str, str]()
        first, order = dict[str, Any](), list[str]()
        for section in SECTION.findall(inside):
            rest = DECLARED.sub("", section)
            assert not rest.strip(), f"not understood: {rest.strip()}"
            for variable, kind, value in DECLARED.findall(section):
                kinds[variable], first[variable] = kind, fit(kind, eval(value.title()) if value else 0)
                order.append(variable)
        source = "\n".join(_statements(TOKEN.findall(_known(SECTION.sub(" ", inside)))))
        return Block(kinds, first, compile(source or "pass", name, "exec"), self._functions, order)

    def _function(self, name: str) -> Callable[..., Any]:
        def call(*values: Any) -> Any:
            one = self.block(name)
            one(**dict(zip(one.order, values, strict=False)))
            return one[name]

        return call


def _known(body: str) -> str:
    strange = re.sub(r"\s", "", TOKEN.sub("", body))
    assert not strange, f"not understood: {strange}"
    return body


def _statements(tokens: list[str]) -> Iterator[str]:
    depth = 0
    while tokens:
        word, pad = tokens.pop(0), " " * depth
        if word in ("IF", "ELSIF"):
            condition = _until(tokens, "THEN")
            yield f"{pad}if {condition}:" if word == "IF" else f"{pad[1:]}elif {condition}:"
            depth += word == "IF"
        elif word == "ELSE":
            yield f"{pad[1:]}else:"
        elif word == "FOR":
            name, _ = tokens.pop(0), tokens.pop(0)
            start, end, by = _until(tokens, "TO"), _until(tokens, "BY"), _until(tokens, "DO")
            yield f"{pad}for v['{name}'] in range({start}, {end} + (1 if {by} > 0 else -1), {by}):"
            depth += 1
        elif word in ("END_IF", "END_FOR"):
            depth -= 1
            assert tokens.pop(0) == ";"
        else:
            assert tokens.pop(0) == ":=", word
            yield f"{pad}v['{word}'] = fit(k['{word}'], {_until(tokens, ';')})"


def _until(tokens: list[str], end: str) -> str:
    at = tokens.index(end)
    inside = tokens[:at]
    del tokens[: at + 1]
    found = _expression(inside, 0)
    assert not inside, inside
    return found


def _expression(tokens: list[str], level: int) -> str:
    if level == len(LEVELS):
        return _single(tokens)
    left = _expression(tokens, level + 1)
    while tokens and tokens[0] in LEVELS[level]:
        sign = tokens.pop(0)
        left = f"({left} {PYTHON.get(sign, sign)} {_expression(tokens, level + 1)})"
    return left


def _single(tokens: list[str]) -> str:
    word = tokens.pop(0)
    if word in ("NOT", "-"):
        return f"({'not' if word == 'NOT' else '-'} {_single(tokens)})"
    if word == "(":
        inside = _expression(tokens, 0)
        assert tokens.pop(0) == ")"
        return inside
    if tokens and tokens[0] == "(":
        tokens.pop(0)
        values = [_expression(tokens, 0)]
        while tokens[0] == ",":
            tokens.pop(0)
            values.append(_expression(tokens, 0))
        assert tokens.pop(0) == ")"
        return f"f['{word}']({', '.join(values)})"
    if word[0].isdigit():
        return str(int(word[3:], 16)) if word.startswith("16#") else word
    return word.title() if word in ("TRUE", "FALSE") else f"v['{word}']"
