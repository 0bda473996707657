"""What may go wrong with a write to a demo plant, ordered as faults are: ``write-slow:TAG=SECONDS``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WRITE_FAULTS = {
    "write-refused": "the device answers that it failed, and does nothing",
    "write-ignored": "the device says yes, and does nothing",
    "write-late": "the device says yes at once, and does it later",
    "write-slow": "the device does it later, and answers only then",
}
LATE_S = 6.0
"""Later than anybody waits."""
MOST_S = 3600.0


class NoSuchFault(ValueError):
    """The plant has no fault of that name, or not there; the text says which there are."""


@dataclass(frozen=True, slots=True)
class WriteFault:
    """What is wrong with writes to ``path``, "" = to every tag; ``seconds`` = how late."""

    name: str
    path: str = ""
    seconds: float = LATE_S


class WriteFaults:
    """The faults of a plant's writes there are now; of one tag, the one that was set last counts."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._set: list[WriteFault] = []

    def set(self, text: str) -> None:
        """Begin ``NAME``, ``NAME:TAG``, ``NAME:=SECONDS`` or ``NAME:TAG=SECONDS``.

        Raises:
            NoSuchFault: no such fault, no such writable tag, or no such number of seconds.
        """
        name, _, rest = text.partition(":")
        path, seconds = rest, LATE_S
        if "=" in rest and rest not in self._paths:
            path, _, number = rest.rpartition("=")
            try:
                seconds = float(number)
            except ValueError:
                raise NoSuchFault(
                    f'"{number}" seconds cannot be: write a number, as in {name}:=2.5'
                ) from None
        if name not in WRITE_FAULTS:
            raise NoSuchFault(f'there is no fault "{name}" of writes; there are {", ".join(WRITE_FAULTS)}')
        if path and path not in self._paths:
            raise NoSuchFault(f'"{path}" cannot be written in this plant, so no write to it can fail')
        if not 0.0 <= seconds <= MOST_S:
            raise NoSuchFault(f"{seconds:g} seconds cannot be: use 0 to {MOST_S:g}")
        self._set = [each for each in self._set if each.path != path]
        self._set.append(WriteFault(name, path, seconds))

    def clear(self, name: str) -> None:
        """End all faults of this name; "" = all."""
        self._set = [each for each in self._set if name not in ("", each.name)]

    def of(self, path: str) -> WriteFault | None:
        """What is wrong with writes to a tag now."""
        return next((each for each in reversed(self._set) if each.path in ("", path)), None)
