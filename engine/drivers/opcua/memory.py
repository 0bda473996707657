"""What this process remembers from one connection to the next. An engine that starts anew forgets it."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.types import ConditionKey, ConditionReport, TagInfo


@dataclass(frozen=True, slots=True)
class Known:
    """What the server said of a tag when it was first found."""

    data_type: str
    info: TagInfo


@dataclass(slots=True, eq=False)
class SourceMemory:
    """One source: what each namespace index ``meant`` at first, what each tag was (``known``), and the
    newest source time delivered of each tag (``last_us``), both by tag id; the last report of each of the
    server's ``conditions``.
    """

    meant: dict[int, str] = field(default_factory=dict[int, str])
    known: dict[int, Known] = field(default_factory=dict[int, Known])
    last_us: dict[int, int] = field(default_factory=dict[int, int])
    conditions: dict[ConditionKey, ConditionReport] = field(
        default_factory=dict[ConditionKey, ConditionReport]
    )


@dataclass(slots=True, eq=False)
class ServerMemory:
    """One server: the ``most`` operations it was found to take in a request (0 = not known), and whether
    it once let us in with our certificate (``secured``).
    """

    most: int = 0
    secured: bool = False


_sources: dict[str, SourceMemory] = {}
_servers: dict[str, ServerMemory] = {}


def of_source(key: str) -> SourceMemory:
    """The memory of a source; ``key`` tells sources apart."""
    return _sources.setdefault(key, SourceMemory())


def of_server(key: str) -> ServerMemory:
    """The memory of a server; ``key`` tells servers apart."""
    return _servers.setdefault(key, ServerMemory())
