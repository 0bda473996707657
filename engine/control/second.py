"""The second person: somebody else, with a secret of their own, who may do it too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.control.refused import Refused
from engine.control.words import is_same
from engine.types import Action


class Verify(Protocol):
    """Whether this is a person who may do something at all these paths; their name to log in with.

    Raises:
        Refused: wrong secret, no such person, or not allowed; in words that give no secret away.
    """

    async def __call__(self, name: str, secret: str, action: Action, paths: Sequence[str]) -> str: ...


def require_another(second: str, *others: str) -> None:
    """Two people are two accounts; names are the same without regard to case.

    Raises:
        Refused: the second is one of the others.
    """
    if any(is_same(second, other) for other in others):
        raise Refused(f"{second} cannot be the second person as well; another person has to agree")
