"""What this window itself cannot do: a fault of ours must not leave old numbers on the screen as good."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

log = logging.getLogger("watchroom.bridge")
SEEN = {"numbers", "trends"}
ADVICE = "open another display, or close this window and open it again; see data/log/hmi.log"


class Faults:
    """Remembers which parts of the window failed, each until it works again. One thread."""

    def __init__(self) -> None:
        self._failed = set[str]()

    def run(self, part: str, act: Callable[[], object]) -> None:
        """Do it. What it raises goes to the log once, and the part counts as failed; "" = only the log."""
        try:
            act()
        except Exception:  # whatever it is: the frame clock goes on, and says so
            if part not in self._failed:
                log.exception("this window cannot show %s", f"its {part}" if part else "an answer")
            if part:
                self._failed.add(part)
        else:
            self._failed.discard(part)

    def keep(self, wants: Collection[str]) -> None:
        """What nobody looks at any more has not failed."""
        self._failed -= SEEN - set(wants)

    @property
    def words(self) -> str:
        """What is wrong and what to do, "" = nothing."""
        if not self._failed:
            return ""
        return f"this window cannot show its {' and '.join(sorted(self._failed))} any more: {ADVICE}"
