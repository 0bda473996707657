"""How a driver enters a device as a user: whom the engine asks it to be, and what comes of one try.

A password that was refused once is not sent again until a person acts: another wrong try might close the
account that the plant itself works with.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from engine.types import Source


class Login(msgspec.Struct, frozen=True):
    """A user and the password, which no log and no error ever shows."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.user!r}, ...)"


class Logins(Protocol):
    """The logins of all sources of an engine. One loop."""

    def mark(self, source: Source) -> str:
        """Which login a source has now: another one once its password was set anew. Cheap."""
        ...

    async def check(self, source: Source) -> None:
        """Raises ``Refused`` where there is no password, or it must not be sent again by itself."""
        ...

    def used(self, source: Source) -> AbstractAsyncContextManager[Login]:
        """For the one moment of the try: what leaves the block tells what came of it.

        Nothing raised = it was taken. ``Refused`` = it is wrong. ``NotReady`` with ``busy`` = nobody looked
        at it. After anything else a password that was never taken before counts as refused.

        Raises:
            Refused: as `check`, or the password cannot be opened.
        """
        ...
